package negotiation

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"concord/negotiation/redline"
)

// A State is what the acts of a ledger come to. It is a snapshot: it does not
// change, and any number of readers may share it.
type State struct {
	Negotiation   ActID            `json:"negotiation"`
	Charter       Charter          `json:"charter"` // in force
	Chair         Code             `json:"chair"`
	Passing       bool             `json:"passing"` // handed over to Chair, who has yet to take it up
	Heads         []Head           `json:"heads"`   // of what counts; text first, then by name
	Forks         []Fork           `json:"forks"`   // in the same order, then by place
	Joined        []Code           `json:"joined"`
	Revisions     []Revision       `json:"revisions"` // oldest first
	Proposals     []Proposal       `json:"proposals"` // by author and number
	Positions     []Position       `json:"positions"` // on paragraphs; those on proposals stand there
	Receipts      []Acknowledgment `json:"receipts"`
	Recognitions  []Recognition    `json:"recognitions"` // by record, then in order; the newest of each after an act of the text
	Rejections    []Rejection      `json:"rejections"`
	NotUnderstood []Newer          `json:"notUnderstood"`
	Rolling       redline.Document `json:"rolling"` // of the newest revision and all live proposals

	carried *carriedOver
	digest  func() string
	traced  func() tracing // of the newest revision
	log     func() []Verified
	acts    map[ActID]*Verified
	beside  map[ActID]bool
	byID    map[ProposalID]int
	tabled  map[Code]uint64 // proposals that each has numbered
	keys    map[Code]PublicKey
	textKey PublicKey
}

// A Revision is one published state of the text; the zero draft is number 1.
type Revision struct {
	Number    uint64     `json:"number"`
	Act       ActID      `json:"act"`
	Chair     Code       `json:"chair"`
	Time      time.Time  `json:"time"`
	Headline  string     `json:"headline"`
	Reason    string     `json:"reason,omitempty"`
	Labels    []string   `json:"labels"` // of its paragraphs
	Decisions []Decision `json:"decisions,omitempty"`
	Text      Text       `json:"-"`
}

// A Rejection records an act that is genuine but not admissible.
type Rejection struct {
	Act    ActID  `json:"act"`
	Fault  Fault  `json:"fault"`
	Reason string `json:"reason"`
}

// Newer names an act of a kind that this program does not understand, or one that
// builds on such an act.
type Newer struct {
	Act      ActID  `json:"act"`
	Chain    Chain  `json:"chain"`
	Sequence uint64 `json:"sequence"`
	Kind     string `json:"kind"`
}

// An Acknowledgment is a state's receipt of one act of the text chain.
type Acknowledgment struct {
	Of    ActID     `json:"of"`
	State Code      `json:"state"`
	Time  time.Time `json:"time"`
}

// Fold computes the state that the acts of l come to. It takes time linear in the
// acts; carrying proposals over to revisions is remembered in l. Like every
// method of l it must not run beside others.
func Fold(l *Ledger) *State {
	s := &State{
		carried:       l.carried,
		Negotiation:   l.negotiation,
		Heads:         l.Heads(),
		Forks:         l.Forks(),
		Joined:        []Code{},
		Revisions:     []Revision{},
		Proposals:     []Proposal{},
		Positions:     []Position{},
		Receipts:      []Acknowledgment{},
		Recognitions:  []Recognition{},
		Rejections:    []Rejection{},
		NotUnderstood: []Newer{},
		acts:          make(map[ActID]*Verified, l.count()),
		beside:        map[ActID]bool{},
		byID:          map[ProposalID]int{},
		tabled:        map[Code]uint64{},
		keys:          map[Code]PublicKey{},
	}
	for _, t := range l.sorted() {
		for i := range t.beside {
			v := &t.beside[i]
			s.acts[v.id], s.beside[v.id] = v, true
		}
	}
	var positions []*Verified
	for _, t := range l.sorted() {
		for i := range t.line {
			v := &t.line[i]
			s.acts[v.id] = v
			if _, later := v.act.Content.(TakePosition); later && !v.beyond {
				positions = append(positions, v)
				continue
			}
			s.take(*v)
		}
	}
	for _, v := range positions {
		s.take(*v)
	}
	s.carryOver()
	held := l.still() // l goes on
	s.log = sync.OnceValue(func() []Verified { return logOf(held) })
	slices.SortFunc(s.Receipts, func(a, b Acknowledgment) int {
		return cmp.Or(slices.Compare(a.Of[:], b.Of[:]), cmp.Compare(a.State, b.State))
	})
	s.digest = sync.OnceValue(s.sum)
	s.traced = sync.OnceValue(func() tracing { return s.trace(len(s.Revisions)) })
	return s
}

