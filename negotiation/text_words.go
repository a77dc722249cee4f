package negotiation

import (
	"regexp"
	"strings"
	"unicode"
)

// itemIndent is the number of spaces by which an item stands below another.
const itemIndent = 3

const (
	reasonNotUTF8 = "this line is not UTF-8: save the file as “UTF-8” or “Unicode” text"
	reasonNotNFC  = "the accents here are not written in the normal form NFC"
	reasonTooDeep = "items nest at most four levels deep"
	reasonOrphan  = "an indented item stands below an item one level less deep; there is none above this line"
	reasonRule    = "this line would be read as a horizontal rule, which a text does not have"
	reasonBreak   = "this line ends in a forced line break, which a text does not have: remove the backslash or the spaces at its end"
)

// A marker is what a line begins with when it is more than words.
type marker struct {
	kind    BlockKind // Heading, Item, or Plain when there is none
	literal string    // with the space after it
	level   int       // of a heading
	ordered bool
	number  string // of an ordered item, as written
}

var (
	headingMarker = regexp.MustCompile(`^(#{1,6})(?: +|$)`)
	bulletMarker  = regexp.MustCompile(`^[-+*](?: +|$)`)
	numberMarker  = regexp.MustCompile(`^([0-9]{1,9})[.)](?: +|$)`)
)

// cutMarker reads the marker that s, which is not indented, begins with.
func cutMarker(s string) marker {
	if m := headingMarker.FindStringSubmatch(s); m != nil {
		return marker{kind: Heading, literal: m[0], level: len(m[1])}
	}
	if isRule(s) {
		return marker{kind: Plain}
	}
	if m := bulletMarker.FindString(s); m != "" {
		return marker{kind: Item, literal: m}
	}
	if m := numberMarker.FindStringSubmatch(s); m != nil {
		return marker{kind: Item, literal: m[0], ordered: true, number: m[1]}
	}
	return marker{kind: Plain}
}

// isRule reports whether Markdown reads s as a thematic break.
func isRule(s string) bool {
	bare := strings.ReplaceAll(s, " ", "")
	return len(bare) >= 3 && strings.ContainsRune("*-_", rune(bare[0])) &&
		strings.Count(bare, bare[:1]) == len(bare)
}

// trimClosing removes the closing sequence of # from the words of a heading.
func trimClosing(s string) string {
	for {
		bare := strings.TrimRight(s, "#")
		if bare == s || bare != "" && !strings.HasSuffix(bare, " ") {
			return s
		}
		s = strings.TrimRight(bare, " ")
	}
}

// words reports what is wrong with the words of a paragraph: first as a
// beginning, which Markdown must not take for another kind of paragraph, then
// within.
func words(s string, kind BlockKind) *flaw {
	if strings.IndexFunc(s, visible) < 0 {
		return &flaw{0, "there are no words after this marker"}
	}
	if kind != Title && kind != Heading {
		if reason := misread(s); reason != "" {
			return &flaw{0, reason}
		}
	}
	if strings.HasSuffix(s, " ") {
		return &flaw{len(s) - 1, "there are spaces at the end of this line"}
	}
	if doubled := doubledSpaces(s); len(doubled) > 0 {
		return &flaw{doubled[0], "there are two spaces in a row"}
	}
	return inline(s)
}

func visible(r rune) bool { return !unicode.IsSpace(r) }

// misread says as what other than words Markdown, or one of its common
// dialects, would take a paragraph that begins with s.
func misread(s string) string {
	switch m := cutMarker(s); {
	case m.kind == Heading:
		return "a heading cannot stand inside an item; write \\# for a number sign"
	case m.ordered:
		return "“" + strings.TrimSpace(m.literal) + "” would be read as the number of an item; write “" + m.number + "\\.” if it is not one"
	case m.kind == Item:
		return "an item inside the line of another: begin a new line for it; write “\\" + m.literal[:1] + "” for the sign itself"
	}
	switch {
	case isRule(s):
		return reasonRule
	case strings.Trim(s, "=") == "" || strings.Trim(s, "-") == "":
		return "this line underlines nothing: a heading is written “## Heading”"
	case strings.HasPrefix(s, ">"):
		return "block quotations are not accepted; write \\> for a greater-than sign"
	case strings.HasPrefix(s, "```"), strings.HasPrefix(s, "~~~"):
		return "blocks of computer code are not accepted"
	case strings.HasPrefix(s, "|"):
		return "tables are not accepted; write \\| for a vertical bar"
	case definesLink(s):
		return "“[…]:” at the beginning would be read as the definition of a link, and not be shown; write \\[ for the first bracket"
	}
	return ""
}

