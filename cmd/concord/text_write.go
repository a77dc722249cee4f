package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// print writes a text to standard output.
func (c *call) print(text string) error {
	if _, err := io.WriteString(c.stdout, text); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// printJSON writes a value to standard output, as JSON for people to read, too.
func (c *call) printJSON(v any) error {
	out := json.NewEncoder(c.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(v); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// replaceFile writes a file whole, or leaves what is there as it is. It keeps the
// mode of one that is there, and follows links. What is no regular file, as a pipe,
// is written to.
func replaceFile(name, content string) error {
	target, there, err := destination(name)
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if there != nil && !there.Mode().IsRegular() {
		return writeTo(name, os.O_WRONLY, 0, content)
	}
	_, stop := untilSignal() // one that comes now waits until nothing is left behind
	defer stop()
	staged := filepath.Join(filepath.Dir(target), ".concord-"+rand.Text())
	mode := fs.FileMode(0o666)
	if there != nil {
		mode = there.Mode().Perm() // from the first byte on, for it may be a private key
	}
	err = writeTo(staged, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode, content)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return refuse("Change its permissions, or name another place.", "access to the directory %s is denied", filepath.Dir(target))
	case errors.Is(err, fs.ErrNotExist):
		return refuse("Make it, or name another place.", "there is no directory %s", filepath.Dir(target))
	}
	if err == nil && there != nil {
		err = os.Chmod(staged, mode) // which the umask may have cut
	}
	if err == nil {
		err = os.Rename(staged, target)
	}
	if err == nil {
		return nil
	}
	if e := os.Remove(staged); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		path.Path = name // nobody has heard of the other
	}
	return fmt.Errorf("writing: %w", err)
}

// destination returns which file a name leads to, and what is there; nil if there is
// nothing yet.
func destination(name string) (string, fs.FileInfo, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(name); err == nil {
			return "", nil, refuse("Name another place.", "%s is a link to a file that is not there", name)
		}
		return name, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if info.IsDir() {
		return "", nil, &fs.PathError{Op: "write", Path: name, Err: syscall.EISDIR}
	}
	if !info.Mode().IsRegular() {
		return name, info, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0) // who protects a file does not want another in its place
	if err != nil {
		return "", nil, err
	}
	if err := f.Close(); err != nil {
		return "", nil, err
	}
	target, err := filepath.EvalSymlinks(name)
	return target, info, err
}

func writeTo(name string, flags int, mode fs.FileMode, content string) error {
	f, err := os.OpenFile(name, flags, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if info, e := f.Stat(); err == nil && e == nil && info.Mode().IsRegular() {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
