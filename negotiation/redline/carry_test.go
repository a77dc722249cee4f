package redline

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// gone returns the changes whose place is gone.
func (c Carried) gone() []CarriedChange {
	return slices.DeleteFunc(slices.Clone(c.Changes), func(change CarriedChange) bool { return change.Outcome != ToBeRevised })
}

// rebase returns what becomes of a proposal, the whole text that is proposed in the
// place of base, when base is revised.
func rebase(t rapid.TB, base, proposal, revised []string) Carried {
	t.Helper()
	p, err := NewPassage(base, Compare(base, revised))
	if err != nil {
		t.Fatal(err)
	}
	return p.Carry(editsTo(t, base, proposal))
}

// checkChair carries all proposals over to a revision that is one of them.
func checkChair(t rapid.TB, base, revised []string, proposals []Proposal) {
	t.Helper()
	chair := Compare(base, revised)
	p, err := NewPassage(base, chair)
	if err != nil {
		t.Fatal(err)
	}
	for _, prop := range proposals {
		c := p.Carry(prop.Edits)
		if slices.Equal(prop.Edits.Apply(base), revised) && !prop.Edits.Empty() && c.Outcome != Incorporated {
			t.Errorf("%s, which the chair took, is %s: %+v\n%s", prop.ID, c.Outcome, c.gone(), Format(chair))
		}
		if (c.Outcome == ToBeRevised) != (len(c.gone()) > 0) {
			t.Errorf("%s is %s with %d changes gone", prop.ID, c.Outcome, len(c.gone()))
		}
		c.Edits.Apply(p.Text())
	}
}

func TestCarryOverNothingIsTheIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		e, err := genRedline(t, base).Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPassage(base, Compare(base, base))
		if err != nil {
			t.Fatal(err)
		}
		c := p.Carry(e)
		if c.Outcome != Applies || encode(t, c.Edits) != encode(t, e) {
			t.Fatalf("%s: %+v becomes %+v", c.Outcome, e, c.Edits)
		}
	})
}

func TestWhatTheChairTookIsIncorporated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		r := genRedline(t, base)
		e, err := r.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPassage(base, r)
		if err != nil {
			t.Fatal(err)
		}
		c := p.Carry(e)
		if !e.Empty() && c.Outcome != Incorporated {
			t.Fatalf("%s: %+v\n%s", c.Outcome, c.gone(), Format(r))
		}
	})
}

// A chair who takes one proposal, and a second that is carried over to it, has
// what the rolling text gives for the two.
func TestCarriedEditsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		a := Compare(base, genWords(t, base))
		b := editsTo(t, base, genWords(t, base))
		p, err := NewPassage(base, a)
		if err != nil {
			t.Fatal(err)
		}
		first, err := a.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		c := p.Carry(b)
		if c.Outcome == ToBeRevised || len(first.Inserted)+len(b.Inserted) > 0 {
			return
		}
		d := Rolling(base, []Proposal{{"a", nil, first}, {"b", nil, b}})
		if got, want := c.Edits.Apply(p.Text()), d.Take("a", "b"); !slices.Equal(got, want) {
			t.Fatalf("carried over: %q\ntaken both:   %q", got, want)
		}
	})
}

// genWords draws a text with words changed and the paragraphs as they are.
func genWords(t *rapid.T, base []string) []string {
	text := slices.Clone(base)
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		if len(text) == 0 {
			break
		}
		i := rapid.IntRange(0, len(text)-1).Draw(t, "paragraph")
		tokens := Tokens(text[i])
		if len(tokens) < 6 {
			continue
		}
		at := rapid.IntRange(0, len(tokens)-1).Draw(t, "token")
		tokens[at] = rapid.SampledFrom([]string{"", "fully", tokens[at] + " now"}).Draw(t, "word")
		text[i] = ""
		for _, token := range tokens {
			text[i] += token
		}
	}
	return text
}

func TestCarryIsRepeatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		p, err := NewPassage(base, genRedline(t, base))
		if err != nil {
			t.Fatal(err)
		}
		e, err := genRedline(t, base).Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		first, second := p.Carry(e), p.Carry(e)
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v, then %+v", first, second)
		}
	})
}
