package redline

import (
	"slices"
	"strings"
	"unicode"
)

// A paragraph with marks is several texts at once, its readings: of a redline,
// the old one and the new one; of a rolling text, the base and each proposal.

// readingsOf returns how many readings a paragraph with these marks has.
func readingsOf(marks []Piece) int {
	n := 1
	for _, m := range marks {
		n = max(n, m.of)
	}
	return n
}

// in reports whether the piece belongs to a reading.
func (p Piece) in(reading int) bool {
	return p.readings == nil || slices.Contains(p.readings, reading)
}

// faithful reports whether what all pieces became, rendered at once, is in every
// reading what the Markdown of that reading alone becomes, and no mark stands
// around nothing but syntax. It is not where an asterisk of the old text has
// paired with one of the new, or where only emphasis has changed.
func (h *HTML) faithful(rendered string, pieces, marks []Piece) bool {
	if len(marks) == 0 || !slices.ContainsFunc(pieces, func(p Piece) bool { return strings.ContainsAny(p.Text, "*_[]`\\&") }) {
		return true
	}
	said := saidIn(rendered)
	if len(said) != 2*len(marks)+1 {
		return false
	}
	for i, m := range marks {
		if said[2*i+1] == "" && !isBlank(m.Text) {
			return false
		}
	}
	for r := range readingsOf(marks) {
		var alone, together strings.Builder
		for _, p := range pieces {
			if p.in(r) {
				alone.WriteString(p.Text)
			}
		}
		for i, words := range said {
			if i%2 == 0 || marks[i/2].in(r) {
				together.WriteString(words)
			}
		}
		if plainWords(h.render(alone.String())) != together.String() {
			return false
		}
	}
	return true
}

// saidIn returns the plain words before the first mark, in it, between it and the
// next, and so on.
func saidIn(rendered string) []string {
	words := plainWords(rendered)
	var said []string
	for {
		i := strings.IndexFunc(words, isSentinel)
		if i < 0 {
			return append(said, words)
		}
		said = append(said, words[:i])
		words = words[i+len(sentinelOpen):]
	}
}

func isSentinel(r rune) bool { return strings.ContainsRune(sentinelOpen+sentinelClose, r) }

// plainWords returns the words of HTML without tags and white space.
func plainWords(html string) string {
	var b strings.Builder
	for {
		words, tag, found := strings.Cut(html, "<")
		b.WriteString(strings.Map(unlessBlank, words))
		if !found {
			return b.String()
		}
		_, html, _ = strings.Cut(tag, ">")
	}
}

func unlessBlank(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}
