package federation

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// asking is a node with one act, and a stranger beside it who may ask it.
func asking(t *testing.T, store func(*memory) Store) (node *Link, nc *nats.Conn) {
	t.Helper()
	srv := startExternal(t, "max_payload: 2MB")
	cfg, acts := testConfig("XAU", External{URL: srv.ClientURL()})
	acts.write(record("XAU"), "act")
	cfg.Store = store(acts)
	node, nc = open(t, cfg), dial(t, srv.ClientURL())
	eventually(t, "the node answers", func() bool {
		_, err := nc.Request(subjectsOf(testNegotiation).fetch("XAU"), requestOf(t, testNegotiation), 10*time.Second)
		return err == nil
	})
	return node, nc
}

func requestOf(t *testing.T, neg negotiation.ActID) []byte {
	t.Helper()
	request, err := FormatRequest(Request{neg, record("XAU"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// expectReplies sends requests, and rightful ones after them. When each of the
// node's workers has answered some of these, no other reply is to come.
func expectReplies(t *testing.T, nc *nats.Conn, want int, requests ...[]byte) {
	t.Helper()
	inbox := nats.NewInbox()
	heard, err := nc.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	subject := subjectsOf(testNegotiation).fetch("XAU")
	for _, request := range requests {
		if err := nc.PublishRequest(subject, inbox, request); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 * servers {
		reply, err := nc.Request(subject, requestOf(t, testNegotiation), 10*time.Second)
		if err != nil || string(reply.Data) != "record/XAU 1 - act\n" {
			t.Fatalf("a rightful request: %v", err)
		}
	}
	replies := func() int { n, _, _ := heard.Pending(); return n }
	eventually(t, "what is in order is answered", func() bool { return replies() >= want })
	if n := replies(); n > want {
		t.Errorf("%d replies, not %d", n, want)
	}
}

// Later versions can be added because earlier nodes leave them alone.
func TestRequestsOfUnknownVersionsAreIgnored(t *testing.T) {
	node, nc := asking(t, func(m *memory) Store { return m })
	good := requestOf(t, testNegotiation)
	expectReplies(t, nc, 1, good)
	expectReplies(t, nc, 0,
		bytes.Replace(good, []byte("fetch 2"), []byte("fetch 3"), 1),
		[]byte("concord-fetch 3\nnegotiation "+testNegotiation.String()+"\nact "+testNegotiation.String()+"\n"),
		[]byte("concord-fetch 3\n"))
	for _, peer := range node.Peers() {
		if peer.Faults > 0 {
			t.Errorf("%s is blamed for a request of an unknown version", peer.Code)
		}
	}
	if err := node.Trouble(); err != nil {
		t.Errorf("an unknown version is trouble: %v", err)
	}
}

func TestRequestsOfAnotherNegotiationAreIgnored(t *testing.T) {
	_, nc := asking(t, func(m *memory) Store { return m })
	other := testNegotiation
	other[31]++ // the subjects are the same
	expectReplies(t, nc, 0, requestOf(t, other))
}

// oversized has a message of that size after the first act.
type oversized struct {
	*memory
	size int
}

func (o oversized) Acts(ctx context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error) {
	if from > 1 {
		return make([]byte, o.size), nil
	}
	return o.memory.Acts(ctx, chain, from, to)
}

func TestRepliesAreBounded(t *testing.T) {
	request, err := FormatRequest(Request{testNegotiation, record("XAU"), 2, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]int{0: 1, MaxActs: 1, MaxActs + 1: 0} {
		_, nc := asking(t, func(m *memory) Store { return oversized{m, size} })
		expectReplies(t, nc, want, request)
	}
}

func TestInboxes(t *testing.T) {
	for subject, want := range map[string]bool{
		"_INBOX.abc.1": true, "_R_.abc.1": true,
		"": false, "_INBOX": false, "_R_": false, "_RX.abc": false, "_INBOXX.abc": false,
		"concord.1f2e3d4c5b6a7988.XCA.acts": false, "x._INBOX.abc": false, "$SYS.REQ": false,
	} {
		if got := isInbox(subject); got != want {
			t.Errorf("%q is an inbox: %t", subject, got)
		}
	}
}
