package negotiation

import (
	"crypto/sha256"
	"iter"
	"maps"
	"slices"
)

// A Ledger holds the verified acts of one negotiation, chain by chain, and knows
// which key counts at the end of each. Its contents do not depend on the order in
// which acts of different chains came. It is not safe for concurrent use.
type Ledger struct {
	negotiation ActID
	chains      map[Chain][]Verified
	acts        map[ActID]Verified

	chair    Code      // who may write the next act of the text chain
	chairKey PublicKey // and with which key
	passing  bool      // the chair was handed over and is not taken up yet
	revision uint64    // number of the newest revision
	keys     map[Code]PublicKey
	tags     map[string]bool // that acts of the text chain have come with

	carried  *carriedOver
	snapshot *Snapshot // of what is here; nil when nobody has asked since
}

// NewLedger returns the empty ledger of a negotiation. With the zero name it takes
// whatever negotiation its first act convenes.
func NewLedger(negotiation ActID) *Ledger {
	return &Ledger{
		negotiation: negotiation,
		chains:      map[Chain][]Verified{},
		acts:        map[ActID]Verified{},
		keys:        map[Code]PublicKey{},
		tags:        map[string]bool{},
		carried:     newCarriedOver(),
	}
}

// Negotiation returns the name of the negotiation; zero while nothing has convened it.
func (l *Ledger) Negotiation() ActID { return l.negotiation }

// Act returns the act of that name.
func (l *Ledger) Act(id ActID) (Verified, bool) {
	v, ok := l.acts[id]
	return v, ok
}

// Chain returns the acts of a chain in order.
func (l *Ledger) Chain(c Chain) []Verified { return slices.Clip(l.chains[c]) }

// Heads returns the newest act of each chain, the text chain first, then by name.
func (l *Ledger) Heads() []Head {
	var heads []Head
	for c, acts := range l.sorted() {
		heads = append(heads, Head{c, uint64(len(acts)), acts[len(acts)-1].id})
	}
	return heads
}

// Head returns the newest act of a chain; the zero sequence when there is none.
func (l *Ledger) Head(c Chain) Head {
	acts := l.chains[c]
	if len(acts) == 0 {
		return Head{Chain: c}
	}
	return Head{c, uint64(len(acts)), acts[len(acts)-1].id}
}

// count returns how many acts there are.
func (l *Ledger) count() int {
	n := 0
	for _, acts := range l.chains {
		n += len(acts)
	}
	return n
}

// sorted yields the chains, the text chain first, then the records by name.
func (l *Ledger) sorted() iter.Seq2[Chain, []Verified] {
	return func(yield func(Chain, []Verified) bool) {
		if acts, ok := l.chains[TextChain]; ok && !yield(TextChain, acts) {
			return
		}
		for _, c := range slices.Sorted(maps.Keys(l.chains)) {
			if c != TextChain && !yield(c, l.chains[c]) {
				return
			}
		}
	}
}

// Verify decides whether s is the next act of its chain, by its owner, and true to
// its own word. Files are all files of the act's tree by path; none if it brings no
// text. It changes nothing. The error is a [Fault]:
//
//   - [ErrTooLarge], [ErrText], [ErrCharter], [ErrTree]: its files;
//   - [ErrNegotiation], [ErrUnknownChain], [ErrForeignChain], [ErrNotChair]: where it stands;
//   - [ErrGap]: something before it is missing here, and may come;
//   - [ErrSequence], [ErrPredecessor]: another act has its place, or it follows another;
//   - [ErrSignature]: not by the key in force there;
//   - [ErrRedline], [ErrEmptyRedline], [ErrUnknownBase] and others: what its kind demands.
func (l *Ledger) Verify(s Sealed, files map[string][]byte) (Verified, error) {
	v := Verified{id: s.id, act: s.act, key: s.key}
	if err := l.CheckPlace(v.id, v.act); err != nil {
		return Verified{}, err
	}
	key, err := l.keyFor(v.act, files)
	if err != nil {
		return Verified{}, err
	}
	if v.key != key {
		return Verified{}, ErrSignature.Because("the act is not signed with the key in force at its place")
	}
	if err := l.verifyContent(&v, files); err != nil {
		return Verified{}, err
	}
	return v, nil
}

