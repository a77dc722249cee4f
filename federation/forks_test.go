package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"concord/negotiation"
)

// side gives a store acts that follow one, nil for none, and returns them.
func side(t *testing.T, store *memory, after *act, word string, length int) (acts []*act) {
	t.Helper()
	for n := range length {
		after = follow(after, record("XBO"), fmt.Sprint(word, "-", n))
		acts = append(acts, after)
	}
	if err := store.Receive(t.Context(), message(acts...)); err != nil {
		t.Fatal(err)
	}
	return acts
}

// forked are stores of which the first two hold one side each of XBO's record, which
// leave one another after trunk acts, and the others nothing.
func forked(t *testing.T, trunk, left, right int) []*memory {
	t.Helper()
	stores := []*memory{newMemory(), newMemory(), newMemory()}
	var last *act
	for i, length := range []int{left, right} {
		if acts := side(t, stores[i], nil, "trunk", trunk); trunk > 0 {
			last = acts[trunk-1]
		}
		side(t, stores[i], last, fmt.Sprint("side-", i), length)
	}
	return stores
}

// link opens a hub for XAU and leaves for the codes that follow it, except XBO.
func link(t *testing.T, stores ...*memory) (links []*Link) {
	t.Helper()
	for i, code := range []negotiation.Code{"XAU", "XCA", "XDE"}[:len(stores)] {
		var carrier Carrier = testHub()
		if i > 0 {
			carrier = testLeaf(links[0].HubURL(), code)
		}
		cfg, _ := testConfig(code, carrier)
		cfg.Store = stores[i]
		links = append(links, open(t, cfg))
	}
	return links
}

func faultless(t *testing.T, links ...*Link) {
	t.Helper()
	for _, link := range links {
		for _, peer := range link.Peers() {
			if peer.Faults > 0 {
				t.Errorf("%s blames %s, who passes on what another has forked, for %d faults (%s)", link.cfg.Code, peer.Code, peer.Faults, peer.LastFault)
			}
		}
	}
}

func TestBothSidesReachEverybody(t *testing.T) {
	for name, c := range map[string]struct{ trunk, left, right, batch int }{
		"at the end":                       {4, 1, 1, 0},
		"at the first act":                 {0, 1, 1, 0},
		"one side longer":                  {4, 1, 9, 0},
		"long ago":                         {3, 60, 64, 0},
		"long ago, in small messages":      {3, 60, 64, 5},
		"in the middle, in small messages": {90, 30, 50, 7},
		"an act at a time":                 {9, 5, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stores := forked(t, c.trunk, c.left, c.right)
			for _, store := range stores {
				store.batch = c.batch
			}
			links := link(t, stores...)
			eventually(t, "all hold both sides", func() bool {
				return same(stores...)() && stores[0].held(record("XBO")) == c.trunk+c.left+c.right
			})
			faultless(t, links...)
			for _, link := range links {
				eventually(t, "all are seen to be level", func() bool {
					for _, peer := range link.Peers() {
						if peer.Code != "XBO" && (peer.Behind > 0 || peer.Ahead > 0 || len(peer.Differs) > 0 || len(peer.Heads) != 2) {
							return false
						}
					}
					return true
				})
			}
		})
	}
}

func TestWhoJoinsLaterGetsBothSides(t *testing.T) {
	stores := forked(t, 4, 2, 3)
	links := link(t, stores[0], stores[1])
	eventually(t, "two hold both sides", same(stores[:2]...))
	cfg, late := testConfig("XDE", testLeaf(links[0].HubURL(), "XDE"))
	open(t, cfg)
	eventually(t, "the third holds them too", same(stores[0], late))
}

