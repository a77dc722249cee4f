package drafts

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// formOf demands that an object is in the form that git fsck --strict takes, which acts
// are a small part of: in a repository there may be commits of somebody's own. It returns
// what the object leads to; the error is [ErrDamaged].
//
// What .gitmodules and other files of git's own say in such a commit is not looked into.
func formOf(o object) ([]link, error) {
	var to []link
	var wrong string
	switch o.kind {
	case plumbing.CommitObject:
		to, wrong = commitForm(o.body)
	case plumbing.TreeObject:
		to, wrong = treeForm(o.body)
	case plumbing.TagObject:
		to, wrong = tagForm(o.body)
	}
	if wrong != "" {
		return nil, ErrDamaged.Because("a %s is not in git's form: %s", o.kind, wrong)
	}
	return to, nil
}

// A header takes lines off the front of a commit or a tag.
type header struct{ rest []byte }

// take returns what stands behind a word, when the next line begins with that.
func (h *header) take(word string) (string, bool) {
	line, rest, whole := bytes.Cut(h.rest, []byte("\n"))
	value, ok := bytes.CutPrefix(line, []byte(word+" "))
	if !ok || !whole {
		return "", false
	}
	h.rest = rest
	return string(value), true
}

// wholeHeader reports whether the header ends, and has no zero bytes.
func wholeHeader(body []byte) bool {
	head, _, parted := bytes.Cut(body, []byte("\n\n"))
	return !bytes.Contains(head, []byte{0}) && (parted || bytes.HasSuffix(body, []byte("\n")))
}

func commitForm(body []byte) (to []link, wrong string) {
	if !wholeHeader(body) {
		return nil, "its header is broken off"
	}
	h := header{body}
	tree, ok := h.take("tree")
	if !ok || !isID(tree) {
		return nil, "it has no tree"
	}
	to = []link{{plumbing.NewHash(tree), plumbing.TreeObject}}
	for {
		parent, more := h.take("parent")
		if !more {
			break
		}
		if !isID(parent) {
			return nil, "a parent is none"
		}
		to = append(to, link{plumbing.NewHash(parent), plumbing.CommitObject})
	}
	for _, who := range []string{"author", "committer"} {
		ident, ok := h.take(who)
		if !ok || !isIdent(ident) {
			return nil, "its " + who + " is not written as git does"
		}
	}
	if bytes.Contains(body, []byte{0}) {
		return nil, "it has a zero byte"
	}
	return to, ""
}

func tagForm(body []byte) (to []link, wrong string) {
	h := header{body}
	id, ok := h.take("object")
	kind, typed := h.take("type")
	name, named := h.take("tag")
	target, err := plumbing.ParseObjectType(kind)
	if !wholeHeader(body) || !ok || !typed || !named || !isID(id) || err != nil || target.IsDelta() || name == "" {
		return nil, "it is not written as git does"
	}
	if tagger, has := h.take("tagger"); has && !isIdent(tagger) {
		return nil, "its tagger is not written as git does"
	}
	return []link{{plumbing.NewHash(id), target}}, ""
}

func isID(digits string) bool { return len(digits) == 40 && plumbing.IsHash(digits) }

var ident = regexp.MustCompile(`^[^<>]* <[^<>]*> (0|[1-9][0-9]*) [+-][0-9]{4}$`)

// isIdent reports whether git takes that for a name, an address and a time.
func isIdent(s string) bool {
	match := ident.FindStringSubmatch(s)
	if match == nil {
		return false
	}
	_, err := strconv.ParseInt(match[1], 10, 64)
	return err == nil
}

// The kinds of entries that a tree has, by mode.
var entryKinds = map[string]plumbing.ObjectType{
	"100644": plumbing.BlobObject, "100755": plumbing.BlobObject, "120000": plumbing.BlobObject,
	"40000": plumbing.TreeObject, "160000": plumbing.InvalidObject, // a commit of another repository
}

func treeForm(body []byte) (to []link, wrong string) {
	last, names := "", map[string]bool{}
	for len(body) > 0 {
		head, rest, ok := bytes.Cut(body, []byte{0})
		if !ok || len(rest) < len(plumbing.Hash{}) {
			return nil, "it is broken off"
		}
		mode, name, _ := strings.Cut(string(head), " ")
		id := plumbing.Hash(rest[:len(plumbing.Hash{})])
		body = rest[len(plumbing.Hash{}):]
		kind, known := entryKinds[mode]
		key := name
		if kind == plumbing.TreeObject {
			key += "/"
		}
		switch {
		case !known:
			return nil, "an entry has a mode that git does not write"
		case name == "" || name == "." || name == ".." || strings.Contains(name, "/") || isDotGit(name):
			return nil, "an entry has a name that git refuses"
		case mode == "120000" && strings.EqualFold(name, ".gitmodules"):
			return nil, "an entry .gitmodules is a link"
		case id.IsZero():
			return nil, "an entry is nothing"
		case names[name]:
			return nil, "two entries have one name"
		case last != "" && key <= last:
			return nil, "its entries are not in order"
		}
		names[name], last = true, key
		if kind != plumbing.InvalidObject {
			to = append(to, link{id, kind})
		}
	}
	return to, ""
}

// ignoredByHFS are characters that Apple's file systems leave out of names.
var ignoredByHFS = strings.NewReplacer(func() (pairs []string) {
	for _, span := range [][2]rune{{0x200c, 0x200f}, {0x202a, 0x202e}, {0x206a, 0x206f}, {0xfeff, 0xfeff}} {
		for r := span[0]; r <= span[1]; r++ {
			pairs = append(pairs, string(r), "")
		}
	}
	return pairs
}()...)

// isDotGit reports whether a file system may take a name for .git.
func isDotGit(name string) bool {
	if strings.EqualFold(ignoredByHFS.Replace(name), ".git") {
		return true
	}
	return slices.ContainsFunc(strings.Split(name, `\`), func(part string) bool {
		part, _, _ = strings.Cut(part, ":")
		part = strings.TrimRight(part, " .")
		return strings.EqualFold(part, ".git") || strings.EqualFold(part, "git~1")
	})
}
