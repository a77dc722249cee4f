package redline

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMergePlaces(t *testing.T) {
	const base = "# A\n\nStates shall cooperate, and report every year.\n\nStates shall meet.\nThey eat.\n\nDone in Almaty.\n"
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(base) }
	m := merged(base,
		change("shall cooperate", "should cooperate", "shall meet", "should meet"),
		change("every year", "every two years", "shall meet", "may meet", "Done", "A new one.\n\nDone"))
	if got, want := m.Places(), []Place{{1, 3, false}, {2, 5, true}}; !slices.Equal(got, want) {
		t.Errorf("got %v; want %v\n%s", got, want, Paste(m.Text()))
	}
	if got, want := m.PlacesWithMarkers("ours", "theirs", 7), []Place{{1, 3, false}, {2, 5, true}}; !slices.Equal(got, want) {
		t.Errorf("with markers: got %v; want %v", got, want)
	}
}

// Both sides insert the same paragraph in different places, beside others.
func TestMergePlacesOfInsertions(t *testing.T) {
	for _, c := range []struct {
		base, ours, theirs string
		brackets, markers  []Place
	}{
		{"States States States 1. \n~~~\n", "1. \n~~~fully \n", "\n\n 1. \n~~~\n",
			[]Place{{1, 3, true}, {2, 5, true}}, []Place{{1, 3, true}, {2, 8, true}}},
		{"A b.\n\nC d.\n", "A b.\n\nNew.\n\nC d.\n", "A b.\n\nMore.\n\nC d.\n\nNew.\n",
			[]Place{{1, 3, true}, {4, 9, true}}, []Place{{1, 3, true}, {3, 11, true}}},
	} {
		m := merged(c.base, c.ours, c.theirs)
		if got := m.Places(); !slices.Equal(got, c.brackets) {
			t.Errorf("got %v; want %v in\n%s", got, c.brackets, Paste(m.Text()))
		}
		if got := m.PlacesWithMarkers("ours", "theirs", 7); !slices.Equal(got, c.markers) {
			t.Errorf("got %v; want %v in\n%s", got, c.markers, Paste(m.WithMarkers("ours", "theirs", 7)))
		}
	}
}

func TestMergePlacesAreWhereTheConflictsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genFile(t)
		m := merged(base, genOther(t, base), genOther(t, base))
		marked := m.WithMarkers("ours", "theirs", 7)
		file := Paste(marked)
		lines := strings.SplitAfter(file, "\n")
		begun := 0
		for _, p := range m.PlacesWithMarkers("ours", "theirs", 7) {
			if !p.Conflict {
				continue
			}
			begun++
			if lines[p.Line-1] != "<<<<<<< ours\n" || !strings.HasPrefix(marked[p.Paragraph], "<<<<<<< ours\n") {
				t.Fatalf("%q: no conflict at %v", file, p)
			}
		}
		if all := strings.Count(file, "<<<<<<< ours\n"); begun != all {
			t.Fatalf("%q: %d places for %d conflicts", file, begun, all)
		}
		text := m.Text()
		n := 0
		for _, p := range m.Places() {
			if p.Conflict {
				n++
				if !strings.Contains(text[p.Paragraph], "[") {
					t.Fatalf("%q: no bracket in %q", text, text[p.Paragraph])
				}
			}
		}
		if (n > 0) != (m.Conflicts > 0) {
			t.Fatalf("%q: %d places for %d conflicts", text, n, m.Conflicts)
		}
	})
}

func TestMergeShowsEveryConflict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := strings.ReplaceAll(genFile(t), "[^1]", "")
		m := merged(base, genOther(t, base), genOther(t, base))
		if text := Paste(m.Text()); m.Conflicts > 0 && !strings.Contains(text, "[") {
			t.Fatalf("base %q: %d conflicts, none in %q", base, m.Conflicts, text)
		}
		if text := Paste(m.WithMarkers("ours", "theirs", 7)); m.Conflicts > 0 && !strings.Contains("\n"+text, "\n<<<<<<< ours\n") {
			t.Fatalf("base %q: %d conflicts, none in %q", base, m.Conflicts, text)
		}
	})
}
