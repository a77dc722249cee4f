package drafts

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// ErrBundle says that a file is no bundle that can be read: its head, its pack or an
// object in it is broken, made to exhaust who reads it, or of no record of ours.
const ErrBundle negotiation.Fault = "bundle"

// errNoBundle says of a file that it does not even begin as one.
var errNoBundle = ErrBundle.Because("it is not a git bundle of version 2")

const (
	bundleMagic = "# v2 git bundle\n"

	// maxBundleRefs bounds the lines of a bundle's head.
	maxBundleRefs = 4096
	// maxBundleLine bounds one of them, in bytes.
	maxBundleLine = 1024
)

// A Bundle is what a git bundle has (gitformat-bundle): refs, and the objects that
// they lead to. Its objects are whole and have the names that they go by; nothing
// else about them is believed. It is not safe for concurrent use.
type Bundle struct {
	file  *os.File
	refs  []ref           // as they stand there
	needs []plumbing.Hash // commits that who has them need not be given
	pack  *pack
}

// A ref is a name that leads to an object.
type ref struct {
	name string
	id   plumbing.Hash
}

// OpenBundle opens a bundle that concord export or git bundle create made, and checks
// that it is whole. A file that is none, or is made to exhaust who reads it, is refused
// with [ErrBundle] or [negotiation.ErrTree]; one whose deltas are for objects that it
// lacks with [negotiation.ErrGap].
func OpenBundle(ctx context.Context, path string) (*Bundle, error) {
	return openBundle(ctx, path, func(plumbing.Hash) (object, bool) { return object{}, false })
}

// openBundle is OpenBundle for who has objects that the deltas may be for.
func openBundle(ctx context.Context, path string, outside lookup) (*Bundle, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bundle: opening: %w", err)
	}
	b := &Bundle{file: file}
	if err := b.read(ctx, outside); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return b, nil
}

// bundleRefs returns the refs that the head of a bundle names.
func bundleRefs(path string) ([]ref, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bundle: opening: %w", err)
	}
	defer file.Close()
	var b Bundle
	err = b.parseHead(&packReader{buffer: bufio.NewReader(file)})
	return b.refs, err
}

// Close releases the file.
func (b *Bundle) Close() error { return b.file.Close() }

func (b *Bundle) read(ctx context.Context, outside lookup) error {
	info, err := b.file.Stat()
	if err != nil {
		return fmt.Errorf("bundle: reading: %w", err)
	}
	if !info.Mode().IsRegular() {
		return ErrBundle.Because("it is not a file")
	}
	in := &packReader{buffer: bufio.NewReader(b.file)}
	if err := b.parseHead(in); err != nil {
		return err
	}
	b.pack, err = readPack(ctx, b.file, in.at, info.Size(), maxUnpacked, outside)
	return err
}

// parseHead reads the lines before the pack.
func (b *Bundle) parseHead(in *packReader) error {
	magic, err := bundleLine(in)
	if err != nil && !errors.Is(err, ErrBundle) {
		return err
	}
	if magic != strings.TrimSuffix(bundleMagic, "\n") {
		return errNoBundle
	}
	for range maxBundleRefs {
		line, err := bundleLine(in)
		if err != nil || line == "" {
			return err
		}
		needed, prerequisite := strings.CutPrefix(line, "-")
		digits, name, named := strings.Cut(needed, " ")
		if !plumbing.IsHash(digits) || len(digits) != 40 || !prerequisite && !named {
			return ErrBundle.Because("its head has a line that is not an object and its name")
		}
		id := plumbing.NewHash(digits)
		if prerequisite {
			b.needs = append(b.needs, id)
			continue
		}
		if slices.ContainsFunc(b.refs, func(r ref) bool { return r.name == name }) {
			return ErrBundle.Because("its head names a ref twice")
		}
		b.refs = append(b.refs, ref{name, id})
	}
	return ErrBundle.Because("its head has more than %d lines", maxBundleRefs)
}

// bundleLine reads one line of a bundle's head, without its end.
func bundleLine(in *packReader) (string, error) {
	var line []byte
	for len(line) < maxBundleLine {
		b, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return "", ErrBundle.Because("its head is broken off")
		}
		if err != nil {
			return "", fmt.Errorf("bundle: reading: %w", err)
		}
		if b == '\n' {
			return string(line), nil
		}
		line = append(line, b)
	}
	return "", ErrBundle.Because("its head has a line that is too long")
}

// find returns the object of that name; false when the bundle has none.
func (b *Bundle) find(id plumbing.Hash) (object, bool, error) { return b.pack.find(id) }

// ref returns where a ref leads; false when the bundle has none of that name.
func (b *Bundle) ref(name string) (plumbing.Hash, bool) {
	i := slices.IndexFunc(b.refs, func(r ref) bool { return r.name == name })
	if i < 0 {
		return plumbing.ZeroHash, false
	}
	return b.refs[i].id, true
}
