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

// readRefs reads all refs but those that only name others, and says what is wrong with
// those that are left out. A loose one is newer than one that somebody's git has packed
// away. The error is the disk's.
func (f *folder) readRefs() (map[string]plumbing.Hash, []Damage, error) {
	refs, damage, err := f.packedRefs()
	if err != nil {
		return nil, nil, err
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
		delete(refs, name) // git falls back to a packed one in silence
		id, err := readRef(path, name)
		if fault, ok := negotiation.FaultOf(err); ok {
			damage = append(damage, Damage{name, fault, innermost(err)})
			return nil
		}
		if err == nil && !id.IsZero() {
			refs[name] = id
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(refs) > maxRefs {
		damage = append(damage, Damage{"refs", negotiation.ErrTooLarge, fmt.Sprintf("there are more than %d refs", maxRefs)})
	}
	return refs, damage, nil
}

// readRef reads a ref's file: one line, with an object's name or, after "ref: ", that of
// another ref; of such a one, which no chain has, the result is zero. The error is
// [ErrDamaged] or [ErrFormat], [negotiation.ErrTooLarge], or the disk's.
func readRef(path, name string) (id plumbing.Hash, err error) {
	raw, err := readRegular(path, maxRefFile)
	if err != nil {
		return id, err
	}
	line := strings.TrimSuffix(string(raw), "\n")
	_, ours := chainOf(name)
	switch {
	case !isRefName(name):
		return id, ErrDamaged.Because("ref %q has a name that git refuses", name)
	case isID(line):
		return plumbing.NewHash(line), nil
	case len(line) == 64 && !strings.ContainsFunc(line, notDigit):
		return id, ErrFormat.Because("ref %s names an object by SHA-256; a record has SHA-1", name)
	case !strings.HasPrefix(line, "ref: refs/") || strings.ContainsAny(line, "\n\x00"):
		return id, ErrDamaged.Because("ref %s is torn", name)
	case ours:
		return id, ErrDamaged.Because("ref %s, of a chain, only names another", name)
	}
	return id, nil
}

func notDigit(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }

// isID reports whether these are the digits of an object's name, as git writes them.
func isID(digits string) bool {
	return len(digits) == 2*len(plumbing.Hash{}) && !strings.ContainsFunc(digits, notDigit) && strings.Trim(digits, "0") != ""
}

// packedRefs reads the refs that git has put in one file, which are in order.
func (f *folder) packedRefs() (map[string]plumbing.Hash, []Damage, error) {
	const file = "packed-refs"
	refs := map[string]plumbing.Hash{}
	raw, err := readRegular(filepath.Join(f.dir, file), maxPackedRefs)
	if errors.Is(err, fs.ErrNotExist) {
		return refs, nil, nil
	}
	if fault, ok := negotiation.FaultOf(err); ok {
		return refs, []Damage{{file, fault, innermost(err)}}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var damage []Damage
	first, last := true, ""
	for line := range bytes.Lines(raw) {
		text, whole := strings.CutSuffix(string(line), "\n")
		digits, name, _ := strings.Cut(text, " ")
		header := first && strings.HasPrefix(text, "# pack-refs with:")
		peeled := !first && strings.HasPrefix(text, "^") && isID(text[1:])
		first = false
		switch {
		case whole && !strings.Contains(text, "\x00") && (header || peeled):
		case !whole || !isID(digits) || name <= last:
			return refs, append(damage, Damage{file, ErrDamaged, "the file of packed refs is torn, or not in order"}), nil
		case !isRefName(name):
			damage = append(damage, Damage{name, ErrDamaged, fmt.Sprintf("ref %q has a name that git refuses", name)})
		default:
			refs[name] = plumbing.NewHash(digits)
		}
		if !header && !peeled {
			last = name
		}
	}
	return refs, damage, nil
}

// isRefName reports whether git has a ref of that name (git-check-ref-format).
func isRefName(name string) bool {
	if !strings.HasPrefix(name, "refs/") || len(name) > maxRefName || strings.Contains(name, "..") || strings.Contains(name, "@{") ||
		strings.HasSuffix(name, ".") ||
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
