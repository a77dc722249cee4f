package redline

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestRollingTextsOfParallelProposals holds the rolling texts of two sets of real
// proposals, as they were when an editor had read them. The texts are not ours to
// keep, so the golden files have their shape: of every paragraph that is in
// dispute the brackets, with the number of words in each, and a hash of its print.
func TestRollingTextsOfParallelProposals(t *testing.T) {
	sets := parallel(t)
	for _, name := range []string{"40d266aa9d78_100", "9c108f98520a_278"} {
		t.Run(name, func(t *testing.T) {
			base := sets[name][0]
			var proposals []Proposal
			for i, text := range sets[name][1:] {
				id := "P" + strconv.Itoa(i)
				proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, base, text)})
			}
			d := Rolling(base, proposals)
			got := shape(d)
			path := filepath.Join("testdata", "parallel", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s\nthe rolling text is\n%s", got, want, strings.Join(d.Markdown(), "\n\n"))
			}
		})
	}
}

// shape returns what d looks like without its words.
func shape(d Document) string {
	var b strings.Builder
	for i, line := range d.Markdown() {
		p := d.Paragraphs[i]
		shown := p.Shown()
		if p.Fate == nil && len(shown) == 1 && shown[0].Dispute == nil {
			continue
		}
		if p.Base == none {
			b.WriteString("new:")
		} else {
			fmt.Fprintf(&b, "%d:", p.Base+1)
		}
		for _, s := range shown {
			if s.Dispute == nil {
				fmt.Fprintf(&b, " %d", CountWords(s.Text))
				continue
			}
			b.WriteByte(' ')
			for _, a := range s.Dispute.Alternatives {
				fmt.Fprintf(&b, "[%s]", strings.TrimSpace(fmt.Sprint(CountWords(a.Text), " ", strings.Join(a.Parties, ","))))
			}
		}
		if p.Fate != nil {
			for _, a := range p.Fate.Alternatives[1:] {
				fmt.Fprintf(&b, " out: %s", strings.Join(a.Parties, ","))
			}
		}
		fmt.Fprintf(&b, " %.8x\n", sha256.Sum256([]byte(line)))
	}
	return b.String()
}
