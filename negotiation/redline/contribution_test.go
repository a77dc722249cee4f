package redline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// said returns the words of a contribution, those of each paragraph apart.
func said(text []string, spans [][]Span) []string {
	var out []string
	for i, p := range text {
		words := ""
		for _, s := range spans[i] {
			words += p[s.Start:s.End]
		}
		out = append(out, words)
	}
	return out
}

func TestContribution(t *testing.T) {
	base := []string{"# A", "States shall cooperate.", "They meet every year."}
	for _, c := range []struct {
		name            string
		edited, revised []string
		want            []string
	}{
		{"taken as it is", []string{"# A", "States should cooperate.", base[2]}, []string{"# A", "States should cooperate.", base[2]}, []string{"", "should", ""}},
		{"with another's", []string{"# A", "States should cooperate.", base[2]}, []string{"# A", "All States should cooperate.", base[2]}, []string{"", "should", ""}},
		{"in part", []string{"# A", "States should cooperate in full.", base[2]}, []string{"# A", "States should cooperate.", base[2]}, []string{"", "should", ""}},
		{"not at all", []string{"# A", "States should cooperate.", base[2]}, []string{"# A", "States may cooperate.", base[2]}, []string{"", "", ""}},
		{"in a paragraph that moves", []string{"# A", "States should cooperate.", base[2]}, []string{"# A", base[2], "States should cooperate."}, []string{"", "", "should"}},
		{"in a paragraph that splits", []string{"# A", "States shall readily cooperate.", base[2]}, []string{"# A", "States shall.", "They readily cooperate.", base[2]}, []string{"", "", "readily ", ""}},
		{"in paragraphs that join", []string{"# A", base[1], "They meet every other year."}, []string{"# A", "States shall cooperate. They meet every other year."}, []string{"", "other "}},
		{"a new paragraph", []string{"# A", base[1], base[2], "They report."}, []string{"# A", base[1], base[2], "They report often."}, []string{"", "", "", "They report."}},
		{"a word once more", []string{"# A", "States shall shall cooperate.", base[2]}, []string{"# A", "States shall shall cooperate.", base[2]}, []string{"", "shall shall ", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans, err := editsTo(t, base, c.edited).Contribution(base, Compare(base, c.revised))
			if err != nil {
				t.Fatal(err)
			}
			got := said(c.revised, spans)
			for i := range got {
				if strings.TrimSpace(got[i]) != strings.TrimSpace(c.want[i]) {
					t.Errorf("paragraph %d has the words %q, want %q", i, got[i], c.want[i])
				}
			}
		})
	}
	if _, err := (Edits{}).Contribution(base[:1], Compare(base, base)); err == nil {
		t.Error("a redline of another base is taken")
	}
}

// TestContributionToOwnText: to its own text edits contribute at least all that their
// redline brings in, and nothing where it brings in nothing.
func TestContributionToOwnText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := genRevisions(t)
		base, text := texts[0], texts[len(texts)-1]
		r := Compare(base, text)
		e, err := r.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		r = e.Redline(base)
		spans, err := e.Contribution(base, r)
		if err != nil {
			t.Fatal(err)
		}
		h := NewHistory(base)
		if err := h.Add(r); err != nil {
			t.Fatal(err)
		}
		paragraph := 0
		for _, p := range h.Trace() {
			if p.Fate != Keep {
				continue
			}
			at := 0
			for _, w := range p.Words {
				if w.Until == 0 && w.Since == 1 {
					for i := range len(w.Text) {
						in := func(s Span) bool { return s.Start <= at+i && at+i < s.End }
						if !slices.ContainsFunc(spans[paragraph], in) {
							t.Fatalf("%q of paragraph %d is not among %v", w.Text, paragraph, spans[paragraph])
						}
					}
				}
				if w.Until == 0 {
					at += len(w.Text)
				}
			}
			paragraph++
		}
	})
}

// TestDivide: the words of the last step get their parts, the words before keep
// theirs, and both are kept through later steps.
func TestDivide(t *testing.T) {
	texts := [][]string{
		{"States shall cooperate.", "They meet."},
		{"States should always cooperate.", "They meet."},
		{"They meet.", "States should always cooperate, as they can."},
	}
	h := NewHistory(texts[0])
	for i, text := range texts[1:] {
		if err := h.Add(Compare(texts[i], text)); err != nil {
			t.Fatal(err)
		}
		h.Divide(func(paragraph, at int) int {
			switch word := text[paragraph][at:]; {
			case strings.HasPrefix(word, "always"), strings.HasPrefix(word, "as"):
				return 2
			case strings.HasPrefix(word, " "):
				return 0
			}
			return 1
		})
	}
	var got []string
	for _, p := range h.Trace() {
		for _, w := range p.Words {
			if w.Since > 0 && strings.TrimSpace(w.Text) != "" && w.Until == 0 {
				got = append(got, fmt.Sprintf("%d.%d %s", w.Since, w.Part, w.Text))
			}
		}
	}
	want := []string{"1.1 should", "1.2 always", "2.1 ,", "2.2 as", "2.1 they", "2.1 can"}
	if !slices.Equal(got, want) {
		t.Errorf("the words are %q, want %q", got, want)
	}
}
