package redline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A tabled set of proposals with their rolling text, of which some are taken.
type tabled struct {
	base      []string
	proposals []Proposal
	document  Document
	taken     []Proposal
}

func (s *tabled) ids() []string {
	var ids []string
	for _, p := range s.taken {
		ids = append(ids, p.ID)
	}
	return ids
}

func genTabled(t *rapid.T, propose func(*rapid.T, []string) []Proposal) *tabled {
	s := &tabled{base: genText(t)}
	s.proposals = propose(t, s.base)
	s.document = Rolling(s.base, s.proposals)
	for _, p := range rapid.Permutation(s.proposals).Draw(t, "order") {
		if rapid.Bool().Draw(t, "taken") {
			s.taken = append(s.taken, p)
		}
	}
	return s
}

// genEdited draws proposals as they come from Compare. Without structure, they
// change, insert and delete, and that is all.
func genEdited(structure bool) func(*rapid.T, []string) []Proposal {
	return func(t *rapid.T, base []string) []Proposal {
		var ps []Proposal
		for i := range rapid.IntRange(1, 4).Draw(t, "proposals") {
			r := Compare(base, genRevised(t, base))
			for _, k := range r.Kinds() {
				if k >= Move && !structure {
					t.Skip("has structure")
				}
			}
			e, err := r.Edits(base)
			if err != nil {
				t.Fatal(err)
			}
			ps = append(ps, Proposal{strconv.Itoa(i), []string{"P" + strconv.Itoa(i)}, e})
		}
		return ps
	}
}

// TestRedlineOfAnythingTakenLeadsToIt includes proposals that collide, and ones
// whose redlines some other software made.
func TestRedlineOfAnythingTakenLeadsToIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genTabled(t, genProposals)
		checkRedline(t, s.document.Redline(s.ids()...), s.base, s.document.Take(s.ids()...))
	})
}

func TestRedlineOfEditsIsTheOneTheyAreFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		r := Compare(base, genRevised(t, base))
		e, err := r.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		got := e.Redline(base)
		again, err := got.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		if encode(t, again) != encode(t, e) {
			t.Fatalf("got\n%s\nfrom\n%s", Format(got), Format(r))
		}
		// A join whose change goes beyond the break comes out as two that touch.
		if !slices.Contains(r.Kinds(), Join) && string(Format(got)) != string(Format(r)) {
			t.Fatalf("got\n%s\nfrom\n%s", Format(got), Format(r))
		}
	})
}

func TestWhatIsTakenIsIncorporated(t *testing.T) {
	for name, propose := range map[string]func(*rapid.T, []string) []Proposal{
		"ours": genEdited(true), "anybody's": genProposals,
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { genTabled(t, propose).checkTaken(t) })
		})
	}
}

// Two proposals that touch stay two, and a third that touches both still applies.
func TestTakenProposalsThatTouch(t *testing.T) {
	base := []string{"States shall cooperate."}
	propose := func(id, text string) Proposal { return Proposal{id, nil, editsTo(t, base, []string{text})} }
	s := &tabled{base: base}
	s.proposals = []Proposal{
		propose("verb", "States shall collaborate."),
		propose("adverb", "States shall cooperate fully."),
		propose("stop", "States shall cooperate!"),
	}
	s.document = Rolling(base, s.proposals)
	s.taken = s.proposals[:2]
	r := s.document.Redline(s.ids()...)
	checkRedline(t, r, base, []string{"States shall collaborate fully."})
	if got, want := string(Format(r)), "concord-redline 1\nchange 1\n States shall \n-cooperate\n+collaborate\n|\n+ fully\n .\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.checkTaken(t)
	s.checkLive(t)
	e, err := r.Edits(base)
	if err != nil {
		t.Fatal(err)
	}
	if want := editsTo(t, base, []string{"States shall collaborate fully."}); encode(t, e) != encode(t, want) {
		t.Errorf("as a proposal it is %+v, not %+v", e, want)
	}
}

