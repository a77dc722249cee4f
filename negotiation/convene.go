package negotiation

// Convene is the first act of a negotiation, place 1 of the text chain: the
// chair lays down the charter and the zero draft. The act's name is the
// negotiation's. Its author is the chair whom the charter names, and it is signed
// with the chair's key there.
type Convene struct {
	Title string // the charter's
}

const conveneSubject = "Convene: "

// Kind returns "convene/1".
func (Convene) Kind() string { return kindConvene }

func (Convene) bringsText() bool { return true }

func (c Convene) subject() string   { return conveneSubject + c.Title }
func (Convene) trailers() []Trailer { return nil }

func parseConvene(subject string) Content {
	return Convene{Title: afterPrefix(subject, conveneSubject)}
}

func (c Convene) verify(_ *Ledger, v *Verified) error {
	if c.Title != v.charter.Title {
		return ErrCharter.Because("the act's title is not the charter's")
	}
	return v.onlyFiles(charterPath, v.charter.TextFile())
}
