package redline

import "strings"

// White space that merely wraps lines is soft: a run of spaces, tabs, carriage
// returns and line feeds. Any two soft runs are the same to a comparison, so
// that a paragraph that somebody wrapped anew has not changed. Replacing one by
// another is an edit of its own that collides with nothing, and that no
// notation brackets; taking a proposal still gives its text byte for byte.
// No-break spaces and the like are not soft.

// isSoft reports whether s is soft white space, and not empty.
func isSoft(s string) bool {
	if s == "" || s[0] > ' ' {
		return false
	}
	return s != "" && strings.Trim(s, softSpace) == ""
}

const softSpace = " \t\r\n"

// wraps reports whether h only replaces soft white space by other soft white
// space.
func (h Hunk) wraps(old string) bool {
	return isSoft(h.Text) && isSoft(old[h.Start:h.End])
}

// tokenKeys returns what is compared of tokens: any two soft runs within a
// paragraph are the same, and so are any two line ends at the end of one, but
// these are not like the others: what is added behind the last word stands before
// the line end. Where the tokens are their own keys they are returned.
func tokenKeys(tokens []string) []string {
	for i := range tokens {
		if tokenKey(tokens, i) != tokens[i] {
			keys := make([]string, len(tokens))
			copy(keys, tokens[:i])
			for k := i; k < len(tokens); k++ {
				keys[k] = tokenKey(tokens, k)
			}
			return keys
		}
	}
	return tokens
}

func tokenKey(tokens []string, i int) string {
	token := tokens[i]
	switch {
	case !isSoft(token):
		return token
	case strings.Contains(token, "\n") && (i+1 == len(tokens) || tokens[i+1] == Break):
		return "\n"
	}
	return " "
}

// squash returns s with one space for every soft run.
func squash(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\r') < 0 && !strings.Contains(s, "  ") {
		return s
	}
	var b strings.Builder
	for s != "" {
		words := strings.IndexAny(s, softSpace)
		if words < 0 {
			words = len(s)
		}
		b.WriteString(s[:words])
		rest := strings.TrimLeft(s[words:], softSpace)
		if len(rest) < len(s)-words {
			b.WriteByte(' ')
		}
		s = rest
	}
	return b.String()
}
