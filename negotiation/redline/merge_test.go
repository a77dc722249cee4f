package redline

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// genFile draws a Markdown file as people have them: wrapped lines, items, code,
// blank lines anywhere, perhaps without a line end.
func genFile(t *rapid.T) string {
	var b strings.Builder
	piece := rapid.SampledFrom([]string{
		"States ", "shall ", "cooperate", ". ", "may\n", "of ", "the\n", "\n", "\n\n", "\n- ", "\n## ", "1. ", "\n~~~\n", "\n| a | b |\n", "   ", "\r\n", "é", "[^1]", "合作",
	})
	for range rapid.IntRange(0, 24).Draw(t, "pieces") {
		b.WriteString(piece.Draw(t, "piece"))
	}
	return b.String()
}

// genOther draws what somebody might make of a file.
func genOther(t *rapid.T, file string) string {
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		tokens := Tokens(file)
		at := rapid.IntRange(0, len(tokens)).Draw(t, "at")
		end := min(len(tokens), at+rapid.IntRange(0, 6).Draw(t, "deleted"))
		file = strings.Join(tokens[:at], "") + rapid.SampledFrom([]string{"", "fully ", "\n\n", "\n", " as appropriate", "## New\n\n"}).Draw(t, "new") + strings.Join(tokens[end:], "")
	}
	return file
}

func merged(base, ours, theirs string) *Merged {
	return Merge(Cut(base), Side{"ours", Cut(ours)}, Side{"theirs", Cut(theirs)})
}

func TestCutAndPaste(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := genFile(t)
		paragraphs := Cut(file)
		if got := strings.Join(paragraphs, ""); got != file {
			t.Fatalf("%q comes back as %q", file, got)
		}
		if got := Paste(paragraphs); got != file {
			t.Fatalf("%q is pasted as %q", file, got)
		}
		shuffled := rapid.Permutation(paragraphs).Draw(t, "order")
		for i, p := range Cut(Paste(shuffled)) {
			if strings.TrimSpace(p) == "" || strings.Contains(file, "~~~") { // code may be torn open
				continue
			}
			if !slices.ContainsFunc(shuffled, func(s string) bool { return strings.TrimSpace(s) == strings.TrimSpace(p) }) {
				t.Fatalf("pasted, %q has %q as paragraph %d", shuffled, p, i)
			}
		}
	})
}

func TestMergeWithOneSideUnchangedIsTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genFile(t)
		ours := genOther(t, base)
		for _, m := range []*Merged{merged(base, ours, base), merged(base, base, ours), merged(base, ours, ours)} {
			if got := Paste(m.Text()); got != ours || m.Conflicts > 0 {
				t.Fatalf("base %q\nours %q\nmerged with %d conflicts: %q", base, ours, m.Conflicts, got)
			}
		}
	})
}

func TestMergeIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genFile(t)
		ours, theirs := genOther(t, base), genOther(t, base)
		a, b := merged(base, ours, theirs), merged(base, theirs, ours)
		if a.Conflicts != b.Conflicts || a.Touching != b.Touching {
			t.Fatalf("%d conflicts and %d touching; exchanged %d and %d", a.Conflicts, a.Touching, b.Conflicts, b.Touching)
		}
		if a.Conflicts > 0 {
			return
		}
		if x, y := Paste(a.Text()), Paste(b.Text()); x != y {
			t.Fatalf("base %q\nours %q\ntheirs %q\nmerged %q\nexchanged %q", base, ours, theirs, x, y)
		}
	})
}

// What crosses is found as by looking at each pair of moves.
func TestMovesThatCross(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "paragraphs")
		draw := func() Edits {
			var e Edits
			for _, from := range rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, 4, rapid.ID[int]).Draw(t, "moved") {
				e.Inserted = append(e.Inserted, Insertion{Gap: rapid.IntRange(0, n).Draw(t, "gap"), From: from})
			}
			return e
		}
		moves := func(e Edits, in Insertion) bool {
			return slices.ContainsFunc(e.Inserted, func(x Insertion) bool { return x.From == in.From && x.Gap == in.Gap })
		}
		a, b := draw(), draw()
		want := map[int]bool{}
		for _, x := range a.Inserted {
			for _, y := range b.Inserted {
				if x.From != y.From && min(x.From, x.Gap) < max(y.From+1, y.Gap) && min(y.From, y.Gap) < max(x.From+1, x.Gap) &&
					!moves(b, x) && !moves(a, y) {
					want[x.From], want[y.From] = true, true
				}
			}
		}
		if got := crossed(a, b); !maps.Equal(got, want) {
			t.Fatalf("%+v and %+v cross at %v; got %v", a.Inserted, b.Inserted, want, got)
		}
	})
}

