package bracket

import (
	"strings"
	"unicode"
)

// A unit is a paragraph as it is read: a block of lines, or one heading, list
// item, table row, definition or fenced block, with the blank lines behind it.
type unit struct {
	start, end int  // in bytes; the end is the start of the next unit
	line       int  // its first, from 1
	body       int  // where its words begin, behind its markers
	words      int  // where its words end, before the blanks behind them
	indent     int  // the columns before its first marker
	column     int  // the columns before its words
	level      int8 // of a heading, 1 to 6; 0 for others
	bullet     bool // an item of an unordered list
	number     int  // of an item of an ordered list; -1 for others
	row        bool // of a table
	note       bool // the definition of a footnote
	opaque     Kind // Code for a fenced block, Definition for that of a link; else Words
}

// cut returns the units of a text, in linear time. The first begins at 0, and
// the last ends at the end of the text.
func cut(text string) []unit {
	var us []unit
	line, apart := 0, true
	fences := findFences(text)
	for at := 0; at < len(text); {
		line++
		end := lineEnd(text, at)
		if isBlank(text[at:end]) {
			apart = true
			at = end
			continue
		}
		u := begin(text[at:end], at)
		u.line = line
		if u.opaque == Code && !fences.close(text[u.body:end], end) {
			u.opaque = Words
		}
		if apart || u.interrupts(us[len(us)-1]) {
			if len(us) > 0 {
				us[len(us)-1].end = at
			}
			us = append(us, u)
			if u.opaque == Code {
				closes := fences.end(text, u.body, end)
				line += lines(text[end:closes])
				end = closes
			}
		}
		last := &us[len(us)-1]
		last.words = at + len(strings.TrimRightFunc(text[at:end], unicode.IsSpace))
		last.body = min(last.body, last.words)
		at, apart = end, last.level > 0 || last.opaque != Words
	}
	if len(us) == 0 {
		return []unit{{line: 1, end: len(text), number: -1}}
	}
	us[0].start = 0
	us[len(us)-1].end = len(text)
	return us
}

// begin returns the unit that would begin with a line, which stands at offset
// at.
func begin(line string, at int) unit {
	line = strings.TrimRight(line, "\r\n")
	rest := strings.TrimLeft(line, " \t")
	u := unit{start: at, indent: columns(line[:len(line)-len(rest)]), number: -1}
	for n := markerLen(rest); n > 0 && u.level == 0; n = markerLen(rest) {
		switch c := rest[0]; {
		case c == '#':
			u.level = int8(len(rest) - len(strings.TrimLeft(rest, "#")))
		case '0' <= c && c <= '9':
			u.number = 0
			for i := 0; '0' <= rest[i] && rest[i] <= '9'; i++ {
				u.number = 10*u.number + int(rest[i]-'0')
			}
		case c != '>':
			u.bullet = true
		}
		rest = strings.TrimLeft(rest[n:], " \t")
	}
	u.body = at + len(line) - len(rest)
	u.column = columns(line[:len(line)-len(rest)])
	switch {
	case fenceLen(rest) > 0 && (rest[0] == '~' || !strings.Contains(rest[fenceLen(rest):], "`")):
		u.opaque = Code
	case strings.HasPrefix(rest, "|"):
		u.row = true
	case strings.HasPrefix(rest, "[^"):
		n := footnoteLen(rest)
		u.note = n > 0 && strings.HasPrefix(rest[n:], ":")
	case definitionLabel(rest) != "":
		u.opaque = Definition
	}
	return u
}

// interrupts reports whether u begins even where no blank line stands between
// it and the last unit.
func (u unit) interrupts(last unit) bool {
	if u.number >= 0 {
		// "2015. This" may be the wrapped end of a sentence.
		return u.number == 1 || last.number >= 0 || last.bullet
	}
	return u.level > 0 || u.bullet || u.row || u.note || u.opaque == Code
}

// markerLen returns the length of the marker of a heading, list item or
// quotation that s begins with, without the blanks behind it; 0 if there is
// none.
func markerLen(s string) int {
	n := 0
	switch {
	case s == "":
		return 0
	case s[0] == '>':
		return 1
	case s[0] == '#':
		n = len(s) - len(strings.TrimLeft(s, "#"))
		if n > 6 {
			return 0
		}
	case s[0] == '-' || s[0] == '*' || s[0] == '+':
		n = 1
	default:
		for n < len(s) && n < 9 && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		if n == 0 || n == len(s) || s[n] != '.' && s[n] != ')' {
			return 0
		}
		n++
	}
	if n < len(s) && s[n] != ' ' && s[n] != '\t' {
		return 0
	}
	return n
}

// lineEnd returns the offset behind the line that stands at offset at.
func lineEnd(text string, at int) int {
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(text)
}

// lines returns the number of lines of a text.
func lines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

// columns returns the width of blanks and markers. A tab reaches to the next
// multiple of four.
func columns(before string) int {
	n := 0
	for _, c := range before {
		if c == '\t' {
			n += 4 - n%4
		} else {
			n++
		}
	}
	return n
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
