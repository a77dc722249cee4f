package federation

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// startExternal runs a NATS server that listens, as somebody else would.
func startExternal(t *testing.T, config string) *server.Server {
	t.Helper()
	options := new(server.Options)
	if err := options.ProcessConfigString(config); err != nil {
		t.Fatal(err)
	}
	options.Host, options.Port, options.NoSigs, options.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	srv, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(startTimeout) {
		t.Fatal("the external server does not start")
	}
	return srv
}

// The referee of nkey text, of HubConfig and of the signed challenge is the
// real server, on HubConfig's text alone.
func TestExternalServerOnHubConfig(t *testing.T) {
	config, err := FormatHubConfig(testSecret.Plan(testNegotiation, testCodes))
	if err != nil {
		t.Fatal(err)
	}
	srv := startExternal(t, config)
	var stores []*memory
	for _, code := range testCodes {
		cfg, store := testConfig(code, External{URL: srv.ClientURL(), Seed: testSecret.Seed(testNegotiation, code)})
		link := open(t, cfg)
		announce(t, link, store.write(record(code), "act"))
		stores = append(stores, store)
	}
	eventually(t, "all hold all", func() bool { return same(stores...)() && len(stores[0].Heads()) == len(testCodes) })

	if nc, err := nats.Connect(srv.ClientURL(), nkeyOption(HubSecret{8}.userKey(testNegotiation, "XBO"))); err == nil {
		nc.Close()
		t.Error("a key of another hub is let in")
	}
}

func TestExternalServerComesLate(t *testing.T) {
	address := freeAddress(t)
	cfg, store := testConfig("XAU", External{URL: "nats://" + address})
	link := open(t, cfg)
	announce(t, link, store.write(record("XAU"), "alone"))
	if link.Connected() {
		t.Error("connected to a server that is not there")
	}
	options := &server.Options{NoSigs: true, NoLog: true}
	if _, port, err := parseListen(address); err == nil {
		options.Host, options.Port = "127.0.0.1", port
	}
	srv, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	cfg, other := testConfig("XBO", External{URL: "nats://" + address})
	open(t, cfg)
	eventually(t, "what was done alone has come", same(store, other))
}

// Where there are no accounts between nodes, a node itself must refuse to
// publish its answer under somebody's subject.
func TestReplyToSubjectIsRefused(t *testing.T) {
	srv := startExternal(t, "max_payload: 1MB")
	cfg, store := testConfig("XAU", External{URL: srv.ClientURL()})
	open(t, cfg)
	store.write(record("XAU"), "act")
	nc := dial(t, srv.ClientURL())
	subjects := subjectsOf(testNegotiation)
	victim, err := nc.SubscribeSync(subjects.acts("XCA"))
	if err != nil {
		t.Fatal(err)
	}
	request, err := FormatRequest(Request{testNegotiation, record("XAU"), 1, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the node answers a rightful request", func() bool {
		_, err := nc.Request(subjects.fetch("XAU"), request, cfg.FetchTimeout)
		return err == nil
	})
	for range 2 * servers {
		if err := nc.PublishRequest(subjects.fetch("XAU"), subjects.acts("XCA"), request); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 * servers { // answered after the hostile ones, by the same workers
		if _, err := nc.Request(subjects.fetch("XAU"), request, cfg.FetchTimeout); err != nil {
			t.Fatal(err)
		}
	}
	if n, _, _ := victim.Pending(); n > 0 {
		t.Error("a node publishes acts as XCA because a reply subject says so")
	}
}

// A broker's refusal comes after the call that it refuses.
func TestTroubleIsReported(t *testing.T) {
	srv := startExternal(t, `authorization { users [ { user: u, password: p, permissions { publish: "nothing" } } ] }`)
	cfg, store := testConfig("XAU", External{URL: "nats://u:p@" + srv.Addr().String()})
	link := open(t, cfg)
	announce(t, link, store.write(negotiation.TextChain, "act"))
	eventually(t, "the permission violation is reported", func() bool { return link.Trouble() != nil })
}
