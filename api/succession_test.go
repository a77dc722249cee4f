package api

import (
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"

	"concord/negotiation"
)

// TestRekey: a chair that has rotated its key can go on with the text after rekeying.
func TestRekey(t *testing.T) {
	tb, s := serveAll(t)
	next := keyOf("the next key of XAU")
	public := negotiation.PublicKeyOf(next.Public().(ed25519.PublicKey))
	tb.seat("XAU").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Rotate(public, "") })
	tb.mu.Lock()
	tb.keys = map[negotiation.Code]ed25519.PrivateKey{"XAU": next}
	tb.mu.Unlock()
	handOver := []byte(`{"to": "XBO"}`)
	if resp, body := s.request(t, "XAU", "POST", root+"/chair", nil, handOver); resp.StatusCode != http.StatusConflict {
		t.Errorf("handing over with a key that does not sign the text: %d %s", resp.StatusCode, body)
	}
	unknown := []byte(`{"after": "` + strings.Repeat("0", 63) + `1"}`)
	if resp, body := s.request(t, "XAU", "POST", root+"/chair/rekey", nil, unknown); resp.StatusCode != http.StatusNotFound {
		t.Errorf("after an act that is not here: %d %s", resp.StatusCode, body)
	}
	if resp, body := s.request(t, "XAU", "POST", root+"/chair/rekey", nil, []byte(`{"explanation": "A new laptop."}`)); resp.StatusCode != http.StatusCreated {
		t.Fatalf("rekeying: %d %s", resp.StatusCode, body)
	}
	if resp, body := s.request(t, "XAU", "POST", root+"/chair", nil, handOver); resp.StatusCode != http.StatusCreated {
		t.Errorf("handing over after it: %d %s", resp.StatusCode, body)
	}
}
