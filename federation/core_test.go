package federation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"concord/negotiation"
)

// A bench is a core by itself, with a clock that stands still unless it is moved. What
// it wants checked or stored is so at once; its fetches are kept.
type bench struct {
	t          *testing.T
	cfg        Config
	core       *core
	store      *memory
	now        time.Time
	fetches    []fetch     // not answered yet
	challenges []challenge // likewise
	supplies   []supply    // likewise
	waits      bool        // the Store waits for storesNext
	stores     []store     // that it waits with
	refused    []refused
	told       int // times that own heads were
	stirred    int // times that the observer was
}

// benched is XAU's core among testCodes.
func benched(t *testing.T, spoil ...func(*Config)) *bench {
	t.Helper()
	cfg, store := testConfig("XAU", nil)
	for _, spoil := range spoil {
		spoil(&cfg)
	}
	cfg, err := cfg.filled()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, cfg: cfg, store: store, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	b.core = newCore(cfg, false, rand.New(rand.NewPCG(1, 2)))
	b.happens(joined{cfg.Participants()})
	b.happens(begun{})
	b.happens(arrived{true})
	return b
}

// happens has an event happen, and what follows from it.
func (b *bench) happens(e event) {
	b.t.Helper()
	for _, e := range b.core.step(b.now, e) {
		switch e := e.(type) {
		case tell:
			b.told++
			b.happens(told{})
		case check:
			h, err := b.cfg.readHeads(e.from, e.message)
			b.happens(checked{e.from, h, err})
		case store:
			b.stores = append(b.stores, e)
			if !b.waits {
				b.storesNext()
			}
		case fetch:
			b.fetches = append(b.fetches, e)
		case supply:
			b.supplies = append(b.supplies, e)
		case challenge:
			b.challenges = append(b.challenges, e)
		case refused:
			b.refused = append(b.refused, e)
		case changed:
			b.stirred++
		}
	}
}

// passes moves the clock, with the ticks that the core wants.
func (b *bench) passes(d time.Duration) {
	b.t.Helper()
	for end := b.now.Add(d); ; {
		due := b.core.due()
		if due.After(end) {
			b.now = end
			return
		}
		if due.After(b.now) {
			b.now = due
		}
		b.happens(tick{})
	}
}

// answers answers the first fetch that is not answered.
func (b *bench) answers(reply []byte, err error) fetch {
	b.t.Helper()
	if len(b.fetches) == 0 {
		b.t.Fatal("nothing is being fetched")
	}
	asked := b.fetches[0]
	b.fetches = b.fetches[1:]
	b.happens(fetched{asked.from, reply, err})
	return asked
}

// storesNext has the Store take what it has waited with longest.
func (b *bench) storesNext() {
	b.t.Helper()
	e := b.stores[0]
	b.stores = b.stores[1:]
	b.happens(stored{e.from, e.lane, b.cfg.Store.Receive(b.t.Context(), e.message)})
}

func (b *bench) hearsActs(from negotiation.Code, message []byte) {
	b.t.Helper()
	b.happens(heard{from, false, message})
}

func (b *bench) hearsHeads(from negotiation.Code, message []byte) {
	b.t.Helper()
	b.happens(heard{from, true, message})
}

// peer is what the core shows of a peer.
func (b *bench) peer(code negotiation.Code) Peer {
	for _, peer := range b.core.Peers(b.now) {
		if peer.Code == code {
			return peer
		}
	}
	return Peer{}
}

// A flood of one peer's is bounded, and what another publishes is taken in at once.
func TestFloodHoldsUpNobody(t *testing.T) {
	b := benched(t)
	b.waits = true
	for n := range 100 * peerQueue {
		b.hearsActs("XBO", fmt.Appendf(nil, "record/XBO 1 - forged-%d\n", n))
	}
	if n := len(b.core.peer("XBO").queue); n != peerQueue || len(b.stores) != 1 {
		t.Errorf("%d messages wait, and %d are given to the store", n, len(b.stores))
	}
	b.hearsActs("XCA", []byte("record/XCA 1 - good\n"))
	if len(b.stores) != 2 || b.stores[1].from != "XCA" {
		t.Error("another's message waits for the flood")
	}
}

func TestLargeMessagesAreBoundedTogether(t *testing.T) {
	b := benched(t)
	b.waits = true
	for range 2 * peerQueue {
		b.hearsActs("XBO", make([]byte, MaxActs))
	}
	if n := b.core.peer("XBO").queued; n != peerBytes {
		t.Errorf("%d bytes wait, not %d", n, peerBytes)
	}
}

// Only the last of several heads is worth looking at, after the acts before it.
func TestOfHeadsThatWaitTheLastCounts(t *testing.T) {
	b := benched(t)
	b.waits = true
	b.hearsActs("XBO", []byte("record/XBO 1 - act\n"))
	for n := range uint64(2 * peerQueue) {
		b.hearsHeads("XBO", toldBy(t, "XBO", func(h *Heads) { h.Tips = []negotiation.Head{headOf("text", n+1, "act")} }))
	}
	if n := len(b.core.peer("XBO").queue); n != 1 {
		t.Errorf("%d heads of one peer wait", n)
	}
	b.storesNext()
	if heads := b.peer("XBO").Heads; len(heads) != 1 || heads[0].Sequence != 2*peerQueue {
		t.Errorf("not the last heads count: %v", heads)
	}
}

