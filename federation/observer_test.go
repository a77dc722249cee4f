package federation

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// observing is an observer of testCodes, with its store.
func observing(carrier Carrier) (Config, *memory) {
	cfg, store := testConfig("", carrier)
	cfg.Sign = nil
	return cfg, store
}

func observerLeaf(url, name string) Leaf {
	return Leaf{URL: url, Seed: testSecret.ObserverSeed(testNegotiation, name)}
}

// A list is of the observers that a hub lets in, which may change.
type list struct {
	mu   sync.Mutex
	keys []string
}

func (l *list) set(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = nil
	for _, name := range names {
		l.keys = append(l.keys, testSecret.ObserverKey(testNegotiation, name))
	}
}

func (l *list) now() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys
}

// observed is a hub at XAU that keeps acts, for testCodes and two observers, and the leaf
// XCA.
func observed(t *testing.T) (hub, leaf *Link, hubStore, leafStore *memory, dir string) {
	t.Helper()
	h, dir := keeping(t)
	var admitted list
	admitted.set("archive", "press")
	h.Observers = admitted.now
	cfg, hubStore := testConfig("XAU", h)
	hub = open(t, cfg)
	cfg, leafStore = testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	leaf = open(t, cfg)
	return hub, leaf, hubStore, leafStore, dir
}

func TestObserverCatchesUpAndFollows(t *testing.T) {
	hub, leaf, hubStore, leafStore, dir := observed(t)
	for n := range 1000 {
		leafStore.write(record("XCA"), fmt.Sprint("act-", n))
	}
	hubStore.write(record("XAU"), "cites", leafStore.at(record("XCA"), 1000)...)
	hubStore.write(negotiation.TextChain, "charter")
	cfg, seen := observing(observerLeaf(hub.HubURL(), "archive"))
	observer := open(t, cfg)
	eventually(t, "it catches up", same(hubStore, leafStore, seen))
	announce(t, leaf, leafStore.write(record("XCA"), "live"))
	eventually(t, "it follows", same(hubStore, leafStore, seen))
	eventually(t, "it sees who is there", func() bool {
		return peerOf(observer, "XAU").Connected && peerOf(observer, "XCA").Connected
	})

	observer.Close()
	eventually(t, "what the hub keeps is gone, though it is written to", func() bool { return os.RemoveAll(dir) == nil })
	announce(t, leaf, leafStore.write(record("XCA"), "missed"))
	observer = open(t, cfg)
	eventually(t, "it catches up after a restart, with the hub's stream gone", same(hubStore, leafStore, seen))
	leaf.Close()
	hubStore.write(record("XDE"), "of-a-third") // nobody has told it
	announce(t, hub, hubStore.write(record("XAU"), "act"))
	eventually(t, "it has from a peer what is another's", same(hubStore, seen))
	if fresh, err := seen.Acts(t.Context(), record("XDE"), 1, negotiation.ActID{}); err != nil || len(fresh) == 0 {
		t.Errorf("it holds %q (%v)", fresh, err)
	}
	for _, peer := range slices.Concat(hub.Peers(), observer.Peers()) {
		if peer.Faults > 0 {
			t.Errorf("%s is blamed: %v", peer.Code, peer.LastFault)
		}
	}
}

// Both sides of a fork come to an observer.
func TestObserverSeesFork(t *testing.T) {
	hub, leaf, hubStore, leafStore, _ := observed(t)
	cfg, seen := observing(observerLeaf(hub.HubURL(), "press"))
	open(t, cfg)
	one := follow(nil, record("XBO"), "one")
	other := follow(nil, record("XBO"), "other")
	for store, a := range map[*memory]*act{hubStore: one, leafStore: other} {
		if err := store.Receive(t.Context(), message(a)); err != nil {
			t.Fatal(err)
		}
	}
	announce(t, hub, hubStore.write(record("XAU"), "act"))
	announce(t, leaf, leafStore.write(record("XCA"), "act"))
	eventually(t, "all hold both sides", func() bool { return same(hubStore, leafStore, seen)() && seen.held(record("XBO")) == 2 })
}

