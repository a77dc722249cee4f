package negotiation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"concord/negotiation/redline"
)

var coined = regexp.MustCompile(`w[0-9]+`)

// A credited word is a coined one with its origin.
type credited struct {
	word   string
	origin Origin
}

// standingWords returns the paragraphs of a blame and its coined words; it demands that the
// blame has no word of no origin.
func standingWords(t rapid.TB, b Blame) (paragraphs []string, words []credited) {
	t.Helper()
	for _, p := range b.Paragraphs {
		line := ""
		for _, w := range p.Words {
			o := b.Origins[w.Origin]
			if len(o.Contributors) == 0 || o.Act.IsZero() || o.Source == "" {
				t.Fatalf("%q has no origin: %+v", w.Text, o)
			}
			if w.Until != "" {
				continue
			}
			line += w.Text
			for _, word := range coined.FindAllString(w.Text, -1) {
				words = append(words, credited{word, o})
			}
		}
		if p.Number > 0 {
			paragraphs = append(paragraphs, line)
		}
	}
	return paragraphs, words
}

// TestLawsOfOrigin: every word of every text has one origin, which is who brought it
// in; provenance and biographies say the same.
func TestLawsOfOrigin(t *testing.T) {
	words, shared := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		c, state := chronicleOf(t, rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 4).Draw(rt, "revisions"))
		for _, r := range state.Revisions {
			name := fmt.Sprintf("rev-%d", r.Number)
			text, err := state.TextNamed(name)
			if err != nil {
				rt.Fatal(err)
			}
			for _, deleted := range []bool{false, true} {
				paragraphs, found := standingWords(rt, state.Blame(text, deleted))
				if !slices.Equal(paragraphs, r.Text.Paragraphs()) {
					rt.Fatalf("the blame of %s has the words\n%q, want\n%q", name, paragraphs, r.Text.Paragraphs())
				}
				for _, w := range found {
					words++
					shared += len(w.origin.Contributors) - 1
					c.checkOrigin(rt, state, w.word, w.origin)
				}
			}
		}
		for _, p := range state.Proposals {
			text, err := state.TextNamed(p.ID.String())
			if err != nil {
				rt.Fatal(err)
			}
			paragraphs, found := standingWords(rt, state.Blame(text, true))
			if want := state.acts[p.Wording()].text.Paragraphs(); !slices.Equal(paragraphs, want) {
				rt.Fatalf("the blame of %s has the words\n%q, want\n%q", p.ID, paragraphs, want)
			}
			for _, w := range found {
				own := w.origin.Contributors[0].Proposal == p.ID && w.origin.Revision == 0
				before := coined.FindAllString(string(state.Revisions[p.Base-1].Text.Bytes()), -1)
				if own && !inserts(state.acts[p.Wording()].redline, w.word) || !own && !slices.Contains(before, w.word) {
					rt.Fatalf("%s is credited to %+v in the text of %s", w.word, w.origin, p.ID)
				}
			}
		}
		checkEarlier(rt, state)
		checkProvenance(rt, state)
		checkBiographies(rt, state)
		checkLogs(rt, state)
	})
	if words < 1000 || shared == 0 {
		t.Errorf("only %d words were judged, %d of them of several", words, shared)
	}
}

// checkOrigin demands that a coined word came in with the revision that it is credited
// to, as this says itself, and is credited to those who want it of the proposals that
// the revision accepts, or else to the chair.
func (c *chronicle) checkOrigin(t rapid.TB, s *State, word string, o Origin) {
	t.Helper()
	r := s.Revisions[o.Revision-1]
	if !inserts(s.act(r.Act).redline, word) {
		t.Fatalf("%s is credited to revision %d, which does not bring it in", word, r.Number)
	}
	credited := map[ProposalID]bool{}
	for _, contributor := range o.Contributors {
		credited[contributor.Proposal] = true
		if contributor.Proposal == (ProposalID{}) && (contributor.Participant != r.Chair || o.Source == FromProposal) {
			t.Fatalf("%s of revision %d is credited to nobody: %+v", word, r.Number, o)
		}
	}
	for _, d := range r.Decisions {
		wording := s.act(d.Wording)
		may := d.Ruling == Accept && inserts(wording.redline, word)
		// The chair may have changed the words of a proposal so much that they are the chair's.
		must := may && !c.edited[r.Number] && !slices.Contains(coined.FindAllString(c.base(s, d), -1), word)
		if credited[d.Proposal] && !may || must && !credited[d.Proposal] {
			t.Fatalf("%s of revision %d is credited to %+v, and %s wants it: %t", word, r.Number, o.Contributors, d.Proposal, may)
		}
	}
}

// base returns the text before the wording that a decision is on.
func (c *chronicle) base(s *State, d Decision) string {
	_, _, base := s.amendment(d.Wording)
	return string(s.Revisions[base-1].Text.Bytes())
}

// inserts reports whether a word is among the words that a redline brings in.
func inserts(r redline.Redline, word string) bool {
	for _, step := range r {
		for _, run := range step.Runs {
			if run.Op == redline.Inserted && slices.Contains(coined.FindAllString(run.Text, -1), word) {
				return true
			}
		}
	}
	return false
}

