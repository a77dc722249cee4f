package federation

import (
	"math/rand/v2"
	"testing"
	"time"

	"concord/negotiation"
)

// A bench is a core by itself, with a clock that stands still unless it is moved. What
// it wants checked or stored is so at once; its fetches are kept.
type bench struct {
	t       *testing.T
	cfg     Config
	core    *core
	store   *memory
	now     time.Time
	fetches []fetch // not answered yet
	refused []refused
	told    int // times that own heads were
	stirred int // times that the observer was
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
			b.happens(stored{e.from, e.lane, b.cfg.Store.Receive(b.t.Context(), e.message)})
		case fetch:
			b.fetches = append(b.fetches, e)
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