// Two nodes have one key; each tells the others what it has written, and hears
// what they hold.
func TestTwoNodesOfOneParticipant(t *testing.T) {
	stores := []*memory{newMemory(), newMemory()}
	links := link(t, stores...)
	var copies []*Link
	var owns []*memory
	for range 2 {
		cfg, own := testConfig("XBO", testLeaf(links[0].HubURL(), "XBO"))
		copies, owns = append(copies, open(t, cfg)), append(owns, own)
	}
	for i, word := range []string{"genuine", "stolen"} {
		for n := range 3 {
			announce(t, copies[i], owns[i].write(record("XBO"), fmt.Sprint(word, "-", n)))
		}
	}
	eventually(t, "all hold both sides, the two copies too", func() bool {
		return same(stores[0], stores[1], owns[0], owns[1])() && stores[0].held(record("XBO")) == 6
	})
	announce(t, copies[1], owns[1].write(record("XBO"), "settles"))
	eventually(t, "what settles is everywhere", func() bool {
		return same(stores[0], stores[1], owns[0], owns[1])() && strings.HasSuffix(stores[0].line(record("XBO")), " settles\n")
	})
}

// The act that is told follows another side, of which nothing has come before.
func TestActOfAnUnknownSideIsNoFault(t *testing.T) {
	stores := forked(t, 4, 3, 3)
	b := benched(t, func(cfg *Config) { cfg.Store = stores[0] })
	b.hearsActs("XCA", stores[1].write(record("XBO"), "told"))
	if peer := b.peer("XCA"); peer.Faults > 0 {
		t.Errorf("who passes on what another has forked is blamed for %s", peer.LastFault)
	}
}

// A text cites an act that stands beside the line of its record.
func TestWhatIsCitedBesideTheLineIsFetched(t *testing.T) {
	stores := forked(t, 4, 1, 3)
	stores[1].write(negotiation.TextChain, "revision", stores[1].at(record("XBO"), 7)...)
	link(t, stores...)
	eventually(t, "all hold the text and both sides", func() bool { return same(stores...)() && stores[2].held(negotiation.TextChain) == 1 })
}

// Of more sides than a store takes, each node holds others. Nobody is to blame for
// that, nothing else waits for it, and what settles the record reaches everybody.
func TestMoreSidesThanAreTaken(t *testing.T) {
	stores := []*memory{newMemory(), newMemory(), newMemory()}
	var trunk []*act
	for i, store := range stores[:2] {
		trunk = side(t, store, nil, "trunk", 2)
		for n := range mostSides {
			side(t, store, trunk[1], fmt.Sprint("side-", 10*i+n), 1)
		}
	}
	links := link(t, stores...)
	stores[0].write(record("XAU"), "good")
	stores[1].write(record("XCA"), "good")
	eventually(t, "other records pass", func() bool {
		return stores[2].held(record("XAU")) == 1 && stores[2].held(record("XCA")) == 1 && stores[0].held(record("XCA")) == 1
	})
	eventually(t, "who held nothing holds as many as are taken", func() bool { return stores[2].held(record("XBO")) == 2+mostSides })
	settled := follow(trunk[1], record("XBO"), "settles")
	if err := stores[1].Receive(t.Context(), message(settled)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what settles reaches everybody", func() bool {
		for _, store := range stores {
			if store.line(record("XBO")) != string(message(append(trunk, settled)...)) {
				return false
			}
		}
		return true
	})
	faultless(t, links...)
}

// Who holds as many sides as are kept gets one more that another participant has acted
// upon, in messages as small as they may be; and in the end what settles the record.
func TestWhatHasNoRoomComesWhenItIsNeeded(t *testing.T) {
	stores := []*memory{newMemory(), newMemory(), newMemory()}
	trunk := side(t, stores[0], nil, "trunk", 2)
	for n := range mostSides {
		side(t, stores[0], trunk[1], fmt.Sprint("side-", n), 1)
	}
	side(t, stores[1], nil, "trunk", 2)
	own := side(t, stores[1], trunk[1], "own", 40)
	stores[1].write(record("XAU"), "position", own[30].name()) // a record that is fetched before XBO's
	stores[1].batch = 7
	links := link(t, stores...)
	eventually(t, "what is acted upon is everywhere, and who acted is not held up", func() bool {
		return stores[0].held(record("XAU")) == 1 && stores[2].held(record("XAU")) == 1 &&
			stores[0].Holds(own[30].head) && stores[0].held(record("XBO")) >= 2+mostSides+31
	})
	settled := follow(own[39], record("XBO"), "settles")
	if err := stores[1].Receive(t.Context(), message(settled)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what settles counts everywhere", func() bool {
		return !slices.ContainsFunc(stores, func(m *memory) bool { return !strings.HasSuffix(m.line(record("XBO")), settled.text+"\n") })
	})
	faultless(t, links...)
}

