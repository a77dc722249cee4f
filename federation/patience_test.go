package federation

import (
	"testing"
	"time"

	"concord/negotiation"
)

// However many tips a peer tells of.
func TestFetchesThatBringNothingAreCounted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := new(peer)
	ask := func(at time.Time) (asked int) {
		for n := range 1000 {
			if tip := headOf("text", uint64(n+1), "untrue"); p.mayFetch(tip, at) {
				p.allowance.spend(at)
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
	p.allowance.refill()
	if n := ask(now.Add(time.Minute)); n != mostIdle {
		t.Errorf("%d fetches after one that brought something, not %d", n, mostIdle)
	}
	if n := ask(now.Add(time.Hour)); n != mostIdle {
		t.Errorf("%d fetches after an hour, not %d", n, mostIdle)
	}
}

func TestTipThatIsNotDeliveredWaitsLonger(t *testing.T) {
	cfg, _ := testConfig("XAU", nil)
	p := &peer{patience: make(map[negotiation.Head]*patience)}
	tip, other := headOf("text", 5, "untrue"), headOf("text", 5, "true")
	for n := range 20 {
		before := time.Now()
		p.lose(tip, cfg)
		wait := min(cfg.HeadsEvery/2<<n, mostPatience)
		if p.mayFetch(tip, before.Add(wait)) {
			t.Errorf("after %d failures a tip is fetched within %v", n+1, wait)
		}
		if !p.mayFetch(tip, time.Now().Add(wait+time.Nanosecond)) {
			t.Errorf("after %d failures a tip is not fetched after %v", n+1, wait)
		}
		if !p.mayFetch(other, before) {
			t.Error("another tip of the chain has to wait for one that is not delivered")
		}
	}
}

// Who invents tips must not fill the memory with them.
func TestOnlyWhatIsClaimedIsRemembered(t *testing.T) {
	cfg, _ := testConfig("XAU", nil)
	p := &peer{code: "XBO", patience: make(map[negotiation.Head]*patience)}
	own, still, gone := endOf(record("XBO")), headOf("text", 5, "still"), headOf("text", 5, "gone")
	for _, tip := range []negotiation.Head{own, still, gone} {
		p.lose(tip, cfg)
	}
	p.forget([]negotiation.Head{still})
	for tip, want := range map[negotiation.Head]bool{own: true, still: true, gone: false} {
		if got := p.patience[tip] != nil; got != want {
			t.Errorf("%v is remembered is %t", tip, got)
		}
	}
}
