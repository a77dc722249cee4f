package federation

import (
	"slices"
	"testing"
	"time"

	"concord/negotiation"
)

// dated has heads of XBO's come whose clock differs from this node's.
func (b *bench) dated(off time.Duration) {
	b.t.Helper()
	b.hearsHeads("XBO", toldBy(b.t, "XBO", func(h *Heads) { h.Time = b.now.Add(off).Truncate(time.Second) }))
}

// Why a peer is not connected is what is true now, not what was once.
func TestWhyPeerIsNotConnected(t *testing.T) {
	const gone = silentAfter * 200 * time.Millisecond // of intervals, as testConfig has them
	b := benched(t)
	known := true
	verify := b.cfg.Verify
	b.cfg.Verify = func(code negotiation.Code, message, signature []byte) error {
		if !known {
			return negotiation.ErrNotParticipant
		}
		return verify(code, message, signature)
	}
	is := func(when string, want Why) {
		t.Helper()
		if got := b.peer("XBO"); got.Why != want || got.Connected != (want == "") {
			t.Errorf("%s: connected %t, why %q, not %q", when, got.Connected, got.Why, want)
		}
	}
	is("at first", WhyNever)
	known = false
	b.dated(0)
	is("after heads of an unknown key", WhyKey)
	b.passes(gone)
	is("when they have not come again", WhyNever)
	b.hearsHeads("XBO", []byte("nonsense"))
	is("after a message that breaks a rule", WhyRefused)
	if got := b.peer("XBO"); got.LastFault != negotiation.ErrNotCanonical || !got.LastRefused.Equal(b.now) {
		t.Errorf("the last fault is %q at %v", got.LastFault, got.LastRefused)
	}
	known = true
	b.dated(0)
	is("after its heads", "")
	b.hearsHeads("XBO", []byte("nonsense"))
	is("after its heads and another message", "")
	b.happens(reached{})
	is("with the own line down", WhyLine)
	b.happens(reached{up: true})
	is("with the line up again", "")
	b.passes(gone)
	is("when it has been silent", WhySilent)
	b.dated(-time.Hour)
	is("after heads that are older", WhyOld)
	stirred := b.stirred
	b.passes(gone)
	if b.stirred == stirred {
		t.Error("nobody is told that the reason is another")
	}
	is("when those do not come any more", WhySilent)
	for range 4 * mostWaste / MaxActs {
		b.hearsActs("XBO", make([]byte, MaxActs))
	}
	is("after a flood", WhyFlood)
	if b.peer("XCA").Why != WhyNever {
		t.Errorf("another peer: %+v", b.peer("XCA"))
	}
}

func TestClockOff(t *testing.T) {
	for off, want := range map[time.Duration]time.Duration{
		0: 0, clockError: 0, -clockError: 0,
		clockError + time.Second: clockError + time.Second, -24 * time.Hour: -24 * time.Hour, 24 * time.Hour: 24 * time.Hour,
	} {
		b := benched(t)
		b.dated(off)
		if got := b.peer("XBO").ClockOff; got != want {
			t.Errorf("a clock that is off by %v is said to be by %v", off, got)
		}
	}
}

func TestDistanceIsToldByChain(t *testing.T) {
	b := benched(t)
	b.store.write(negotiation.TextChain, "here")
	b.store.write(negotiation.TextChain, "here")
	b.store.write(record("XBO"), "here")
	b.hearsTips("XCA", time.Second, first.head, headOf(record("XDE"), 3, "there"))
	want := []Distance{{"text", 1, 0}, {record("XBO"), 1, 0}, {record("XDE"), 0, 3}}
	if got := b.peer("XCA"); !slices.Equal(got.Chains, want) || got.Behind != 2 || got.Ahead != 3 {
		t.Errorf("behind %d and ahead %d, in %v; want %v", got.Behind, got.Ahead, got.Chains, want)
	}
}
