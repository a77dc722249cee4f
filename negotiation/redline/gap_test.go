package redline

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// inserting returns proposals that insert paragraphs in one gap of a text.
func inserting(base []string, wants [][]string) []Proposal {
	var ps []Proposal
	for i, want := range wants {
		var e Edits
		for _, text := range want {
			e.Inserted = append(e.Inserted, Insertion{Gap: 1, Text: text, From: none})
		}
		ps = append(ps, Proposal{strconv.Itoa(i), []string{"P" + strconv.Itoa(i)}, e})
	}
	return ps
}

// What several parties insert in one gap, in orders that do not contradict one
// another, stands there once.
func TestWhatSeveralInsertStandsOnce(t *testing.T) {
	base := []string{"first", "last"}
	rapid.Check(t, func(t *rapid.T) {
		all := []string{"a", "b", "c", "d", "e", "b", "f"}
		var wants [][]string
		wanted := map[string]int{}
		for range rapid.IntRange(1, 5).Draw(t, "parties") {
			var want []string
			times := map[string]int{}
			for i, text := range all {
				// The second b follows the first, or who has it might mean either.
				if rapid.Bool().Draw(t, "wants") && (i != 5 || times["b"] == 1) {
					want = append(want, text)
					times[text]++
					wanted[text] = max(wanted[text], times[text])
				}
			}
			wants = append(wants, want)
		}
		proposals := inserting(base, wants)
		d := Rolling(base, proposals)
		checkTaking(t, d, base, proposals)
		for _, p := range d.Paragraphs {
			if p.Base == none {
				wanted[p.Segments[0].Dispute.Alternatives[1].Text]--
			}
		}
		for text, n := range wanted {
			if n != 0 {
				t.Fatalf("%q: %q stands %d times too few in %q", wants, text, n, d.Markdown())
			}
		}
	})
}

// Orders that contradict one another lose nothing either, and what stands more
// than once does not depend on the parties' names.
func TestInsertionsInAnyOrder(t *testing.T) {
	base := []string{"first", "last"}
	rapid.Check(t, func(t *rapid.T) {
		wants := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 6), 0, 5).Draw(t, "wants")
		texts := func(wants [][]string) []string {
			proposals := inserting(base, wants)
			d := Rolling(base, proposals)
			checkTaking(t, d, base, proposals)
			var texts []string
			for _, p := range d.Paragraphs {
				if p.Base == none {
					texts = append(texts, p.Segments[0].Dispute.Alternatives[1].Text)
				}
			}
			slices.Sort(texts)
			return texts
		}
		got := texts(wants)
		if renamed := texts(rapid.Permutation(wants).Draw(t, "renamed")); !slices.Equal(got, renamed) {
			t.Fatalf("%q gives %q; with other names %q", wants, got, renamed)
		}
	})
}

// Many who contradict one another are laid out in bounded time, and lose nothing.
func TestHostileInsertionsEnd(t *testing.T) {
	base := []string{"first", "last"}
	var wants [][]string
	for i := range 200 {
		var want []string
		for k := range 200 {
			want = append(want, strconv.Itoa((i*37+k*(2*i+1))%200))
		}
		wants = append(wants, want)
	}
	proposals := inserting(base, wants)
	checkTaking(t, Rolling(base, proposals), base, proposals)
}
