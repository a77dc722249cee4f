package negotiation

import (
	"slices"
	"time"
)

// AsOf returns the state as it was for one who held the acts of these names, all that
// they follow or are about, and what a participant has done that needs nothing else:
// as it would be for that participant if nothing more had come from others. The error is
// [ErrUnknownAct]. It takes time in the number of acts.
func (s *State) AsOf(known []ActID, own Code) (*State, error) {
	needed := map[ActID]bool{}
	for _, id := range known {
		if _, ok := s.acts[id]; !ok {
			return nil, ErrUnknownAct.Because("there is no act %.16s here", id)
		}
		needed[id] = true
	}
	for _, v := range slices.Backward(s.log()) { // each before what it needs
		if needed[v.id] {
			for _, id := range v.needs() {
				needed[id] = true
			}
		}
	}
	return s.part(func(v Verified) bool { return needed[v.id] || v.act.Author == own }), nil
}

// An Absence is what passed a participant by, and what it did meanwhile.
type Absence struct {
	Sent []ActID `json:"sent"` // acts of its own, in the order of the log; without receipts
	News
}

// Absence returns what passed a participant by that held all that leads to the acts of
// the first names, and then all that leads to those of the second; with none of these, it
// is all that is here. The error is [ErrUnknownAct]. It takes the time of [State.AsOf] and
// of [State.NewsSince].
func (s *State) Absence(from, to []ActID, of Code) (Absence, error) {
	after := s
	if len(to) > 0 {
		var err error
		if after, err = s.AsOf(to, ""); err != nil {
			return Absence{}, err
		}
	}
	before, err := after.AsOf(from, of)
	if err != nil {
		return Absence{}, err
	}
	sent := slices.DeleteFunc(before.Beyond(from, of), func(id ActID) bool {
		_, receipt := before.act(id).act.Content.(Receipt)
		return receipt
	})
	return Absence{append([]ActID{}, sent...), after.NewsSince(before, of)}, nil
}

// AsOfTime is [State.AsOf] for one who held the acts of before an instant, by their
// authors' clocks.
func (s *State) AsOfTime(at time.Time, own Code) *State {
	return s.part(func(v Verified) bool { return v.act.Time.Before(at) || v.act.Author == own })
}

// part returns the state that those acts come to which are chosen, as far as all that
// they follow or are about is chosen, too.
func (s *State) part(chosen func(Verified) bool) *State {
	l := NewLedger(s.Negotiation)
	l.carried = s.carried
next:
	for _, v := range s.log() { // each after what it needs
		if !chosen(v) {
			continue
		}
		for _, id := range v.needs() {
			if _, ok := l.acts[id]; !ok {
				continue next
			}
		}
		l.add(v)
	}
	return Fold(l)
}

// Beyond returns the acts of a participant that none of some tips leads to, in the order
// of the log: whoever told of these has not told of those. Tips that are not here lead to
// nothing.
func (s *State) Beyond(tips []ActID, author Code) []ActID {
	led := map[ActID]bool{}
	for _, id := range tips {
		for v, here := s.acts[id]; here && !led[id]; v, here = s.acts[id] {
			led[id] = true
			id = v.act.Previous
		}
	}
	var beyond []ActID
	for _, v := range s.log() {
		if v.act.Author == author && !led[v.id] {
			beyond = append(beyond, v.id)
		}
	}
	return beyond
}