// take lets one act take effect, or records why it has none.
func (s *State) take(v Verified) {
	if v.beyond {
		s.NotUnderstood = append(s.NotUnderstood, Newer{v.id, v.act.Chain, v.act.Sequence, v.act.Content.Kind()})
		return
	}
	if err := s.admit(v); err != nil {
		fault, _ := FaultOf(err)
		s.Rejections = append(s.Rejections, Rejection{v.id, fault, err.Error()})
		if c, tables := v.act.Content.(Propose); tables && fault == ErrForked && c.Proposal.Number == s.tabled[v.act.Author]+1 {
			s.tabled[v.act.Author]++ // the next one was numbered after it
		}
		return
	}
	switch c := v.act.Content.(type) {
	case Convene:
		s.Charter, s.Chair, s.textKey = v.charter, v.charter.Chair, v.key
		s.revise(v, 1, c.Title, nil)
	case Amend:
		s.Charter = v.charter
	case Revise:
		s.revise(v, c.Revision, c.Headline, c.Decisions)
	case HandOver:
		s.Chair, s.textKey, s.Passing = c.To, c.Key, true
	case TakeUp:
		s.Passing = false
	case Rekey:
		s.textKey = c.Key
	case Succeed:
		s.Chair, s.textKey, s.Passing = v.act.Author, c.Key, false
	case Join:
		s.Joined = append(s.Joined, v.act.Author)
		s.keys[v.act.Author] = c.Key
	case Rotate:
		s.keys[v.act.Author] = c.Key
	case Recover:
		s.keys[v.act.Author] = c.Key
	case Recognise:
		s.Recognitions = slices.DeleteFunc(s.Recognitions, func(r Recognition) bool { return r.By == v.act.Author && r.Text == c.Text })
		s.Recognitions = append(s.Recognitions, Recognition{v.act.Author, c.Successor, c.Text, v.id})
	case Propose:
		s.propose(v, c)
	case Supersede:
		s.word(s.byID[c.Proposal], v, c.Amendment)
	case Withdraw:
		s.Proposals[s.byID[c.Proposal]].withdraw(v)
	case TakePosition:
		s.position(v, c)
	case Receipt:
		s.Receipts = append(s.Receipts, Acknowledgment{c.Of, v.act.Author, v.act.Time})
	}
}

// admit applies the rules of procedure that depend on what else has happened. It
// depends on the set of acts taken before, in the order of [Fold], alone.
func (s *State) admit(v Verified) error {
	if err := s.checkSides(v); err != nil {
		return err
	}
	switch c := v.act.Content.(type) {
	case Propose:
		if err := s.checkBrackets(v, c.Amendment); err != nil {
			return err
		}
		if c.Proposal.Number != s.tabled[c.Proposal.Author]+1 {
			return ErrNumber.Because("%s is not the next number of %s", c.Proposal, c.Proposal.Author)
		}
	case Supersede:
		if err := s.checkBrackets(v, c.Amendment); err != nil {
			return err
		}
		return s.open(c.Proposal, c.Replaces)
	case Withdraw:
		return s.open(c.Proposal, c.Wording)
	case TakePosition:
		if c.On.Paragraph == 0 && !s.HasWording(c.On.Proposal, c.On.Act) {
			return ErrUnknownProposal.Because("there is no proposal %s", c.On.Proposal)
		}
	}
	return nil
}

// checkSides refuses what a record says about acts that do not count, and all that a
// record says which began with such an act. A recognition may name any act of the text.
// On the text chain the acts that pass the chair stand, whatever becomes of the record
// that they cite, and a decision about what does not count decides nothing.
func (s *State) checkSides(v Verified) error {
	if v.act.Chain == TextChain {
		return nil
	}
	if _, joined := s.keys[v.act.Author]; !joined && s.Counts(v.act.Previous) {
		return ErrForked.Because("%s joined by a charter that does not count, for the text is forked before it", v.act.Author)
	}
	if _, recognises := v.act.Content.(Recognise); recognises || len(s.beside) == 0 {
		return nil
	}
	for _, id := range v.act.References() {
		if s.beside[id] {
			return ErrForked.Because("it is about an act that does not count, for %s is forked before it", s.act(id).act.Chain)
		}
	}
	return nil
}

// inForce demands that a proposal stands with this wording.
func (s *State) inForce(id ProposalID, wording ActID) error {
	i, ok := s.byID[id]
	switch {
	case !ok:
		return ErrUnknownProposal.Because("there is no proposal %s", id)
	case s.Proposals[i].Status == Withdrawn:
		return ErrWithdrawn.Because("proposal %s has been withdrawn", id)
	case s.Proposals[i].Wording() != wording:
		return ErrSuperseded.Because("proposal %s has a newer wording", id)
	}
	return nil
}

