package redline

import (
	"slices"
	"strings"
)

// White space that merely wraps lines is soft: a run of spaces, tabs, carriage
// returns and line feeds. Any two soft runs are the same to a comparison, so
// that a paragraph that somebody wrapped anew has not changed. Replacing one by
// another is an edit of its own that collides with nothing, and that no
// notation brackets; taking a proposal still gives its text byte for byte.
//
// What Markdown reads in white space is not soft: how far a paragraph is indented,
// which nests items and lines of code, and a hard line break, two spaces before a line
// end. Nor are no-break spaces and the like.

const softSpace = " \t\r\n"

// isSoft reports whether s is a run that can be soft, and not empty.
func isSoft(s string) bool {
	if s == "" || s[0] > ' ' {
		return false
	}
	return strings.Trim(s, softSpace) == ""
}

// softKey returns what is compared of a soft run within a paragraph: at its end
// line ends are the same, but not like the others, for what is added behind the
// last word stands before the line end.
func softKey(run string, ends bool) string {
	switch {
	case ends && strings.Contains(run, "\n"):
		return "\n"
	case !ends && breaksLine(run):
		return hardBreak
	}
	return " "
}

const hardBreak = "  \n"

// breaksLine reports whether a run within a paragraph is a hard line break.
func breaksLine(run string) bool {
	return strings.Contains(run, hardBreak) && strings.Count(run, "\n") == 1
}

// wraps reports whether h only replaces soft white space by other soft white
// space.
func (h Hunk) wraps(old string) bool {
	was := old[h.Start:h.End]
	begins := h.Start == 0 || strings.HasSuffix(old[:h.Start], Break)
	ends := h.End == len(old) || strings.HasPrefix(old[h.End:], Break)
	return !begins && isSoft(h.Text) && isSoft(was) && softKey(h.Text, ends) == softKey(was, ends)
}

// tokenKeys returns what is compared of tokens. Where they are their own keys they
// are returned.
func tokenKeys(tokens []string) []string {
	var keys []string
	begin := 0 // of the paragraph
	for i, token := range tokens {
		switch {
		case token == Break:
			begin = i + 1
			continue
		case token[0] > ' ', token == " ", i == begin, !isSoft(token): // by far most
			continue
		}
		ends := i+1 == len(tokens) || tokens[i+1] == Break
		if key := softKey(token, ends); key != token {
			if keys == nil {
				keys = slices.Clone(tokens)
			}
			keys[i] = key
		}
	}
	if keys == nil {
		return tokens
	}
	return keys
}

// squash returns s with one space for every soft run, so that texts that differ in
// soft white space alone become equal. A run at the beginning that is longer than a
// space and has no line end is indentation.
func squash(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\r') < 0 && !strings.Contains(s, "  ") {
		return s
	}
	var b strings.Builder
	if indent := len(s) - len(strings.TrimLeft(s, " ")); indent > 1 && (indent == len(s) || s[indent] > ' ') {
		b.WriteString(s[:indent])
		s = s[indent:]
	}
	for s != "" {
		words := strings.IndexAny(s, softSpace)
		if words < 0 {
			words = len(s)
		}
		b.WriteString(s[:words])
		rest := strings.TrimLeft(s[words:], softSpace)
		if run := s[words : len(s)-len(rest)]; rest != "" && breaksLine(run) {
			b.WriteString(hardBreak)
		} else if run != "" {
			b.WriteByte(' ')
		}
		s = rest
	}
	return b.String()
}
