package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"concord/negotiation"
)

// What --key and the key in node.toml may be, besides the name of a private key's
// file: the public key of one that an ssh-agent holds, in a file or in itself, and an
// environment variable that has what a private key's file has.
const (
	agentPlace    = "agent:" // and "ssh-ed25519 AAAA…" or a fingerprint, "SHA256:…"
	variablePlace = "env:"   // and a name
)

// keyUsage is the explanation of an option that takes the place of a key with which
// something is done.
const keyUsage = "`key` with which %s: its file, a .pub file or agent:FINGERPRINT for one that the ssh-agent holds, or env:VARIABLE"

// A placedKey is what can be seen of a private key where it is kept, without its
// passphrase.
type placedKey struct {
	place  string // as a person wrote it
	public negotiation.PublicKey
	text   secret // the private key's file; none when an ssh-agent holds it
	locked bool   // with a passphrase
}

// maxKeyFile is more than an ed25519 key's file has, with any comment.
const maxKeyFile = 16 << 10

// findKey looks for the key at a place. Of an agent it asks only what belongs to a
// fingerprint.
func findKey(place string) (placedKey, error) {
	if strings.Contains(place, "PRIVATE KEY-----") {
		return placedKey{}, refuse("Name the file that it is in.", "where the name of a key's file is expected stands a private key itself")
	}
	k := placedKey{place: place}
	if name, ok := strings.CutPrefix(place, agentPlace); ok {
		var err error
		if strings.HasPrefix(name, "SHA256:") {
			k.public, err = agentKeyWith(name)
		} else if k.public, err = negotiation.ParsePublicKey(name); err != nil {
			err = refuse("Write agent:SHA256:… as ssh-add -l prints it, or agent: and the public key.", "%s does not say which ed25519 key", place)
		}
		return k, err
	}
	text, private, err := readPlace(place)
	if err != nil {
		return k, err
	}
	if k.public, err = negotiation.ParsePublicKey(text); err == nil {
		return k, nil
	}
	k.text = newSecret(text)
	parsed, err := ssh.ParseRawPrivateKey([]byte(text))
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) && missing.PublicKey != nil {
		k.locked = true
		k.public, err = negotiation.ParsePublicKey(string(ssh.MarshalAuthorizedKey(missing.PublicKey)))
	} else if held, ok := parsed.(*ed25519.PrivateKey); ok {
		k.public = publicKey(*held)
	} else {
		err = errors.New("another format")
	}
	if err != nil {
		return k, refuse("Name a .key file that concord keygen made.", "%s is not an ed25519 private key in OpenSSH's format", place)
	}
	return k, private()
}

// readPlace returns what a file or an environment variable has, and what checks that
// it is kept as a private key must be.
func readPlace(place string) (text string, private func() error, err error) {
	if name, ok := strings.CutPrefix(place, variablePlace); ok {
		text, ok := os.LookupEnv(name)
		if !ok {
			return "", nil, refuse("Set it to what a private key's file has.", "the environment variable %s is not set", name)
		}
		return text, func() error { return nil }, nil
	}
	raw, info, err := readBounded(place, maxKeyFile)
	if err != nil {
		return "", nil, fmt.Errorf("reading the key: %w", err)
	}
	return string(raw), func() error { return checkPrivate(place, info) }, nil
}

// readBounded reads a file to its end, or as far as tells that it has more than most
// bytes.
func readBounded(name string, most int64) ([]byte, fs.FileInfo, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	return raw, info, err
}

// setting returns the place as node.toml keeps it, where it must not depend on the
// directory that the program was started in, nor on what the agent has later.
func (k placedKey) setting() (string, error) {
	switch {
	case k.held():
		return agentPlace + string(k.public), nil
	case strings.HasPrefix(k.place, variablePlace):
		return k.place, nil
	}
	name, err := filepath.Abs(k.place)
	if err != nil {
		return "", fmt.Errorf("reading the key: %w", err)
	}
	return name, nil
}

// held reports whether an ssh-agent holds the key.
func (k placedKey) held() bool { return k.text.none() }

// open returns what signs with the key. A passphrase is asked for only when the key
// is locked.
func (k placedKey) open(ctx context.Context, p *passphrases) (crypto.Signer, error) {
	if k.held() {
		return newAgentKey(k.public)
	}
	private, err := k.unlock(ctx, p)
	return heldKey{private}, err
}

// unlock returns the private key, all 64 bytes of it.
func (k placedKey) unlock(ctx context.Context, p *passphrases) (secret, error) {
	if k.held() {
		return secret{}, refuse("Name the private key's file.", "%s is a public key", k.place)
	}
	text := []byte(k.text.reveal())
	var parsed any
	var err error
	if k.locked {
		passphrase, err := p.current(ctx, k.place)
		if err != nil {
			return secret{}, err
		}
		parsed, err = ssh.ParseRawPrivateKeyWithPassphrase(text, []byte(passphrase.reveal()))
		if errors.Is(err, x509.IncorrectPasswordError) {
			return secret{}, refuse(startAgain, "the passphrase does not open %s", k.place)
		}
		if err != nil {
			return secret{}, refuse("Write it anew with ssh-keygen -p -a 16 -Z aes256-ctr.", "%s cannot be opened: %v", k.place, err)
		}
	} else if parsed, err = ssh.ParseRawPrivateKey(text); err != nil {
		return secret{}, err
	}
	private, ok := parsed.(*ed25519.PrivateKey)
	// A key whose halves do not belong together gives itself away when it signs.
	if !ok || !private.Equal(ed25519.NewKeyFromSeed(private.Seed())) || publicKey(*private) != k.public {
		return secret{}, refuse("Take it from a copy that you trust.", "%s is damaged", k.place)
	}
	return newSecret(string(*private)), nil
}

// A heldKey is a private key in the memory of this process.
type heldKey struct {
	private secret
}

// Public implements [crypto.Signer].
func (k heldKey) Public() crypto.PublicKey { return k.ed25519().Public() }

// Sign implements [crypto.Signer].
func (k heldKey) Sign(rand io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.ed25519().Sign(rand, message, opts)
}

func (k heldKey) ed25519() ed25519.PrivateKey { return ed25519.PrivateKey(k.private.reveal()) }
