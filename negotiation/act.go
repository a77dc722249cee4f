package negotiation

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Act is one thing that one participant did, as its message says it. An Act
// proves nothing: see [Verified].
type Act struct {
	Negotiation ActID     // the first act's name; zero in that act alone
	Chain       Chain     // where it stands
	Sequence    uint64    // its place there, counted from 1
	Previous    ActID     // the act before it in its chain; zero at place 1
	Author      Code      // who did it
	Time        time.Time // when, says the author; UTC, whole seconds
	Explanation string    // why, in the author's words; canonical prose, often empty
	Content     Content   // what
	Files       []FileSum // every file of its tree by path, or none when it brings no text
}

// A FileSum binds the content of one file of an act's tree to its message.
type FileSum struct {
	Path   string   `json:"path"`
	SHA256 [32]byte `json:"-"`
}

// Content is what acts of one kind say besides what all acts say. Each kind has
// its file in this package.
type Content interface {
	// Kind returns the kind and its version, as "propose/1".
	Kind() string
	// subject returns the line that people read in git log.
	subject() string
	// trailers returns what the program reads, in order.
	trailers() []Trailer
	// bringsText reports whether acts of the kind carry charter and text.
	bringsText() bool
	// verify applies the rules that need only the act and the acts it follows from.
	verify(*Ledger, *Verified) error
}

// Trailers that every act has, in this order; the convening act has no
// Negotiation, and an act at place 1 no Previous. File lines come last.
const (
	keyAct         = "Concord-Act"
	keyNegotiation = "Negotiation"
	keyChain       = "Chain"
	keySequence    = "Sequence"
	keyPrevious    = "Previous"
	keyAuthor      = "Author"
	keyTime        = "Time"
	keyFile        = "File"
	keyReason      = "Reason" // words of a person's: never a reference
)

const (
	timeLayout = "2006-01-02T15:04:05Z"
	minYear    = 2000
	maxYear    = 9998
)

