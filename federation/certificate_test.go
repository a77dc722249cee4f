package federation

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"concord/negotiation"
)

// testCertificate is a new certificate of a hub.
func testCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	certificate, key, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

func TestNodesConvergeOverTLS(t *testing.T) {
	h := testHub()
	h.Certificate = testCertificate(t)
	cfg, hubStore := testConfig("XAU", h)
	codes := []negotiation.Code{"XAU", "XBO"}
	cfg.Participants = func() []negotiation.Code { return codes }
	hub := open(t, cfg)
	if !strings.HasPrefix(hub.HubURL(), "tls://127.0.0.1:") || !strings.Contains(hub.HubURL(), "#sha256:") {
		t.Fatalf("the URL of a hub with a certificate is %s", hub.HubURL())
	}
	cfg, leafStore := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	leaf := open(t, cfg)
	announce(t, leaf, leafStore.write(record("XBO"), "act"))
	announce(t, hub, hubStore.write(negotiation.TextChain, "revision"))
	eventually(t, "both hold both acts", func() bool {
		return same(hubStore, leafStore)() && hubStore.held(record("XBO")) == 1 && leafStore.held(negotiation.TextChain) == 1
	})
}

// A charter that grows makes the hub reload.
func TestHubAdmitsOverTLS(t *testing.T) {
	h := testHub()
	h.Certificate = testCertificate(t)
	h.Cache = Cache{Dir: t.TempDir(), Bytes: 2 * MaxActs}
	cfg, hubStore := testConfig("XAU", h)
	cfg.Participants = func() []negotiation.Code {
		if hubStore.held(negotiation.TextChain) == 0 {
			return []negotiation.Code{"XAU", "XBO"}
		}
		return testCodes
	}
	hub := open(t, cfg)
	cfg, early := testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	open(t, cfg)
	cfg, late := testConfig("XDE", testLeaf(hub.HubURL(), "XDE"))
	open(t, cfg)
	early.write(record("XBO"), "act")
	eventually(t, "who is admitted is heard", same(hubStore, early))
	if late.held(record("XBO")) > 0 {
		t.Error("who is not admitted yet hears others")
	}
	announce(t, hub, hubStore.write(negotiation.TextChain, "charter"))
	late.write(record("XDE"), "act")
	eventually(t, "who is admitted later hears and is heard", func() bool {
		return same(hubStore, early, late)() && early.held(record("XDE")) == 1
	})
}

// Who has taken the hub's place, with another key, gets nothing: no credentials,
// no acts.
func TestHubWithAnotherKeyIsNotJoined(t *testing.T) {
	h := testHub()
	h.Certificate = testCertificate(t)
	cfg, hubStore := testConfig("XAU", h)
	hub := open(t, cfg)
	genuine, err := Fingerprint(*testCertificate(t))
	if err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(hub.HubURL(), "#")
	for _, url := range []string{address + "#" + genuine, address} {
		cfg, store := testConfig("XBO", testLeaf(url, "XBO"))
		refused := make(chan struct{}, 100)
		cfg.Logger = slog.New(watch{slog.DiscardHandler, "TLS leafnode handshake error", refused})
		link := open(t, cfg)
		for range 2 {
			announce(t, link, store.write(record("XBO"), "act"))
			<-refused
			if link.Connected() {
				t.Errorf("joined %s, whose key is another", url)
			}
		}
	}
	if hubStore.held(record("XBO")) > 0 {
		t.Error("the hub in the genuine one's place is told of acts")
	}
}

func TestPlainTextStaysOnTheMachine(t *testing.T) {
	for _, listen := range []string{":0", "0.0.0.0:0", "192.0.2.1:7422", "concord.example:7422", "[::]:0"} {
		if err := (Hub{Listen: listen}).Check(); !errors.Is(err, errPlain) {
			t.Errorf("a hub without a certificate at %s: %v", listen, err)
		}
		if err := (Hub{Listen: listen, Certificate: testCertificate(t)}).Check(); err != nil {
			t.Errorf("a hub with a certificate at %s: %v", listen, err)
		}
	}
	for _, url := range []string{"nats-leaf://192.0.2.1:7422", "nats://concord.example:7422", "nats-leaf://localhost.example:7422"} {
		if err := testLeaf(url, "XBO").Check(); !errors.Is(err, errPlain) {
			t.Errorf("a leaf of %s: %v", url, err)
		}
	}
	for _, url := range []string{"tls://concord.example:7422", "nats-leaf://localhost:7422", "nats-leaf://[::1]:7422"} {
		if err := testLeaf(url, "XBO").Check(); err != nil {
			t.Errorf("a leaf of %s: %v", url, err)
		}
	}
	good, err := Fingerprint(*testCertificate(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"nats-leaf://127.0.0.1:7422#" + good, "tls://concord.example:7422#" + good[:20], "tls://concord.example:7422#sha256:", "tls://concord.example#" + good} {
		if err := testLeaf(url, "XBO").Check(); err == nil {
			t.Errorf("a leaf of %s is taken", url)
		}
	}
}

// OpenSSL is the referee of the certificate and of its fingerprint.
func TestFingerprintIsOpenSSLs(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed: it is the referee of the fingerprint")
	}
	certificate, key, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "hub.crt")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	const pin = `openssl x509 -in "$0" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64`
	out, err := exec.Command("sh", "-c", pin, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "sha256:" + strings.NewReplacer("+", "-", "/", "_", "=", "", "\n", "").Replace(string(out))
	if got, err := Fingerprint(pair); err != nil || got != want {
		t.Errorf("the fingerprint is %s (%v), and openssl's is %s", got, err, want)
	}
}
