package negotiation

import (
	"strings"
)

// Unknown is what an act says whose kind or version this program does not know,
// because its author runs a newer one. It is verified as far as all acts are, kept,
// passed on and shown as not understood.
type Unknown struct {
	Name    string // kind and version, as "silence/1"
	Subject string
	Rest    []Trailer
}

// Kind returns the name that the act gives itself.
func (u Unknown) Kind() string { return u.Name }

func (Unknown) bringsText() bool                  { return false }
func (u Unknown) subject() string                 { return u.Subject }
func (u Unknown) trailers() []Trailer             { return u.Rest }
func (u Unknown) verify(*Ledger, *Verified) error { return nil }

func parseUnknown(kind, subject string, r *trailerReader) Content {
	name, version, _ := strings.Cut(kind, "/")
	if n, err := parseNumber(version); err != nil || n == 0 || !isKindName(name) {
		r.err = firstError(r.err, ErrNotCanonical.Because("%q is not a kind of act", clip(kind)))
	}
	u := Unknown{Name: kind, Subject: subject, Rest: r.rest}
	r.rest = nil
	for _, t := range u.Rest {
		if t.Key == keyFile {
			r.err = firstError(r.err, ErrNotCanonical.Because("the files do not stand last"))
		}
	}
	return u
}

const (
	keyTag = "Tag"
	maxTag = 100 // bytes of a tag's name, which is a file's name in a repository
)

func (u Unknown) tag() (string, bool) {
	for _, t := range u.Rest {
		if t.Key == keyTag {
			return t.Value, true
		}
	}
	return "", false
}

// check demands of an act that is not understood what its tag may be called.
func (u Unknown) check(a Act) error {
	name, ok := u.tag()
	if !ok {
		return nil
	}
	if len(name) > maxTag {
		return ErrTooLarge.Because("the name of the act's tag has more than %d bytes", maxTag)
	}
	if a.Chain != TextChain || !isKindName(strings.TrimRight(name, "0123456789")) || strings.HasPrefix(name, "rev-") {
		return ErrNotCanonical.Because("%q is not the name of a tag that this act can have", clip(name))
	}
	return nil
}

func isKindName(name string) bool {
	for i, b := range []byte(name) {
		if (b < 'a' || b > 'z') && (i == 0 || b != '-') {
			return false
		}
	}
	return name != "" && len(name) <= 40
}
