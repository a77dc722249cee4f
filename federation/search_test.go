package federation

import (
	"testing"

	"pgregory.net/rapid"

	"concord/negotiation"
)

// However two chains lie beside one another, what leads to a tip is found at the
// place where it leaves what is held, or somewhere on the way to it from there.
func TestSearchFindsWhereTheTipLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.Uint64Range(1, 1<<40).Draw(t, "place of the tip")
		leaves := rapid.Uint64Range(0, place-1).Draw(t, "place of the last act held on its way")
		top := rapid.Uint64Range(leaves, 1<<41).Draw(t, "last place held")
		line := rapid.Uint64Range(0, top).Draw(t, "end of the line")
		s := searchFor(place, []negotiation.Head{{Sequence: line}, {Sequence: top}})
		for asked := 1; s.from != leaves+1; asked++ {
			if s.from < 1 || s.from > place || s.from > top+1 {
				t.Fatalf("asks for acts from %d on", s.from)
			}
			more := false
			if s.from > leaves+1 {
				more = s.back()
			} else {
				more = s.forward()
			}
			if !more {
				t.Fatalf("ends before place %d, at %+v", leaves+1, s)
			}
			if asked > s.most() {
				t.Fatalf("asks %d times for a tip at place %d", asked, place)
			}
		}
	})
}

func TestSearchEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.Uint64Range(1, maxSequence).Draw(t, "place of the tip")
		top := rapid.Uint64Range(0, maxSequence).Draw(t, "last place held")
		line := rapid.Uint64Range(0, top).Draw(t, "end of the line")
		s := searchFor(place, []negotiation.Head{{Sequence: line}, {Sequence: top}})
		for asked := 1; ; asked++ {
			more := false
			if rapid.Bool().Draw(t, "back") {
				more = s.back()
			} else {
				more = s.forward()
			}
			if !more {
				return
			}
			if asked > s.most() {
				t.Fatalf("asks %d times whatever is answered", asked)
			}
		}
	})
}

// The usual cases cost one fetch.
func TestSearchBeginsAtTheEndOfTheLine(t *testing.T) {
	for name, c := range map[string]struct {
		place uint64
		own   []uint64
		want  uint64
	}{
		"nothing is held":             {7, nil, 1},
		"the line goes on":            {7, []uint64{4}, 5},
		"something stands beside it":  {7, []uint64{4, 5}, 5},
		"the other act of a place":    {4, []uint64{4}, 4},
		"an earlier place is forked":  {2, []uint64{4}, 2},
		"the place after the line's":  {5, []uint64{4, 9}, 5},
		"a place of what lies beside": {9, []uint64{4, 9}, 5},
	} {
		var own []negotiation.Head
		for _, place := range c.own {
			own = append(own, negotiation.Head{Sequence: place})
		}
		if s := searchFor(c.place, own); s.from != c.want {
			t.Errorf("%s: acts are fetched from %d on, not from %d", name, s.from, c.want)
		}
	}
}