// checkEarlier demands that the newest revision, without the words of later origins and
// with those that were taken out later, has the words of each revision before it.
func checkEarlier(t rapid.TB, s *State) {
	t.Helper()
	text, err := s.TextNamed("")
	if err != nil {
		t.Fatal(err)
	}
	b := s.Blame(text, true)
	for _, r := range s.Revisions {
		got := ""
		for _, p := range b.Paragraphs {
			for _, w := range p.Words {
				var gone uint64
				if w.Until != "" {
					fmt.Sscanf(w.Until, "rev-%d", &gone)
				}
				if b.Origins[w.Origin].Revision <= r.Number && (gone == 0 || gone > r.Number) {
					got += w.Text
				}
			}
		}
		if want := strings.Join(r.Text.Paragraphs(), ""); bytesIn(got) != bytesIn(want) {
			t.Fatalf("the words of the origins up to revision %d are not its words:\n%q, want\n%q", r.Number, got, want)
		}
	}
}

// checkProvenance demands that the words of the rows are the text, word for word.
func checkProvenance(t rapid.TB, s *State) {
	t.Helper()
	rows := map[int][]string{}
	for _, row := range s.Provenance().Rows {
		if row.Label != s.Current().Labels[row.Number-1] || row.Approach == "" || len(row.Origin.Contributors) == 0 {
			t.Fatalf("a row without a source: %+v", row)
		}
		n := 0
		for _, stretch := range row.Text {
			n += redline.CountWords(stretch)
		}
		if n != row.Words {
			t.Fatalf("a row of %d words says that it has %d: %q", n, row.Words, row.Text)
		}
		rows[row.Number] = append(rows[row.Number], row.Text...)
	}
	for i, paragraph := range s.Current().Text.Paragraphs() {
		if got, want := bytesIn(strings.Join(rows[i+1], "")), bytesIn(paragraph); got != want {
			t.Fatalf("the provenance of paragraph %d has the letters\n%s, want\n%s", i+1, got, want)
		}
	}
}

// bytesIn returns the bytes of s in order, so that texts can be compared whose
// stretches are not.
func bytesIn(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}

// checkBiographies demands that the biography of every paragraph ends with its words,
// and that it says of every revision what it did.
func checkBiographies(t rapid.TB, s *State) {
	t.Helper()
	last := s.Current()
	for i, label := range last.Labels {
		b, err := s.Biography(label)
		if err != nil {
			t.Fatal(err)
		}
		wordings := b.Stages[len(b.Stages)-1].Wordings
		if len(wordings) != 1 || wordings[0].Markdown != last.Text.Paragraphs()[i] || b.Number != i+1 || b.Label != label {
			t.Fatalf("the biography of %s ends with %+v, want %q", label, wordings, last.Text.Paragraphs()[i])
		}
		before := []PastWording{}
		for k, stage := range b.Stages {
			same := slices.EqualFunc(before, stage.Wordings, func(a, b PastWording) bool { return a.Markdown == b.Markdown })
			if len(stage.Changes) == 0 && k > 0 && (!same || len(stage.Decisions) == 0) {
				t.Fatalf("%s changes in revision %d, and the biography does not say how: %+v", label, stage.Revision, stage)
			}
			before = stage.Wordings
		}
	}
}

// checkLogs demands that the logs of all participants are a partition of the log, and
// that the log since a revision is its end.
func checkLogs(t rapid.TB, s *State) {
	t.Helper()
	seen := map[ActID]bool{}
	for _, p := range s.Charter.Participants {
		acts, err := s.LogOf(LogQuery{Participant: p.Code})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range acts {
			if v.Act().Author != p.Code || seen[v.ID()] {
				t.Fatalf("the log of %s has an act of %s", p.Code, v.Act().Author)
			}
			seen[v.ID()] = true
		}
	}
	if len(seen) != len(s.Log()) {
		t.Fatalf("the logs of all participants have %d acts, the log %d", len(seen), len(s.Log()))
	}
	for _, r := range s.Revisions {
		acts, err := s.LogOf(LogQuery{Since: Since{Revision: r.Number}})
		if err != nil || acts[0].ID() != r.Act || acts[len(acts)-1].ID() != s.Log()[len(s.Log())-1].ID() {
			t.Fatalf("the log since revision %d begins with %q: %v", r.Number, acts[0].Act().Subject(), err)
		}
	}
}

// BenchmarkBlame asks of every word of a text of 100 paragraphs who put it there, after
// 50 revisions with about 100 accepted proposals: for the first time, and again for
// another state of the ledger.
func BenchmarkBlame(b *testing.B) {
	var long strings.Builder
	long.WriteString("# A statement\n")
	for i := range 100 {
		fmt.Fprintf(&long, "\n1. States")
		for j := range 60 {
			fmt.Fprintf(&long, " word%d", i*j%997)
		}
		long.WriteString(".\n")
	}
	c := newChronicle(b, 1)
	text, err := CanonText("long", []byte(long.String()))
	if err != nil {
		b.Fatal(err)
	}
	c.must(c.as(aurelia).Revise(Publication{Headline: "Long", Text: text}))
	c.play(50)
	ask := func() Blame {
		state := Fold(c.ledger)
		newest, err := state.TextNamed("")
		if err != nil {
			b.Fatal(err)
		}
		return state.Blame(newest, true)
	}
	state := Fold(c.ledger)
	b.Logf("%d revisions, %d proposals, %d bytes", len(state.Revisions), len(state.Proposals), len(state.Current().Text.Bytes()))
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			c.ledger.carried = newCarriedOver()
			ask()
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			ask()
		}
	})
	b.Run("fold", func(b *testing.B) { // of which both consist, too
		for b.Loop() {
			Fold(c.ledger)
		}
	})
}
