package redline

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
	parts := strings.Split(words(200_000, 1<<20, " "), "0 ")
	return map[string][2][]string{
		"one paragraph":     {{words(180_000, 1<<20, " ")}, {words(180_000, 1<<20, " ")}}, // 1 MB against 1 MB
		"few words":         {{words(200_000, 3, " ")}, {words(200_000, 3, " ")}},
		"no spaces":         {{words(300_000, 16, ",")}, {words(300_000, 16, ",")}},
		"short paragraphs":  {lines(8000, 1<<20, "\n"), lines(8000, 1<<20, "\n")},
		"equal paragraphs":  {lines(8000, 7, "\n"), lines(8000, 7, "\n")},
		"all different":     {lines(8000, 1<<50, "\n"), lines(8000, 1<<50, "\n")},
		"all alike":         {lines(8000, 2, " States shall cooperate\n"), lines(8000, 2, " States shall not cooperate\n")},
		"one against many":  {{strings.Repeat("a\n", 500_000)}, slices.Repeat([]string{"b\n\n"}, 300_000)},
		"one cut into many": {{strings.Join(parts, " ")}, parts},
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

// shuffled returns n paragraphs, and twice the same in other orders.
func shuffled(n int) (base, ours, theirs []string) {
	random := rand.New(rand.NewPCG(uint64(n), 3))
	base = statement(n, 10)
	other := func() []string {
		text := slices.Clone(base)
		random.Shuffle(n, func(i, k int) { text[i], text[k] = text[k], text[i] })
		return text
	}
	return base, other(), other()
}

// Two sides that move everything are merged in bounded time, and carried over.
func TestHostileMovesEnd(t *testing.T) {
	base, ours, theirs := shuffled(8000)
	start := time.Now()
	m := Merge(base, Side{"ours", ours}, Side{"theirs", theirs})
	m.Places()
	m.WithMarkers("ours", "theirs", 7)
	t.Logf("merged in %v", time.Since(start))
	rebase(t, base, ours, theirs)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// A paragraph full of brackets that have no partners is shown in bounded time.
func TestHostileBracketsEnd(t *testing.T) {
	base := []string{strings.Repeat("a ", 4000)}
	var proposals []Proposal
	for i, bracket := range []string{"[", "]", "[]", "]["} {
		id := fmt.Sprint(i)
		proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, base, []string{strings.Repeat("a "+bracket+" ", 4000)})})
	}
	start := time.Now()
	Rolling(base, proposals).Markdown()
	t.Logf("%v", time.Since(start))
}

// So is one in which every other word changes.
func TestHostileChangesEnd(t *testing.T) {
	var old, new strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&old, "u%x x%x ", i, i)
		fmt.Fprintf(&new, "u%x yyyyyyyyyy%x ", i, i)
	}
	base := []string{old.String()}
	start := time.Now()
	r := Compare(base, []string{new.String()})
	t.Logf("compared in %v", time.Since(start))
	start = time.Now()
	r.Plain(base, 0)
	t.Logf("shown in %v", time.Since(start))
	e, err := r.Edits(base)
	if err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	Rolling(base, []Proposal{{"1", []string{"IND"}, e}}).Markdown()
	t.Logf("rolled in %v", time.Since(start))
}
