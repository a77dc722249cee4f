package federation

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

func hubsOf(link *Link) string {
	var all []string
	for _, hub := range link.Hubs() {
		said := "connected"
		if !hub.Connected {
			said = "not connected " + string(hub.Why)
		}
		all = append(all, said)
	}
	return strings.Join(all, ", ")
}

// What a hub that cannot be joined is said to lack is what it lacks. Real servers answer,
// or do not.
func TestWhyAHubIsNotConnected(t *testing.T) {
	h := testHub()
	h.Certificate = testCertificate(t)
	cfg, _ := testConfig("XAU", h)
	right := open(t, cfg).HubURL()
	address, _, _ := strings.Cut(strings.TrimPrefix(right, "tls://"), "#")
	otherKey, err := Fingerprint(*testCertificate(t))
	if err != nil {
		t.Fatal(err)
	}
	closed := freeAddress(t)
	rude, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer rude.Close()
	go func() { // says something else than TLS to everybody
		for {
			conn, err := rude.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, "220 this is a mail server\r\n")
			defer conn.Close()
		}
	}()
	at := func(address string) string { return "tls://" + address + "#" + otherKey }
	for want, leaf := range map[string]Leaf{
		"connected":                 testLeaf(right, "XBO"),
		"not connected key":         testLeaf("tls://"+address+"#"+otherKey, "XBO"),
		"not connected certificate": testLeaf("tls://"+address, "XBO"),
		"not connected credentials": {URL: right, Seed: HubSecret{9}.Seed(testNegotiation, "XBO")},
		"not connected refused":     testLeaf(at(closed), "XBO"),
		"not connected tls":         testLeaf(at(rude.Addr().String()), "XBO"),
		"not connected host":        testLeaf("tls://hub.invalid:7422#"+otherKey, "XBO"),
	} {
		t.Run(want, func(t *testing.T) {
			changed := make(chan struct{}, 1)
			cfg, _ := testConfig("XBO", Leaves{leaf})
			cfg.PeersChanged = func() {
				select {
				case changed <- struct{}{}:
				default:
				}
			}
			link := open(t, cfg)
			eventually(t, want, func() bool { return hubsOf(link) == want })
			<-changed
			if shown := link.Hubs()[0]; strings.Contains(shown.Address, "#") || !strings.Contains(leaf.URL, shown.Address) || shown.Since.IsZero() {
				t.Errorf("the hub is shown as %+v", shown)
			}
		})
	}
}

// A hub that goes away is said to have done so, and then that it cannot be reached; one that
// comes back is connected, by an address that its name led to.
func TestHubComesAndGoes(t *testing.T) {
	first := honestHub(t, testSecret, "")
	second := honestHub(t, HubSecret{9}, "")
	named := strings.Replace(second.URL(), "127.0.0.1", "localhost", 1)
	cfg, _ := testConfig("XBO", Leaves{testLeaf(first.URL(), "XBO"), {URL: named, Seed: HubSecret{9}.Seed(testNegotiation, "XBO")}})
	link := open(t, cfg)
	eventually(t, "both are connected", func() bool { return hubsOf(link) == "connected, connected" })
	was := link.Hubs()[1].Since
	second.stop()
	eventually(t, "one is refused", func() bool { return hubsOf(link) == "connected, not connected refused" })
	if now := link.Hubs()[1].Since; !now.After(was) {
		t.Errorf("it is not connected since %v, and was since %v", now, was)
	}
	again, err := RunHub(second.plan, strings.TrimPrefix(second.URL(), "nats-leaf://"), nil, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.stop)
	eventually(t, "it is back", func() bool { return hubsOf(link) == "connected, connected" })
}

func TestServersWhy(t *testing.T) {
	cfg, _ := testConfig("XBO", External{URL: "nats://user:secret@" + freeAddress(t)})
	link := open(t, cfg)
	eventually(t, "the server refuses", func() bool { return hubsOf(link) == "not connected refused" })
	if shown := link.Hubs()[0].Address; strings.Contains(shown, "secret") {
		t.Errorf("the server is shown as %s", shown)
	}
	cfg, _ = testConfig("XCA", nil)
	if own := open(t, cfg).Hubs(); len(own) > 0 {
		t.Errorf("a node that works alone has the hubs %v", own)
	}
}

