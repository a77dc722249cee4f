package bracket

import (
	"fmt"
	"unicode/utf8"
)

// A Reason says why a bracket is a stray.
type Reason uint8

// The reasons.
const (
	NeverCloses   Reason = 1 + iota // a "[" without "]"
	ClosesNothing                   // a "]" without "["
	TooDeep                         // one of a pair that stands deeper than [MaxDepth]
)

// String says the reason in words.
func (r Reason) String() string {
	switch r {
	case NeverCloses:
		return "never closes"
	case ClosesNothing:
		return "closes nothing"
	case TooDeep:
		return "stands too deep in others"
	}
	return fmt.Sprintf("reason %d", int(r))
}

// A Stray is a stray bracket, which is read as a character like any other.
type Stray struct {
	Offset       int // in bytes of the text
	Line, Column int // from 1; the column in characters
	Paragraph    int // its index in [Document.Paragraphs]
	Bracket      byte
	Reason       Reason
}

// String says what is wrong, and where: `line 3, column 14: this "[" never
// closes`.
func (s Stray) String() string {
	return fmt.Sprintf("line %d, column %d: this %q %s", s.Line, s.Column, string(s.Bracket), s.Reason)
}

// faults returns the strays of a scanned text.
func (s *scanner) faults() []Stray {
	n := 0
	for _, m := range s.marks {
		if m.kind == Unmatched {
			n++
		}
	}
	all := make([]Stray, 0, n)
	k, at, line, column := 0, 0, 1, 1
	for _, m := range s.marks {
		if m.kind != Unmatched {
			continue
		}
		for at < m.start {
			r, n := utf8.DecodeRuneInString(s.text[at:])
			if column++; r == '\n' {
				line, column = line+1, 1
			}
			at += n
		}
		for m.start >= s.units[k].end {
			k++
		}
		all = append(all, Stray{m.start, line, column, k, s.text[m.start], m.reason})
	}
	return all
}