// What is taken is found again where two proposals together make one word, where
// another that is not taken overlaps both, and where one only wraps lines.
func TestTakenProposalsThatAreHardToTellApart(t *testing.T) {
	for _, c := range []struct {
		name, base string
		texts      []string // of which the first two are taken
	}{
		{"one word", "1. States meet.", []string{"1States. States meet.", "1.Parties States meet."}},
		{"only wrapped", "States shall meet here.", []string{"States shall gather here.", "States shall\nmeet here.", "States convene here."}},
		{"wrapped beside words", "States shall meet here.", []string{"States shall gather here.", "All shall\nmeet here.", "States convene here."}},
	} {
		base := []string{c.base}
		s := &tabled{base: base}
		for i, text := range c.texts {
			s.proposals = append(s.proposals, Proposal{strconv.Itoa(i), nil, editsTo(t, base, []string{text})})
		}
		s.document = Rolling(base, s.proposals)
		s.taken = s.proposals[:2]
		t.Run(c.name, func(t *testing.T) { s.checkTaken(t) })
	}
}

// collides reports whether p stands in another alternative of a dispute than
// some other proposal that is taken.
func (s *tabled) collides(p Proposal) bool {
	return s.meets(s.document, p, s.taken, func(a, b Alternative) bool { return !sameAlternative(a, b) })
}

func sameAlternative(a, b Alternative) bool { return a.Text == b.Text && a.Deleted == b.Deleted }

// meets reports whether p and one of some others are in one dispute, in
// alternatives between which there is a relation. Who takes a paragraph out meets
// everybody who changes it, as does who joins it to one that another takes out or
// puts something before.
func (s *tabled) meets(d Document, p Proposal, others []Proposal, how func(a, b Alternative) bool) bool {
	others = slices.DeleteFunc(slices.Clone(others), func(q Proposal) bool { return q.ID == p.ID })
	for _, q := range others {
		if p.Edits.breaksInto(s.base, q.Edits) || q.Edits.breaksInto(s.base, p.Edits) {
			return true
		}
	}
	in := func(a Alternative, ps ...Proposal) bool {
		return slices.ContainsFunc(ps, func(q Proposal) bool { return slices.Contains(a.Proposals, q.ID) })
	}
	for _, paragraph := range d.Paragraphs {
		var disputes []*Dispute
		for _, segment := range paragraph.Segments {
			if segment.Dispute != nil {
				disputes = append(disputes, segment.Dispute)
			}
		}
		if paragraph.Fate != nil {
			disputes = append(disputes, paragraph.Fate)
		}
		for _, x := range disputes {
			for _, a := range x.Alternatives {
				if !in(a, p) {
					continue
				}
				for _, b := range x.Alternatives {
					if in(b, others...) && how(a, b) {
						return true
					}
				}
			}
		}
	}
	return false
}

// breaksInto reports whether e takes out a paragraph that f changes or joins to
// another, or puts something between two that f joins.
func (e Edits) breaksInto(base []string, f Edits) bool {
	out := map[int]bool{}
	for _, p := range e.Paragraphs {
		out[p.Index] = p.Deleted
	}
	between := map[int]bool{}
	for _, in := range e.Inserted {
		between[in.Gap] = true
	}
	return slices.ContainsFunc(f.Paragraphs, func(p ParagraphEdit) bool {
		joined := joins(base[min(p.Index, len(base)-1)], p.Hunks)
		return !p.Deleted && (out[p.Index] || joined && (out[p.Index+1] || between[p.Index+1]))
	})
}

// crossesMove reports whether p and another that is taken do to a paragraph
// what a redline cannot say at once: the one moves it, the other takes it out,
// splits it, joins it, changes the same words, or inserts the same words as new.
func (s *tabled) crossesMove(p Proposal) bool {
	return slices.ContainsFunc(s.taken, func(q Proposal) bool {
		return q.ID != p.ID && (p.Edits.movesWhatIsGone(s.base, q.Edits) || q.Edits.movesWhatIsGone(s.base, p.Edits))
	})
}

// crossesJoin reports whether p and another that is taken split and join the
// same paragraph, which a redline cannot say at once either.
func (s *tabled) crossesJoin(p Proposal) bool {
	joined := func(e Edits) map[int]bool {
		in := map[int]bool{}
		for _, edit := range e.Paragraphs {
			if joins(s.base[edit.Index], edit.Hunks) {
				in[edit.Index], in[edit.Index+1] = true, true
			}
		}
		return in
	}
	split := func(e, other Edits) bool {
		in := joined(other)
		return slices.ContainsFunc(e.Paragraphs, func(edit ParagraphEdit) bool {
			return in[edit.Index] && slices.ContainsFunc(edit.Hunks, func(h Hunk) bool { return strings.Contains(h.Text, Break) })
		})
	}
	return slices.ContainsFunc(s.taken, func(q Proposal) bool {
		return q.ID != p.ID && (split(p.Edits, q.Edits) || split(q.Edits, p.Edits))
	})
}

