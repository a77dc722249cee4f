package federation

import (
	"math/bits"

	"concord/negotiation"
)

// A search looks for the place at which the acts that lead to a tip leave those
// that are held here: from there on they are fetched. It asks for acts from one
// place on, and is told what became of them. It begins after the end of the line,
// goes back in steps that double, and then halves what is left. Acts that wait are in
// no tip: so when all up to the place after one's own tips is here, it halves what is
// left up to the tip. Where nothing is found in as many fetches as [search.most] says, who
// claims to hold the tip does not.
type search struct {
	place     uint64 // the tip's
	from      uint64 // where to fetch next, from 1
	low, high uint64 // what leads to the tip is held up to low, and not at high-1
	step      uint64 // how far to go back next
	beyond    bool   // than one's own tips
}

// searchFor begins a search for the tip at a place, which is not held. Own are the
// tips of its chain that are, as [Store.Heads] has them.
func searchFor(place uint64, own []negotiation.Head) search {
	var line uint64
	if len(own) > 0 {
		line = own[0].Sequence
	}
	s := search{place: place, high: min(place, top(own)+1) + 1, step: 1}
	s.from = min(line+1, s.high-1)
	return s
}

// resume says that what leads to the tip is held up to a place now.
func (s *search) resume(reached uint64, own []negotiation.Head) {
	*s = searchFor(s.place, own)
	s.from = reached + 1
}

// back says that the act before the one at from is not held. It reports whether
// there is anything left to ask for.
func (s *search) back() bool {
	s.high = s.from
	return s.choose()
}

// forward says that the acts from from on, as far as they came, are held. It
// reports as back does.
func (s *search) forward() bool {
	if s.low = s.from; s.choose() {
		return true
	}
	return !s.beyond && s.wait()
}

// wait says that the acts from from on, as far as they came, are here now and wait. It
// reports as back does.
func (s *search) wait() bool {
	s.low, s.high, s.step, s.beyond = s.from, s.place+1, s.place, true
	return s.choose()
}

func (s *search) choose() bool {
	if s.high < s.low+2 {
		return false
	}
	s.from = max(s.high-min(s.step, s.high-1), s.low+(s.high-s.low)/2)
	s.step = min(2*s.step, s.place)
	return true
}

// most is how many fetches it takes at most, until one brings something or none is left:
// about three times the binary logarithm of the tip's place.
func (s *search) most() int { return 3*bits.Len64(s.place) + 2 }
