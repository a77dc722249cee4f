package federation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// Attacks on the broker, with the credentials of XBO, against the real server. The
// victims are the hub's node, XAU, and the leaf XCA, whose acts the hub keeps.

// A siege is a hub that keeps acts, a victim, and the places of the attacker.
type siege struct {
	hub, victim *Link
	store       *memory // the victim's
	hubStore    *memory
	reader      keeps // reads as XDE what is kept
	subjects    subjects
	attackers   map[string]*nats.Conn
}

func besiege(t *testing.T) *siege {
	t.Helper()
	h, _ := keeping(t)
	cfg, hubStore := testConfig("XAU", h)
	s := &siege{subjects: subjectsOf(testNegotiation), hub: open(t, cfg), hubStore: hubStore}
	cfg, s.store = testConfig("XCA", testLeaf(s.hub.HubURL(), "XCA"))
	s.victim = open(t, cfg)
	reader, _ := carried(t, "XDE", testLeaf(s.hub.HubURL(), "XDE"))
	s.reader = reader.(keeps)
	s.attackers = hostiles(t, s.hub)
	s.write(t, "genuine-1")
	s.isKept(t, "genuine-1")
	return s
}

// write has the victim make an act, and tell it.
func (s *siege) write(t *testing.T, word string) {
	t.Helper()
	announce(t, s.victim, s.store.write(record("XCA"), word))
}

// isKept waits until others read the victim's last act from its stream, from which they
// must never read what is not the victim's.
func (s *siege) isKept(t *testing.T, word string) {
	t.Helper()
	place := uint64(s.store.held(record("XCA")))
	eventually(t, word+" is kept", func() bool {
		message, err := s.reader.acts(t.Context(), record("XCA"), place)
		if err != nil || message == nil {
			return false
		}
		for line := range strings.Lines(string(message)) {
			if !strings.Contains(s.store.state(), line) {
				t.Fatalf("kept is %q, which the victim never wrote", line)
			}
		}
		return bytes.Contains(message, []byte(word))
	})
}

// stands demands that the victim works as before.
func (s *siege) stands(t *testing.T) {
	t.Helper()
	word := fmt.Sprint("genuine-", s.store.held(record("XCA"))+1)
	s.write(t, word)
	s.isKept(t, word)
	eventually(t, "the hub's node has the victim's acts", func() bool {
		return s.hubStore.line(record("XCA")) == s.store.line(record("XCA"))
	})
	if n := peerOf(s.hub, "XCA").Faults; n > 0 {
		t.Errorf("the victim is blamed for %d faults", n)
	}
}

// try sends a request as the attacker, and returns the answer, if there is one.
func try(nc *nats.Conn, subject string, body any) *nats.Msg {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	reply, err := nc.Request(subject, raw, 100*time.Millisecond)
	if err != nil {
		return nil
	}
	return reply
}

