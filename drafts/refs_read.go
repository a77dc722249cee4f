package drafts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// maxRefs bounds how many refs a repository has, and maxRefName how long one's name is,
// in bytes: as long as a path is.
const (
	maxRefs    = 1 << 19
	maxRefName = 4096
)

// A refMap says where refs point.
type refMap map[string]plumbing.Hash

func (refs refMap) add(name string, id plumbing.Hash) error {
	if refs[name] = id; len(refs) > maxRefs || len(name) > maxRefName {
		return negotiation.ErrTooLarge.Because("there are more than %d refs, or one whose name is longer than %d bytes", maxRefs, maxRefName)
	}
	return nil
}

// refs implements [source].
func (f *folder) refs() (map[string]plumbing.Hash, error) {
	refs, damage, err := f.readRefs()
	if err != nil {
		return nil, fmt.Errorf("repository: reading refs: %w", err)
	}
	for _, d := range damage {
		if _, ours := chainOf(d.Where); ours || !strings.HasPrefix(d.Where, "refs/") {
			return nil, fmt.Errorf("repository: reading refs: %w", d.Fault.Because("%s", d.Reason))
		}
	}
	return refs, nil
}

// readRefs reads all refs, and says what is wrong with those that are left out. A loose
// one is newer than one that somebody's git has packed away. The error is
// [negotiation.ErrTooLarge] or the disk's.
func (f *folder) readRefs() (refMap, []Damage, error) {
	refs, damage, err := f.packedRefs()
	if err != nil {
		return nil, nil, err
	}
	named := map[string]string{} // symbolic refs
	note := func(name, format string, args ...any) {
		delete(refs, name) // git falls back to a packed one in silence
		damage = append(damage, Damage{name, ErrDamaged, fmt.Sprintf(format, args...)})
	}
	err = filepath.WalkDir(filepath.Join(f.dir, "refs"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if name := entry.Name(); strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".lock") { // git passes over it
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(f.dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		raw, err := readRegular(path, maxRefFile)
		if fault, ok := negotiation.FaultOf(err); ok {
			note(name, "ref %s: %v", name, err)
			damage[len(damage)-1].Fault = fault
			return nil
		}
		if err != nil {
			return err
		}
		_, ours := chainOf(name)
		switch id, target := parseRef(raw); {
		case !isRefName(name):
			note(name, "ref %q has a name that git refuses", name)
		case !id.IsZero():
			return refs.add(name, id)
		case target == "":
			note(name, "ref %s is torn", name)
		case ours:
			note(name, "ref %s, of a chain, only names another", name)
		default:
			named[name] = target
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for name, target := range named {
		if !refs.lead(named, target) {
			note(name, "ref %s names %q, which leads nowhere", name, target)
		}
	}
	return refs, damage, nil
}

// lead reports whether a symbolic ref leads to one that is none in the end.
func (refs refMap) lead(named map[string]string, target string) bool {
	const most = 5 // steps that git takes
	for range most {
		if _, there := refs[target]; there {
			return true
		}
		target = named[target]
	}
	return false
}

// packedRefs reads the refs that git has put in one file.
func (f *folder) packedRefs() (refMap, []Damage, error) {
	refs := refMap{}
	var damage []Damage
	torn := func(fault negotiation.Fault, reason string) {
		damage = append(damage, Damage{"packed-refs", fault, reason})
	}
	raw, err := readRegular(filepath.Join(f.dir, "packed-refs"), maxPackedRefs)
	if errors.Is(err, fs.ErrNotExist) {
		return refs, nil, nil
	}
	if fault, ok := negotiation.FaultOf(err); ok {
		torn(fault, err.Error())
		return refs, damage, nil
	}
	if err != nil {
		return nil, nil, err
	}
	first := true
	for line := range bytes.Lines(raw) {
		text, whole := strings.CutSuffix(string(line), "\n")
		digits, name, _ := strings.Cut(text, " ")
		header := first && strings.HasPrefix(text, "#")
		peeled := !first && strings.HasPrefix(text, "^") && plumbing.IsHash(text[1:])
		first = false
		switch {
		case header || peeled:
		case !whole || !plumbing.IsHash(digits) || !strings.HasPrefix(name, "refs/"):
			torn(ErrDamaged, "the file of packed refs is torn")
			return refs, damage, nil
		case !isRefName(name):
			damage = append(damage, Damage{name, ErrDamaged, fmt.Sprintf("ref %q has a name that git refuses", name)})
		default:
			if err := refs.add(name, plumbing.NewHash(digits)); err != nil {
				return nil, nil, err
			}
		}
	}
	return refs, damage, nil
}

// isRefName reports whether git has a ref of that name (git-check-ref-format).
func isRefName(name string) bool {
	if strings.Contains(name, "..") || strings.Contains(name, "@{") || strings.HasSuffix(name, ".") ||
		strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("~^:?*[\\", r) }) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return true
}
