package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"

	"concord/negotiation"
)

func runKeygen(_ context.Context, c *call) error {
	args, err := c.parse(1)
	if err != nil {
		return err
	}
	for _, name := range []string{args[0], args[0] + "-recovery"} {
		public, err := makeKey(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "%s.key  private: never leaves your hands\n%s.pub  public: %s\n", name, name, public)
	}
	fmt.Fprintf(c.stdout, "\nSend %s.pub to the chair. Keep %s-recovery.key offline: it replaces a lost key.\n", args[0], args[0])
	return nil
}

// makeKey writes a new key pair to name.key and name.pub, in OpenSSH's formats. It
// does not replace a file.
func makeKey(name string) (negotiation.PublicKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making a key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return "", fmt.Errorf("making a key: %w", err)
	}
	public := publicKey(private)
	if err := writeNew(name+".key", pem.EncodeToMemory(block), 0o600); err != nil {
		return "", err
	}
	if err := writeNew(name+".pub", []byte(string(public)+"\n"), 0o644); err != nil {
		return "", errors.Join(err, os.Remove(name+".key"))
	}
	return public, nil
}

func publicKey(private ed25519.PrivateKey) negotiation.PublicKey {
	return negotiation.PublicKeyOf(private.Public().(ed25519.PublicKey))
}

// readKey reads a private key that keygen or ssh-keygen -t ed25519 wrote.
func readKey(name string) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	parsed, err := ssh.ParseRawPrivateKey(raw)
	if missing := new(ssh.PassphraseMissingError); errors.As(err, &missing) {
		return nil, fmt.Errorf("%s is locked with a passphrase; remove it with ssh-keygen -p", name)
	}
	private, ok := parsed.(*ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s is not an ed25519 private key in OpenSSH's format", name)
	}
	return *private, nil
}

// readPublicKey reads a .pub file.
func readPublicKey(name string) (negotiation.PublicKey, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("reading the public key: %w", err)
	}
	key, err := negotiation.ParsePublicKey(strings.TrimSpace(string(raw)))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", name, err), os.Remove(name))
	}
	return nil
}
