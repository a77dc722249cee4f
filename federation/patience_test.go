package federation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"concord/negotiation"
)

func TestFetchesThatBringNothingAreCounted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	a := newAllowance()
	ask := func(at time.Time) (asked int) {
		for range 1000 {
			if a.until(at).IsZero() {
				a.spend(at, 1)
				asked++
			}
		}
		return asked
	}
	if n := ask(now); n != mostIdle {
		t.Errorf("%d fetches in a row bring nothing, not %d", n, mostIdle)
	}
	if n := ask(now.Add(time.Minute)); n != 60*idleRate {
		t.Errorf("%d fetches more in a minute", n)
	}
	a = newAllowance()
	if n := ask(now.Add(time.Minute)); n != mostIdle {
		t.Errorf("%d fetches after one that brought something, not %d", n, mostIdle)
	}
	if n := ask(now.Add(time.Hour)); n != mostIdle {
		t.Errorf("%d fetches after an hour, not %d", n, mostIdle)
	}
}

// However often it is looked, as much is forgiven as time has passed.
func TestBudgetForgivesByTheClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := budget{most: 100, rate: 10}
	b.spend(now, 100)
	for range 100 {
		now = now.Add(70 * time.Millisecond)
		b.left(now)
	}
	if b.spent != 30 {
		t.Errorf("after 7 s, at 10 a second, %d of 100 are not forgiven; want 30", b.spent)
	}
}

func TestTipThatIsNotDeliveredWaitsLonger(t *testing.T) {
	b := benched(t)
	p := newPeer("XBO")
	tip, other := headOf("text", 5, "untrue"), headOf("text", 5, "true")
	for n := range 20 {
		lost := b.now
		b.core.now = lost
		p.lose(tip, b.cfg.HeadsEvery, lost)
		if !b.core.mayFetch(p, other) {
			t.Error("another tip of the chain has to wait for one that is not delivered")
		}
		b.now = lost.Add(min(b.cfg.HeadsEvery/2<<n, mostPatience))
		b.core.now = b.now.Add(-1)
		if b.core.mayFetch(p, tip) {
			t.Errorf("after %d failures a tip is fetched within %v", n+1, b.now.Sub(lost))
		}
		b.core.now = b.now
		if !b.core.mayFetch(p, tip) {
			t.Errorf("after %d failures a tip is not fetched after %v", n+1, b.now.Sub(lost))
		}
	}
}

// Who invents tips must not fill the memory with them.
func TestOnlyWhatIsClaimedIsRemembered(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := newPeer("XBO")
	own, still, gone := endOf(record("XBO")), headOf("text", 5, "still"), headOf("text", 5, "gone")
	for _, tip := range []negotiation.Head{own, still, gone} {
		p.lose(tip, time.Second, now)
	}
	p.claims.told = []negotiation.Head{still}
	p.forget()
	for tip, want := range map[negotiation.Head]bool{own: true, still: true, gone: false} {
		if got := p.patience[tip] != nil; got != want {
			t.Errorf("%v is remembered is %t", tip, got)
		}
	}
}

// Who has used up what it may cost, with sides for which there is no room or with untrue
// heads, is still believed in the end: a search that takes many fetches is not begun
// before it can be ended, and no fetch more is spent for it than one a second.
func TestSearchEndsThoughNothingIsLeft(t *testing.T) {
	stores := forked(t, 3, 60, 64)
	b := benched(t, func(cfg *Config) { cfg.Store = stores[0] })
	heads := func(chain negotiation.Chain) {
		b.hearsHeads("XCA", toldBy(t, "XCA", func(h *Heads) {
			h.Tips = stores[1].Heads()
			for n := range maxTips {
				h.Tips = append(h.Tips, headOf(chain, 99, fmt.Sprint("untrue-", n)))
			}
			slices.SortFunc(h.Tips, compareTips)
		}))
	}
	tip, asked := stores[1].Heads()[0], 0
	for _, chain := range []negotiation.Chain{negotiation.TextChain, record("XAU"), record("XCA")} {
		for heads(chain); len(b.fetches) > 0; asked++ {
			b.answers(nil, nil)
		}
	}
	if asked != mostIdle {
		t.Fatalf("%d fetches in a row bring nothing, not %d", asked, mostIdle)
	}
	start := b.now
	b.hearsHeads("XCA", toldBy(t, "XCA", func(h *Heads) { h.Tips = stores[1].Heads() }))
	s := searchFor(tip.Sequence, nil)
	for n := 0; n <= s.most() && !stores[0].Holds(tip); n++ {
		for b.passes(time.Second / idleRate); len(b.fetches) > 0 && !stores[0].Holds(tip); asked++ {
			r := b.fetches[0].request
			reply, err := stores[1].Acts(t.Context(), r.Chain, r.From, r.To)
			if err != nil {
				t.Fatal(err)
			}
			b.answers(reply, nil)
		}
	}
	if !stores[0].Holds(tip) {
		t.Errorf("after %v and %d fetches what leads to a tip is not found", b.now.Sub(start), asked-mostIdle)
	}
	if most := int(b.now.Sub(start).Seconds() * idleRate); asked-mostIdle > most {
		t.Errorf("%d fetches, where %d may bring nothing", asked-mostIdle, most)
	}
}