// A liar tells of tips that nobody holds, others for each lie, once it has begun to. It
// answers what answer says.
type liar struct {
	*memory
	lie    *atomic.Int64
	answer func(chain negotiation.Chain, from uint64) *act
}

func (l liar) Heads() (tips []negotiation.Head) {
	n := l.lie.Load()
	if n == 0 {
		return l.memory.Heads()
	}
	for _, code := range testCodes {
		for i := range maxTips {
			tips = append(tips, headOf(record(code), uint64(i+40), fmt.Sprint("untrue ", n, i)))
		}
	}
	return tips
}

func (l liar) Acts(ctx context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error) {
	genuine, err := l.memory.Acts(ctx, chain, from, to)
	if a := l.answer(chain, from); a != nil && genuine == nil {
		return message(a), nil
	}
	return genuine, err
}

// Each heads message has new tips, as many as it can have.
func TestUntrueHeadsCostLittle(t *testing.T) {
	after := func(before *act, chain negotiation.Chain) *act { return follow(before, chain, "junk") }
	for name, c := range map[string]struct {
		answer func(negotiation.Chain, uint64) *act
		fault  negotiation.Fault
	}{
		"no answers": {func(negotiation.Chain, uint64) *act { return nil }, ""},
		"what was there already": {func(chain negotiation.Chain, _ uint64) *act {
			return follow(nil, chain, "here")
		}, ""},
		"acts that follow nothing": {func(chain negotiation.Chain, from uint64) *act {
			return after(&act{head: headOf(chain, max(from, 2)-1, "nothing")}, chain)
		}, negotiation.ErrPredecessor},
		"acts that come too early": {func(chain negotiation.Chain, _ uint64) *act {
			return after(&act{head: headOf(chain, 1<<40, "nothing")}, chain)
		}, ""},
		"forged acts": {func(chain negotiation.Chain, _ uint64) *act {
			a, _ := parseAct(string(chain) + " 1 - forged")
			return a
		}, negotiation.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			cfg, untrue := testConfig("XCA", nil)
			lies := new(atomic.Int64)
			cfg.Store = liar{untrue, lies, c.answer}
			hubCfg, store := testConfig("XAU", testHub())
			for range 100 {
				for _, code := range testCodes {
					store.write(record(code), "here")
				}
			}
			hub := open(t, hubCfg)
			cfg.Carrier = testLeaf(hub.HubURL(), "XCA")
			cfg.HeadsEvery = time.Hour
			lying := open(t, cfg)
			eventually(t, "the liar has caught up", same(store, untrue))
			before := untrue.fetches()
			for range 200 {
				lies.Add(1)
				lying.step(acted{})
			}
			eventually(t, "all that they may cost is spent", func() bool { return untrue.fetches()-before >= mostIdle })
			announce(t, hub, store.write(record("XAU"), "goes-on"))
			eventually(t, "others are served", same(store, untrue))
			if fault := peerOf(hub, "XCA").LastFault; fault != c.fault {
				t.Errorf("who tells untrue heads is blamed for %q, not %q", fault, c.fault)
			}
			hub.Close()
			n, most := untrue.fetches()-before, mostIdle+1+int(time.Since(start).Seconds()*idleRate)
			if n < mostIdle || n > most {
				t.Errorf("untrue heads cost %d fetches in %v; they may cost %d, and so many were told that they should", n, time.Since(start), most)
			}
		})
	}
}