// An observer is let in, and shut out, while its hub runs; a participant that the charter
// gains is heard by it.
func TestObserversComeAndGo(t *testing.T) {
	var admitted list
	h := testHub()
	h.Observers = admitted.now
	cfg, hubStore := testConfig("XAU", h)
	known := func(store *memory) func() []negotiation.Code {
		return func() []negotiation.Code { return testCodes[:2+store.held(negotiation.TextChain)] }
	}
	cfg.Participants = known(hubStore)
	hub := open(t, cfg)
	cfg, seen := observing(observerLeaf(hub.HubURL(), "archive"))
	cfg.Participants = known(seen)
	observer := open(t, cfg)
	hubStore.write(record("XAU"), "act")
	if observer.Connected() || seen.held(record("XAU")) > 0 {
		t.Error("an observer that nobody named is let in")
	}
	admitted.set("archive", "press")
	eventually(t, "it is let in when it is named", same(hubStore, seen))

	announce(t, hub, hubStore.write(negotiation.TextChain, "charter"))
	cfg, newStore := testConfig("XCA", testLeaf(hub.HubURL(), "XCA"))
	newcomer := open(t, cfg)
	announce(t, newcomer, newStore.write(record("XCA"), "joins"))
	eventually(t, "it hears who has come to the charter", func() bool {
		return same(hubStore, newStore, seen)() && peerOf(observer, "XCA").Connected
	})

	admitted.set("press")
	eventually(t, "it is cut off when it is no longer named", func() bool { return !observer.Connected() })
	announce(t, newcomer, newStore.write(record("XCA"), "afterwards"))
	eventually(t, "the others go on", same(hubStore, newStore))
	if observer.Connected() || seen.held(record("XCA")) > 1 {
		t.Error("an observer that is shut out hears what is said")
	}
}

func TestObserverHasNothingToSay(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"hub":       func(c *Config) { c.Carrier = testHub() },
		"signature": func(c *Config) { c.Sign = func([]byte) ([]byte, error) { return nil, nil } },
		"chain":     func(c *Config) { c.Writes = func() []negotiation.Chain { return nil } },
	} {
		cfg, _ := observing(nil)
		spoil(&cfg)
		if link, err := Open(t.Context(), cfg); err == nil {
			link.Close()
			t.Errorf("an observer may have a %s", name)
		}
	}
	cfg, _ := observing(nil)
	if err := open(t, cfg).Announce(t.Context(), []byte("act")); err == nil {
		t.Error("an observer announces an act")
	}
}

