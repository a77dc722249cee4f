package negotiation

import (
	"strconv"
	"strings"
)

// trailerReader takes trailers in order and keeps the first error, so that the
// parser of a kind reads like the kind's specification.
type trailerReader struct {
	rest []Trailer
	err  error
}

// at reports whether the next trailer has this key.
func (r *trailerReader) at(key string) bool {
	return len(r.rest) > 0 && r.rest[0].Key == key
}

func (r *trailerReader) next(key string) string {
	if r.err != nil {
		return ""
	}
	if !r.at(key) {
		r.err = ErrNotCanonical.Because("trailer %s is missing", key)
		return ""
	}
	value := r.rest[0].Value
	r.rest = r.rest[1:]
	return value
}

func (r *trailerReader) id(key string) ActID { return readField(r, key, ParseActID) }

func (r *trailerReader) reference(key string) ActID { return readField(r, key, parseReference) }

func (r *trailerReader) number(key string) uint64 { return readField(r, key, parseNumber) }

func readField[T any](r *trailerReader, key string, parse func(string) (T, error)) T {
	var zero T
	value := r.next(key)
	if r.err != nil {
		return zero
	}
	v, err := parse(value)
	if err != nil {
		r.err = err
		return zero
	}
	return v
}

func parseNumber(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 53) // what JSON carries exactly
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, ErrNotCanonical.Because("%q is not a number", clip(s))
	}
	return n, nil
}

// afterPrefix returns what follows prefix in an act's subject.
func afterPrefix(subject, prefix string) string {
	rest, _ := strings.CutPrefix(subject, prefix)
	return rest
}
