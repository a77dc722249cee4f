package redline

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// genProposals draws proposals on one base, some by redlines that are not ours.
func genProposals(t *rapid.T, base []string) []Proposal {
	var ps []Proposal
	for i := range rapid.IntRange(0, 5).Draw(t, "proposals") {
		var r Redline
		if rapid.Bool().Draw(t, "ours") {
			r = Compare(base, genRevised(t, base))
		} else {
			r = genRedline(t, base)
		}
		e, err := r.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		parties := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"CHN", "IND", "JPN", "KAZ"}), 1, 2, rapid.ID[string]).Draw(t, "parties")
		ps = append(ps, Proposal{strconv.Itoa(i), parties, e})
	}
	return ps
}

// checkTaking tests that the rolling text loses nothing (law L5).
func checkTaking(t rapid.TB, d Document, base []string, proposals []Proposal) {
	t.Helper()
	if got := d.Take(); !slices.Equal(got, base) {
		t.Fatalf("taking none gives %q, not the base %q", got, base)
	}
	for _, p := range proposals {
		if got, want := d.Take(p.ID), p.Edits.Apply(base); !slices.Equal(got, want) {
			t.Fatalf("taking %s gives %q, not %q", p.ID, got, want)
		}
	}
}

func TestRollingTextLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		proposals := genProposals(t, base)
		checkTaking(t, Rolling(base, proposals), base, proposals)
	})
}

func TestRollingTextDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		proposals := genProposals(t, base)
		shuffled := rapid.Permutation(proposals).Draw(t, "order")
		a, b := encode(t, Rolling(base, proposals)), encode(t, Rolling(base, shuffled))
		if a != b {
			t.Fatalf("one order gives\n%s\nanother\n%s", a, b)
		}
	})
}

func encode(t rapid.TB, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRollingTextIsLocal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := append(genText(t), "the last paragraph")
		proposals := genProposals(t, base)
		i := rapid.IntRange(0, len(base)-1).Draw(t, "paragraph")
		one := Proposal{"one", []string{"ARE"}, Edits{Paragraphs: []ParagraphEdit{{Index: i, Deleted: true}}}}
		without := Rolling(base, proposals).Paragraphs
		with := Rolling(base, append(proposals, one)).Paragraphs
		for k := range with {
			if with[k].Base != i && encode(t, with[k]) != encode(t, without[k]) {
				t.Fatalf("a proposal on paragraph %d changed paragraph %d", i, with[k].Base)
			}
		}
	})
}

func TestEqualProposalsAreOneAlternative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		e := editsTo(t, base, genRevised(t, base))
		d := Rolling(base, []Proposal{{"1", []string{"IND"}, e}, {"2", []string{"JPN", "IND"}, e}})
		for _, p := range d.Paragraphs {
			for _, s := range p.Segments {
				if s.Dispute == nil {
					continue
				}
				if as := s.Dispute.Alternatives; len(as) != 2 || !slices.Equal(as[1].Parties, []string{"IND", "JPN"}) {
					t.Fatalf("%+v", as)
				}
			}
		}
	})
}

// Proposals that change different words are no alternatives to one another,
// whatever stands between them.
func TestDisjointProposalsAreInNoDisputeTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 12).Draw(t, "words")
		var words []string
		for i := range n {
			words = append(words, fmt.Sprintf("word%d", i))
		}
		base := []string{strings.Join(words, " ") + ".", "another paragraph"}
		var proposals []Proposal
		for i, word := range words {
			change := rapid.SampledFrom([]string{"", "", "other", "also " + word, word + "s and more", "gone"}).Draw(t, "change")
			if change == "" {
				continue
			}
			changed := slices.Clone(words)
			changed[i] = change
			proposals = append(proposals, Proposal{strconv.Itoa(i), []string{"P" + strconv.Itoa(i)}, editsTo(t, base, []string{strings.Join(changed, " ") + ".", base[1]})})
		}
		for _, s := range Rolling(base, proposals).Paragraphs[0].Segments {
			if s.Dispute != nil && len(s.Dispute.proposals()) > 1 {
				t.Fatalf("one dispute holds proposals %v on different words: %+v", s.Dispute.proposals(), s.Dispute.Alternatives)
			}
		}
	})
}

