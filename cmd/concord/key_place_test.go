package main

import (
	"crypto/ed25519"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDamagedKey: a private key whose public half is another's is not signed with, for
// two signatures of it would give it away.
func TestDamagedKey(t *testing.T) {
	t.Chdir(t.TempDir())
	mine, others := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
	damaged := append(mine.Seed(), others.Public().(ed25519.PublicKey)...)
	for _, passphrase := range []secret{{}, newSecret("correct horse")} {
		content, err := formatKey(damaged, passphrase)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("damaged.key", content, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := findKey("damaged.key")
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(passphraseVariable, "correct horse")
		if _, err := key.open(t.Context(), &passphrases{variable: passphraseVariable}); err == nil || !strings.Contains(err.Error(), "damaged.key is damaged") {
			t.Errorf("locked %t: error %v", key.locked, err)
		}
	}
}

// easeKey lets a locked key take a sixteenth of the time to open, where there is
// ssh-keygen: under the race detector, it takes seconds.
func easeKey(t *testing.T, name, passphrase string) {
	t.Helper()
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		return
	}
	if out, err := exec.Command(keygen, "-q", "-p", "-a", "1", "-P", passphrase, "-N", passphrase, "-f", name).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen cannot lock the key anew: %v\n%s", err, out)
	}
}