// FormatAct prints the message of an act; see the package documentation for its
// form. What ParseAct would not read back as it was is an error: [ErrNotCanonical],
// [ErrTooLarge] or [ErrText].
func FormatAct(a Act) ([]byte, error) {
	m := a.message()
	if err := m.check(); err != nil {
		return nil, err
	}
	raw := m.format()
	if _, err := ParseAct(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// ParseAct reads the message of an act. It accepts exactly what [FormatAct]
// prints. An act whose kind or version this program does not know has an
// [Unknown] content. Errors are [ErrTooLarge], [ErrText] and [ErrNotCanonical].
func ParseAct(raw []byte) (Act, error) {
	m, err := parseMessage(raw)
	if err != nil {
		return Act{}, err
	}
	r := trailerReader{rest: m.trailers}
	kind := r.next(keyAct)
	a := Act{Explanation: m.explanation}
	if r.at(keyNegotiation) {
		a.Negotiation = r.id(keyNegotiation)
	}
	a.Chain = readField(&r, keyChain, ParseChain)
	a.Sequence = r.number(keySequence)
	if r.at(keyPrevious) {
		a.Previous = r.id(keyPrevious)
	}
	a.Author = readField(&r, keyAuthor, ParseCode)
	a.Time = readField(&r, keyTime, parseTime)
	content := r.rest
	for n := len(content); n > 0 && content[n-1].Key == keyFile; n-- {
		r.rest = content[:n-1]
	}
	files := trailerReader{rest: content[len(r.rest):]}
	for len(files.rest) > 0 && files.err == nil {
		a.Files = append(a.Files, readField(&files, keyFile, parseFileSum))
	}
	a.Content = parseContent(kind, m.subject, &r)
	if err := firstError(r.err, files.err, a.checkEnvelope()); err != nil {
		return Act{}, err
	}
	if !bytes.Equal(a.message().format(), raw) {
		return Act{}, ErrNotCanonical.Because("the message of the act is not in canonical form")
	}
	return a, nil
}

func (a Act) message() message {
	m := message{subject: a.Content.subject(), explanation: a.Explanation}
	add := func(key, value string) { m.trailers = append(m.trailers, Trailer{key, value}) }
	add(keyAct, a.Content.Kind())
	if !a.Negotiation.IsZero() {
		add(keyNegotiation, a.Negotiation.String())
	}
	add(keyChain, string(a.Chain))
	add(keySequence, strconv.FormatUint(a.Sequence, 10))
	if !a.Previous.IsZero() {
		add(keyPrevious, a.Previous.String())
	}
	add(keyAuthor, string(a.Author))
	add(keyTime, a.Time.UTC().Format(timeLayout))
	m.trailers = append(m.trailers, a.Content.trailers()...)
	for _, f := range a.Files {
		add(keyFile, f.Path+" "+ActID(f.SHA256).String())
	}
	return m
}

func (a Act) checkEnvelope() error {
	switch {
	case a.Sequence == 0:
		return ErrNotCanonical.Because("places in a chain are counted from 1")
	case (a.Content.Kind() == kindConvene) != (a.Chain == TextChain && a.Sequence == 1):
		return ErrNotCanonical.Because("the text chain begins with convening, and nothing else does")
	case (a.Sequence == 1) != a.Previous.IsZero():
		return ErrNotCanonical.Because("an act names the one before it, unless it is the first of its chain")
	case a.Negotiation.IsZero() != (a.Content.Kind() == kindConvene):
		return ErrNotCanonical.Because("an act names its negotiation, unless it convenes it")
	case !slices.IsSortedFunc(a.Files, func(x, y FileSum) int { return strings.Compare(x.Path, y.Path) }):
		return ErrNotCanonical.Because("the files are not in order")
	}
	if unknown, ok := a.Content.(Unknown); !ok && a.Content.bringsText() != (len(a.Files) > 0) {
		return ErrTree.Because("an act of kind %s brings files, or none, as its kind does", a.Content.Kind())
	} else if ok {
		if err := unknown.check(a); err != nil {
			return err
		}
	}
	return checkPaths(a.Files)
}

// Subject returns the line that people read in git log.
func (a Act) Subject() string { return a.Content.subject() }

// Tag returns the name of the signed tag that comes with the act: "rev-2" for a
// revision, and for a kind that is not known what its trailer Tag names.
func (a Act) Tag() (string, bool) {
	switch c := a.Content.(type) {
	case Convene:
		return "rev-1", true
	case Revise:
		return fmt.Sprintf("rev-%d", c.Revision), true
	case Unknown:
		return c.tag()
	}
	return "", false
}

// References returns the acts that a is about, in order, each once, without the
// act before it in its chain: in git they are its parents after the first. A
// reference is "act:" and 64 digits as the last word of any trailer but Reason, whose
// words are a person's; this holds for kinds that are still to come too.
func (a Act) References() []ActID {
	return slices.DeleteFunc(a.cited(), func(id ActID) bool { return id == a.Previous })
}

// cited returns the acts that a is about, in order, each once.
func (a Act) cited() []ActID {
	var refs []ActID
	for _, t := range a.Content.trailers() {
		if t.Key == keyReason {
			continue
		}
		last := t.Value[strings.LastIndexByte(t.Value, ' ')+1:]
		digits, ok := strings.CutPrefix(last, referencePrefix)
		if !ok {
			continue
		}
		if id, err := ParseActID(digits); err == nil && !slices.Contains(refs, id) {
			refs = append(refs, id)
		}
	}
	return refs
}

const referencePrefix = "act:"

func reference(id ActID) string { return referencePrefix + id.String() }

func parseReference(s string) (ActID, error) {
	digits, ok := strings.CutPrefix(s, referencePrefix)
	if !ok {
		return ActID{}, ErrNotCanonical.Because("%q does not refer to an act", clip(s))
	}
	return ParseActID(digits)
}

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(timeLayout, s)
	if err != nil || t.Year() < minYear || t.Year() > maxYear {
		return time.Time{}, ErrNotCanonical.Because("%q is not a time in UTC", clip(s))
	}
	return t, nil
}

func parseFileSum(s string) (FileSum, error) {
	path, digits, ok := strings.Cut(s, " ")
	sum, err := ParseActID(digits)
	if !ok || err != nil {
		return FileSum{}, ErrNotCanonical.Because("%q is not a path and its SHA-256", clip(s))
	}
	return FileSum{Path: path, SHA256: sum}, nil
}

// checkPaths accepts the files of one tree, in order.
func checkPaths(files []FileSum) error {
	named := map[string]bool{}
	for _, f := range files {
		if err := checkPath(f.Path); err != nil {
			return err
		}
		twice := named[f.Path]
		for dir := path.Dir(f.Path); dir != "."; dir = path.Dir(dir) {
			twice = twice || named[dir]
		}
		if twice {
			return ErrNotCanonical.Because("%s is named twice, or as a file and as a directory", f.Path)
		}
		named[f.Path] = true
	}
	return nil
}

// checkPath accepts paths of at most three parts, each of ASCII letters, digits,
// '.', '_' and '-', and beginning with a letter or digit. So nothing in a tree
// can be hidden, be taken for git's own files, or differ by case-folding tricks.
func checkPath(path string) error {
	parts := strings.Split(path, "/")
	if len(path) > 200 || len(parts) > 3 {
		return ErrTree.Because("path %q is too long or too deep", clip(path))
	}
	for _, part := range parts {
		for i, r := range part {
			inner := i > 0 && (r == '.' || r == '_' || r == '-')
			if !inner && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') {
				return ErrTree.Because("path %q has a character that is not accepted", clip(path))
			}
		}
		if part == "" {
			return ErrTree.Because("path %q has an empty part", clip(path))
		}
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
