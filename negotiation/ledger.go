package negotiation

import (
	"crypto/sha256"
	"iter"
	"maps"
	"slices"
)

// A Ledger holds the verified acts of one negotiation, chain by chain, and knows
// which of them count. It is a function of the set of acts: the order in which they came
// does not matter. It is not safe for concurrent use.
type Ledger struct {
	negotiation ActID
	chains      map[Chain]*tree
	acts        map[ActID]Verified // those in chains, and those that wait
	waiting     []Verified         // in the order in which they came; see Admit
	roots       map[ActID]ActID    // of each that waits, which act it follows with those that wait before it
	queued      map[Chain]int      // bytes of what waits
	sides       int                // how many ends a chain keeps though nothing needs them
	carried     *carriedOver
	snapshot    *Snapshot // of what is here; nil when nobody has asked since
}

// NewLedger returns the empty ledger of a negotiation. With the zero name it takes
// whatever negotiation its first act convenes.
func NewLedger(negotiation ActID) *Ledger {
	return &Ledger{
		negotiation: negotiation,
		chains:      map[Chain]*tree{},
		acts:        map[ActID]Verified{},
		roots:       map[ActID]ActID{},
		queued:      map[Chain]int{},
		sides:       maxSides,
		carried:     newCarriedOver(),
	}
}

// Negotiation returns the name of the negotiation; zero while nothing has convened it.
func (l *Ledger) Negotiation() ActID { return l.negotiation }

// Act returns the act of that name, whether it counts or not; none that waits.
func (l *Ledger) Act(id ActID) (Verified, bool) {
	if v, ok := l.acts[id]; ok && !l.waits(id) {
		return v, true
	}
	return Verified{}, false
}

// Chain returns the acts of a chain that count, in order: its line.
func (l *Ledger) Chain(c Chain) []Verified { return slices.Clip(l.tree(c).line) }

// Beside returns the acts of a chain that do not count, each after the one it follows.
func (l *Ledger) Beside(c Chain) []Verified { return slices.Clip(l.tree(c).beside) }

// Head returns the newest act of a chain that counts; the zero sequence when there is none.
func (l *Ledger) Head(c Chain) Head {
	t := l.tree(c)
	return Head{c, uint64(len(t.line)), t.end()}
}

// Heads returns the newest act that counts of each chain, the text chain first, then
// by name.
func (l *Ledger) Heads() []Head {
	var heads []Head
	for c := range l.sorted() {
		if head := l.Head(c); head.Sequence > 0 {
			heads = append(heads, head)
		}
	}
	return heads
}

// Tips returns the acts that none follows: by chain as [Ledger.Heads], there those first
// without which others come to something else, the end of the line or, while the chain is
// frozen, one end of each side that freezes it. Whoever holds these acts holds all.
func (l *Ledger) Tips() []Head {
	var tips []Head
	for c, t := range l.sorted() {
		tips = append(tips, t.heads(c)...)
	}
	return tips
}

// Forks returns the forks on the lines of all chains, by chain as [Ledger.Heads].
func (l *Ledger) Forks() []Fork {
	forks := []Fork{}
	for _, t := range l.sorted() {
		forks = append(forks, t.forks...)
	}
	return forks
}

// tree returns the acts of a chain with its line drawn.
func (l *Ledger) tree(c Chain) *tree {
	t, ok := l.chains[c]
	switch {
	case !ok:
		return &tree{}
	case t.stale:
		t.draw(l)
	}
	return t
}

// count returns how many acts there are.
func (l *Ledger) count() int {
	n := 0
	for _, t := range l.chains {
		n += len(t.line) + len(t.beside)
	}
	return n
}

// sorted yields the chains, the text chain first, then the records by name.
func (l *Ledger) sorted() iter.Seq2[Chain, *tree] {
	return func(yield func(Chain, *tree) bool) {
		for _, c := range slices.SortedFunc(maps.Keys(l.chains), CompareChains) {
			if !yield(c, l.tree(c)) {
				return
			}
		}
	}
}

