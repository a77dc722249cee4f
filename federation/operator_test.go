package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"concord/negotiation"
)

var update = flag.Bool("update", false, "rewrite docs/hub/accounts.conf")

const operatorFiles = "../docs/hub"

// operatorPlan is the plan of the example for a hub's operator.
func operatorPlan() HubPlan {
	plan := testSecret.Plan(testNegotiation, testCodes)
	plan.Cache = 64 << 20
	return plan
}

// operator starts nats-server on the very files in docs/hub, on free ports, with a
// certificate that is good for this machine.
func operator(t *testing.T) (srv *server.Server, dir string, options *server.Options) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(operatorFiles)); err != nil {
		t.Fatal(err)
	}
	writeCertificate(t, dir)
	t.Chdir(dir) // the files name others beside them
	options = new(server.Options)
	if err := options.ProcessConfigFile("hub.conf"); err != nil {
		t.Fatal(err)
	}
	options.Host, options.Port, options.NoSigs, options.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	options.LeafNode.Host, options.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	srv, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(startTimeout) {
		t.Fatal("nats-server does not start on docs/hub/hub.conf")
	}
	return srv, dir, options
}

// writeCertificate is what an operator's authority would do.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"hub.crt": {Type: "CERTIFICATE", Bytes: der}, "hub.key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// One state joins as a leaf, another connects as a client, over TLS.
func TestOperatorsExample(t *testing.T) {
	want, err := FormatHubConfig(operatorPlan())
	if err != nil {
		t.Fatal(err)
	}
	accounts := filepath.Join(operatorFiles, "accounts.conf")
	if *update {
		if err := os.WriteFile(accounts, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(accounts); err != nil || string(got) != want {
		t.Fatalf("docs/hub/accounts.conf is not what concord hub config prints (%v); -update rewrites it", err)
	}
	srv, dir, options := operator(t)
	known, err := Fingerprint(options.LeafNode.TLSConfig.Certificates[0])
	if err != nil {
		t.Fatal(err)
	}
	cfg, leafStore := testConfig("XBO", testLeaf("tls://"+leafAddress(options)+"#"+known, "XBO"))
	leaf := open(t, cfg)
	cfg, clientStore := testConfig("XCA", External{
		URL: fmt.Sprintf("tls://127.0.0.1:%d", srv.Addr().(*net.TCPAddr).Port), Seed: testSecret.Seed(testNegotiation, "XCA"), CA: filepath.Join(dir, "hub.crt"),
	})
	client := open(t, cfg)
	announce(t, leaf, leafStore.write(record("XBO"), "act"))
	announce(t, client, clientStore.write(record("XCA"), "act"))
	eventually(t, "both hold both", func() bool {
		return same(leafStore, clientStore)() && clientStore.held(record("XBO")) == 1 && leafStore.held(record("XCA")) == 1
	})
	kept := func(reader *Link, of negotiation.Code) func() bool {
		return func() bool {
			message, err := reader.transport.(keeps).acts(t.Context(), record(of), 1)
			return err == nil && message != nil
		}
	}
	eventually(t, "the server keeps the leaf's act", kept(client, "XBO"))
	eventually(t, "the server keeps the client's act", kept(leaf, "XCA"))
}

func TestHubConfigIsReadAsItWasWritten(t *testing.T) {
	plan := operatorPlan()
	plan.Observers = []string{testSecret.ObserverKey(testNegotiation, "archive")}
	text, err := FormatHubConfig(plan)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseHubConfig(text)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(plan) {
		t.Errorf("%v was read as %v (%v)", plan, again, err)
	}
}

func FuzzParseHubConfig(f *testing.F) {
	for _, plan := range []HubPlan{operatorPlan(), testSecret.Plan(testNegotiation, testCodes[:1])} {
		text, err := FormatHubConfig(plan)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := ParseHubConfig(text)
		if err != nil {
			if _, ok := negotiation.FaultOf(err); !ok {
				t.Errorf("an error that is no fault: %v", err)
			}
			return
		}
		if again, err := FormatHubConfig(plan); err != nil || again != text {
			t.Errorf("taken, and written otherwise (%v)", err)
		}
		options := new(server.Options)
		if err := options.ProcessConfigString(text); err != nil || len(options.Accounts) != len(plan.Members)+len(plan.Observers) {
			t.Errorf("the server reads %d accounts (%v)", len(options.Accounts), err)
		}
	})
}

// leafAddress is where nodes join the server.
func leafAddress(options *server.Options) string {
	return net.JoinHostPort(options.LeafNode.Host, strconv.Itoa(options.LeafNode.Port))
}
