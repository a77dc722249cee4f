package bracket

import (
	"regexp"
	"strings"
)

// The longest parts of Markdown that are looked for.
const (
	maxTarget   = 2000 // of a link, in parentheses
	maxRefLabel = 999  // of a reference, as CommonMark has it
	maxFootnote = 64   // the label of a footnote
)

// footnoteLen returns the length of the footnote mark "[^label]" that s begins
// with; 0 if there is none.
func footnoteLen(s string) int {
	if !strings.HasPrefix(s, "[^") {
		return 0
	}
	n := strings.IndexAny(s[2:min(len(s), 2+maxFootnote)], "[] \t\r\n")
	if n <= 0 || s[2+n] != ']' {
		return 0
	}
	return 2 + n + 1
}

// referenceLen returns the length of "[label]", the label without brackets,
// that s begins with; 0 if there is none.
func referenceLen(s string) int {
	if !strings.HasPrefix(s, "[") {
		return 0
	}
	for i := 1; i < min(len(s), maxRefLabel+2); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			return 0
		case ']':
			return i + 1
		}
	}
	return 0
}

// normal returns a label of a reference in the form in which labels are
// compared.
func normal(label string) string {
	return strings.ToLower(strings.Join(strings.Fields(label), " "))
}

// definitionLabel returns the label, normalized, that a line defines:
// `[label]: address "title"`. It is empty if the line defines none.
func definitionLabel(line string) string {
	n := referenceLen(line)
	if n == 0 || !strings.HasPrefix(line[n:], ":") || footnoteLen(line) > 0 {
		return ""
	}
	s := strings.TrimSpace(line[n+1:])
	dest := addressLen(s)
	if dest == 0 {
		return ""
	}
	if title := strings.TrimLeft(s[dest:], " \t"); title != "" && (len(title) == len(s[dest:]) || titleLen(title) != len(title)) {
		return ""
	}
	return normal(line[1 : n-1])
}

// targetLen returns the length of the target of a link, `(address "title")`,
// that s begins with; 0 if there is none. What does not look like an address,
// as in "paragraph [4](a)", is no target.
func targetLen(s string) int {
	s = s[:min(len(s), maxTarget)]
	if !strings.HasPrefix(s, "(") {
		return 0
	}
	rest := strings.TrimLeft(s[1:], " \t\n")
	n := addressLen(rest)
	if n == 0 {
		return 0
	}
	rest = rest[n:]
	title := strings.TrimLeft(rest, " \t\n")
	if len(title) < len(rest) {
		title = title[titleLen(title):]
	}
	rest = strings.TrimLeft(title, " \t\n")
	if !strings.HasPrefix(rest, ")") {
		return 0
	}
	return len(s) - len(rest) + 1
}

// titleLen returns the length of the title of a link that s begins with, with
// its quotes; 0 if there is none.
func titleLen(s string) int {
	if s == "" || !strings.Contains(`"'(`, s[:1]) {
		return 0
	}
	closes := s[0]
	if closes == '(' {
		closes = ')'
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case closes:
			return i + 1
		case '(':
			if s[0] == '(' {
				return 0
			}
		}
	}
	return 0
}

// addressLen returns the length of the address that s begins with, in angle
// brackets or with balanced parentheses; 0 if there is none, or if it does not
// look like one.
func addressLen(s string) int {
	if strings.HasPrefix(s, "<") {
		n := strings.IndexAny(s[1:], "<>\n") + 1
		if n == 0 || s[n] != '>' || !isAddress(s[1:n]) {
			return 0
		}
		return n + 1
	}
	depth, i := 0, 0
scan:
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c <= ' ' || c == 0x7f:
			break scan
		case c == '(':
			if depth++; depth > 32 {
				return 0
			}
		case c == ')':
			if depth == 0 {
				break scan
			}
			depth--
		}
	}
	i = min(i, len(s))
	if depth != 0 || !isAddress(s[:i]) {
		return 0
	}
	return i
}

// isAddress reports whether s looks like the address of a link: it begins with
// a scheme, a slash, a query, a fragment or dots and a slash, or has a name
// with a dot in it, such as "un.org/x" or "annex.md". "a", "iv", "3.2" and
// "and/or" do not.
func isAddress(s string) bool {
	for _, prefix := range []string{"/", "#", "?", "./", "../"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	if schemeLen(s) > 0 {
		return true
	}
	for i := 1; i+2 < len(s); i++ {
		if s[i] == '.' && isASCIILetter(s[i-1]) && isASCIILetter(s[i+1]) && isASCIILetter(s[i+2]) {
			return true
		}
	}
	return false
}

// schemeLen returns the length of "http:" or another scheme that s begins
// with; 0 if there is none.
func schemeLen(s string) int {
	for i := 0; i < len(s) && i <= 32; i++ {
		switch c := s[i]; {
		case isASCIILetter(c):
		case i == 0:
			return 0
		case c == ':':
			if i < 2 {
				return 0
			}
			return i + 1
		case '0' <= c && c <= '9', c == '+', c == '.', c == '-':
		default:
			return 0
		}
	}
	return 0
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// autolinkLen returns the length of "<http://…>" that s begins with; 0 if there
// is none.
func autolinkLen(s string) int {
	if !strings.HasPrefix(s, "<") || schemeLen(s[1:]) == 0 {
		return 0
	}
	s = s[:min(len(s), maxTarget)]
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '>':
			return i + 1
		case c <= ' ' || c == '<':
			return 0
		}
	}
	return 0
}

// interval is a half-open interval of numbers: "[0, 1)" or "(0, 1]".
var interval = regexp.MustCompile(strings.ReplaceAll(`^(?:\[N[,;]N\)|\(N[,;]N\])`, "N", ` ?[-+−–]?(?:[0-9]{1,12}(?:\.[0-9]{1,12})?|∞) ?`))

// intervalLen returns the length of the interval that s begins with; 0 if there
// is none.
func intervalLen(s string) int {
	if len(s) < 2 || isASCIILetter(s[1]) || s[1] == '[' || s[1] == ']' {
		return 0
	}
	return len(interval.FindString(s))
}

// checkboxLen returns the length of the box of a task, "[ ]" or "[x]", that s
// begins with; 0 if there is none.
func checkboxLen(s string) int {
	if len(s) >= 3 && s[0] == '[' && strings.IndexByte(" xX", s[1]) >= 0 && s[2] == ']' &&
		(len(s) == 3 || s[3] == ' ' || s[3] == '\t' || s[3] == '\n') {
		return 3
	}
	return 0
}

func isASCIIPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !isASCIILetter(c) && (c < '0' || c > '9')
}
