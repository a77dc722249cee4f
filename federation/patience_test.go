package federation

import (
	"testing"
	"time"

	"concord/negotiation"
)

func TestFetchesThatBringNothingAreCounted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var a allowance
	ask := func(at time.Time) (asked int) {
		for range 1000 {
			if a.until(at).IsZero() {
				a.spend(at)
				asked++
			}
		}
		return asked
	}
	if n := ask(now); n != mostIdle {
		t.Errorf("%d fetches in a row bring nothing, not %d", n, mostIdle)
	}
	if n := ask(now.Add(time.Minute)); n != int(time.Minute/idleEvery) {
		t.Errorf("%d fetches more in a minute", n)
	}
	a.refill()
	if n := ask(now.Add(time.Minute)); n != mostIdle {
		t.Errorf("%d fetches after one that brought something, not %d", n, mostIdle)
	}
	if n := ask(now.Add(time.Hour)); n != mostIdle {
		t.Errorf("%d fetches after an hour, not %d", n, mostIdle)
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
