package negotiation

// TakeUp is the incoming chair's first act on the text chain, after [HandOver].
type TakeUp struct{}

// Kind returns "take-up/1".
func (TakeUp) Kind() string { return kindTakeUp }

func (TakeUp) bringsText() bool { return false }

func (TakeUp) subject() string                 { return "Take up the chair" }
func (TakeUp) trailers() []Trailer             { return nil }
func (TakeUp) verify(*Ledger, *Verified) error { return nil }
