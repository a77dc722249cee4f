package negotiation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A chronicle is a generated negotiation in which every word that somebody wants new is
// one of a kind, so that it is known whose it is.
type chronicle struct {
	*table
	random *rand.Rand
	next   int             // number of the next word
	edited map[uint64]bool // revisions that have changes of the chair's own
}

func newChronicle(t testing.TB, seed uint64) *chronicle {
	return &chronicle{table: newTable(t), random: rand.New(rand.NewPCG(seed, 7)), edited: map[uint64]bool{}}
}

// coin returns words that have not been used.
func (c *chronicle) coin(n int) string {
	var words []string
	for range n {
		c.next++
		words = append(words, fmt.Sprintf("w%d", c.next))
	}
	return strings.Join(words, " ")
}

// edit changes some paragraphs of a text.
func (c *chronicle) edit(paragraphs []string) []string {
	edited := slices.Clone(paragraphs)
	for range 1 + c.random.IntN(2) {
		words := c.coin(1 + c.random.IntN(3))
		i := 1 + c.random.IntN(len(edited)-1)
		marker, body := "", edited[i]
		if strings.HasPrefix(body, "1. ") {
			marker, body = "1. ", body[3:]
		}
		parts := strings.Split(strings.TrimSuffix(body, "."), " ")
		at := c.random.IntN(len(parts))
		switch c.random.IntN(8) {
		case 0, 1: // replace a word
			parts[at] = words
		case 2, 3: // insert
			parts = slices.Insert(parts, at, words)
		case 4: // take a word out
			if len(parts) > 3 {
				parts = slices.Delete(parts, at, at+1)
			}
		case 5: // a new paragraph
			edited = slices.Insert(edited, i, marker+"States "+words+".")
			continue
		case 6: // move
			p := edited[i]
			edited = slices.Delete(edited, i, i+1)
			edited = slices.Insert(edited, 1+c.random.IntN(len(edited)), p)
			continue
		case 7: // split, or take out a short one
			if len(parts) < 6 && len(edited) > 4 {
				edited = slices.Delete(edited, i, i+1)
				continue
			}
			half := len(parts) / 2
			edited[i] = marker + strings.Join(parts[:half], " ") + "."
			edited = slices.Insert(edited, i+1, marker+strings.Join(parts[half:], " ")+".")
			continue
		}
		edited[i] = marker + strings.Join(parts, " ") + "."
	}
	return edited
}

func (c *chronicle) propose(who Code) {
	state := Fold(c.ledger)
	base := state.Current()
	edited := c.edit(base.Text.Paragraphs())
	text, err := TextOf(edited)
	if err != nil || slices.Equal(edited, base.Text.Paragraphs()) {
		return
	}
	w := Wording{Headline: "Words", Base: base.Number, Text: text}
	v := c.must(c.as(who).Propose(w))
	if c.random.IntN(4) == 0 { // another state wants just the same
		c.must(c.as(delmare).Propose(w))
	}
	c.must(c.as(cascadia).PositionOnProposal(v.Act().Content.(Propose).Proposal, For, "Yes."))
}

// revise publishes a revision with all live proposals that do not collide, and
// sometimes with changes of the chair's own.
func (c *chronicle) revise() {
	state := Fold(c.ledger)
	p := Publication{Headline: "Next", Explanation: "As it was agreed.", Decline: map[ProposalID]string{}}
	for _, candidate := range state.Proposals {
		if candidate.Status != Live {
			continue
		}
		if _, err := state.Consolidate(append(slices.Clone(p.Accept), candidate.ID)...); err != nil || c.random.IntN(5) == 0 {
			p.Decline[candidate.ID] = "It found no support."
			continue
		}
		p.Accept = append(p.Accept, candidate.ID)
	}
	text, err := state.Consolidate(p.Accept...)
	if err != nil {
		c.t.Fatal(err)
	}
	paragraphs := text.Paragraphs()
	if c.random.IntN(3) == 0 {
		if own, err := TextOf(c.edit(paragraphs)); err == nil {
			text = own
			c.edited[uint64(len(state.Revisions)+1)] = true
		}
	}
	p.Text = text
	if len(p.Accept)+len(p.Decline) == 0 && slices.Equal(text.Paragraphs(), state.Current().Text.Paragraphs()) {
		return
	}
	c.must(c.as(state.Chair).Revise(p))
}

// chronicleOf returns the state of a generated negotiation.
func chronicleOf(t testing.TB, seed uint64, revisions int) (*chronicle, *State) {
	c := newChronicle(t, seed)
	c.play(revisions)
	return c, Fold(c.ledger)
}

func (c *chronicle) play(revisions int) {
	for range revisions {
		for _, who := range []Code{borealia, cascadia, borealia} {
			if c.random.IntN(3) > 0 {
				c.propose(who)
			}
		}
		c.must(c.as(borealia).PositionOnParagraph(1, 2, Reserve, ""))
		c.revise()
	}
}