// Acts and heads are for all to hear; nothing else is.
func TestAttackWiretap(t *testing.T) {
	s := besiege(t)
	var mu sync.Mutex
	var overheard []string
	for place, nc := range s.attackers {
		for _, subject := range []string{">", "_INBOX.>", "_R_.>", "$JS.>", "$SYS.>", "*.*.*.fetch", "concord.>", s.subjects.cache("XCA"), s.subjects.of("XCA", "kept") + ".>"} {
			_, err := nc.Subscribe(subject, func(msg *nats.Msg) {
				public := strings.HasSuffix(msg.Subject, ".acts") || strings.HasSuffix(msg.Subject, ".heads")
				whole := fmt.Sprint(msg.Subject, msg.Header, string(msg.Data))
				if public || !strings.Contains(whole, "XCA") && !strings.Contains(whole, "XAU") {
					return // what the attacker's own account says to itself
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
	s.stands(t)
	s.hubStore.write(record("XAU"), "to-be-fetched")
	eventually(t, "the victim fetches", same(s.store, s.hubStore))
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(overheard)
	if len(overheard) > 0 {
		t.Errorf("overheard: %s", strings.Join(slices.Compact(overheard), "; "))
	}
}

// What a server tells of itself tells nothing of others, and nobody commands it.
func TestAttackSystemAccount(t *testing.T) {
	s := besiege(t)
	for place, nc := range s.attackers {
		for _, subject := range []string{
			"$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.SERVER.PING.SUBSZ", "$SYS.REQ.SERVER.PING.LEAFZ", "$SYS.REQ.SERVER.PING.JSZ",
			"$SYS.REQ.ACCOUNT.XCA.CONNZ", "$SYS.REQ.ACCOUNT.XCA.SUBSZ", "$SYS.REQ.ACCOUNT.XCA.JSZ", "$SYS.REQ.ACCOUNT.PING.CONNZ",
			"$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.ACCOUNT.XCA.CLAIMS.UPDATE", "$SYS.REQ.USER.INFO", "$JS.API.ACCOUNT.PURGE.XCA", "$JS.API.META.LEADER.STEPDOWN",
			streamAPI + "INFO", streamAPI + "STREAM.NAMES", streamAPI + "STREAM.LIST", streamAPI + "ACCOUNT.PURGE.XCA", streamAPI + "SERVER.REMOVE",
		} {
			reply := try(nc, subject, nil)
			if reply != nil && (bytes.Contains(reply.Data, []byte("XCA")) || bytes.Contains(reply.Data, []byte(testSecret.PublicKey(testNegotiation, "XCA")))) {
				t.Errorf("as a %s: %s tells of another: %.300s", place, subject, reply.Data)
			}
		}
	}
	s.stands(t)
}

// A message over the bound is cut off with who sends it, and one that could not be read
// from a stream is not kept.
func TestAttackHugeMessages(t *testing.T) {
	s := besiege(t)
	for _, size := range []int{MaxActs + 2048, brokerPayload + 1, 16 << 20} {
		hub, err := testLeaf(s.hub.HubURL(), "XBO").remote()
		if err != nil {
			t.Fatal(err)
		}
		options := &server.Options{MaxPayload: 32 << 20, MaxPending: 64 << 20}
		options.LeafNode.Remotes = []*server.RemoteLeafOpts{hub}
		giant, err := startEmbedded(options, s.hub.cfg.Logger)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(giant.stop)
		url, client := giant.inProcess()
		nc := dial(t, url, client...)
		eventually(t, "the giant is let in", func() bool { return giant.joined() > 0 })
		for _, subject := range []string{s.subjects.acts("XBO"), s.subjects.kept("XBO", record("XBO"), 1)} {
			if err := nc.Publish(subject, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	message, err := s.reader.acts(t.Context(), record("XBO"), 1)
	if err != nil || len(message) > MaxActs {
		t.Errorf("%d bytes are kept (%v)", len(message), err)
	}
	s.stands(t)
}

// An account has its share of the server's connections and subscriptions, and no more.
func TestAttackMoreThanItsShare(t *testing.T) {
	s := besiege(t)
	before := s.hub.transport.(*hub).server.NumLeafNodes()
	refused := make(chan struct{}, 100)
	logger := slog.New(watch{slog.DiscardHandler, "maximum account active connections exceeded", refused})
	for range 10 {
		remote, err := testLeaf(s.hub.HubURL(), "XBO").remote()
		if err != nil {
			t.Fatal(err)
		}
		options := new(server.Options)
		options.LeafNode.Remotes = []*server.RemoteLeafOpts{remote}
		more, err := startEmbedded(options, logger)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(more.stop)
	}
	<-refused
	<-refused
	if n := s.hub.transport.(*hub).server.NumLeafNodes(); n > before+4 {
		t.Errorf("%d connections more than before", n-before)
	}
	nc := s.attackers["client"]
	nc.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // LastError has it
	for n := range 200 {
		if _, err := nc.SubscribeSync(fmt.Sprint("more.", n)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "too many subscriptions are refused", func() bool {
		return nc.LastError() != nil && strings.Contains(nc.LastError().Error(), "maximum subscriptions exceeded")
	})
	s.stands(t)
}

// A leaf that calls itself a hub, and has subjects of its own for all the world, gets
// no more than another.
func TestAttackLeafAsHub(t *testing.T) {
	s := besiege(t)
	remote, err := testLeaf(s.hub.HubURL(), "XBO").remote()
	if err != nil {
		t.Fatal(err)
	}
	remote.Hub = true
	options := &server.Options{MaxPayload: leafPayload, JetStream: true, JetStreamDomain: CacheDomain, StoreDir: t.TempDir()}
	options.LeafNode.Remotes = []*server.RemoteLeafOpts{remote}
	usurper, err := startEmbedded(options, s.hub.cfg.Logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(usurper.stop)
	eventually(t, "the usurper is let in", func() bool { return usurper.server.NumLeafNodes() > 0 })
	url, client := usurper.inProcess()
	nc := dial(t, url, client...)
	for _, subject := range []string{">", s.subjects.fetch("XCA"), s.subjects.cache("XCA"), streamAPI + ">", "$JS.API.>"} {
		if _, err := nc.Subscribe(subject, func(msg *nats.Msg) { _ = msg.Respond([]byte("record/XCA by-attacker\n")) }); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, nc, s.subjects.acts("XCA"), "record/XCA by-attacker\n")
	publish(t, nc, s.subjects.kept("XCA", record("XCA"), 2), "record/XCA by-attacker\n")
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	s.stands(t)
	s.stands(t)
}

// Who is taken out of a hub's plan is cut off, and not let in again.
func TestAttackWithCredentialsOfOneRemoved(t *testing.T) {
	plan := testSecret.Plan(testNegotiation, testCodes)
	hub, err := RunHub(plan, "127.0.0.1:0", nil, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hub.stop)
	cfg, store := testConfig("XCA", testLeaf(hub.URL(), "XCA"))
	victim := open(t, cfg)
	cfg, removedStore := testConfig("XBO", testLeaf(hub.URL(), "XBO"))
	removed := open(t, cfg)
	announce(t, removed, removedStore.write(record("XBO"), "before"))
	eventually(t, "who is in the plan is heard", same(store, removedStore))

	if err := hub.serve(testSecret.Plan(testNegotiation, []negotiation.Code{"XAU", "XCA", "XDE"})); err != nil {
		t.Fatal(err)
	}
	eventually(t, "who is removed is cut off", func() bool { return !removed.Connected() })
	announce(t, removed, removedStore.write(record("XBO"), "after"))
	cfg, others := testConfig("XDE", testLeaf(hub.URL(), "XDE"))
	open(t, cfg)
	announce(t, victim, store.write(record("XCA"), "act"))
	eventually(t, "the others go on", same(store, others))
	if store.held(record("XBO")) != 1 || removedStore.held(record("XCA")) > 0 || removed.Connected() {
		t.Error("who is removed is heard, or hears others")
	}
}

// An observer hears and fetches all, and nobody hears it.
func TestObserverTellsNobody(t *testing.T) {
	plan := testSecret.Plan(testNegotiation, testCodes)
	plan.Observers = []string{testSecret.ObserverKey(testNegotiation, "archive")}
	plan.Cache = leastCache
	hub, err := RunHub(plan, "127.0.0.1:0", nil, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hub.stop)
	cfg, store := testConfig("XCA", testLeaf(hub.URL(), "XCA"))
	victim := open(t, cfg)
	store.write(record("XCA"), "before")
	// It has the code of a participant here: what it says as that is heard by nobody.
	cfg, seen := testConfig("XBO", Leaf{URL: hub.URL(), Seed: testSecret.ObserverSeed(testNegotiation, "archive")})
	observer := open(t, cfg)
	eventually(t, "the observer has fetched", same(store, seen))
	announce(t, observer, seen.write(record("XBO"), "by-observer"))
	announce(t, victim, store.write(record("XCA"), "afterwards"))
	eventually(t, "the observer hears", func() bool { return seen.held(record("XCA")) == 2 })
	reply := try(observer.nc, streamAPI+"STREAM.CREATE.mine", map[string]any{"name": "mine", "subjects": []string{"mine"}, "max_bytes": 1 << 20})
	if reply != nil && !bytes.Contains(reply.Data, []byte(`"error"`)) {
		t.Errorf("an observer has a stream: %s", reply.Data)
	}
	if store.held(record("XBO")) > 0 || !peerOf(victim, "XBO").LastSeen.IsZero() {
		t.Error("an observer is heard")
	}
}