// IDOf returns the name of the act with this signed payload.
func IDOf(payload []byte) ActID { return sha256.Sum256(payload) }

// CheckPlace decides what can be told from an act's name and message alone, before
// anybody reads its files or checks its signature. The faults are those that
// [Ledger.Verify] has for where an act stands.
func (l *Ledger) CheckPlace(id ActID, a Act) error {
	if err := l.verifyKind(a); err != nil {
		return err
	}
	if _, convenes := a.Content.(Convene); convenes {
		if l.negotiation != (ActID{}) && l.negotiation != id {
			return ErrNegotiation.Because("the act convenes another negotiation")
		}
	} else if a.Negotiation != l.negotiation {
		return ErrNegotiation.Because("the act belongs to another negotiation")
	}
	acts := l.chains[a.Chain]
	switch next := uint64(len(acts)) + 1; {
	case a.Sequence > next:
		return ErrGap.Because("%s: act %d came, but %d is the next", a.Chain, a.Sequence, next)
	case a.Sequence < next && acts[a.Sequence-1].id == id:
		return ErrSequence.Because("%s: act %d is here already", a.Chain, a.Sequence)
	case a.Sequence < next:
		return ErrSequence.Because("%s: another act stands at place %d", a.Chain, a.Sequence)
	case a.Sequence > 1 && a.Previous != acts[len(acts)-1].id:
		return ErrPredecessor.Because("%s: act %d does not follow the act at place %d", a.Chain, a.Sequence, a.Sequence-1)
	}
	if _, joins := a.Content.(Join); a.Chain != TextChain && a.Sequence == 1 && !joins {
		return ErrNotParticipant.Because("%s has not joined: a record begins with joining", a.Author)
	}
	for _, id := range a.References() {
		if _, ok := l.acts[id]; !ok {
			return ErrGap.Because("%s: act %d is about an act that is not here", a.Chain, a.Sequence)
		}
	}
	return nil
}

// verifyKind demands the chair's kinds on the text chain, the others on records.
func (l *Ledger) verifyKind(a Act) error {
	onText := a.Chain == TextChain
	switch a.Content.(type) {
	case Unknown:
		return nil
	case Convene, Amend, Revise, HandOver, TakeUp:
		if !onText {
			return ErrNotChair.Because("%s: an act of the chair stands in the text chain, not in a record", a.Content.Kind())
		}
	default:
		if onText {
			return ErrForeignChain.Because("%s: an act of a state stands in its own record", a.Content.Kind())
		}
	}
	return nil
}

// keyFor returns the key that counts at an act's place, if its author may write there.
func (l *Ledger) keyFor(a Act, files map[string][]byte) (PublicKey, error) {
	if owner, isRecord := a.Chain.Owner(); isRecord {
		if a.Author != owner {
			return "", ErrForeignChain.Because("%s writes in the record of %s", a.Author, owner)
		}
		return l.recordKey(a)
	}
	if a.Sequence > 1 {
		if a.Author != l.chair {
			return "", ErrNotChair.Because("%s writes in the text chain; the chair is %s", a.Author, l.chair)
		}
		return l.chairKey, nil
	}
	// The convening act names its own key: the negotiation's name is the act's.
	charter, err := ParseCharter(charterPath, files[charterPath])
	if err != nil {
		return "", err
	}
	if a.Author != charter.Chair {
		return "", ErrNotChair.Because("%s convenes; the chair of the charter is %s", a.Author, charter.Chair)
	}
	chair, _ := charter.Participant(charter.Chair)
	return chair.Key, nil
}

// isBeyond reports whether an act is not understood: its kind is not known here,
// or it builds on an act that is not understood.
func (l *Ledger) isBeyond(a Act) bool {
	if _, unknown := a.Content.(Unknown); unknown {
		return true
	}
	if a.Chain == TextChain && a.Content.bringsText() && l.latestTree().beyond {
		return true
	}
	return slices.ContainsFunc(a.References(), func(id ActID) bool { return l.acts[id].beyond })
}

