package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// TestSecretShowsNothing prints, logs and encodes secrets in every way, also in the
// fields of others, where methods are not asked.
func TestSecretShowsNothing(t *testing.T) {
	private := ed25519.NewKeyFromSeed([]byte("the seed of a key in 32 bytes ..."[:32]))
	s := newSecret("the passphrase of a key")
	values := []any{
		s, &s, []secret{s}, map[string]secret{"a": s}, struct{ Shown secret }{s}, struct{ hidden secret }{s},
		struct{ hidden *secret }{&s}, fmt.Errorf("with %v: %w", s, errors.New("trouble")),
		heldKey{newSecret(string(private))}, struct{ hidden any }{heldKey{newSecret(string(private))}},
		placedKey{text: s}, &node{signer: heldKey{newSecret(string(private))}}, &servedNode{token: s},
	}
	var out strings.Builder
	for _, v := range values {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %c %U %o %b %t %e %T") {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		if raw, err := json.Marshal(v); err == nil {
			out.Write(raw)
		}
		if raw, err := toml.Marshal(v); err == nil {
			out.Write(raw)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).With("bound", v).Info("said", "value", v)
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Fatal("nothing is shown in a secret's place")
	}
	for name, forms := range map[string][]byte{"passphrase": []byte(s.reveal()), "private key": private, "seed": private.Seed()} {
		for _, form := range formsOf(forms) {
			if i := bytes.Index([]byte(out.String()), form); i >= 0 {
				t.Errorf("the %s shows as %q", name, out.String()[i:i+len(form)])
			}
		}
	}
}
