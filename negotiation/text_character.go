package negotiation

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostMarks is how many combining marks may follow one another: more than any
// language writes, and few enough for the limit of 30 of Unicode's Stream-Safe
// Text Format (UAX #15, section 13), beyond which normalization adds characters. The
// vowels and final consonants of Hangul that are written as letters of their own count.
const mostMarks = 20

// invisible reports the first character of s, which is valid UTF-8 without line
// feeds, that a text must not contain: one that cannot be seen, that changes
// how others are seen, or that has no agreed meaning. (Go's tables and those of
// x/text/unicode/norm are of Unicode 15.0; a newer table is a change of format.)
func invisible(s string) *flaw {
	marks := 0
	for i, r := range s {
		if r < utf8.RuneSelf && r >= ' ' && r != 0x7f {
			marks = 0
			continue
		}
		if unicode.Is(unicode.M, r) || r >= 0x1160 && r <= 0x11ff {
			marks++
		} else {
			marks = 0
		}
		if marks > mostMarks {
			return &flaw{i, "more accents are stacked on one letter here than any language writes"}
		}
		if (r == zwnj || r == zwj) && joins(s[:i], s[i+utf8.RuneLen(r):]) || isMongolianVariant(r) && endsIn(unicode.Mongolian, s[:i]) {
			continue
		}
		if why := refusedCharacter(r); why != "" {
			return &flaw{i, fmt.Sprintf("%s, U+%04X, is not accepted: remove it%s", why, r, place(s[:i]))}
		}
	}
	return nil
}

const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

// refusedCharacter names the class of r when no text may contain it, and is ""
// for all others.
func refusedCharacter(r rune) string {
	switch {
	case r == '\t':
		return "a tab"
	case unicode.Is(unicode.Cc, r):
		return "a control character"
	case r == '\u2028' || r == '\u2029':
		return "a line separator"
	case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
		return "an invisible character that reverses the direction of writing"
	case r == '\u200e' || r == '\u200f' || r == '\u061c':
		return "an invisible mark of the direction of writing"
	case r == '\u00ad':
		return "an invisible (soft) hyphen"
	case r == zwnj || r == zwj:
		return "an invisible joiner that is not between letters which need one"
	case r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe:
		return "a code that is not a character"
	case unicode.Is(unicode.Co, r):
		return "a character of private use"
	case r == '\ufffc' || r == '\ufffd':
		return "a stand-in for something lost when the text was converted"
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return "" // signs such as U+06DD are formatting characters, but seen
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), r == '\u17b4', r == '\u17b5', r == '\u2800':
		return "an invisible character"
	case !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z):
		return "a character unknown to Unicode 15.0"
	}
	return ""
}

// place says where a character stands that cannot be seen.
func place(before string) string {
	before = strings.TrimRightFunc(before, func(r rune) bool { return !unicode.IsGraphic(r) })
	start := len(before)
	for n := 0; n < 20 && start > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(before[:start])
		start -= size
	}
	if start == len(before) {
		return " (at the beginning of the line)"
	}
	return fmt.Sprintf(" (after “%s”)", before[start:])
}

// joins reports whether a joiner or non-joiner belongs between before and after:
// both are letters of one script whose writing needs it.
func joins(before, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	script, ok := unicode.Scripts[joiningScript(next)]
	return ok && endsIn(script, before)
}

// joiningScript names the script of r, a letter or mark, if its writing joins letters, or
// must be kept from that; "" for all other characters.
func joiningScript(r rune) string {
	for _, name := range []string{
		"Arabic", "Syriac", "Mongolian",
		"Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya",
		"Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala",
		"Khmer", "Myanmar", "Tibetan",
	} {
		if unicode.Is(unicode.Scripts[name], r) && unicode.In(r, unicode.L, unicode.M) {
			return name
		}
	}
	return ""
}

// endsIn reports whether s ends in a letter of script, with or without marks.
func endsIn(script *unicode.RangeTable, s string) bool {
	s = strings.TrimRightFunc(s, func(r rune) bool { return unicode.Is(unicode.M, r) })
	last, _ := utf8.DecodeLastRuneInString(s)
	return unicode.Is(script, last) && unicode.IsLetter(last)
}

// isMongolianVariant reports whether r selects the form of the Mongolian letter
// before it.
func isMongolianVariant(r rune) bool { return r >= '\u180b' && r <= '\u180f' }

// A Warning points at something that a text may contain and a reader may not
// notice.
type Warning struct {
	Paragraph int // counted from 0
	Word      string
	Reason    string
}

// Warnings lists the words of t that mix the Latin script with Cyrillic or
// Greek letters, many of which look alike.
func (t Text) Warnings() []Warning {
	var found []Warning
	for i := range t.blocks {
		for _, word := range strings.FieldsFunc(t.Body(i), outsideWord) {
			if other := mixed(word); other != "" {
				found = append(found, Warning{i, word, "this word mixes Latin and " + other + " letters, which look alike"})
			}
		}
	}
	return found
}

func outsideWord(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) }

// mixed names the script that word mixes with Latin; "" when it does not.
func mixed(word string) string {
	has := func(script *unicode.RangeTable) bool {
		return strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(script, r) })
	}
	switch {
	case !has(unicode.Latin):
		return ""
	case has(unicode.Cyrillic):
		return "Cyrillic"
	case has(unicode.Greek):
		return "Greek"
	}
	return ""
}
