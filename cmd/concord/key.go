package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"concord/negotiation"
)

func runKeygen(ctx context.Context, c *call) error {
	source := c.passphrases()
	open := c.flags.Bool("no-passphrase", false, "leave the keys without a passphrase")
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	if err := checkKeyName(args[0]); err != nil {
		return err
	}
	if *open && source.file != "" {
		return fmt.Errorf("%w: --no-passphrase and --passphrase-file exclude one another", errUsage)
	}
	names := []string{args[0], args[0] + "-recovery"}
	var passphrase secret
	if !*open {
		if passphrase, err = source.fresh(ctx, fmt.Sprintf("%s.key and %s.key (empty for none)", names[0], names[1])); err != nil {
			return err
		}
	}
	public, err := makeKeys(passphrase, names...)
	if err != nil {
		return err
	}
	for i, name := range names {
		fmt.Fprintf(c.stdout, "%s.key  private: never leaves your hands\n%s.pub  public: %s\n", name, name, public[i])
	}
	fmt.Fprintf(c.stdout, "\nSend %s.pub to the chair. Keep %s-recovery.key offline: it replaces a lost key.\n", args[0], args[0])
	if passphrase.none() {
		fmt.Fprintf(c.stdout, "The private keys have no passphrase: whoever gets the files can sign with them. To lock them:\n  concord passphrase %s.key\n  concord passphrase %s.key\n", names[0], names[1])
	} else {
		fmt.Fprint(c.stdout, "Both private keys are locked with the passphrase. Without it, they are of no use to anybody.\n")
	}
	return nil
}

// checkKeyName demands a name for files in a directory that is there.
func checkKeyName(name string) error {
	dir, file := filepath.Split(name)
	if file == "" || file == "." || file == ".." {
		return fmt.Errorf("%w: %q is not a name for key files; kaz, for example, makes kaz.key and kaz.pub", errUsage, name)
	}
	if dir == "" {
		return nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return refuse("Make it, or choose another name.", "there is no directory %s", dir)
	}
	return nil
}

// makeKeys writes new key pairs to name.key and name.pub, in OpenSSH's formats and,
// with a passphrase, locked: all of them or, when one of the files is there already,
// none.
func makeKeys(passphrase secret, names ...string) (public []negotiation.PublicKey, err error) {
	var written []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range written {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	write := func(name string, content []byte, mode os.FileMode) error {
		if err := writeNew(name, content, mode); err != nil {
			return err
		}
		written = append(written, name)
		return nil
	}
	for _, name := range names {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making a key: %w", err)
		}
		content, err := formatKey(private, passphrase)
		if err != nil {
			return nil, err
		}
		key := publicKey(private)
		if err := write(name+".key", content, 0o600); err != nil {
			return nil, err
		}
		if err := write(name+".pub", []byte(string(key)+"\n"), 0o644); err != nil {
			return nil, err
		}
		public = append(public, key)
	}
	return public, nil
}

// formatKey returns what a private key's file has, as ssh-keygen would write it:
// without a passphrase, the key is open.
func formatKey(private ed25519.PrivateKey, passphrase secret) ([]byte, error) {
	var block *pem.Block
	var err error
	if passphrase.none() {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase.reveal()))
	}
	if err != nil {
		return nil, fmt.Errorf("formatting a key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

func publicKey(private crypto.Signer) negotiation.PublicKey {
	return negotiation.PublicKeyOf(private.Public().(ed25519.PublicKey))
}

// readPublicKey reads a .pub file.
func readPublicKey(name string) (negotiation.PublicKey, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("reading the public key: %w", err)
	}
	key, err := negotiation.ParsePublicKey(strings.TrimSpace(string(raw)))
	if err != nil {
		return "", refuse("Name a .pub file that concord keygen made.", "%s is not an ed25519 public key in OpenSSH's format", name)
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
