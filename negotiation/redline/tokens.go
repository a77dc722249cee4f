package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Tokens cuts a paragraph into the units that are kept or replaced whole: the
// words of UAX #29, every run of white space, every run of one of the characters
// that Markdown repeats (as in ## and **), and every other character with the
// marks that combine with it. Joined, the tokens are s again, whatever
// bytes it holds. Khmer consonants stay with the coeng before them, which
// UAX #29 leaves to tailoring, and so do the vowels of Thai and Lao that are written
// before their consonant with what follows. It takes time in the length of s.
func Tokens(s string) []string {
	if s == "" {
		return nil
	}
	tokens := make([]string, 0, len(s)/3+1)
	start, end := 0, 0
	blank := false
	for end < len(s) {
		size := plainWord(s[end:])
		if size == 0 {
			size = nextWord(s[end:])
		}
		word := s[end : end+size]
		white := isBlank(word)
		joins := white && blank || end > start && repeats(s[end-1], word) || startsKhmer(word) && strings.HasSuffix(s[start:end], khmerCoeng) || endsInLeadingVowel(s[start:end]) && startsThai(word)
		if end > start && !joins {
			tokens = append(tokens, s[start:end])
			start = end
		}
		end += size
		blank = white
	}
	return append(tokens, s[start:end])
}

// nextWord returns the size of the first word of s by UAX #29.
func nextWord(s string) int {
	it := words.FromString(s)
	it.Next()
	return it.End()
}

// plainWord returns the size of the first word of s if it is one by the looks of
// a few ASCII characters: letters and digits before what cannot belong to them, a
// space, or a punctuation mark before a space; otherwise 0. The words of UAX #29
// are the same, and take ten times as long to find.
func plainWord(s string) int {
	n := 0
	for n < len(s) && (isASCIILetter(s[n]) || isDigit(s[n])) {
		n++
	}
	at := func(i int) byte { // NUL at the end of s, which belongs to no word
		if i < len(s) {
			return s[i]
		}
		return 0
	}
	next, after := at(n), at(n+1)
	switch {
	case n == 0 && s[0] == ' ':
		if at(1) == ' ' || at(1) >= utf8.RuneSelf {
			return 0
		}
		return 1
	case n == 0 && strings.IndexByte(",.;:", s[0]) >= 0 && after == ' ':
		return 1
	case n == 0, next == '_', next >= utf8.RuneSelf:
		return 0
	case isDigit(s[n-1]) && strings.IndexByte(".,;'", next) >= 0 && (isDigit(after) || after >= utf8.RuneSelf):
		return 0
	case isASCIILetter(s[n-1]) && strings.IndexByte(".:'", next) >= 0 && (isASCIILetter(after) || after >= utf8.RuneSelf):
		return 0
	}
	return n
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isASCIILetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// repeats reports whether a word is one of the characters that Markdown repeats,
// after the same.
func repeats(before byte, word string) bool {
	return len(word) == 1 && word[0] == before && strings.IndexByte("#*_`~=-.", before) >= 0
}

const khmerCoeng = "\u17d2"

func startsKhmer(s string) bool {
	if s[0] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Khmer, r)
}

// endsInLeadingVowel reports whether the last character of s is a vowel that is written
// before the consonant that it is spoken after (Unicode's Logical_Order_Exception, of
// Thai and Lao).
func endsInLeadingVowel(s string) bool {
	if s == "" || s[len(s)-1] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return '\u0e40' <= r && r <= '\u0e44' || '\u0ec0' <= r && r <= '\u0ec4'
}

func startsThai(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.In(r, unicode.Thai, unicode.Lao)
}

func isBlank(s string) bool {
	if s != "" && ' ' < s[0] && s[0] < utf8.RuneSelf {
		return false
	}
	return strings.TrimLeftFunc(s, unicode.IsSpace) == ""
}

// tokensOf cuts consecutive paragraphs, with a Break between two.
func tokensOf(paragraphs []string) []string {
	if len(paragraphs) == 1 {
		return Tokens(paragraphs[0])
	}
	var tokens []string
	for i, p := range paragraphs {
		if i > 0 {
			tokens = append(tokens, Break)
		}
		tokens = append(tokens, Tokens(p)...)
	}
	return tokens
}

// isWord reports whether a token tells paragraphs from one another.
func isWord(token string) bool {
	if token != "" && isASCIILetter(token[0]) {
		return true
	}
	return strings.ContainsFunc(token, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r)
	})
}