// A conflict loses no word of either side, in brackets or between markers.
func TestConflictsLoseNoWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genFile(t)
		ours, theirs := genOther(t, base), genOther(t, base)
		m := merged(base, ours, theirs)
		for name, text := range map[string]string{"brackets": Paste(m.Text()), "markers": Paste(m.WithMarkers("ours", "theirs", 7))} {
			was := map[string]int{}
			for _, token := range Tokens(base) {
				was[token]++
			}
			for side, other := range map[string]string{ours: theirs, theirs: ours} {
				in, there := map[string]int{}, map[string]int{}
				for _, token := range Tokens(side) {
					in[token]++
				}
				for _, token := range Tokens(other) {
					there[token]++
				}
				for token, n := range in {
					if isWord(token) && n > was[token] && there[token] >= was[token] && !strings.Contains(text, token) {
						t.Fatalf("%s lack %q\nbase %q\nours %q\ntheirs %q\nmerged %q", name, token, base, ours, theirs, text)
					}
				}
			}
			if marked := strings.Contains(text, "<<<<<<<"); name == "markers" && marked != (m.Conflicts > 0) {
				t.Fatalf("%d conflicts, and the text is %q", m.Conflicts, text)
			}
		}
	})
}

func TestMergeCases(t *testing.T) {
	eachCase(t, "merge", func(t *testing.T, files []file) string {
		m := merged(files[0].data, files[1].data, files[2].data)
		var b strings.Builder
		for _, part := range []struct{ name, text string }{
			{"brackets", Paste(m.Text())}, {"markers", Paste(m.WithMarkers("ours", "theirs", 7))},
		} {
			b.WriteString("== " + part.name + "\n" + part.text)
			if m.Conflicts == 0 {
				break
			}
		}
		b.WriteString("== " + plural(m.Conflicts, "conflict") + ", " + plural(m.Touching, "touching") + "\n")
		return b.String()
	})
}

func plural(n int, what string) string { return strings.Repeat("|", n) + " " + what }

// The text with one party's alternatives taken is that party's file.
func TestTakingOneGivesItsFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genFile(t)
		files := []string{genOther(t, base), genOther(t, base), genFile(t)}
		paragraphs := Cut(base)
		var proposals []Proposal
		for i, file := range files {
			id := string(rune('A' + i))
			proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, paragraphs, Cut(file))})
		}
		d := Rolling(paragraphs, proposals)
		if got := Paste(d.Take()); got != base {
			t.Fatalf("taking none gives %q, not %q", got, base)
		}
		for i, file := range files {
			if got := Paste(d.Take(proposals[i].ID)); got != file {
				t.Fatalf("taking one gives %q, not %q", got, file)
			}
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Add("a b c\n\nd e f\n", "a x c\n\nd e f\n", "a b c\n\nd f\n")
	f.Add("One. Two.\nThree", "Three\nOne.\nTwo.", "One.\n\nTwo.\n\nThree")
	f.Add("- a\n- b\n", "- b\n- a\n", "- a c\n- b\n")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		if len(base)+len(ours)+len(theirs) > 2000 {
			t.Skip()
		}
		for _, s := range []*string{&base, &ours, &theirs} {
			*s = strings.ReplaceAll(*s, Break, "")
		}
		m := merged(base, ours, theirs)
		Paste(m.Text())
		m.WithMarkers("ours", "theirs", 7)
		if got := Paste(merged(base, ours, base).Text()); got != ours {
			t.Fatalf("with one side unchanged %q becomes %q", ours, got)
		}
	})
}
