package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// create makes the data directory with what fill puts into it, or nothing. It must
// be empty or not there; directories above it are made too. All is made under
// another name beside it, or inside when it is there, and then moved to its place.
func (d dataDir) create(fill func(dataDir) error) (err error) {
	base, err := d.vacant()
	if err != nil {
		return err
	}
	below, err := filepath.Rel(base, string(d))
	if err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	staging, err := os.MkdirTemp(base, ".concord-")
	if err != nil {
		return fileRefusal(base, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	staged := dataDir(filepath.Join(staging, below))
	if err := os.MkdirAll(string(staged), 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if err := errors.Join(fill(staged), syncDir(string(staged))); err != nil {
		return err
	}
	if err := moveUp(staging); err != nil {
		return err
	}
	return syncDir(base)
}

// vacant returns the nearest directory that is there: d itself, empty, or one above.
func (d dataDir) vacant() (string, error) {
	for base := string(d); ; base = filepath.Dir(base) {
		entries, err := os.ReadDir(base)
		switch {
		case errors.Is(err, fs.ErrNotExist) && base != filepath.Dir(base):
			continue
		case err != nil:
			return "", fmt.Errorf("making the data directory: %w", err)
		case base == string(d) && len(entries) > 0:
			return "", refuse("Name another --dir.", "%s is not empty, and a node begins in a directory of its own", d)
		}
		return base, nil
	}
}

// moveUp moves what is in a directory to the one above it, node.toml last, for that
// makes a data directory of it. When it fails, it takes back what it moved.
func moveUp(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == settingsFile }); i >= 0 {
		entries = append(slices.Delete(slices.Clone(entries), i, i+1), entries[i])
	}
	var moved []string
	for _, entry := range entries {
		target := filepath.Join(filepath.Dir(dir), entry.Name())
		if err := os.Rename(filepath.Join(dir, entry.Name()), target); err != nil {
			for _, name := range moved {
				err = errors.Join(err, os.RemoveAll(name))
			}
			return fmt.Errorf("making the data directory: %w", err)
		}
		moved = append(moved, target)
	}
	return nil
}

// settle writes the settings, and a token that lets somebody write on the node.
func (d dataDir) settle(s settings) error {
	s.Version = formatOne
	raw, err := toml.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing node.toml: %w", err)
	}
	token := make([]byte, 24)
	rand.Read(token) // never fails
	return errors.Join(
		writeNew(d.file("token"), []byte(base64.RawURLEncoding.EncodeToString(token)+"\n"), 0o600),
		writeNew(d.file(settingsFile), raw, 0o600),
	)
}

// syncDir puts the names in a directory on disk. Windows has no way to, and its
// file systems journal their names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing a directory: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("syncing a directory: %w", err)
	}
	return nil
}
