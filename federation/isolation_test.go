package federation

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// hostiles are the places from which somebody with XBO's credentials can
// attack: a leaf node of its own, and a client at the hub itself.
func hostiles(t *testing.T, hub *Link) map[string]*nats.Conn {
	t.Helper()
	return intruders(t, hub, testSecret.Seed(testNegotiation, "XBO"))
}

// intruders are such places for whoever has a seed.
func intruders(t testing.TB, hub *Link, seed string) map[string]*nats.Conn {
	t.Helper()
	remote, err := Leaf{URL: hub.HubURL(), Seed: seed}.remote()
	if err != nil {
		t.Fatal(err)
	}
	options := &server.Options{MaxPayload: leafPayload}
	options.LeafNode.Remotes = []*server.RemoteLeafOpts{remote}
	leaf, err := startEmbedded(options, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leaf.stop)
	url, client := leaf.inProcess()
	atLeaf := dial(t, url, client...)
	eventually(t, "the hostile leaf is let in", func() bool { return leaf.joined() > 0 })

	inside := hub.transport.(interface {
		inProcess(...nats.Option) (string, []nats.Option)
	})
	key, err := parseSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	url, client = inside.inProcess(nkeyOption(key))
	return map[string]*nats.Conn{"leaf": atLeaf, "client": dial(t, url, client...)}
}

