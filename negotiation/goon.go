package negotiation

import "fmt"

// GoOnAfter checks the act of a chain after which its owner, or a successor, means it to
// go on; the zero name is that of the last act that counts. A frozen chain needs one
// named, for what does not lead to it is put aside for good. The error is [ErrForked] and
// says what to name.
func (s *State) GoOnAfter(c Chain, after ActID) error {
	f, frozen := s.Fork(c)
	switch {
	case after.IsZero() && frozen && f.After.IsZero():
		return ErrForked.Because("%s is forked at act %d: name the act after which it goes on, on the side that is to count", c, f.Place)
	case after.IsZero() && frozen:
		return ErrForked.Because("%s is forked at act %d: name the act after which it goes on, on the side that is to count, or before the fork %s", c, f.Place, s.place(f.After))
	}
	return nil
}

// place tells an act that is held by its place and the first digits of its name.
func (s *State) place(id ActID) string {
	return fmt.Sprintf("act %d, %.16s", s.act(id).act.Sequence, id)
}
