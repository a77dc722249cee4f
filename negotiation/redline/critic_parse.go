package redline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxCritic is how long a file in CriticMarkup may be, in bytes.
const MaxCritic = 16 << 20

// ParseCritic reads a file in CriticMarkup and returns the two files that it
// stands for: old is what rejecting every change gives, new what accepting
// every one gives. The marks are those of the published syntax:
//
//	{++inserted++}
//	{--deleted--}
//	{~~deleted~>inserted~~}
//	{==highlighted==}     stands in both files
//	{>>a comment<<}       stands in neither
//
// A mark holds any text, line ends and nothing at all included, but no other
// mark. A delimiter stands for itself where it delimits nothing: the end of a
// mark that is not open, and a ~> outside a substitution or behind its first.
//
// Concord adds an escape, which the published syntax lacks: a backslash inside
// a delimiter, before the brace that ends a mark, behind the brace that begins
// one, or before the > of the arrow, takes away its meaning.
//
//	{\++  {\--  {\~~  {\==  {\>>    ++\}  --\}  ~~\}  ==\}  <<\}    ~\>
//
// Where a text has one or several backslashes there, one more is written, and
// one is taken away in reading; all other backslashes stand for themselves. In
// Markdown the escaped forms show as the plain ones do.
//
// The error is an [*Error] with the line, and the column in characters, both
// counted from 1: of a mark that does not end or that has no ~>, of one that
// begins inside another, or of what goes beyond [MaxCritic]. It takes time in
// the length of text.
//
// Source: criticmarkup.com, "Specification".
func ParseCritic(text string) (old, new string, err error) {
	if len(text) > MaxCritic {
		return "", "", errorAt(text, MaxCritic, fmt.Sprintf("goes beyond %d bytes", MaxCritic))
	}
	r := criticReader{text: text}
	r.old.Grow(len(text))
	r.new.Grow(len(text))
	if err := r.read(); err != nil {
		return "", "", err
	}
	return r.old.String(), r.new.String(), nil
}

// A criticReader is the state of one ParseCritic.
type criticReader struct {
	text     string
	from     int  // where what has not been taken up yet begins
	mark     byte // of the open mark, the character that is doubled; 0 outside of marks
	opened   int  // where it begins
	parted   bool // its ~> has been read
	old, new strings.Builder
}

func (r *criticReader) read() error {
	for i := 0; i < len(r.text); {
		d := delimiterAt(r.text[i:])
		switch {
		case d.kind == noDelimiter:
			i++
			continue
		case d.slashes > 0:
			before := 1
			if d.kind == closes {
				before = 2
			}
			r.take(i + before)
			r.from++ // a backslash
			i += before + d.slashes
			continue
		case d.kind == opens && r.mark != 0:
			return errorAt(r.text, i, "a mark begins inside another, which begins at "+position(r.text, r.opened))
		case d.kind == opens:
			r.take(i)
			r.mark, r.opened, r.parted = d.mark, i, false
		case d.kind == parts && r.mark == '~' && !r.parted:
			r.take(i)
			r.parted = true
		case d.kind == closes && r.mark != 0 && d.mark == closingMark(r.mark):
			if r.mark == '~' && !r.parted {
				return errorAt(r.text, r.opened, "the substitution has no ~>")
			}
			r.take(i)
			r.mark = 0
		default:
			i++
			continue
		}
		i += d.size
		r.from = i
	}
	if r.mark != 0 {
		return errorAt(r.text, r.opened, "the mark does not end")
	}
	r.take(len(r.text))
	return nil
}

// take takes up the text as far as a place, where the open mark puts it.
func (r *criticReader) take(to int) {
	text := r.text[r.from:to]
	if r.mark == 0 || r.mark == '=' || r.mark == '-' || r.mark == '~' && !r.parted {
		r.old.WriteString(text)
	}
	if r.mark == 0 || r.mark == '=' || r.mark == '+' || r.mark == '~' && r.parted {
		r.new.WriteString(text)
	}
	r.from = to
}

// closingMark returns the character that is doubled where a mark ends.
func closingMark(mark byte) byte {
	if mark == '>' {
		return '<'
	}
	return mark
}

func errorAt(text string, at int, reason string) error {
	line, column := lineAndColumn(text, at)
	return &Error{Line: line, Reason: fmt.Sprintf("column %d: %s", column, reason)}
}

func position(text string, at int) string {
	line, column := lineAndColumn(text, at)
	return fmt.Sprintf("line %d, column %d", line, column)
}

func lineAndColumn(text string, at int) (line, column int) {
	before := text[:at]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}
