package bracket

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Label is what an option begins with, such as "Option 1:".
type Label struct {
	Text   string // as it stands, with the blanks behind it: "**Option 1:** "
	Word   string // "Option"
	Number string // "1", "b", "II"
}

// IsZero reports whether there is no label.
func (l Label) IsZero() bool { return l == Label{} }

// Name returns the label without its marks: "Option 1".
func (l Label) Name() string { return strings.TrimSpace(l.Word + " " + l.Number) }

// optionWords are what options are called, in lower case: in English, French,
// Spanish and Russian.
var optionWords = []string{"option", "opción", "alternative", "alternativa", "alt", "variante", "variant", "вариант"}

// Where a label stands.
type labelPlace int

const (
	atParagraph labelPlace = iota // at the beginning of a paragraph
	atHeading
	atBracket // right behind a bracket
)

// parseLabel reads the label that s begins with. Behind a bracket and at the
// beginning of a paragraph, it needs a colon or emphasis ("Option 1:",
// "**Option 1**"), or, in a paragraph, to be all there is.
func parseLabel(s string, place labelPlace) Label {
	emphasis := len(s) - len(strings.TrimLeft(s, "*_"))
	at := emphasis
	word := optionWord(s[at:])
	if word == "" || emphasis > 3 {
		return Label{}
	}
	at += len(word)
	if strings.HasPrefix(s[at:], ".") {
		at++
	}
	gap := blankLen(s[at:])
	at += gap
	number, n := optionNumber(s[at:])
	if n == 0 || gap == 0 {
		return Label{}
	}
	at += n
	colon, closed := false, false
	for {
		next := at + blankLen(s[at:])
		switch {
		case strings.HasPrefix(s[next:], ":"):
			at, colon = next+1, true
		case strings.HasPrefix(s[next:], "："):
			at, colon = next+len("："), true
		case at < len(s) && emphasis > 0 && (s[at] == '*' || s[at] == '_'):
			at, closed = at+1, true
		case footnoteLen(s[at:]) > 0:
			at += footnoteLen(s[at:])
		case at < len(s) && s[at] == '.' && (at+1 == len(s) || s[at+1] == ' ' || s[at+1] == '*'):
			at++
		default:
			rest := strings.TrimLeft(s[at:], " \t")
			alone := strings.HasPrefix(rest, "\n") || rest == "" && place != atBracket
			next, _ := utf8.DecodeRuneInString(rest)
			titled := place == atHeading && rest != "" && strings.ContainsRune(".(*_-–—", next)
			if !colon && !closed && !alone && !titled {
				return Label{}
			}
			return Label{s[:len(s)-len(rest)], word, number}
		}
	}
}

func optionWord(s string) string {
	for _, w := range optionWords {
		if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
			return s[:len(w)]
		}
	}
	return ""
}

// blankLen returns the length of the spaces that s begins with, at most two.
func blankLen(s string) int {
	n := 0
	for range 2 {
		switch {
		case strings.HasPrefix(s[n:], " "):
			n++
		case strings.HasPrefix(s[n:], "\u00a0"):
			n += len("\u00a0")
		}
	}
	return n
}

// optionNumber returns the number of an option and the length of what it stands
// in: "1", "2a", "b", "II" or "(a)".
func optionNumber(s string) (string, int) {
	open := 0
	if strings.HasPrefix(s, "(") {
		open = 1
	}
	n := open
	for n < len(s) && n < open+5 && (isASCIILetter(s[n]) || '0' <= s[n] && s[n] <= '9') {
		n++
	}
	number := s[open:n]
	if number == "" || len(numerals(number)) == 0 {
		return "", 0
	}
	if open > 0 {
		if !strings.HasPrefix(s[n:], ")") {
			return "", 0
		}
		return number, n + 1
	}
	if r, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsLetter(r) || unicode.IsDigit(r) {
		return "", 0
	}
	return number, n
}

// A numeral is one reading of an option's number: "I" may be the ninth letter
// or the first Roman number.
type numeral struct {
	style byte // tells digits, letters and Roman numbers, small and capital, apart
	value int
}

func numerals(number string) []numeral {
	digits := strings.TrimRight(number, "abcdefghijklmnopqrstuvwxyz")
	value := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			value = -1
			break
		}
		value = 10*value + int(c-'0')
	}
	var ns []numeral
	if digits != "" && value >= 0 && len(number)-len(digits) <= 1 {
		// "2a" and "2b" follow "2".
		suffix := 0
		if len(number) > len(digits) {
			suffix = int(number[len(number)-1]-'a') + 1
		}
		return []numeral{{'1', 27*value + suffix}}
	}
	if len(number) == 1 {
		ns = append(ns, numeral{number[0] & 0x60, int(number[0] & 0x1f)})
	}
	if v := roman(strings.ToUpper(number)); v > 0 {
		ns = append(ns, numeral{'I' | number[0]&0x20, v})
	}
	return ns
}

// roman returns the value of a Roman number up to XXXIX; 0 if s is none.
func roman(s string) int {
	tens := len(s) - len(strings.TrimLeft(s, "X"))
	for i, ones := range []string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"} {
		if s[tens:] == ones && tens < 4 {
			return 10*tens + i
		}
	}
	return 0
}

// alike reports whether both labels can be of one list of options.
func (l Label) alike(other Label) bool {
	return l.compare(other, func(_, _ int) bool { return true })
}

// follows reports whether l can come behind other in a list of options.
func (l Label) follows(other Label) bool {
	return l.compare(other, func(n, before int) bool { return n > before })
}

func (l Label) compare(other Label, values func(a, b int) bool) bool {
	if l.IsZero() || !strings.EqualFold(l.Word, other.Word) {
		return false
	}
	for _, a := range numerals(l.Number) {
		for _, b := range numerals(other.Number) {
			if a.style == b.style && values(a.value, b.value) {
				return true
			}
		}
	}
	return false
}