// What brings nothing costs its peer, and nobody else.
func TestMessagesThatBringNothingHaveABudget(t *testing.T) {
	b := benched(t, func(cfg *Config) { cfg.Store = refusing{newMemory()} })
	taken := func() int { return int(b.peer("XBO").Faults) }
	send := func() {
		for range peerQueue {
			b.hearsActs("XBO", make([]byte, MaxActs/4))
		}
	}
	send()
	before := taken()
	if most := mostWaste/(MaxActs/4) + 1; before > most {
		t.Errorf("%d messages that brought nothing are looked at, more than %d", before, most)
	}
	send()
	if taken() > before {
		t.Error("one more is looked at without time having passed")
	}
	b.passes(10 * time.Second)
	if got, most := taken()-before, 10*wasteRate/(MaxActs/4)+1; got == 0 || got > most {
		t.Errorf("in 10 s %d more are looked at, of %d that may be", got, most)
	}
	b.hearsActs("XCA", []byte("record/XCA 1 - bad\n"))
	if b.peer("XCA").Faults != 1 {
		t.Error("another's message waits for who has wasted time")
	}
}

// refusing takes nothing.
type refusing struct{ *memory }

func (refusing) Receive(context.Context, []byte) error { return negotiation.ErrSignature }

func TestWhatComesOutOfOrderIsParked(t *testing.T) {
	b, other := benched(t), newMemory()
	first, second := other.write(record("XBO"), "first"), other.write(record("XBO"), "second")
	b.hearsActs("XBO", second)
	b.hearsActs("XBO", first)
	if n := b.store.held(record("XBO")); n != 2 || len(b.fetches) > 0 {
		t.Errorf("%d acts are held, and %d fetches were needed for them", n, len(b.fetches))
	}
	b.passes(time.Hour)
	if len(b.fetches) > 0 {
		t.Error("what came in the end is fetched")
	}
}

func TestGapThatNothingClosesIsFetched(t *testing.T) {
	b, other := benched(t), newMemory()
	first, second := other.write(record("XBO"), "first"), other.write(record("XBO"), "second")
	b.hearsActs("XBO", second)
	b.passes(b.cfg.HeadsEvery/orderWithin - 1)
	if len(b.fetches) > 0 {
		t.Error("it is fetched before it can have come by itself")
	}
	b.passes(1)
	if asked := b.answers(nil, nil); asked.request.Chain != negotiation.TextChain {
		t.Errorf("%s is fetched first", asked.request.Chain)
	}
	if asked := b.answers(first, nil); asked.request.Chain != record("XBO") {
		t.Errorf("%s is fetched", asked.request.Chain)
	}
	if n := b.store.held(record("XBO")); n != 2 {
		t.Errorf("%d acts are held", n)
	}
}

func TestWhatIsParkedIsBoundedAndForgotten(t *testing.T) {
	b := benched(t)
	for n := range 4 * mostParked {
		b.hearsActs("XBO", fmt.Appendf(nil, "record/XBO %d 00000000000000000000000000000000 gap\n", n+3))
	}
	p := b.core.peer("XBO")
	if len(p.parked) != mostParked {
		t.Errorf("%d messages are parked", len(p.parked))
	}
	for range 60 {
		b.passes(time.Second)
		for len(b.fetches) > 0 {
			b.answers(nil, nil)
		}
	}
	if len(p.parked) > 0 || p.parkedSize > 0 || len(b.core.parked) > 0 {
		t.Errorf("after a minute %d messages of %d bytes are parked", len(p.parked), p.parkedSize)
	}
}

// All tell of one tip at once, which is XDE's.
func TestAuthorIsAskedThird(t *testing.T) {
	for seed := range uint64(20) {
		b := benched(t)
		b.core.rand = rand.New(rand.NewPCG(seed, seed))
		tip := headOf(record("XDE"), 1, "act")
		for _, code := range testCodes[1:] { // XDE is last, but first to be asked until it has answered
			b.hearsHeads(code, toldBy(t, code, func(h *Heads) { h.Tips = []negotiation.Head{tip} }))
		}
		b.answers(nil, nil) // of who told first
		var asked []negotiation.Code
		for len(b.fetches) > 0 {
			asked = append(asked, b.answers(nil, nil).from)
		}
		if len(asked) != 2 || asked[1] != "XDE" {
			t.Errorf("asked are %v, the author not third", asked)
		}
		if b.passes(time.Hour); len(b.fetches) != 1 {
			t.Errorf("%d fetches of one tip at a time", len(b.fetches))
		}
	}
}

func TestCacheIsAskedFirstAndNotBelieved(t *testing.T) {
	other := newMemory()
	act := other.write(record("XBO"), "act")
	tell := func(h *Heads) { h.Tips = other.Heads() }
	for name, c := range map[string]struct {
		reply []byte
		err   error
		peer  bool // is asked then
	}{
		"what is wanted": {act, nil, false},
		"nothing":        {nil, nil, true},
		"no answer":      {nil, errNoReply, true},
		"garbage":        {[]byte("garbage\n"), nil, true},
		"too much":       {make([]byte, MaxActs+1), nil, true},
		"forged acts":    {[]byte("record/XBO 1 - forged\n"), nil, true},
	} {
		b := benched(t)
		b.core.cached = true
		b.hearsHeads("XBO", toldBy(t, "XBO", tell))
		if asked := b.answers(c.reply, c.err); !asked.cached {
			t.Errorf("%s: the cache is not asked first", name)
		}
		if got := len(b.fetches) == 1 && !b.fetches[0].cached; got != c.peer {
			t.Errorf("%s in the cache: the peer is asked is %t", name, got)
		}
		if c.peer {
			b.answers(act, nil)
		}
		if b.store.held(record("XBO")) != 1 || b.peer("XBO").Faults > 0 {
			t.Errorf("%s in the cache: %d acts are held, and the peer has %d faults", name, b.store.held(record("XBO")), b.peer("XBO").Faults)
		}
	}
}
