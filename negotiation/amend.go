package negotiation

import "bytes"

// Amend is the chair's act that changes the charter and nothing else: a key that
// has come in, a participant more, a rule. It takes nobody out and changes no key: a
// joining is judged by the charter that it cites, so two charters must not name two keys.
type Amend struct {
	Headline string // what changes, for people
}

const amendSubject = "Amend the charter: "

// Kind returns "amend/1".
func (Amend) Kind() string { return kindAmend }

func (Amend) bringsText() bool { return true }

func (c Amend) subject() string   { return amendSubject + c.Headline }
func (Amend) trailers() []Trailer { return nil }

func parseAmend(subject string) Content {
	return Amend{Headline: afterPrefix(subject, amendSubject)}
}

func (c Amend) verify(l *Ledger, v *Verified) error {
	before := l.textBefore(v.act)
	if err := v.carriesFrom(before, charterPath); err != nil {
		return err
	}
	if bytes.Equal(v.charter.Raw(), before.charter.Raw()) {
		return ErrCharter.Because("the charter is as it was")
	}
	if v.charter.TextFile() != before.charter.TextFile() {
		return ErrCharter.Because("the negotiating language cannot be changed")
	}
	for _, p := range before.charter.Participants {
		now, ok := v.charter.Participant(p.Code)
		if !ok {
			return ErrCharter.Because("participant %s cannot be taken out of the charter", p.Code)
		}
		if p.Key != "" && now.Key != p.Key {
			return ErrCharter.Because("the key of %s is in the charter, where a key is written once; %s changes it in its own record, when it has joined", p.Code, p.Code)
		}
	}
	if chair := l.before(v.act).writer; v.charter.Chair != chair {
		return ErrCharter.Because("the chair is handed over by an act of its own; the charter goes on naming %s", chair)
	}
	return nil
}
