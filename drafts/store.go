package drafts

import (
	"bytes"
	"compress/zlib"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	pathpkg "path"
	"path/filepath"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// temporary begins the name of every file that is not yet in its place; stock git
// knows it and clears it away too.
const temporary = "tmp_obj_"

// A store writes a bare git repository so that a crash at any instant leaves it
// whole: every file is written beside its place, synced, renamed, and its directory
// synced. One goroutine at a time may use it.
type store struct {
	dir  string
	disk disk

	synced map[string]bool // directories of objects whose names are on disk
	packer *zlib.Writer    // used again and again: a new one is a megabyte
}

func newStore(dir string) *store {
	packer, err := zlib.NewWriterLevel(nil, zlib.BestSpeed) // git's own level for loose objects
	if err != nil {
		panic(err) // there is no such level
	}
	return &store{dir, systemDisk{syncsTogether(dir)}, map[string]bool{}, packer}
}

// A stage is what may come to its place in any order.
type stage struct {
	files []placing
	dirs  []string // to be synced besides those of the files; slashes, below the repository
}

// A placing is a file on its way to its place.
type placing struct {
	path    string                           // slashes, below the repository
	content func(tmp string) ([]byte, error) // tmp is the file that will be moved to path
}

func place(path string, content []byte) placing {
	return placing{path, func(string) ([]byte, error) { return content, nil }}
}

// put puts files in their places, durably: when one is seen in its place, it is whole,
// and all of the stages before its own are on disk. When put fails, some may be in
// their places, and the directories may not be synced.
func (s *store) put(stages ...stage) (err error) {
	var files []placing
	for _, stage := range stages {
		files = append(files, stage.files...)
	}
	tmp, err := s.writeTemporary(files)
	defer func() { err = errors.Join(err, removeAll(tmp)) }()
	if err != nil {
		return err
	}
	for _, stage := range stages {
		dirs := map[string]bool{}
		for _, dir := range stage.dirs {
			dirs[s.path(dir)] = true
		}
		for _, f := range stage.files {
			if err := s.disk.Rename(tmp[0], s.path(f.path)); err != nil {
				return fmt.Errorf("repository: writing %s: %w", f.path, err)
			}
			tmp = tmp[1:]
			dirs[s.path(pathpkg.Dir(f.path))] = true
		}
		if err := s.disk.Sync(nil, slices.Sorted(maps.Keys(dirs))); err != nil {
			return err
		}
	}
	return nil
}

// mostOpen bounds how many files are open at a time.
const mostOpen = 64

// writeTemporary writes files beside their places, and returns the names, in order,
// when their contents are on disk. When it fails, it returns those there are.
func (s *store) writeTemporary(files []placing) (names []string, err error) {
	for some := range slices.Chunk(files, mostOpen) {
		var open []file
		for _, f := range some {
			w, err := s.create()
			if err != nil {
				return names, errors.Join(fmt.Errorf("repository: writing %s: %w", f.path, err), closeAll(open))
			}
			open, names = append(open, w), append(names, w.Name())
			content, err := f.content(w.Name())
			if err == nil {
				_, err = w.Write(content)
			}
			if err != nil {
				return names, errors.Join(fmt.Errorf("repository: writing %s: %w", f.path, err), closeAll(open))
			}
		}
		if err := errors.Join(s.disk.Sync(open, nil), closeAll(open)); err != nil {
			return names, err
		}
	}
	return names, nil
}

func (s *store) create() (file, error) {
	return s.disk.Create(s.path("objects/" + temporary + rand.Text()))
}

func closeAll(open []file) error {
	var errs []error
	for _, f := range open {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

func removeAll(names []string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}

func (s *store) path(path string) string { return filepath.Join(s.dir, filepath.FromSlash(path)) }

// replace puts content at a path that can be computed anew from the acts: whole, and
// perhaps not before the next crash. Opening the repository sets it right.
func (s *store) replace(path string, content []byte) error {
	if err := s.makeDir(pathpkg.Dir(path)); err != nil {
		return err
	}
	w, err := s.create()
	if err != nil {
		return fmt.Errorf("repository: writing %s: %w", path, err)
	}
	_, err = w.Write(content)
	if err = errors.Join(err, w.Close()); err == nil {
		err = s.disk.Rename(w.Name(), s.path(path))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("repository: writing %s: %w", path, err), os.Remove(w.Name()))
	}
	return nil
}

// makeDir makes a directory of the repository durably, with those above it.
func (s *store) makeDir(path string) error {
	if _, err := os.Stat(s.path(path)); err == nil {
		return nil
	}
	above := pathpkg.Dir(path)
	if err := s.makeDir(above); err != nil {
		return err
	}
	if err := s.disk.Mkdir(s.path(path)); err != nil {
		return fmt.Errorf("repository: laying out: %w", err)
	}
	return s.disk.Sync(nil, []string{s.path(above)})
}

// objectStage returns what puts objects on disk, those that are not there whole. It
// makes the directories.
func (s *store) objectStage(set objects) (stage, error) {
	var st stage
	for id, o := range set {
		path := objectPath(id)
		dir := pathpkg.Dir(path)
		if _, err := os.Stat(s.path(dir)); errors.Is(err, fs.ErrNotExist) {
			if err := s.disk.Mkdir(s.path(dir)); err != nil {
				return stage{}, fmt.Errorf("repository: writing an object: %w", err)
			}
			delete(s.synced, "objects")
		}
		if s.hasLoose(id, o) {
			if !s.synced[dir] { // a crash may have left it so
				st.dirs = append(st.dirs, dir)
			}
			continue
		}
		packed, err := s.deflate(o)
		if err != nil {
			return stage{}, err
		}
		st.files = append(st.files, place(path, packed))
	}
	if len(set) > 0 && !s.synced["objects"] {
		st.dirs = append(st.dirs, "objects")
	}
	return st, nil
}

// noteSynced remembers that the names of a stage of objects are on disk.
func (s *store) noteSynced(st stage) {
	for _, f := range st.files {
		s.synced[pathpkg.Dir(f.path)] = true
	}
	for _, dir := range st.dirs {
		s.synced[dir] = true
	}
}

func objectPath(id plumbing.Hash) string {
	hex := id.String()
	return "objects/" + hex[:2] + "/" + hex[2:]
}

// hasLoose reports whether an object is there, with what it should have: one that is
// cut off or empty is to be written anew.
func (s *store) hasLoose(id plumbing.Hash, o object) bool {
	f, err := openRegular(s.path(objectPath(id)))
	if err != nil {
		return false
	}
	defer f.Close()
	z, err := zlib.NewReader(f)
	if err != nil {
		return false
	}
	want := append(o.header(), o.body...)
	got, err := io.ReadAll(io.LimitReader(z, int64(len(want))+1))
	return err == nil && bytes.Equal(got, want)
}

// deflate returns an object as git keeps it.
func (s *store) deflate(o object) ([]byte, error) {
	var packed bytes.Buffer
	s.packer.Reset(&packed)
	s.packer.Write(o.header()) // a bytes.Buffer takes all
	s.packer.Write(o.body)
	if err := s.packer.Close(); err != nil {
		return nil, fmt.Errorf("repository: packing an object: %w", err)
	}
	return packed.Bytes(), nil
}

func placeRef(name string, id plumbing.Hash) placing {
	return place(name, []byte(id.String()+"\n"))
}