// Verify decides whether s follows an act of its chain, by its owner, and true to its
// own word. What counts and what stands beside a line makes no difference here: an act
// is judged by those before it and those it names. Files are all files of the act's tree
// by path; none if it brings no text. It changes nothing. The error is a [Fault]:
//
//   - [ErrTooLarge], [ErrText], [ErrCharter], [ErrTree]: its files;
//   - [ErrNegotiation], [ErrUnknownChain], [ErrForeignChain], [ErrNotChair]: where it stands;
//   - [ErrGap]: something before it is missing here, and may come;
//   - [ErrPredecessor]: it follows an act that is not here, though its place is taken:
//     another side of a fork, which begins further back, or nothing;
//   - [ErrSequence]: it is here already;
//   - [ErrSignature]: not by the key in force there;
//   - [ErrRedline], [ErrEmptyRedline], [ErrUnknownBase] and others: what its kind demands.
func (l *Ledger) Verify(s Sealed, files map[string][]byte) (Verified, error) {
	v := Verified{id: s.id, act: s.act, key: s.key, size: s.size}
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
	v.settles = l.settles(v.act.Content)
	v.after = l.before(v.act).after(l, &v)
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
	if _, ok := l.acts[id]; ok {
		return ErrSequence.Because("%s: act %d is here already", a.Chain, a.Sequence)
	}
	if before, ok := l.acts[a.Previous]; a.Sequence > 1 && (!ok || before.act.Chain != a.Chain || before.act.Sequence != a.Sequence-1) {
		if next := l.next(a.Chain); a.Sequence > next {
			return ErrGap.Because("%s: act %d came, but %d is the next", a.Chain, a.Sequence, next)
		}
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

// next returns the first place of a chain at which no act stands.
func (l *Ledger) next(c Chain) uint64 {
	if t, ok := l.chains[c]; ok {
		return t.filled + 1
	}
	return 1
}

// verifyKind demands the chair's kinds on the text chain, the others on records.
func (l *Ledger) verifyKind(a Act) error {
	onText := a.Chain == TextChain
	switch a.Content.(type) {
	case Unknown:
		return nil
	case Convene, Amend, Revise, HandOver, TakeUp, Rekey, Succeed:
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

// before returns what the chain of an act has come to where the act stands.
func (l *Ledger) before(a Act) *standing {
	if v, ok := l.acts[a.Previous]; ok {
		return v.after
	}
	return &standing{}
}

// isBeyond reports whether an act is not understood: its kind is not known here,
// or it builds on an act that is not understood. Who has the chair, and who should, is
// understood whatever the text says.
func (l *Ledger) isBeyond(a Act) bool {
	switch a.Content.(type) {
	case Unknown:
		return true
	case Recognise, Succeed:
		return false
	}
	if a.Chain == TextChain && a.Content.bringsText() && l.textBefore(a).beyond {
		return true
	}
	return slices.ContainsFunc(a.cited(), func(id ActID) bool { return l.acts[id].beyond })
}

// verifyContent checks the files, and what the act's kind demands.
func (l *Ledger) verifyContent(v *Verified, files map[string][]byte) error {
	if err := v.checkFiles(files); err != nil {
		return err
	}
	v.beyond = l.isBeyond(v.act)
	if !v.beyond && v.act.Content.bringsText() {
		if err := l.readFiles(v, files); err != nil {
			return err
		}
	}
	if err := l.checkPassing(v.act); err != nil {
		return err
	}
	if name, tagged := v.act.Tag(); tagged && v.beyond && l.before(v.act).tags.has(name) {
		return ErrInadmissible.Because("there is a tag %s already", name)
	}
	if v.beyond {
		return nil
	}
	return v.act.Content.verify(l, v)
}

// checkPassing demands that the chair is taken up after it was handed over, and only then.
func (l *Ledger) checkPassing(a Act) error {
	takesUp := false
	switch a.Content.(type) {
	case TakeUp:
		takesUp = true
	case Rekey, Succeed:
		return nil
	}
	if a.Chain == TextChain && takesUp != l.before(a).passing {
		return ErrInadmissible.Because("after the chair is handed over, it is taken up, and only then")
	}
	return nil
}

// Append adds an act that was verified against l, however many sides its chain has; see
// [Ledger.Admit]. One that is here already, or whose predecessor is not, is refused
// with [ErrPredecessor].
func (l *Ledger) Append(v Verified) error {
	if err := l.follows(v); err != nil {
		return err
	}
	l.keep(v)
	return nil
}

// follows demands that an act is not here, and that what it follows is.
func (l *Ledger) follows(v Verified) error {
	_, twice := l.acts[v.id]
	before, here := l.acts[v.act.Previous]
	if twice || v.act.Sequence > 1 && !(here && before.act.Chain == v.act.Chain && before.act.Sequence == v.act.Sequence-1) {
		return ErrPredecessor.Because("%s: act %d does not follow what is here", v.act.Chain, v.act.Sequence)
	}
	return nil
}

// add enters an act in its chain.
func (l *Ledger) add(v Verified) {
	l.snapshot = nil
	if _, convenes := v.act.Content.(Convene); convenes {
		l.negotiation = v.id
	}
	if l.chains[v.act.Chain] == nil {
		l.chains[v.act.Chain] = &tree{tips: map[ActID]bool{}}
	}
	l.acts[v.id] = v
	l.chains[v.act.Chain].add(v)
}

// textBefore returns the newest act with files of its own before an act of the text chain.
func (l *Ledger) textBefore(a Act) Verified { return l.acts[l.before(a).tree] }

// last returns what a chain has come to at the end of its line.
func (l *Ledger) last(c Chain) *standing {
	if line := l.tree(c).line; len(line) > 0 {
		return line[len(line)-1].after
	}
	return &standing{}
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
