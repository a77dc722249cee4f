package redline

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const corpus = "../../../shared/corpus/merges"

// A real merge: what two people made of a base, and what a third made of both.
type realMerge struct {
	name                       string
	base, ours, theirs, merged string
	lines                      int // conflicts that git merge-file sees
}

func realMerges(t testing.TB, set string) []realMerge {
	dir := filepath.Join(corpus, set)
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Skip("no corpus")
	}
	var all []realMerge
	for line := range strings.Lines(string(index)) {
		m := realMerge{}
		if n, _ := fmt.Sscanf(line, "%s\t%d", &m.name, &m.lines); n != 2 {
			continue
		}
		for name, into := range map[string]*string{"base": &m.base, "ours": &m.ours, "theirs": &m.theirs, "merged": &m.merged} {
			data, err := os.ReadFile(filepath.Join(dir, m.name, name+".md"))
			if err != nil {
				t.Fatal(err)
			}
			*into = string(data)
		}
		all = append(all, m)
	}
	return all
}

func (m realMerge) merge() *Merged {
	return Merge(Cut(m.base), Side{"ours", Cut(m.ours)}, Side{"theirs", Cut(m.theirs)})
}

func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// What wiggle 1.1 does with the line-conflicted merges.
var wiggled = map[string]struct{ clean, right int }{
	"manifesto, as they are": {10, 3}, "manifesto, a paragraph a line": {13, 5},
	"quicwg, as they are": {8, 4}, "quicwg, a paragraph a line": {20, 12},
}

// A tally counts the merges of one set.
type tally struct {
	gitRight, weRight        int // of those that git merges by lines
	conflicted, clean, right int // of the others
	besides                  int // clean and different, but nowhere in a run that was merged
}

// TestRealMerges merges what people merged by hand. Concord must be right where
// git is, and of what conflicts for git it must merge more as the human did than
// wiggle does, and err in a smaller share of what it merges.
func TestRealMerges(t *testing.T) {
	for _, set := range []string{"manifesto", "quicwg"} {
		for _, form := range []string{"as they are", "a paragraph a line"} {
			t.Run(set+", "+form, func(t *testing.T) {
				var n tally
				for _, m := range realMerges(t, set) {
					if form != "as they are" {
						m = m.canonical()
					}
					n.add(t, m)
				}
				t.Logf("line-clean: %d of %d right; of %d line-conflicted: %d clean, %d as the human, %d more differ only in words that the human changed besides",
					n.weRight, n.gitRight, n.conflicted, n.clean, n.right, n.besides)
				w := wiggled[set+", "+form]
				if n.weRight < n.gitRight {
					t.Errorf("git is right on %d, we on %d", n.gitRight, n.weRight)
				}
				if n.right <= w.right || (n.clean-n.right)*w.clean >= (w.clean-w.right)*n.clean {
					t.Errorf("%d of %d clean are right; of wiggle's %d of %d", n.right, n.clean, w.right, w.clean)
				}
			})
		}
	}
}

func (n *tally) add(t *testing.T, m realMerge) {
	merged := m.merge()
	clean := merged.Conflicts == 0
	same := clean && sameWords(Paste(merged.Text()), m.merged)
	if m.lines == 0 {
		n.gitRight++
		if same {
			n.weRight++
		} else {
			t.Logf("%s: git is right; we have %d conflicts", m.name, merged.Conflicts)
		}
		return
	}
	n.conflicted++
	switch {
	case !clean:
		return
	case same:
		n.right++
	default:
		merges, besides := m.differences(t)
		if merges == 0 {
			n.besides++
		}
		t.Logf("%s: clean, and the human has other words in %d runs that were merged, in %d besides", m.name, merges, besides)
	}
	n.clean++
}

// differences counts where the human's text is not the merge: in a run that was
// merged, and in words that neither side changed.
func (m realMerge) differences(t *testing.T) (merges, besides int) {
	base := Cut(m.base)
	var proposals []Proposal
	for name, text := range map[string]string{"ours": m.ours, "theirs": m.theirs, "human": m.merged} {
		proposals = append(proposals, Proposal{name, []string{name}, editsTo(t, base, Cut(text))})
	}
	for _, p := range Rolling(base, proposals).Paragraphs {
		disputes := []*Dispute{p.Fate}
		for _, s := range p.Segments {
			disputes = append(disputes, s.Dispute)
		}
		for _, d := range disputes {
			switch {
			case d == nil:
			case slices.Equal(d.proposals(), []string{"human"}):
				besides++
			case slices.ContainsFunc(d.Alternatives[1:], func(a Alternative) bool { return !slices.Contains(a.Proposals, "human") }):
				merges++
			}
		}
	}
	return merges, besides
}

// canonical puts every paragraph on a line.
func (m realMerge) canonical() realMerge {
	for _, s := range []*string{&m.base, &m.ours, &m.theirs, &m.merged} {
		var b strings.Builder
		for _, p := range Cut(*s) {
			b.WriteString(strings.Join(strings.Fields(p), " ") + "\n\n")
		}
		*s = b.String()
	}
	return m
}
