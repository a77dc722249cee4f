package negotiation

// Amend is the chair's act that changes the charter and nothing else: a key that
// has come in, a participant more, a rule. The key of a state that has joined is its
// own to change and is not touched by it.
type Amend struct {
	Headline string // what changes, for people
}

const amendSubject = "Amend the charter: "

// Kind returns "amend/1".
func (Amend) Kind() string { return kindAmend }

func (c Amend) subject() string   { return amendSubject + c.Headline }
func (Amend) trailers() []Trailer { return nil }

func parseAmend(subject string) Content {
	return Amend{Headline: afterPrefix(subject, amendSubject)}
}

func (c Amend) verify(l *Ledger, v *Verified) error {
	before := l.latestTree()
	if v.charter.TextFile() != before.charter.TextFile() {
		return ErrCharter.Because("the negotiating language cannot be changed")
	}
	for _, p := range before.charter.Participants {
		if _, ok := v.charter.Participant(p.Code); !ok {
			return ErrCharter.Because("participant %s cannot be taken out of the charter", p.Code)
		}
	}
	if v.charter.Chair != l.chair {
		return ErrCharter.Because("the chair is handed over by an act of its own; the charter goes on naming %s", l.chair)
	}
	return v.carriesFrom(before, charterPath)
}
