package bracket

import (
	"strings"
	"unicode"
)

// A sentence is how far a paragraph has got.
type sentence struct {
	last   rune // that is no blank, bracket, quotation mark or emphasis; 0 at the beginning
	quoted bool // inside quotation marks
}

func (s *sentence) see(r rune) {
	switch r {
	case '"':
		s.quoted = !s.quoted
	case '“':
		s.quoted = true
	case '„', '«':
		s.quoted = true
	case '”', '»':
		s.quoted = false
	case '*', '_', '\'', '‘', '’', '(', ')', '[', ']', '{', '}':
	default:
		if !unicode.IsSpace(r) {
			s.last = r
		}
	}
}

// begins reports whether a sentence can begin here.
func (s *sentence) begins() bool { return s.last == 0 || s.last == ':' || s.ends() }

// ends reports whether a sentence has ended here.
func (s *sentence) ends() bool {
	return s.last != 0 && strings.ContainsRune(".?!。？！؟।…", s.last)
}

// titleEnd returns where a paragraph's own number or title in bold ends, at the
// beginning of s: "(a)", "3bis", "**Support**". It is 0 if there is none.
func titleEnd(s string) int {
	if strings.HasPrefix(s, "**") {
		if n := strings.Index(s[2:], "**"); n > 0 {
			return 2 + n + 2
		}
		return 0
	}
	n := strings.IndexAny(s, " \t\n[")
	if n <= 0 || n > 10 {
		return 0
	}
	if strings.ContainsAny(s[:n], "0123456789") || strings.ContainsAny(s[n-1:n], ").:") {
		return n
	}
	return 0
}