// What a table says after proposals came and went is what it says from nothing.
func TestTableForgetsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		proposals := genProposals(t, base)
		table := NewTable(base)
		for _, p := range rapid.Permutation(proposals).Draw(t, "order") {
			if rapid.Bool().Draw(t, "reworded") {
				table.Put(Proposal{p.ID, []string{"AAA"}, editsTo(t, base, genRevised(t, base))})
				table.Document()
			}
			table.Put(p)
			if rapid.Bool().Draw(t, "seen") {
				table.Document()
			}
		}
		gone := Proposal{"gone", []string{"ZZZ"}, editsTo(t, base, genRevised(t, base))}
		table.Put(gone)
		table.Document()
		table.Remove(gone.ID)
		if got, want := encode(t, table.Document()), encode(t, Rolling(base, proposals)); got != want {
			t.Fatalf("the table has\n%s\nfrom nothing it is\n%s", got, want)
		}
	})
}

func TestTakingSeveralTheFirstNamedWins(t *testing.T) {
	base := []string{"States shall cooperate and report."}
	d := Rolling(base, []Proposal{
		{"a", []string{"IND"}, editsTo(t, base, []string{"States should cooperate and report."})},
		{"b", []string{"JPN"}, editsTo(t, base, []string{"States may cooperate and share."})},
	})
	for want, ids := range map[string][]string{
		"States should cooperate and share.": {"a", "b"},
		"States may cooperate and share.":    {"b", "a"},
	} {
		if got := d.Take(ids...); got[0] != want {
			t.Errorf("%v: got %q, want %q", ids, got[0], want)
		}
	}
}

func TestTouching(t *testing.T) {
	base := []string{"States shall cooperate fully. They shall report."}
	d := Rolling(base, []Proposal{
		{"a", []string{"IND"}, editsTo(t, base, []string{"States should cooperate fully. They shall report."})},
		{"b", []string{"JPN"}, editsTo(t, base, []string{"States shall cooperate. They shall report."})},
		{"c", []string{"KAZ"}, editsTo(t, base, []string{"States shall cooperate fully. They may report."})},
	})
	var got []bool
	for _, s := range d.Paragraphs[0].Segments {
		if s.Dispute != nil {
			got = append(got, s.Dispute.Touching)
		}
	}
	if !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("got %v, want the first two disputes to touch", got)
	}
}

// parallel returns the sets of real parallel proposals on one text, where the
// corpus is at hand.
func parallel(t testing.TB) map[string][][]string {
	folders, _ := filepath.Glob("../../../shared/corpus/parallel/quicwg/*")
	if len(folders) == 0 {
		t.Skip("no corpus")
	}
	sets := map[string][][]string{}
	for _, folder := range folders {
		texts := [][]string{markdown(t, filepath.Join(folder, "base.md"))}
		files, _ := filepath.Glob(filepath.Join(folder, "pr-*.md"))
		for _, f := range files {
			texts = append(texts, markdown(t, f))
		}
		sets[filepath.Base(folder)] = texts
	}
	return sets
}

// markdown reads a file with a paragraph for each block between blank lines.
func markdown(t testing.TB, path string) []string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for block := range strings.SplitSeq(string(data), "\n\n") {
		if block = strings.ReplaceAll(strings.Trim(block, "\n"), "\n", " "); block != "" {
			text = append(text, block)
		}
	}
	return text
}

func TestLawsOnParallelProposals(t *testing.T) {
	for name, texts := range parallel(t) {
		t.Run(name, func(t *testing.T) {
			base := texts[0]
			var proposals []Proposal
			for i, text := range texts[1:] {
				r := Compare(base, text)
				checkRedline(t, r, base, text)
				e, err := r.Edits(base)
				if err != nil {
					t.Fatal(err)
				}
				proposals = append(proposals, Proposal{strconv.Itoa(i), []string{"P" + strconv.Itoa(i)}, e})
			}
			d := Rolling(base, proposals)
			checkTaking(t, d, base, proposals)
			for i, text := range texts[1:] {
				if !slices.Equal(d.Take(strconv.Itoa(i)), text) {
					t.Errorf("taking %d does not give its text", i)
				}
				checkChair(t, base, text, proposals)
			}
			checkTakenOf(t, base, d, proposals)
			slices.Reverse(proposals)
			if encode(t, d) != encode(t, Rolling(base, proposals)) {
				t.Error("the other order gives another rolling text")
			}
		})
	}
}
