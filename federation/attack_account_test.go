package federation

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// Whoever has a node's key is in the account of that node, with it. There it says nothing
// to it in others' names, answers nothing in their place, and asks it nothing.
func TestAttackFromTheSameAccount(t *testing.T) {
	t.Run("state", func(t *testing.T) {
		hub, leaf, hubStore, leafStore, _ := observed(t)
		attackFromTheSameAccount(t, hub, leaf, hubStore, leafStore, testSecret.Seed(testNegotiation, "XCA"))
	})
	t.Run("observer", func(t *testing.T) {
		hub, _, hubStore, _, _ := observed(t)
		seed := testSecret.ObserverSeed(testNegotiation, "archive")
		cfg, store := observing(Leaf{URL: hub.HubURL(), Seed: seed})
		attackFromTheSameAccount(t, hub, open(t, cfg), hubStore, store, seed)
	})
}

func attackFromTheSameAccount(t *testing.T, hub, victim *Link, hubStore, store *memory, seed string) {
	subjects := subjectsOf(testNegotiation)
	eventually(t, "the victim hears the hub's node", func() bool { return peerOf(victim, "XAU").Connected })
	made := func(chain negotiation.Chain) string { return string(message(follow(nil, chain, "made-up"))) }
	request, err := FormatRequest(Request{testNegotiation, record("XAU"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	said := [][2]string{
		{subjects.acts("XAU"), made(record("XBO"))}, {subjects.acts("XBO"), made(record("XBO"))},
		{subjects.acts("XAU"), "garbage"}, {subjects.acts("XBO"), "garbage"}, {subjects.heads("XAU"), "garbage"}, {subjects.heads("XBO"), "garbage"},
	}
	for place, nc := range intruders(t, hub, seed) {
		nc.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
		for _, at := range []string{subjects.fetch("XCA"), subjects.fetchBy("XCA", "XAU")} {
			if reply, err := nc.Request(at, request, hub.cfg.FetchTimeout); err == nil && victim.cfg.Code == "XCA" {
				t.Errorf("a %s in the victim's account asks it at %s: %.60q", place, at, reply.Data)
			}
		}
		for _, subject := range []string{subjects.fetch("*"), subjects.cache("*")} {
			if _, err := nc.Subscribe(subject, func(msg *nats.Msg) { _ = msg.Respond([]byte(made(record("XDE")))) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, what := range said {
			publish(t, nc, what[0], what[1])
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for _, what := range said { // each ends the connection
		rawLeaf(t, hub.HubURL(), seed, what[0], what[1])
	}

	hubStore.write(record("XAU"), "fetched")
	eventually(t, "the victim fetches what the hub's node has", same(hubStore, store))
	announce(t, hub, hubStore.write(record("XAU"), "told"))
	eventually(t, "the victim is told what is last", same(hubStore, store))
	if strings.Contains(store.state(), "made-up") {
		t.Errorf("the victim takes what others never said:\n%s", store.state())
	}
	for _, peer := range victim.Peers() {
		if peer.Faults > 0 {
			t.Errorf("%s is blamed for %d faults, the last %v", peer.Code, peer.Faults, peer.LastFault)
		}
	}
}

// rawLeaf publishes a message as a leaf server that disregards what its hub permits, and
// returns when the hub has taken it, or has ended the connection.
func rawLeaf(t *testing.T, hub, seed, subject, message string) {
	t.Helper()
	address, err := url.Parse(hub)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	from := bufio.NewReader(conn)
	line, err := from.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Nonce string `json:"nonce"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "INFO ")), &info); err != nil {
		t.Fatal(err)
	}
	key, err := parseSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	connect, err := json.Marshal(map[string]any{
		"nkey": encodePublic(key), "sig": base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(info.Nonce))),
		"name": "raw", "server_id": subject, "version": "2.15.2", "protocol": 1, "headers": true, "hub": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "CONNECT %s\r\nPING\r\n", connect)
	await := func() bool {
		for {
			line, err := from.ReadString('\n')
			if err != nil || strings.HasPrefix(line, "-ERR") {
				return false
			}
			if strings.HasPrefix(line, "PONG") {
				return true
			}
		}
	}
	if !await() {
		t.Fatal("the hub does not let the leaf in")
	}
	fmt.Fprintf(conn, "LMSG %s %d\r\n%s\r\nPING\r\n", subject, len(message), message)
	await()
}
