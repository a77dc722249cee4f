package drafts

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io/fs"
	"os"
	pathpkg "path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// temporary begins the name of every file that is not yet in its place; stock git
// knows it and clears it away too.
const temporary = "tmp_obj_"

// A store writes a bare git repository so that a crash at any instant leaves it
// whole: every file is written beside its place, synced, renamed, and its directory
// synced; objects first, then the refs that lead to them.
type store struct {
	dir string
}

// layout is what a bare repository needs besides objects and refs. Refs are never
// packed: git falls back to a packed ref in silence when a loose one is torn.
func (s store) layout() map[string]string {
	signers := filepath.Join(s.dir, signersFile)
	return map[string]string{
		"HEAD": "ref: refs/heads/text\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n" +
			"[gpg]\n\tformat = ssh\n[gpg \"ssh\"]\n\tallowedSignersFile = " + quoteConfig(signers) + "\n" +
			"[transfer]\n\thideRefs = refs/private\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
		// The signed redlines speak for themselves; git's own diff is of the text.
		"info/attributes": "*.redline -diff\n",
	}
}

func quoteConfig(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// prepare lays out the repository where it is missing or has moved, and clears
// away what a crash left.
func (s store) prepare() error {
	for _, dir := range []string{"objects/pack", "objects/info", "refs/heads/record", "refs/tags", "info"} {
		if err := s.makeDir(dir); err != nil {
			return err
		}
	}
	for name, content := range s.layout() {
		if now, err := os.ReadFile(filepath.Join(s.dir, name)); err == nil && string(now) == content {
			continue
		}
		if err := s.replace(name, []byte(content)); err != nil {
			return err
		}
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "objects", temporary+"*"))
	if err != nil {
		return fmt.Errorf("repository: looking for leavings: %w", err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("repository: clearing away: %w", err)
		}
	}
	return nil
}

// makeDir makes a directory of the repository durably, with those above it.
func (s store) makeDir(path string) error {
	dir := filepath.Join(s.dir, filepath.FromSlash(path))
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("repository: laying out: %w", err)
	}
	for dir != s.dir {
		dir = filepath.Dir(dir)
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// replace puts content at a path of the repository, whole and durably.
func (s store) replace(path string, content []byte) error {
	tmp, err := s.writeTemporary(content)
	if err != nil {
		return err
	}
	target := filepath.Join(s.dir, filepath.FromSlash(path))
	if err := s.makeDir(pathpkg.Dir(path)); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := os.Rename(tmp, target); err != nil {
		return errors.Join(fmt.Errorf("repository: writing %s: %w", path, err), os.Remove(tmp))
	}
	return syncDir(filepath.Dir(target))
}

// writeTemporary returns the name of a new synced file with this content.
func (s store) writeTemporary(content []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, "objects"), temporary)
	if err != nil {
		return "", fmt.Errorf("repository: writing: %w", err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("repository: writing: %w", err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// putObjects writes the objects that are not there yet. When it returns, all are on
// disk; when it fails, some may be, and nothing leads to them.
func (s store) putObjects(set objects) error {
	dirs := map[string]bool{}
	for id, o := range set {
		name := s.objectPath(id)
		dirs[filepath.Dir(name)] = true // also of an object that a crash left unsynced
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			continue
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("repository: looking for an object: %w", err)
		}
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		fmt.Fprintf(z, "%s %d\x00", o.kind, len(o.body))
		z.Write(o.body) // a bytes.Buffer takes all
		if err := z.Close(); err != nil {
			return fmt.Errorf("repository: packing an object: %w", err)
		}
		tmp, err := s.writeTemporary(packed.Bytes())
		if err != nil {
			return err
		}
		dir := filepath.Dir(name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return errors.Join(fmt.Errorf("repository: writing an object: %w", err), os.Remove(tmp))
		}
		if err := os.Rename(tmp, name); err != nil {
			return errors.Join(fmt.Errorf("repository: writing an object: %w", err), os.Remove(tmp))
		}
	}
	for dir := range dirs {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return syncDir(filepath.Join(s.dir, "objects"))
}

func (s store) objectPath(id plumbing.Hash) string {
	hex := id.String()
	return filepath.Join(s.dir, "objects", hex[:2], hex[2:])
}

// putRef points a ref at an object that putObjects has put on disk.
func (s store) putRef(name string, id plumbing.Hash) error {
	return s.replace(name, []byte(id.String()+"\n"))
}
