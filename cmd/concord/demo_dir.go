package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"concord/drafts"
)

// A demonstration's directory has the keys, a data directory for each node, and one
// of these files. The first is written before anything else, and becomes the second
// once the sample negotiation is there to the end: what is beside the first is the
// demonstration's own, and unfinished.
const (
	demoUnfinished = "demo.unfinished"
	demoFinished   = "demo.finished"
	demoKeys       = "keys"
)

// own returns what a demonstration makes in its directory, but for those files.
func (d *demo) own() []string {
	names := []string{filepath.Join(d.root, demoKeys)}
	for _, p := range d.charter.Participants {
		names = append(names, string(d.dirOf(p.Code)))
	}
	return names
}

// prepare reports whether a demonstration is laid out in the directory. When it is
// not, it clears away what an unfinished one left, and nothing else.
func (d *demo) prepare() (laidOut bool, err error) {
	if there(filepath.Join(d.root, demoFinished)) {
		return true, nil
	}
	unfinished := filepath.Join(d.root, demoUnfinished)
	if !there(unfinished) {
		for _, name := range d.own() {
			if there(name) {
				return false, refuse("Name another --dir.", "%s is in the way, and is not a demonstration's", name)
			}
		}
		if err := writeNew(unfinished, []byte("The demonstration in this directory is not laid out to the end.\n"), 0o600); err != nil {
			return false, err
		}
		return false, syncDir(d.root)
	}
	if err := d.idle(); err != nil {
		return false, err
	}
	for _, name := range d.own() {
		if err := os.RemoveAll(name); err != nil {
			return false, fmt.Errorf("clearing away an unfinished demonstration: %w", err)
		}
	}
	return false, nil
}

// idle demands that no other process is laying out a demonstration here.
func (d *demo) idle() error {
	for _, p := range d.charter.Participants {
		dir := d.dirOf(p.Code).repository()
		if !there(dir) {
			continue
		}
		repository, err := drafts.Open(dir, [32]byte{})
		if errors.Is(err, drafts.ErrInUse) {
			return err
		}
		if err != nil {
			continue // unfinished, and about to be removed
		}
		if err := repository.Close(); err != nil {
			return err
		}
	}
	return nil
}

// finish says that the demonstration is laid out to the end.
func (d *demo) finish() error {
	if err := os.Rename(filepath.Join(d.root, demoUnfinished), filepath.Join(d.root, demoFinished)); err != nil {
		return fmt.Errorf("laying out the sample negotiation: %w", err)
	}
	return syncDir(d.root)
}

// there reports whether a name is taken, by whatever it be.
func there(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
