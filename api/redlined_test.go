package api

import (
	"testing"

	"concord/negotiation/redline"
)

func TestTouches(t *testing.T) {
	base := []string{"# T", "a b c", "d e f", "g h i", "j k l", "m n o"}
	labels := []string{"Title", "PP1", "PP2", "PP3", "PP4", "PP5"}
	for want, amended := range map[string][]string{
		"PP4 and 2 new paragraphs":      {"# T", "a b c", "d e f", "g h i", "j k x", "new one", "another", "m n o"},
		"a new paragraph":               {"# T", "a b c", "d e f", "g h i", "j k l", "quite new words", "m n o"},
		"PP1, PP2 and PP3":              {"# T", "a b x", "d e x", "g h x", "j k l", "m n o"},
		"PP1, PP2, PP3, PP4 and 1 more": {"# T", "a b x", "d e x", "g h x", "j k x", "m n x"},
	} {
		if got := touches(labels, redline.Compare(base, amended)); got != want {
			t.Errorf("it is said to touch %q, want %q", got, want)
		}
	}
}
