package redline

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEditsOfAnyRedlineGiveItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		r := genRedline(t, base)
		text, err := r.Apply(base)
		if err != nil {
			t.Fatal(err)
		}
		checkRedline(t, r, base, text)
		edits, err := r.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		if got := edits.Apply(base); !slices.Equal(got, text) {
			t.Fatalf("the edits give %q, not %q\n%s", got, text, Format(r))
		}
		checkNormal(t, edits, base)
	})
}

// checkNormal tests that hunks ascend, do not touch, and replace whole tokens.
func checkNormal(t *rapid.T, e Edits, base []string) {
	for _, p := range e.Paragraphs {
		old := base[p.Index] + Break
		ends := boundaries(base[p.Index])
		ends[len(old)] = true
		at := -1
		for _, h := range p.Hunks {
			switch {
			case h.Start < at || h.Start == at && !h.wraps(old):
				t.Fatalf("hunks of paragraph %d touch: %v", p.Index, p.Hunks)
			case !ends[h.Start] || !ends[h.End]:
				t.Fatalf("hunk %v cuts a word of %q", h, base[p.Index])
			case h.Text == old[h.Start:h.End]:
				t.Fatalf("hunk %v changes nothing of %q", h, base[p.Index])
			}
			at = h.End
			if h.wraps(old) {
				at-- // what follows may touch it
			}
		}
	}
}

func boundaries(s string) map[int]bool {
	ends := map[int]bool{0: true}
	at := 0
	for _, token := range Tokens(s) {
		at += len(token)
		ends[at] = true
	}
	return ends
}

// Whoever computes the redline: the same change is the same edit.
func TestEditsDoNotDependOnWhoCompared(t *testing.T) {
	run := func(s string) Run {
		return Run{Op: Op(strings.IndexByte(" -+", s[0])), Text: s[1:]}
	}
	for _, c := range []struct {
		base, text, want string
		runs             []string
	}{
		{"States shall cooperate.", "States should cooperate.", "[7 12 should]", []string{" States sh", "-all", "+ould", "  cooperate."}},
		{"States shall cooperate.", "States shall fully cooperate.", "[12 12  fully]", []string{" States shall ", "+fully ", " cooperate."}},
		{"States cooperate.", "States cooperate, as appropriate.", "[16 16 , as appropriate]", []string{" States cooperate", "+, as appropriate", " ."}},
		{"a b b c", "a b c", "[1 3 ]", []string{" a b", "- b", "  c"}},
		{"One. Two.", "One. And. Two.", "[4 4  And.]", []string{" One", "+. And", " . Two."}},
		{"States co.", "States cooperate.", "[7 9 cooperate]", []string{" States co", "+operate", " ."}},
	} {
		var runs []Run
		for _, s := range c.runs {
			runs = append(runs, run(s))
		}
		for _, r := range []Redline{{{Change, 0, 1, runs}}, Compare([]string{c.base}, []string{c.text})} {
			e, err := r.Edits([]string{c.base})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, h := range e.Paragraphs[0].Hunks {
				got.WriteString("[" + strconv.Itoa(h.Start) + " " + strconv.Itoa(h.End) + " " + h.Text + "]")
			}
			if got.String() != c.want {
				t.Errorf("%q: got %s, want %s\n%s", c.base, got.String(), c.want, Format(r))
			}
		}
	}
}