// definesLink reports whether s begins like a link reference definition or a
// footnote: "[label]:", where the label has no bracket.
func definesLink(s string) bool {
	if !strings.HasPrefix(s, "[") {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			return false
		case ']':
			return strings.HasPrefix(s[i+1:], ":")
		}
	}
	return false
}

var (
	characterReference = regexp.MustCompile(`^&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);`)
	linkTarget         = regexp.MustCompile("^\\((?:https?://|mailto:)[^\\s()<>`\\\\\"']+\\)")
)

// inline reports what is wrong within the words of a paragraph.
func inline(s string) *flaw {
	var bad *flaw
	outsideCode(s, func(i int) bool {
		rest := s[i:]
		switch s[i] {
		case '\\':
			if rest == "\\" {
				bad = &flaw{i, reasonBreak}
			}
		case '<':
			if len(rest) > 1 && (isASCIILetter(rest[1]) || strings.ContainsRune("/!?", rune(rest[1]))) {
				bad = &flaw{i, "“<” would begin HTML here, which is not accepted; write \\< for a less-than sign, and addresses without < and >"}
			}
		case '!':
			if strings.HasPrefix(rest, "![") {
				bad = &flaw{i, "“![” would be read as an image, which is not accepted; write \\! for an exclamation mark before a bracket"}
			}
		case '&':
			if m := characterReference.FindString(rest); m != "" {
				bad = &flaw{i, "write the character itself for “" + clip(m) + "”, or \\& for the sign"}
			}
		case ']':
			if strings.HasPrefix(rest, "](") && !linkTarget.MatchString(rest[1:]) {
				bad = &flaw{i, "“](” would be read as a link; a link leads to an address that begins with https://, http:// or mailto: and has no spaces, quotes or parentheses; put a space between ] and ( if it is none"}
			}
		}
		return bad == nil
	})
	return bad
}

// doubledSpaces returns the offsets of the spaces that follow another one
// outside of code spans.
func doubledSpaces(s string) []int {
	var at []int
	outsideCode(s, func(i int) bool {
		if i > 0 && s[i] == ' ' && s[i-1] == ' ' {
			at = append(at, i)
		}
		return true
	})
	return at
}

// outsideCode calls visit with the offset of every byte of s that is neither
// in a code span nor escaped, nor a backslash that escapes, until visit returns
// false. Code spans are as in CommonMark 0.31.2, section 6.1.
func outsideCode(s string, visit func(i int) bool) {
	unclosed := map[int]bool{} // numbers of backticks that nothing below closes
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\' && i+1 < len(s) && isASCIIPunct(s[i+1]):
			i += 2
		case s[i] == '`':
			run := backticks(s[i:])
			i += run
			if unclosed[run] {
				continue
			}
			length := codeLength(s[i:], run)
			unclosed[run] = length < 0
			i += max(length, 0)
		default:
			if !visit(i) {
				return
			}
			i++
		}
	}
}

// codeLength returns the length of what a run of backticks before s opens, with
// the run that closes it; -1 when none does.
func codeLength(s string, run int) int {
	for i := 0; ; {
		next := strings.IndexByte(s[i:], '`')
		if next < 0 {
			return -1
		}
		i += next
		n := backticks(s[i:])
		i += n
		if n == run {
			return i
		}
	}
}

func backticks(s string) int { return len(s) - len(strings.TrimLeft(s, "`")) }

func isASCIILetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

func isASCIIPunct(b byte) bool {
	return '!' <= b && b <= '~' && !isASCIILetter(b) && (b < '0' || b > '9')
}
