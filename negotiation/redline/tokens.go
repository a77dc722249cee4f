package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Tokens cuts a paragraph into the units that are kept or replaced whole: the
// words of UAX #29, every run of white space, and every other character with
// the marks that combine with it. Joined, the tokens are s again, whatever
// bytes it holds. Khmer consonants stay with the coeng before them, which
// UAX #29 leaves to tailoring. It takes time in the length of s.
func Tokens(s string) []string {
	if s == "" {
		return nil
	}
	tokens := make([]string, 0, len(s)/3+1)
	start, end := 0, 0
	blank := false
	for it := words.FromString(s); it.Next(); {
		word := it.Value()
		white := isBlank(word)
		joins := white && blank || strings.HasSuffix(s[start:end], khmerCoeng) && startsKhmer(word)
		if end > start && !joins {
			tokens = append(tokens, s[start:end])
			start = end
		}
		end = it.End()
		blank = white
	}
	return append(tokens, s[start:end])
}

const khmerCoeng = "\u17d2"

func startsKhmer(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Khmer, r)
}

func isBlank(s string) bool {
	return strings.TrimLeftFunc(s, unicode.IsSpace) == ""
}

// tokensOf cuts consecutive paragraphs, with a lineBreak between two.
func tokensOf(paragraphs []string) []string {
	var tokens []string
	for i, p := range paragraphs {
		if i > 0 {
			tokens = append(tokens, lineBreak)
		}
		tokens = append(tokens, Tokens(p)...)
	}
	return tokens
}

// isWord reports whether a token tells paragraphs from one another.
func isWord(token string) bool {
	return strings.ContainsFunc(token, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r)
	})
}
