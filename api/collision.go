package api

import (
	"fmt"
	"slices"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// mine is what a draft is called among the proposals that it meets.
const mine = "this draft"

// collisionsWith says with which live proposals a redline of the current revision
// collides, and where.
func collisionsWith(f *frame, r redline.Redline, except string) []string {
	current := f.State.Current()
	base := current.Text.Paragraphs()
	edits, err := r.Edits(base)
	if err != nil { // it was made from this base
		return nil
	}
	proposals := []redline.Proposal{{ID: mine, Edits: edits}}
	for _, p := range f.State.Proposals {
		if p.Status == negotiation.Live && p.ID.String() != except {
			proposals = append(proposals, redline.Proposal{ID: p.ID.String(), Edits: p.Edits()})
		}
	}
	rolling := redline.Rolling(base, proposals)
	clashes := negotiation.Clashes(rolling, proposals)
	var said []string
	say := func(p redline.Paragraph, what string) {
		if sentence := current.Labels[p.Base] + ": " + what + "."; !slices.Contains(said, sentence) {
			said = append(said, sentence)
		}
	}
	for _, p := range rolling.Paragraphs {
		if p.Base < 0 {
			continue
		}
		for _, clash := range clashes {
			if clash.Paragraph == p.Base && clash.Has(mine) {
				say(p, against(clash))
			}
		}
		whole, partly := alike(p, proposals)
		same := "the same words as "
		if does(proposals, mine, p.Base).Deleted {
			same = "the same as "
		}
		if len(whole) > 0 {
			say(p, same+namesOf(whole))
		}
		if len(partly) > 0 {
			say(p, "in part the same words as "+namesOf(partly))
		}
	}
	return said
}

// against says what a draft wants otherwise than those with whom it clashes.
func against(clash negotiation.Clash) string {
	first := slices.Contains(clash.Sides[0], mine)
	var ids []string
	for _, side := range clash.Sides {
		if !slices.Contains(side, mine) {
			ids = append(ids, side...)
		}
	}
	others := namesOf(ids)
	switch clash.Over {
	case negotiation.Existence:
		if first {
			return "taken out, where " + others + " would amend or move it"
		}
		return others + " would take it out"
	case negotiation.Place:
		return others + " would move it elsewhere, or with other words"
	case negotiation.Breaks:
		if first {
			return "split or joined, which does not go together with " + others
		}
		return others + " would split or join paragraphs here, which does not go together with this"
	}
	return "other words than " + others + " in the same place"
}

// alike returns the proposals that do the same with a whole paragraph as the draft
// does, and those that have some of their words for it in common with the draft.
func alike(p redline.Paragraph, proposals []redline.Proposal) (whole, partly []string) {
	disputes := []*redline.Dispute{p.Fate}
	for _, segment := range p.Segments {
		disputes = append(disputes, segment.Dispute)
	}
	for _, d := range disputes {
		if d == nil {
			continue
		}
		for _, a := range d.Alternatives {
			if !slices.Contains(a.Proposals, mine) {
				continue
			}
			for _, id := range a.Proposals {
				switch {
				case id == mine:
				case does(proposals, id, p.Base).equal(does(proposals, mine, p.Base)):
					whole = append(whole, id)
				case !a.Moved:
					partly = append(partly, id)
				}
			}
		}
	}
	return whole, partly
}

// A deed is what a proposal does with one paragraph, and where it moves it to.
type deed struct {
	redline.ParagraphEdit
	to redline.Insertion
}

func (d deed) equal(e deed) bool {
	return d.Deleted == e.Deleted && d.Moved == e.Moved && d.to.From == e.to.From && d.to.Gap == e.to.Gap && d.to.Text == e.to.Text && slices.Equal(d.Hunks, e.Hunks)
}

// does returns what a proposal does with a paragraph of the base.
func does(proposals []redline.Proposal, id string, paragraph int) deed {
	var done deed
	edits := proposals[slices.IndexFunc(proposals, func(p redline.Proposal) bool { return p.ID == id })].Edits
	for _, edit := range edits.Paragraphs {
		if edit.Index == paragraph {
			done.ParagraphEdit = edit
		}
	}
	for _, in := range edits.Inserted {
		if in.From == paragraph {
			done.to = in
		}
	}
	return done
}

// namesOf lists proposals, each once.
func namesOf(ids []string) string {
	slices.Sort(ids)
	return enumerate(slices.Compact(ids))
}

// collisionsAmong says where accepted proposals cannot all have their way.
func collisionsAmong(state *negotiation.State, accepted []negotiation.ProposalID) []string {
	labels := state.Current().Labels
	var said []string
	for _, clash := range state.Clashes(accepted...) {
		said = append(said, labels[clash.Paragraph]+": "+among(clash, accepted))
	}
	return slices.Compact(said)
}

// among says what accepted proposals want otherwise than one another, and what the
// text that they are compiled to makes of it.
func among(clash negotiation.Clash, accepted []negotiation.ProposalID) string {
	byRank := func(a, b string) int { return rank(accepted, a) - rank(accepted, b) }
	var firsts []string // of each side
	for _, side := range clash.Sides {
		firsts = append(firsts, slices.MinFunc(side, byRank))
	}
	prevails := slices.MinFunc(firsts, byRank)
	const further = "; change it as needed, and leave or decline what it does not take."
	switch out, others := enumerate(clash.Sides[0]), enumerate(clash.Sides[1]); clash.Over {
	case negotiation.Existence:
		return fmt.Sprintf("the paragraph is taken out by %s, and amended or moved by %s. The text below does as %s asks%s", out, others, prevails, further)
	case negotiation.Place:
		return fmt.Sprintf("the paragraph is moved to different places, or with different words, by %s. The text below does as %s asks%s", enumerate(firsts), prevails, further)
	case negotiation.Moving:
		return fmt.Sprintf("%s moves the paragraph with other words where %s would amend it. The text below has those of %s%s", out, others, out, further)
	case negotiation.Breaks:
		return fmt.Sprintf("%s would split or join paragraphs, which does not go together with %s. Look at what the text below makes of it%s", out, others, further)
	}
	slices.SortFunc(firsts, byRank)
	return fmt.Sprintf("%s want different words in one place. The text below has those of %s%s", strings.Join(firsts, " and "), prevails, further)
}

func rank(ids []negotiation.ProposalID, name string) int {
	return slices.IndexFunc(ids, func(id negotiation.ProposalID) bool { return id.String() == name })
}