func dial(t testing.TB, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// besieged is a hub at XAU and a leaf at XCA, while XBO is hostile.
func besieged(t *testing.T) (hub, leaf *Link, hubStore, leafStore *memory) {
	t.Helper()
	cfg, hubStore := testConfig("XAU", testHub())
	hub = open(t, cfg)
	cfg, leafStore = testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	leaf = open(t, cfg)
	eventually(t, "the victims hear one another", func() bool {
		return peerOf(hub, "XCA").Connected && peerOf(leaf, "XAU").Connected
	})
	return hub, leaf, hubStore, leafStore
}

func peerOf(link *Link, code negotiation.Code) Peer {
	for _, peer := range link.Peers() {
		if peer.Code == code {
			return peer
		}
	}
	return Peer{}
}

func publish(t *testing.T, nc *nats.Conn, subject string, message string) {
	t.Helper()
	if err := nc.Publish(subject, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// What is published last arrives last: what was published before it and has
// not come by then does not come. So both stores must end as the fence is.
func TestNobodyPublishesAsAnother(t *testing.T) {
	hub, leaf, hubStore, leafStore := besieged(t)
	subjects := subjectsOf(testNegotiation)
	fence := newMemory()
	for place, nc := range hostiles(t, hub) {
		publish(t, nc, subjects.acts("XCA"), "record/XCA 1 - by-"+place+"\n")
		publish(t, nc, subjects.acts("XAU"), "record/XAU 1 - by-"+place+"\n")
		publish(t, nc, subjects.heads("XCA"), "nonsense")
		publish(t, nc, string(subjects)+".XBO.other", "record/XBO 1 - by-"+place+"\n")
		publish(t, nc, subjects.acts("XBO"), string(fence.write(record("XDE"), "last-by-"+place)))
		eventually(t, "XBO is heard as XBO", func() bool { return same(fence, hubStore, leafStore)() })
		for _, link := range []*Link{hub, leaf} {
			for _, peer := range link.Peers() {
				if peer.Faults > 0 {
					t.Errorf("%s is blamed for what XBO, as a %s, published", peer.Code, place)
				}
			}
		}
	}
}

func TestNobodyHearsOrAnswersForAnother(t *testing.T) {
	hub, leaf, hubStore, leafStore := besieged(t)
	var mu sync.Mutex
	var overheard []string
	attackers := hostiles(t, hub)
	for place, nc := range attackers {
		for _, subject := range []string{">", subjectsOf(testNegotiation).fetch("XCA"), string(subjectsOf(testNegotiation)) + ".*.fetch"} {
			_, err := nc.Subscribe(subject, func(msg *nats.Msg) {
				_ = msg.Respond([]byte("record/XCA 1 - by-" + place + "\n"))
				if strings.HasSuffix(msg.Subject, ".acts") || strings.HasSuffix(msg.Subject, ".heads") {
					return // public
				}
				if strings.HasPrefix(msg.Subject, subjectsOf(testNegotiation).fetch("XBO")) || strings.Contains(string(msg.Data), " by-") {
					return // a challenge to XBO itself, and what it answers
				}
				mu.Lock()
				defer mu.Unlock()
				overheard = append(overheard, place+" hears "+msg.Subject)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	leafStore.write(record("XCA"), "genuine")
	eventually(t, "XAU fetches from XCA", same(hubStore, leafStore))
	hubStore.write(record("XAU"), "genuine")
	eventually(t, "XCA fetches from XAU", same(hubStore, leafStore))

	// With XCA gone, the hostile subscribers are all that is left to answer.
	leaf.Close()
	request := Request{testNegotiation, record("XCA"), 1, negotiation.ActID{}}
	if reply, err := hub.fetch(fetch{"XCA", false, request, hub.cfg.FetchTimeout}); err == nil {
		t.Errorf("somebody answers for XCA: %s", reply)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(overheard) > 0 {
		t.Errorf("overheard: %s", strings.Join(overheard, "; "))
	}
	if strings.Contains(hubStore.state(), "by-") {
		t.Errorf("an answer for another is taken:\n%s", hubStore.state())
	}
}

// A request whose reply goes to another's subject must not make its responder
// publish there.
func TestReplyGoesToItsRequesterOnly(t *testing.T) {
	hub, _, hubStore, leafStore := besieged(t)
	hubStore.write(record("XDE"), "act")
	eventually(t, "both hold the act", same(hubStore, leafStore))
	request, err := FormatRequest(Request{testNegotiation, record("XDE"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	for place, nc := range hostiles(t, hub) {
		for _, victim := range []negotiation.Code{"XAU", "XCA"} {
			before := peerOf(hub, victim).Faults
			if err := nc.PublishRequest(subjectsOf(testNegotiation).fetch("XCA"), subjectsOf(testNegotiation).heads(victim), request); err != nil {
				t.Fatal(err)
			}
			if _, err := nc.Request(subjectsOf(testNegotiation).fetch("XCA"), request, hub.cfg.FetchTimeout); err != nil {
				t.Fatalf("a rightful request of %s: %v", place, err)
			}
			if n := peerOf(hub, victim).Faults; n != before {
				t.Errorf("a %s made another publish heads of %s", place, victim)
			}
		}
	}
}

func TestHeadsOfAnotherAreRefused(t *testing.T) {
	hub, leaf, _, _ := besieged(t)
	message, err := leaf.cfg.signedHeads(nil, time.Now(), Nonce{})
	if err != nil {
		t.Fatal(err)
	}
	nc := hostiles(t, hub)["leaf"]
	publish(t, nc, subjectsOf(testNegotiation).heads("XBO"), string(message))
	eventually(t, "XBO is blamed for replaying XCA's heads", func() bool {
		return peerOf(hub, "XBO").LastFault == negotiation.ErrForeignChain
	})
	if n := peerOf(hub, "XCA").Faults; n != 0 {
		t.Errorf("XCA is blamed for %d faults of XBO", n)
	}
}

func TestWrongSeedIsNotLetIn(t *testing.T) {
	victim, _, hubStore, _ := besieged(t)
	cfg, store := testConfig("XBO", Leaf{URL: victim.HubURL(), Seed: HubSecret{8}.Seed(testNegotiation, "XBO")})
	refused := make(chan struct{}, 100)
	cfg.Logger = slog.New(watch{slog.DiscardHandler, "Authorization Violation", refused})
	stranger := open(t, cfg)
	for range 3 {
		announce(t, stranger, store.write(record("XBO"), "act"))
		<-refused
		if stranger.Connected() {
			t.Error("a stranger is connected")
		}
	}
	if hubStore.held(record("XBO")) > 0 {
		t.Error("a stranger is heard")
	}
}

// watch signals when a report with text in it is logged.
type watch struct {
	slog.Handler
	text string
	seen chan<- struct{}
}

func (w watch) Enabled(context.Context, slog.Level) bool { return true }

func (w watch) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if strings.Contains(a.Value.String(), w.text) {
			select {
			case w.seen <- struct{}{}:
			default:
			}
		}
		return true
	})
	return nil
}
