package drafts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// alternatesFile names the folders of other repositories from which one borrows objects
// (gitrepository-layout). A clone with --shared or --reference has one.
const alternatesFile = "objects/info/alternates"

const (
	// maxBorrowing bounds how many repositories borrow from one another in a row; git
	// bounds it so, too.
	maxBorrowing = 5
	// maxShelves bounds from how many repositories objects are read.
	maxShelves = 32
)

// A shelf has the objects of one repository, loose ones and packed ones. Any number of
// goroutines may read it; packs are read by one at a time.
type shelf struct {
	dir string // git's

	mu     sync.Mutex // guards all below
	looked bool       // for packs
	packs  []*pack
	broken error // why the first pack that cannot be read cannot
}

func openShelf(dir string) (*shelf, error) {
	if err := checkFormat(dir); err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	return &shelf{dir: dir}, nil
}

// openShelves opens the repository in dir and all that it borrows from, each once. One
// that is not there, which git too passes over, is among the absent.
func openShelves(dir string) (shelves []*shelf, absent []string, err error) {
	own, err := openShelf(dir)
	if err != nil {
		return nil, nil, err
	}
	shelves = []*shelf{own}
	seen := map[string]bool{realPath(dir): true}
	next := []string{dir}
	for depth := 0; len(next) > 0; depth++ {
		var lenders []string
		for _, dir := range next {
			more, err := lendersOf(dir)
			if err != nil {
				return nil, nil, fmt.Errorf("repository: opening: %w", err)
			}
			lenders = append(lenders, more...)
		}
		next = nil
		for _, dir := range lenders {
			real := realPath(dir)
			if seen[real] {
				continue
			}
			seen[real] = true
			if depth >= maxBorrowing || len(seen) > maxShelves {
				return nil, nil, fmt.Errorf("repository: opening: %w", negotiation.ErrTooLarge.Because(
					"%s borrows objects over more than %d others, or from more than %d", shelves[0].dir, maxBorrowing, maxShelves))
			}
			lender, err := openShelf(dir)
			if errors.Is(err, ErrNoRecord) || errors.Is(err, fs.ErrNotExist) {
				absent = append(absent, dir)
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			shelves, next = append(shelves, lender), append(next, dir)
		}
	}
	return shelves, absent, nil
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return path
}

// lendersOf returns the repositories from which one borrows objects, without those that
// they borrow from.
func lendersOf(dir string) ([]string, error) {
	raw, err := readRegular(filepath.Join(dir, filepath.FromSlash(alternatesFile)), maxSmallFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var lenders []string
	for line := range bytes.Lines(raw) {
		objects := strings.TrimRight(string(line), "\r\n")
		if objects == "" || objects[0] == '#' {
			continue
		}
		if objects[0] == '"' || strings.ContainsRune(objects, 0) || filepath.Base(objects) != "objects" {
			return nil, ErrFormat.Because("%s borrows objects from %q, which is not the objects folder of a repository", dir, objects)
		}
		if !filepath.IsAbs(objects) {
			objects = filepath.Join(dir, "objects", filepath.FromSlash(objects))
		}
		if lender := filepath.Dir(objects); !slices.Contains(lenders, lender) {
			lenders = append(lenders, lender)
		}
	}
	return lenders, nil
}

// borrows reports whether a repository lacks objects that it takes from others.
func borrows(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(alternatesFile)))
	return err == nil && info.Size() > 0
}

// object returns an object that has been checked against its name; [fs.ErrNotExist]
// when it is not there.
func (s *shelf) object(id plumbing.Hash) (object, error) {
	o, err := s.loose(id, MaxMessage)
	if errors.Is(err, fs.ErrNotExist) {
		o, err = s.packed(id)
	}
	if err != nil {
		return object{}, err
	}
	return o, checkName(o, id)
}

// checkName demands that an object has the name that it goes by.
func checkName(o object, id plumbing.Hash) error {
	is, err := o.id()
	if err == nil && is != id {
		err = ErrDamaged.Because("object %s is damaged", id)
	}
	return err
}
