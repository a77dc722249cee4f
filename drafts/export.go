package drafts

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// ErrNothingNew says that there is nothing to export besides what is there already.
var ErrNothingNew = errors.New("there is nothing to export that is not there already")

// ErrOtherRecord says that a bundle and a repository have no act in common.
var ErrOtherRecord = errors.New("the bundle is of another record")

// A Basis is what whoever gets an export has already. The zero Basis is nothing.
type Basis struct {
	Bundle string // the file of an earlier bundle: what its refs led to
	Tag    string // a revision, as rev-2: what it followed from
}

// Export writes what the public refs of the repository in dir lead to, without what the
// basis leads to, to a new file: a git bundle of version 2, whole and on disk when Export
// returns. It may be called while a node has the repository open. A basis that is of no
// use is [ErrOtherRecord], or [fs.ErrNotExist] for a revision; [ErrNothingNew] is when nothing
// would be in the bundle. It returns how many acts the bundle has.
func Export(ctx context.Context, dir string, basis Basis, path string) (acts int, err error) {
	refs, err := publicRefs(dir)
	if err != nil || len(refs) == 0 {
		return 0, errors.Join(err, ErrNothingNew)
	}
	g := newGallery(dir)
	o, err := g.look(ctx, refs)
	if err != nil {
		return 0, err
	}
	haves, err := basis.of(o)
	if err != nil {
		return 0, err
	}
	return g.export(ctx, o, haves, path)
}

// export writes what is offered and not had to a new file.
func (g *gallery) export(ctx context.Context, o offer, haves idSet, path string) (acts int, err error) {
	wants := idSet{}
	for _, r := range o.refs {
		wants.add(r.id)
	}
	lacks := g.missing(o, wants, haves, false)
	if len(lacks.objects) == 0 {
		return 0, ErrNothingNew
	}
	from, err := openFolder(g.dir)
	if err != nil {
		return 0, err
	}
	err = writeFile(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, o.bundleHead(haves, lacks)); err != nil {
			return fmt.Errorf("bundle: writing: %w", err)
		}
		return writePack(ctx, w, from, lacks.objects)
	})
	return len(lacks.commits), err
}

// of returns what of an offer the basis names.
func (b Basis) of(o offer) (idSet, error) {
	haves := idSet{}
	if b.Tag != "" {
		i := slices.IndexFunc(o.refs, func(r ref) bool { return r.name == tagsPrefix+b.Tag })
		if i < 0 {
			return nil, fmt.Errorf("revision %s: %w", b.Tag, fs.ErrNotExist)
		}
		haves.add(o.refs[i].id)
	}
	if b.Bundle != "" {
		refs, err := bundleRefs(b.Bundle)
		if err != nil {
			return nil, err
		}
		for _, r := range refs {
			if o.has(r.id) {
				haves.add(r.id)
			}
		}
		if len(haves) == 0 {
			return nil, ErrOtherRecord
		}
	}
	return haves, nil
}

// bundleHead returns what stands before the pack. It names every chain, so that who has
// the bundle can tell how far each goes; of those that the basis has, the commit is
// among what is needed.
func (o offer) bundleHead(haves idSet, lacks selection) string {
	needs := lacks.edge
	var refs strings.Builder
	if head, ok := o.head(); ok {
		fmt.Fprintf(&refs, "%s HEAD\n", head)
	}
	for _, r := range o.refs {
		_, isTag := o.peeled[r.id]
		switch {
		case isTag && haves.has(r.id):
			continue
		case !isTag && !lacks.commits.has(r.id):
			needs.add(r.id)
		}
		fmt.Fprintf(&refs, "%s %s\n", r.id, r.name)
	}
	var head strings.Builder
	head.WriteString(bundleMagic)
	for _, id := range slices.SortedFunc(maps.Keys(needs), compareIDs) {
		fmt.Fprintf(&head, "-%s\n", id)
	}
	return head.String() + refs.String() + "\n"
}

func compareIDs(a, b plumbing.Hash) int { return strings.Compare(string(a[:]), string(b[:])) }

// writeFile makes a file that is whole and on disk, or not there.
func writeFile(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("bundle: writing: %w", err)
	}
	buffer := bufio.NewWriterSize(f, 64<<10)
	if err = write(buffer); err == nil {
		err = buffer.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}