// open demands that a proposal stands with this wording, and has not been taken
// into the text by the chair: what has become of it then is a fact.
func (s *State) open(id ProposalID, wording ActID) error {
	if err := s.inForce(id, wording); err != nil {
		return err
	}
	p := s.Proposals[s.byID[id]]
	if number, ok := s.taken(&p); ok {
		return ErrInadmissible.Because("proposal %s has been taken into revision %d", id, number)
	}
	return nil
}

func (s *State) revise(v Verified, number uint64, headline string, decisions []Decision) {
	r := Revision{
		Number: number, Act: v.id, Chair: v.act.Author, Time: v.act.Time, Headline: headline,
		Reason: v.act.Explanation, Decisions: decisions, Text: v.text,
	}
	if len(s.Revisions) == 0 {
		r.Labels = Labels(v.text)
	} else {
		before := s.Current()
		r.Labels = Relabel(before.Labels, before.Text, v.text, v.redline.Lineage())
	}
	s.Revisions = append(s.Revisions, r)
}

// Convened reports whether the state has a text at all.
func (s *State) Convened() bool { return len(s.Revisions) > 0 }

// Current returns the newest revision; only a convened negotiation has one.
func (s *State) Current() Revision { return s.Revisions[len(s.Revisions)-1] }

// Revision returns the revision of that number, or [ErrUnknownBase].
func (s *State) Revision(number uint64) (Revision, error) {
	if number == 0 || number > uint64(len(s.Revisions)) {
		return Revision{}, ErrUnknownBase.Because("there is no revision %d", number)
	}
	return s.Revisions[number-1], nil
}

// Received reports whether a state has acknowledged an act of the text chain.
func (s *State) Received(act ActID, c Code) bool {
	return slices.ContainsFunc(s.Receipts, func(r Acknowledgment) bool { return r.Of == act && r.State == c })
}

// Key returns the key that signs for a participant who has joined.
func (s *State) Key(c Code) (PublicKey, bool) {
	key, ok := s.keys[c]
	return key, ok
}

// TextKey returns the key that signs the next act of the text chain. It is another than
// the chair's own while the chair has rotated its key and not signed with it there yet.
func (s *State) TextKey() PublicKey { return s.textKey }

// Log returns all acts, whether they count or not, each after those that it follows or refers to; among those
// that could stand next, by their authors' time.
func (s *State) Log() []Verified { return slices.Clone(s.log()) }

// Counts reports whether the act of that name stands on the line of its chain; one that
// stands beside it, by a fork, has no effect.
func (s *State) Counts(id ActID) bool {
	_, ok := s.acts[id]
	return ok && !s.beside[id]
}

// Leads reports whether tip is the act of that name, or follows it in its chain, on the
// line or beside it. Both have to be here.
func (s *State) Leads(act, tip ActID) bool {
	from, here := s.acts[act]
	to, told := s.acts[tip]
	if !here || !told || from.act.Chain != to.act.Chain {
		return false
	}
	for to.act.Sequence > from.act.Sequence && !s.Counts(to.id) {
		to = s.acts[to.act.Previous]
	}
	return to == from || s.Counts(from.id) && s.Counts(to.id) && to.act.Sequence >= from.act.Sequence
}

// Fork returns the fork at which a chain is frozen, if it is.
func (s *State) Fork(c Chain) (Fork, bool) {
	i := slices.IndexFunc(s.Forks, func(f Fork) bool { return f.Chain == c && f.Frozen() })
	if i < 0 {
		return Fork{}, false
	}
	return s.Forks[i], true
}

// Act returns the act of that name, whether it counts or not.
func (s *State) Act(id ActID) (Verified, bool) {
	v, ok := s.acts[id]
	if !ok {
		return Verified{}, false
	}
	return *v, true
}

// act returns the act of that name, and nothing when there is none.
func (s *State) act(id ActID) Verified {
	v, _ := s.Act(id)
	return v
}

// Digest returns one hash, in hexadecimal, over everything that the acts come to.
// Nodes with the same heads print the same. Which sides of a fork are held is no part of
// it, nor are forks that are settled, for of a flood of sides every node may keep others.
func (s *State) Digest() string { return s.digest() }

func (s *State) sum() string {
	alike := *s
	alike.Forks = slices.DeleteFunc(slices.Clone(s.Forks), func(f Fork) bool { return !f.Frozen() })
	for i := range alike.Forks {
		alike.Forks[i].Sides = nil
	}
	canonical, err := json.Marshal(alike)
	if err != nil { // no value in a State can fail to encode
		panic("negotiation: encoding a state: " + err.Error())
	}
	h := sha256.New()
	h.Write(canonical)
	for _, r := range s.Revisions {
		h.Write(r.Text.Bytes())
	}
	return hex.EncodeToString(h.Sum(nil))
}
