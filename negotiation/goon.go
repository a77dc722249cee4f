package negotiation

import "fmt"

// safeEnds is how many acts that none follows may stand beside a line for any node to
// hold all of them: each keeps no more than [maxSides] of a chain, and others may have
// got others.
const safeEnds = maxSides / 4

// GoOnAfter checks the act of a chain after which its owner, or a successor, means it to
// go on; the zero name is that of the last act that counts. A frozen chain needs one
// named, for what does not lead to it is put aside for good. An act beside the line has to
// be one that all nodes have room for. The error is [ErrForked] and says what to name.
func (s *State) GoOnAfter(c Chain, after ActID) error {
	f, frozen := s.Fork(c)
	switch {
	case after.IsZero() && frozen && f.After.IsZero():
		return ErrForked.Because("%s is forked at act %d: name the act after which it goes on, on the side that is to count", c, f.Place)
	case after.IsZero() && frozen:
		return ErrForked.Because("%s is forked at act %d: name the act after which it goes on, on the side that is to count, or before the fork %s", c, f.Place, s.place(f.After))
	case after.IsZero(), s.Counts(after), s.endsBeside(c) < safeEnds:
		return nil
	}
	v, held := s.Act(after)
	for held && !s.Counts(v.ID()) {
		v, held = s.Act(v.act.Previous)
	}
	if !held {
		return nil // unknown, or the fork is at the first place: there is no act before it
	}
	return ErrForked.Because("so many acts stand beside the line of %s that other nodes may have no room for the one named: name the last before the fork, which all of them hold, %s", c, s.place(v.id))
}

// place tells an act that is held by its place and the first digits of its name.
func (s *State) place(id ActID) string {
	return fmt.Sprintf("act %d, %.16s", s.act(id).act.Sequence, id)
}

// endsBeside counts the acts beside the line of a chain that none follows.
func (s *State) endsBeside(c Chain) int {
	ends := map[ActID]bool{}
	for _, v := range s.Log() { // each after the one before it
		if v.act.Chain == c && !s.Counts(v.id) {
			delete(ends, v.act.Previous)
			ends[v.id] = true
		}
	}
	return len(ends)
}
