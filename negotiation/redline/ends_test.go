package redline

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestWithEnds: with ends, a redline leads from the paragraphs with ends to the text
// with ends, and is a redline still.
func TestWithEnds(t *testing.T) {
	ended := func(text []string) (out []string) {
		for _, p := range text {
			out = append(out, p+"\n\n")
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		texts := genRevisions(t)
		base, text := texts[0], texts[len(texts)-1]
		got, err := Compare(base, text).WithEnds("\n\n").Apply(ended(base))
		if err != nil || !slices.Equal(got, ended(text)) {
			t.Fatalf("with ends, it leads to %q (%v), want %q", got, err, ended(text))
		}
	})
}
