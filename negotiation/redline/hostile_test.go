package redline

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// hostile texts make a comparison do the most work for their size.
func hostile() map[string][2][]string {
	random := rand.New(rand.NewPCG(1, 2))
	words := func(n, vocabulary int, separator string) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "%x%s", random.IntN(vocabulary), separator)
		}
		return b.String()
	}
	lines := func(n, vocabulary int, separator string) []string {
		return strings.Split(words(n, vocabulary, separator), "\n")
	}
	return map[string][2][]string{
		"one paragraph":    {{words(120_000, 1<<20, " ")}, {words(120_000, 1<<20, " ")}},
		"few words":        {{words(200_000, 3, " ")}, {words(200_000, 3, " ")}},
		"no spaces":        {{words(300_000, 16, ",")}, {words(300_000, 16, ",")}},
		"short paragraphs": {lines(8000, 1<<20, "\n"), lines(8000, 1<<20, "\n")},
		"equal paragraphs": {lines(8000, 7, "\n"), lines(8000, 7, "\n")},
		"all different":    {lines(8000, 1<<50, "\n"), lines(8000, 1<<50, "\n")},
		"all alike":        {lines(8000, 2, " States shall cooperate\n"), lines(8000, 2, " States shall not cooperate\n")},
		"long paragraphs": {
			strings.SplitAfter(words(100_000, 50, " "), "31 1"), strings.SplitAfter(words(100_000, 50, " "), "30 2"),
		},
	}
}

func TestHostileTextsEnd(t *testing.T) {
	for name, texts := range hostile() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			r := Compare(texts[0], texts[1])
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Logf("%v for %d steps", took, len(r))
			}
			if _, err := r.Apply(texts[0]); err != nil {
				t.Fatal(err)
			}
		})
	}
}