func TestHubWhy(t *testing.T) {
	for want, errs := range map[HubWhy][]error{
		HubRefused:     {&net.OpError{Err: syscall.ECONNREFUSED}},
		HubUnreachable: {syscall.EHOSTUNREACH, &net.OpError{Err: syscall.ENETUNREACH}},
		HubSilent:      {&net.DNSError{IsTimeout: true}, &net.OpError{Err: syscall.ETIMEDOUT}, nats.ErrTimeout},
		HubHost:        {&net.DNSError{IsNotFound: true}},
		HubClosed:      {io.EOF, fmt.Errorf("reading: %w", syscall.ECONNRESET)},
		HubTLS:         {tls.RecordHeaderError{}, tls.AlertError(40)},
		HubCredentials: {nats.ErrAuthorization},
		HubUnknown:     {errors.New("something else"), nil},
	} {
		for _, err := range errs {
			if got := hubWhy(err); got != want {
				t.Errorf("%v is %q; want %q", err, got, want)
			}
		}
	}
}

// How a state's heads come shows that one hub of two does not bring them.
func TestThroughHowManyHubs(t *testing.T) {
	bad := withholding(t, "XCA")
	good := honestHub(t, HubSecret{9}, "")
	var links []*Link
	for _, code := range testCodes[:3] {
		cfg, _ := testConfig(code, Leaves{testLeaf(bad, code), {URL: good.URL(), Seed: HubSecret{9}.Seed(testNegotiation, code)}})
		links = append(links, open(t, cfg))
	}
	says := func(link *Link, code negotiation.Code) string {
		p := peerOf(link, code)
		return fmt.Sprintf("%d of %d", p.Through, p.Hubs)
	}
	eventually(t, "who is heard through both", func() bool { return says(links[0], "XBO") == "2 of 2" && says(links[1], "XAU") == "2 of 2" })
	eventually(t, "who is heard through one", func() bool { return says(links[0], "XCA") == "1 of 2" && says(links[1], "XCA") == "1 of 2" })
}

func TestCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c copies
		start := time.Now()
		say := func(message string, verified bool, times int) {
			for range times {
				c.note([]byte(message), time.Now())
			}
			if verified {
				c.verify([]byte(message))
			}
		}
		expect := func(why string, want int) {
			t.Helper()
			if got := c.most(start); got != want {
				t.Errorf("%s: %d copies; want %d", why, got, want)
			}
		}
		expect("nothing came", 0)
		say("nonsense", false, 3)
		expect("only what is the peer's counts", 0)
		say("first", true, 1)
		say("second", true, 1)
		say("first", true, 1)
		expect("a copy that comes late", 2)
		start = start.Add(time.Second)
		expect("all came too long ago", 0)
		for n := range 10 * mostCopies {
			say(fmt.Sprint(n), true, 1)
		}
		if len(c) != mostCopies {
			t.Errorf("%d messages are remembered", len(c))
		}
	})
}

// Of a hub that was joined just now nothing tells that a peer's heads must have come through it.
func TestHubsSettle(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const every = 2 * time.Second
	long := HubState{Connected: true, Since: now.Add(-time.Hour)}
	just := HubState{Connected: true, Since: now.Add(-2 * silentAfter * every)}
	gone := HubState{Since: now.Add(-time.Hour)}
	if n := settledHubs([]HubState{long, just, gone}, now, every); n != 1 {
		t.Errorf("%d hubs are settled; want 1", n)
	}
	if n := settledHubs([]HubState{just}, now.Add(1), every); n != 1 {
		t.Errorf("a hub does not settle")
	}
}

// The reason of the last attempt stays until another is known, and goes when it connects.
func TestReasonStays(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var s HubState
	for _, c := range []struct {
		what string
		do   func()
		want HubWhy
	}{
		{"refused", func() { s.fail(HubRefused) }, HubRefused},
		{"an attempt of which nothing is known", func() { s.fail(HubUnknown) }, HubRefused},
		{"another reason", func() { s.fail(HubKey) }, HubKey},
		{"connected", func() { s.see(true, now) }, HubUnknown},
		{"an attempt that is over", func() { s.fail(HubRefused) }, HubUnknown},
		{"the connection has ended", func() { s.see(false, now) }, HubClosed},
	} {
		if c.do(); s.Why != c.want {
			t.Errorf("%s: it is not connected for %q, not %q", c.what, s.Why, c.want)
		}
	}
}
