package federation

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"concord/negotiation"
)

// withholding is a hub whose operator keeps from everybody what one participant says.
func withholding(t *testing.T, victim negotiation.Code) (url string) {
	t.Helper()
	text, err := FormatHubConfig(testSecret.Plan(testNegotiation, testCodes))
	if err != nil {
		t.Fatal(err)
	}
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, fmt.Sprintf("account: %q", victim)) {
			kept.WriteString(line)
		}
	}
	options := new(server.Options)
	if err := options.ProcessConfigString(kept.String()); err != nil {
		t.Fatal(err)
	}
	options.LeafNode.Host, options.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	running, err := startEmbedded(options, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.stop)
	return fmt.Sprintf("nats-leaf://127.0.0.1:%d", options.LeafNode.Port)
}

func honestHub(t *testing.T, secret HubSecret, dir string) *HubServer {
	t.Helper()
	plan := secret.Plan(testNegotiation, testCodes)
	if dir != "" {
		plan.Cache = leastCache
	}
	hub, err := RunHub(plan, "127.0.0.1:0", nil, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hub.stop)
	return hub
}

// What one hub withholds, the other brings, of live acts and of what is fetched.
func TestOneOfTwoHubsWithholds(t *testing.T) {
	bad := withholding(t, "XCA")
	good := honestHub(t, HubSecret{9}, t.TempDir())
	at := func(code negotiation.Code, hubs ...Leaf) (*Link, *memory) {
		cfg, store := testConfig(code, Leaves(hubs))
		return open(t, cfg), store
	}
	both := func(code negotiation.Code) (*Link, *memory) {
		return at(code, testLeaf(bad, code), Leaf{URL: good.URL(), Seed: HubSecret{9}.Seed(testNegotiation, code)})
	}
	victim, victimStore := both("XCA")
	honest, honestStore := both("XBO")
	cut, cutStore := at("XAU", testLeaf(bad, "XAU"))
	announce(t, victim, victimStore.write(record("XCA"), "withheld"))
	announce(t, honest, honestStore.write(record("XBO"), "act"))
	eventually(t, "who is at both hubs hears the victim", same(honestStore, victimStore))
	_, late := both("XDE")
	eventually(t, "who comes later fetches it", same(late, honestStore))
	eventually(t, "who is at the bad hub only has it from those who are at both", same(cutStore, late))
	if !peerOf(cut, "XCA").LastSeen.IsZero() {
		t.Error("the bad hub does not withhold, and this shows nothing")
	}
}

func TestEitherOfTwoHubsGoesAway(t *testing.T) {
	secrets := []HubSecret{testSecret, {9}}
	for away := range secrets {
		hubs := []*HubServer{honestHub(t, secrets[0], ""), honestHub(t, secrets[1], "")}
		var links []*Link
		var stores []*memory
		for _, code := range testCodes[:2] {
			var leaves Leaves
			for i, hub := range hubs {
				leaves = append(leaves, Leaf{URL: hub.URL(), Seed: secrets[i].Seed(testNegotiation, code)})
			}
			cfg, store := testConfig(code, leaves)
			links, stores = append(links, open(t, cfg)), append(stores, store)
		}
		announce(t, links[0], stores[0].write(record("XAU"), "before"))
		eventually(t, "both hubs are joined", func() bool { return same(stores...)() && hubs[0].joined() > 0 && hubs[1].joined() > 0 })
		hubs[away].stop()
		announce(t, links[0], stores[0].write(record("XAU"), "after"))
		eventually(t, "the other hub brings what is new", same(stores...))
		for _, link := range links {
			if !link.Connected() || peerOf(link, links[0].cfg.Code).Faults > 0 {
				t.Error("one hub of two is away, and a node is not connected, or blames another")
			}
		}
	}
}

// A state that says as much as it can holds up nobody: not the hub, and not those
// who hear it.
func TestFloodSlowsNobodyElse(t *testing.T) {
	s := besiege(t)
	flood := make(chan struct{})
	ended := make(chan uint64, len(s.attackers))
	for _, nc := range s.attackers {
		go func() {
			said, message := uint64(0), append([]byte("nonsense"), make([]byte, 32<<10)...)
			for {
				select {
				case <-flood:
					ended <- said
					return
				default:
				}
				if nc.Publish(s.subjects.acts("XBO"), message) == nil && nc.FlushTimeout(s.hub.cfg.FetchTimeout) == nil {
					said++
				}
			}
		}()
	}
	for n := range 20 {
		announce(t, s.victim, s.store.write(record("XCA"), fmt.Sprint("under-flood-", n)))
		announce(t, s.hub, s.hubStore.write(record("XAU"), fmt.Sprint("under-flood-", n)))
		eventually(t, "both hold the new acts", same(s.store, s.hubStore))
	}
	close(flood)
	said := uint64(0)
	for range s.attackers {
		said += <-ended
	}
	if said < 100 {
		t.Errorf("%d messages are no flood", said)
	}
	if n := peerOf(s.hub, "XCA").Faults; n > 0 || peerOf(s.hub, "XBO").Faults == 0 {
		t.Errorf("XCA is blamed for %d faults, and XBO for %d", n, peerOf(s.hub, "XBO").Faults)
	}
	s.stands(t)
}

func TestHubServerTellsOfBusyPort(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if _, err := RunHub(operatorPlan(), busy.Addr().String(), nil, t.TempDir(), slog.New(slog.DiscardHandler)); !errors.Is(err, ErrPortBusy) {
		t.Errorf("a hub on a busy port: %v", err)
	}
}

// Requests without number of one account leave room for those of another.
func TestFloodOfFetchesHoldsUpNobodyElse(t *testing.T) {
	s := besiege(t)
	request, err := FormatRequest(Request{testNegotiation, record("XCA"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	s.store.mu.Lock()
	s.store.gate = gate // nothing is answered until all have asked
	s.store.mu.Unlock()
	attacker, other := s.attackers["leaf"], s.hub.nc
	for range 10 * serveQueue {
		if err := attacker.PublishRequest(s.subjects.fetch("XCA"), attacker.NewRespInbox(), request); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, attacker, s.subjects.acts("XBO"), "nonsense") // comes after them
	eventually(t, "the requests have come", func() bool { return peerOf(s.victim, "XBO").Faults > 0 })
	reply, err := other.SubscribeSync(other.NewRespInbox())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.PublishRequest(s.subjects.fetch("XCA"), reply.Subject, request); err != nil {
		t.Fatal(err)
	}
	announce(t, s.hub, s.hubStore.write(record("XAU"), "comes-after-it"))
	eventually(t, "the rightful request has come", func() bool { return s.store.held(record("XAU")) == 1 })
	close(gate)
	if _, err := reply.NextMsg(keepWithin); err != nil {
		t.Errorf("a rightful request among a flood: %v", err)
	}
	s.stands(t)
}
