package federation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"concord/negotiation"
)

// hearsTips has a peer tell, some time later, of tips, in heads whose clock is an hour ahead.
func (b *bench) hearsTips(from negotiation.Code, later time.Duration, tips ...negotiation.Head) {
	b.t.Helper()
	b.passes(later)
	b.hearsHeads(from, toldBy(b.t, from, func(h *Heads) {
		h.Time = b.now.Add(time.Hour).Truncate(time.Second)
		h.Tips = slices.SortedFunc(slices.Values(tips), compareTips)
	}))
}

// holder is what is known of a peer and an act that leads to the acts beneath.
func (b *bench) holder(code negotiation.Code, of *act, beneath ...*act) Holder {
	leads := func(tip negotiation.Head) bool {
		return slices.ContainsFunc(append(beneath, of), func(a *act) bool { return a.head == tip })
	}
	for _, h := range b.core.delivery(of.head, leads) {
		if h.Code == code {
			return h
		}
	}
	b.t.Fatalf("%s is nobody", code)
	return Holder{}
}

// An act is held since the first heads that lead to it, whatever comes after.
func TestHeldSinceItWasToldFirst(t *testing.T) {
	b := benched(t)
	start := b.now
	chain := record("XBO")
	one := follow(nil, chain, "one")
	two := follow(one, chain, "two")
	three := follow(two, chain, "three")
	for _, word := range []string{"one", "two", "three"} {
		b.store.write(chain, word)
	}
	if h := b.holder("XCA", one, two, three); h.Holding != Unknown || !h.Heard.IsZero() {
		t.Errorf("before its first heads a peer is %+v", h)
	}
	b.hearsTips("XCA", 10*time.Second, one.head)
	b.hearsTips("XCA", 10*time.Second, one.head)
	b.hearsTips("XCA", 10*time.Second, three.head)
	b.hearsTips("XCA", 10*time.Second, three.head)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	for name, c := range map[string]struct {
		act  *act
		next []*act
		want Holder
	}{
		"told by itself":   {one, []*act{two, three}, Holder{Since: at(10), Stated: at(3610)}},
		"told by the next": {two, []*act{three}, Holder{Since: at(30), Stated: at(3630), After: at(20)}},
		"told at the end":  {three, nil, Holder{Since: at(30), Stated: at(3630), After: at(20)}},
	} {
		c.want.Code, c.want.Holding, c.want.Heard = "XCA", Holds, at(40)
		if got := b.holder("XCA", c.act, c.next...); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
	four := follow(three, chain, "four")
	b.store.write(chain, "four")
	if got, want := b.holder("XCA", four), (Holder{Code: "XCA", Holding: Lacks, Heard: at(40)}); got != want {
		t.Errorf("an act that it has not told of: %+v, not %+v", got, want)
	}
	if got := b.holder("XDE", one, two, three).Holding; got != Unknown {
		t.Errorf("who has never been heard is said to be one who %s", got)
	}
	b.hearsTips("XDE", 0, one.head, follow(nil, record("XDE"), "other").head)
	if got := b.core.toldOf(chain); !slices.Equal(slices.SortedFunc(slices.Values(got), compareTips), []negotiation.Head{one.head, three.head}) {
		t.Errorf("of the chain has been told %v", got)
	}
}

// What heads tell of that is not here may lead to an act or not.
func TestTipsThatAreNotHereTellNothing(t *testing.T) {
	b := benched(t)
	chain := record("XBO")
	b.store.write(chain, "one")
	one := follow(nil, chain, "one")
	two := follow(one, chain, "two")
	b.hearsTips("XCA", time.Second, two.head)
	if got := b.holder("XCA", one).Holding; got != Unknown {
		t.Errorf("a peer whose tip is not here %s", got)
	}
	b.store.write(chain, "two")
	if got := b.holder("XCA", one, two); got.Holding != Holds || !got.Since.Equal(b.now) {
		t.Errorf("when the tip has come: %+v", got)
	}
}

// A side of a fork is not held because another one is.
func TestSidesAreHeldEachForItself(t *testing.T) {
	b := benched(t)
	chain := record("XBO")
	one := follow(nil, chain, "one")
	mine, theirs := follow(one, chain, "mine"), follow(one, chain, "theirs")
	message := []byte(one.text + "\n" + mine.text + "\n" + theirs.text + "\n")
	b.hearsActs("XBO", message)
	b.hearsTips("XCA", time.Second, mine.head)
	if got := b.holder("XCA", theirs).Holding; got != Lacks {
		t.Errorf("a peer that told of one side %s the other", got)
	}
	b.hearsTips("XCA", time.Second, mine.head, theirs.head)
	first, second := b.holder("XCA", mine), b.holder("XCA", theirs)
	if first.Holding != Holds || second.Holding != Holds || !second.Since.Equal(first.Since.Add(time.Second)) {
		t.Errorf("a peer that told of both: %+v, %+v", first, second)
	}
}

// A node that was put back to an earlier state does not hold what it held.
func TestHeadsThatGoBackTakeBack(t *testing.T) {
	b := benched(t)
	one := follow(nil, record("XBO"), "one")
	two := follow(one, record("XBO"), "two")
	b.store.write(record("XBO"), "one")
	b.store.write(record("XBO"), "two")
	b.hearsTips("XCA", time.Second, first.head, two.head)
	b.hearsTips("XCA", time.Second, first.head, one.head)
	if got := b.holder("XCA", two).Holding; got != Lacks {
		t.Errorf("what was taken back is said to be what it %s", got)
	}
	b.hearsTips("XCA", time.Second, first.head)
	if got := b.holder("XCA", one, two).Holding; got != Lacks {
		t.Errorf("of a chain that it tells nothing of any more, it %s an act", got)
	}
	b.hearsTips("XCA", time.Second, two.head)
	if got := b.holder("XCA", two); got.Holding != Holds || !got.Since.Equal(b.now) || !got.After.Equal(b.now.Add(-time.Second)) {
		t.Errorf("what was held, lost and has come again: %+v", got)
	}
}

// However much a peer tells, what is kept of it is bounded, and says nothing false.
func TestStepsAreBounded(t *testing.T) {
	b := benched(t)
	var line []*act
	for n := range 3 * mostSteps {
		var before *act
		if n > 0 {
			before = line[n-1]
		}
		word := fmt.Sprint(n)
		b.store.write(record("XBO"), word)
		line = append(line, follow(before, record("XBO"), word))
	}
	b.hearsTips("XCA", time.Second, first.head)
	for _, a := range line {
		b.hearsTips("XCA", time.Second, first.head, a.head)
		if n := b.core.peer("XCA").shown.count; n > mostSteps {
			t.Fatalf("%d steps are kept", n)
		}
	}
	last := line[len(line)-1]
	if got := b.holder("XCA", last); !got.Since.Equal(b.now) || !got.After.Equal(b.now.Add(-time.Second)) {
		t.Errorf("the newest act: %+v", got)
	}
	if got := b.holder("XCA", first); !got.Since.Equal(b.now.Add(-time.Duration(len(line)) * time.Second)) {
		t.Errorf("a tip that it still tells of is forgotten for those of another chain: %+v", got)
	}
	told := b.now.Add(-time.Duration(len(line)-1) * time.Second)
	if got := b.holder("XCA", line[0], line[1:]...); got.Holding != Holds || got.After.After(told) || got.Since.Before(told) {
		t.Errorf("the oldest act, told at %v: %+v", told, got)
	}
	flood := benched(t)
	for n := range 40 {
		var tips []negotiation.Head
		for i := range maxTips {
			tips = append(tips, headOf(record("XDE"), uint64(n+1), fmt.Sprint(n, i)))
		}
		flood.hearsTips("XCA", time.Second, append(tips, first.head)...)
	}
	if n := flood.core.peer("XCA").shown.count; n > mostSteps {
		t.Errorf("a peer that makes up tips has %d steps kept", n)
	}
	if got := flood.holder("XCA", first); !got.Since.Equal(flood.now.Add(-39 * time.Second)) {
		t.Errorf("tips that are made up push out others: %+v", got)
	}
}
