package federation

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"concord/negotiation"
)

// codesOf are n participants; XAU is one of them.
func codesOf(n int) []negotiation.Code {
	codes := []negotiation.Code{"XAU"}
	for i := 0; len(codes) < n; i++ {
		if code := negotiation.Code([]byte{'X', 'A' + byte(i/26), 'A' + byte(i%26)}); code != "XAU" {
			codes = append(codes, code)
		}
	}
	return codes
}

// Of a burst of acts, each passes to each node once: what that takes on the wire, with all
// that goes with it, is less than half as much again as the act has.
func TestBurstOnTheWire(t *testing.T) {
	const each, slack = 20, 128 // acts of each node, and bytes of each for each node
	codes := codesOf(12)
	var links []*Link
	var stores []*memory
	for i, code := range codes {
		var carrier Carrier = testHub()
		if i > 0 {
			carrier = testLeaf(links[0].HubURL(), code)
		}
		cfg, store := testConfig(code, carrier)
		cfg.Participants = func() []negotiation.Code { return codes }
		cfg.HeadsEvery = time.Hour // which are bounded by time, not by acts: TestHeadsHaveARate
		links, stores = append(links, open(t, cfg)), append(stores, store)
	}
	eventually(t, "all hear one another", func() bool {
		for _, link := range links {
			for _, peer := range link.Peers() {
				if !peer.Connected {
					return false
				}
			}
		}
		return true
	})
	before := passed(t, links[0])
	size := 0
	var acting sync.WaitGroup
	for i, code := range codes {
		var messages [][]byte
		for n := range each {
			messages = append(messages, stores[i].write(record(code), fmt.Sprint(n, strings.Repeat("-", 900))))
			size += len(messages[n])
		}
		acting.Go(func() {
			for _, message := range messages {
				if err := links[i].Announce(t.Context(), message); err != nil {
					t.Error(err)
				}
			}
		})
	}
	acting.Wait()
	eventually(t, "all hold all", same(stores...))
	acts := int64(each * len(codes))
	got := (passed(t, links[0]) - before) / acts / int64(len(codes))
	if most := int64(size)/acts*3/2 + slack; got > most {
		t.Errorf("an act of %d bytes costs %d for each node, more than %d", int64(size)/acts, got, most)
	}
}

// passed is how many bytes a hub has taken and given in all.
func passed(t *testing.T, hub *Link) int64 {
	t.Helper()
	now, err := hub.transport.(interface{ varz() (*server.Varz, error) }).varz()
	if err != nil {
		t.Fatal(err)
	}
	return now.InBytes + now.OutBytes
}

func (h *HubServer) varz() (*server.Varz, error) { return h.server.Varz(nil) }

// However many nodes there are, the heads that one gets from all others have so many bytes
// a second, and twice as many while all act, where that is less often than is asked for.
func TestHeadsHaveARate(t *testing.T) {
	const long = 10 * time.Minute
	for _, n := range []int{4, 28, 193} {
		codes := codesOf(n)
		b := benched(t, func(cfg *Config) {
			cfg.HeadsEvery = defaultHeadsEvery
			cfg.Participants = func() []negotiation.Code { return codes }
		})
		for _, code := range codes {
			b.store.write(record(code), "act")
		}
		message, err := b.cfg.signedHeads(b.store.Heads(), b.now, Nonce{})
		if err != nil {
			t.Fatal(err)
		}
		tell := func(acts bool) (every time.Duration) {
			begin, told := b.now, b.told
			for b.now.Sub(begin) < long {
				b.passes(time.Second / 4)
				if acts {
					b.happens(acted{})
				}
			}
			return long / time.Duration(b.told-told)
		}
		least := time.Duration(len(message)*(n-1)) * time.Second / headsRate
		if every := tell(false); every < max(least, defaultHeadsEvery)*9/10 || every > 2*max(least, defaultHeadsEvery) {
			t.Errorf("%d nodes tell heads of %d bytes every %v", n, len(message), every)
		}
		most := defaultHeadsEvery / 5
		if least > defaultHeadsEvery {
			most = least / 2
		}
		if every := tell(true); every < most {
			t.Errorf("%d nodes that act all the time tell heads of %d bytes every %v", n, len(message), every)
		}
	}
}
