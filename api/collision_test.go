package api

import (
	"net/url"
	"strings"
	"testing"
)

// A draft that has only some of its words from another proposal is not said to have
// the same ones.
func TestCollisionsTellPartFromWhole(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	for words, want := range map[string]string{
		"1. States should cooperate in good faith to prevent harm.":         "OP1: the same words as XAU/1 and XBO/1.",
		"1. States should cooperate in good faith to prevent grave danger.": "OP1: in part the same words as XAU/1 and XBO/1.",
	} {
		_, part := v.post("/preview", url.Values{"base": {"1"}, "action": {"modify"}, "paragraph": {"5"}, "words": {words}})
		if !strings.Contains(part, want) {
			t.Errorf("of %q it is not said: %s\n%s", words, want, part)
		}
	}
}