func (l *Ledger) recordKey(a Act) (PublicKey, error) {
	if join, ok := a.Content.(Join); ok && a.Sequence == 1 {
		if cited := l.acts[join.Charter]; cited.act.Chain != TextChain || !cited.act.Content.bringsText() {
			return "", ErrNotParticipant.Because("%s does not cite an act with a charter", a.Author)
		}
		named, ok := l.acts[join.Charter].charter.Participant(a.Author)
		if !ok {
			return "", ErrUnknownChain.Because("the charter does not name %s", a.Author)
		}
		if named.Key != join.Key {
			return "", ErrNotParticipant.Because("the charter has another key for %s", a.Author)
		}
		return join.Key, nil
	}
	return l.keys[a.Author], nil
}

// verifyContent checks the files, and what the act's kind demands.
func (l *Ledger) verifyContent(v *Verified, files map[string][]byte) error {
	if err := v.checkFiles(files); err != nil {
		return err
	}
	v.beyond = l.isBeyond(v.act)
	if !v.beyond && v.act.Content.bringsText() {
		if err := v.readFiles(files); err != nil {
			return err
		}
	}
	_, takesUp := v.act.Content.(TakeUp)
	if v.act.Chain == TextChain && takesUp != l.passing {
		return ErrInadmissible.Because("after the chair is handed over, it is taken up, and only then")
	}
	if name, tagged := v.act.Tag(); tagged && v.beyond && l.tags[name] {
		return ErrInadmissible.Because("there is a tag %s already", name)
	}
	if v.beyond {
		return nil
	}
	return v.act.Content.verify(l, v)
}

// Append adds an act that was verified against l as it is now. An act that is not
// the next of its chain is refused with [ErrPredecessor].
func (l *Ledger) Append(v Verified) error {
	acts := l.chains[v.act.Chain]
	if v.act.Sequence != uint64(len(acts))+1 || len(acts) > 0 && v.act.Previous != acts[len(acts)-1].id {
		return ErrPredecessor.Because("%s: act %d does not follow what is here", v.act.Chain, v.act.Sequence)
	}
	l.snapshot = nil
	l.chains[v.act.Chain] = append(acts, v)
	l.acts[v.id] = v
	if name, tagged := v.act.Tag(); tagged {
		l.tags[name] = true
	}
	if v.beyond {
		return nil
	}
	switch c := v.act.Content.(type) {
	case Convene:
		l.negotiation = v.id
		l.chair, l.revision = v.charter.Chair, 1
		chair, _ := v.charter.Participant(l.chair)
		l.chairKey = chair.Key
	case Revise:
		l.revision = c.Revision
	case HandOver:
		l.chair, l.chairKey, l.passing = c.To, c.Key, true
	case TakeUp:
		l.passing = false
	case Join:
		l.keys[v.act.Author] = c.Key
	}
	return nil
}

// latestTree returns the newest act of the text chain that has files of its own.
func (l *Ledger) latestTree() Verified {
	for _, v := range slices.Backward(l.chains[TextChain]) {
		if len(v.act.Files) > 0 {
			return v
		}
	}
	return Verified{}
}

// charterAct returns the newest act of the text chain whose charter is understood.
func (l *Ledger) charterAct() ActID {
	for _, v := range slices.Backward(l.chains[TextChain]) {
		if len(v.act.Files) > 0 && !v.beyond {
			return v.id
		}
	}
	return ActID{}
}

// checkWording demands that an act is a wording of a proposal.
func (l *Ledger) checkWording(p ProposalID, wording ActID) error {
	switch c := l.acts[wording].act.Content.(type) {
	case Propose:
		if c.Proposal == p {
			return nil
		}
	case Supersede:
		if c.Proposal == p {
			return nil
		}
	}
	return ErrUnknownProposal.Because("what is cited is not a wording of %s", p)
}