// undone reports whether p and others that are taken change a paragraph so that it
// comes out as it was.
func (s *tabled) undone(p Proposal) bool {
	taken := s.document.Edits(s.ids()...)
	return slices.ContainsFunc(p.Edits.Paragraphs, func(e ParagraphEdit) bool {
		at, found := taken.find(e.Index)
		old := s.base[e.Index] + Break
		return found && len(taken.Paragraphs[at].Hunks) > 0 && replace(old, taken.Paragraphs[at].Hunks) == old
	})
}

func (e Edits) movesWhatIsGone(base []string, other Edits) bool {
	for _, in := range e.Inserted {
		for _, p := range other.Paragraphs {
			if in.From != p.Index {
				continue
			}
			if _, overlap := movedWith(base[p.Index], in.Text, p.Hunks); p.Deleted || overlap {
				return true
			}
		}
	}
	for _, a := range e.Inserted {
		for _, b := range other.Inserted {
			if a.From != none && a.Text == b.Text {
				return true
			}
		}
	}
	return false
}

func (s *tabled) checkTaken(t rapid.TB) {
	t.Helper()
	r := s.document.Redline(s.ids()...)
	p, err := NewPassage(s.base, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range s.taken {
		if q.Edits.Empty() || s.collides(q) || s.crossesMove(q) || s.undone(q) || slices.ContainsFunc(s.taken, s.crossesJoin) {
			continue
		}
		if c := p.Carry(q.Edits); c.Outcome != Incorporated {
			t.Fatalf("%s of %v is %s: %+v\nbase %q\nit wants %q\nthe chair's redline:\n%sall:\n%s", q.ID, s.ids(), c.Outcome, c.gone(), s.base, q.Edits.Apply(s.base), Format(r), s.edits())
		}
	}
}

// edits prints what the proposals that are taken do.
func (s *tabled) edits() string {
	var b strings.Builder
	for _, q := range s.taken {
		fmt.Fprintf(&b, "%s: %+v\n", q.ID, q.Edits)
	}
	return b.String()
}

// checkLive tests that what overlaps nothing taken applies.
func (s *tabled) checkLive(t rapid.TB) {
	t.Helper()
	r := s.document.Redline(s.ids()...)
	p, err := NewPassage(s.base, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range s.proposals {
		if slices.ContainsFunc(s.taken, func(o Proposal) bool { return o.ID == q.ID || s.overlap(o, q) }) {
			continue
		}
		if c := p.Carry(q.Edits); c.Outcome != Applies {
			t.Fatalf("%s beside %v is %s: %+v\nbase %q\nit wants %q\nthe chair's redline:\n%s", q.ID, s.ids(), c.Outcome, c.gone(), s.base, q.Edits.Apply(s.base), Format(r))
		}
	}
}

// overlap reports whether two proposals have a place in common, or insert an
// equal paragraph.
func (s *tabled) overlap(p, q Proposal) bool {
	for _, a := range p.Edits.Inserted {
		for _, b := range q.Edits.Inserted {
			if squash(a.Text) == squash(b.Text) {
				return true
			}
		}
	}
	d := Rolling(s.base, []Proposal{p, q})
	for _, paragraph := range d.Paragraphs {
		for _, segment := range paragraph.Segments {
			for _, x := range []*Dispute{segment.Dispute, segment.wraps} {
				if x != nil && len(x.Alternatives[0].wishes) > 0 && len(x.Alternatives)+len(x.Alternatives[0].wishes) > 2 {
					return true // one wraps lines where the other does, or changes words
				}
			}
		}
	}
	return s.meets(d, p, []Proposal{q}, func(Alternative, Alternative) bool { return true })
}

func TestWhatOverlapsNothingTakenApplies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		genTabled(t, genEdited(false)).checkLive(t)
	})
}

// checkTakenOf takes real proposals two by two, and then all that collide with
// none that was taken before them.
func checkTakenOf(t testing.TB, base []string, d Document, proposals []Proposal) {
	t.Helper()
	check := func(taken ...Proposal) {
		s := &tabled{base, proposals, d, taken}
		checkRedline(t, d.Redline(s.ids()...), base, d.Take(s.ids()...))
		s.checkTaken(t)
		s.checkLive(t)
	}
	all := &tabled{base: base, document: d}
	for i, p := range proposals {
		for _, q := range proposals[:i] {
			check(q, p)
		}
		if !all.collides(p) {
			all.taken = append(all.taken, p)
		}
	}
	check(all.taken...)
}