// With an observer's credentials nothing can be said, in anybody's name, and nobody
// made to say it.
func TestAttackSpeakingAsObserver(t *testing.T) {
	hub, leaf, hubStore, leafStore, _ := observed(t)
	subjects := subjectsOf(testNegotiation)
	announce(t, leaf, leafStore.write(record("XCA"), "genuine"))
	eventually(t, "the victims are level", same(hubStore, leafStore))
	request, err := FormatRequest(Request{testNegotiation, record("XCA"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	for place, nc := range intruders(t, hub, testSecret.ObserverSeed(testNegotiation, "press")) {
		for _, code := range testCodes {
			for _, subject := range []string{
				subjects.acts(code), subjects.heads(code), subjects.kept(code, record(code), 1), subjects.kept(code, record(code), 2),
				subjects.cache(code), subjects.directGet(code), subjects.stream(code),
			} {
				publish(t, nc, subject, fmt.Sprintf("record/%s 1 - by-observer-%s\n", code, place))
			}
			for _, deputy := range []string{subjects.acts(code), subjects.heads(code), subjects.kept(code, record(code), 1)} {
				if err := nc.PublishRequest(subjects.fetch("XCA"), deputy, request); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, api := range []string{"$JS.API.", streamAPI, "$JS.XCA.API."} {
			for _, call := range []string{"STREAM.PURGE.", "STREAM.DELETE.", "STREAM.INFO.", "CONSUMER.NAMES.", "STREAM.CREATE."} {
				body := map[string]any{"name": subjects.stream("XCA"), "subjects": []string{string(subjects) + ".>"}, "max_bytes": 1 << 20}
				if reply := try(nc, api+call+subjects.stream("XCA"), body); reply != nil && !strings.Contains(string(reply.Data), `"error"`) {
					t.Errorf("as a %s: %s%s is answered: %.200s", place, api, call, reply.Data)
				}
			}
		}
		if _, err := nc.Request(subjects.fetch("XCA"), request, hub.cfg.FetchTimeout); err != nil {
			t.Errorf("a rightful question of a %s: %v", place, err)
		}
	}
	announce(t, leaf, leafStore.write(record("XCA"), "afterwards"))
	announce(t, hub, hubStore.write(record("XAU"), "afterwards"))
	eventually(t, "the victims go on", same(hubStore, leafStore))
	cfg, seen := observing(observerLeaf(hub.HubURL(), "archive"))
	open(t, cfg)
	eventually(t, "an honest observer has all", same(hubStore, seen))
	if all := hubStore.state() + leafStore.state() + seen.state(); strings.Contains(all, "by-observer") {
		t.Errorf("an observer has said something:\n%s", all)
	}
	for _, peer := range slices.Concat(hub.Peers(), leaf.Peers()) {
		if peer.Faults > 0 || peer.Code == "XBO" && !peer.LastSeen.IsZero() {
			t.Errorf("%s is blamed, or seen, for what an observer did", peer.Code)
		}
	}
}

// What an observer hears is what is said to all. It answers for nobody.
func TestAttackListeningAsObserver(t *testing.T) {
	hub, leaf, hubStore, leafStore, _ := observed(t)
	var mu sync.Mutex
	overheard := make(map[string]bool)
	for place, nc := range intruders(t, hub, testSecret.ObserverSeed(testNegotiation, "press")) {
		for _, subject := range []string{">", "_INBOX.>", "_R_.>", "$JS.>", "$SYS.>", string(subjectsOf(testNegotiation)) + ".*.fetch.>"} {
			if _, err := nc.Subscribe(subject, func(msg *nats.Msg) {
				_ = msg.Respond([]byte("record/XCA 1 - by-observer\n"))
				if !strings.HasSuffix(msg.Subject, ".acts") && !strings.HasSuffix(msg.Subject, ".heads") {
					mu.Lock()
					defer mu.Unlock()
					overheard[place+" hears "+msg.Subject] = true
				}
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	leafStore.write(record("XCA"), "fetched")
	hubStore.write(record("XAU"), "fetched")
	eventually(t, "the victims fetch from one another", same(hubStore, leafStore))
	cfg, seen := observing(observerLeaf(hub.HubURL(), "archive"))
	open(t, cfg)
	eventually(t, "another observer fetches", same(hubStore, seen))
	leaf.Close() // now the intruders are all that could answer for XCA
	request := Request{testNegotiation, record("XCA"), 1, negotiation.ActID{}}
	if reply, err := hub.fetch(fetch{"XCA", false, request, hub.cfg.FetchTimeout}); err == nil {
		t.Errorf("somebody answers for XCA: %s", reply)
	}
	mu.Lock()
	defer mu.Unlock()
	for what := range overheard {
		t.Error(what)
	}
}

// Whoever floods with questions waits for itself, and observers for one another.
func TestRequestersHaveTurns(t *testing.T) {
	queue, now := newTurns(), time.Now()
	ask := func(requester string, times int) {
		for range times {
			queue.add(requester, &nats.Msg{Subject: requester, Data: []byte("question")}, now)
		}
	}
	ask("XBO", 2*serveQueue)
	for n := range 40 {
		ask(testSecret.ObserverKey(testNegotiation, fmt.Sprint(n)), 2)
	}
	ask("XCA", 3)
	queue.add("XCA", &nats.Msg{Subject: "long", Data: make([]byte, maxRequestSize+1)}, now)
	var order []string
	of := make(map[string]int)
	for {
		_, request := queue.next()
		if request == nil {
			break
		}
		of[request.Subject]++
		if len(request.Subject) > 3 && request.Subject != "long" {
			request.Subject = "observer"
		}
		order = append(order, request.Subject)
	}
	if got := strings.Join(order[:10], " "); got != "XBO observer XCA XBO observer XCA XBO observer XCA XBO" {
		t.Errorf("answered are %s", got)
	}
	if of["XBO"] != serveQueue || of["XCA"] != 3 || of["long"] > 0 || len(order) != serveQueue+3+80 {
		t.Errorf("answered are %d questions: %v", len(order), of)
	}
	for key, n := range of {
		if len(key) > 4 && n != 2 {
			t.Errorf("of an observer's 2 questions %d are answered", n)
		}
	}
}

// What a requester is given is bounded; for observers together, and for nobody where it is
// not known who asks.
func TestAnswersHaveABudget(t *testing.T) {
	queue, now := newTurns(), time.Now()
	answered := func(requester string) bool {
		queue.add(requester, &nats.Msg{Data: []byte("question")}, now)
		got, request := queue.next()
		if request == nil {
			return false
		}
		queue.charge(got, MaxActs-answerCost, now)
		return true
	}
	one, other := testSecret.ObserverKey(testNegotiation, "one"), testSecret.ObserverKey(testNegotiation, "other")
	for _, requester := range []string{"XBO", one} {
		n := 0
		for answered(requester) {
			n++
		}
		if n != mostServed/MaxActs {
			t.Errorf("%s is answered %d times at once", requester, n)
		}
	}
	if answered(other) || !answered("XCA") || !answered("") {
		t.Error("a state, or somebody unknown, pays for another, or an observer does not")
	}
	now = now.Add(time.Second)
	n := 0
	for answered("XBO") {
		n++
	}
	if n != servedRate/MaxActs {
		t.Errorf("after a second there are %d answers more", n)
	}
}
