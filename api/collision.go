package api

import (
	"fmt"
	"slices"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// collisionsWith says with which live proposals a redline of the current revision
// collides, and where.
func collisionsWith(f *frame, r redline.Redline, except string) []string {
	current := f.State.Current()
	base := current.Text.Paragraphs()
	const mine = "this draft"
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
	var said []string
	for _, p := range redline.Rolling(base, proposals).Paragraphs {
		var others, equal, partly []string
		for _, segment := range p.Segments {
			if segment.Dispute != nil && p.Base >= 0 {
				o, e := against(segment.Dispute, mine)
				others, equal = append(others, o...), append(equal, e...)
			}
		}
		equal = slices.DeleteFunc(equal, func(id string) bool {
			same := sameEdit(proposals, mine, id, p.Base)
			if !same {
				partly = append(partly, id)
			}
			return !same
		})
		if len(others) > 0 {
			said = append(said, current.Labels[p.Base]+": other words than "+namesOf(others)+" in the same place.")
		}
		if len(equal) > 0 {
			said = append(said, current.Labels[p.Base]+": the same words as "+namesOf(equal)+".")
		}
		if len(partly) > 0 {
			said = append(said, current.Labels[p.Base]+": in part the same words as "+namesOf(partly)+".")
		}
	}
	return said
}

// sameEdit reports whether two of the proposals do the same with a whole paragraph.
func sameEdit(proposals []redline.Proposal, a, b string, paragraph int) bool {
	edit := func(id string) redline.ParagraphEdit {
		i := slices.IndexFunc(proposals, func(p redline.Proposal) bool { return p.ID == id })
		edits := proposals[i].Edits.Paragraphs
		at := slices.IndexFunc(edits, func(e redline.ParagraphEdit) bool { return e.Index == paragraph })
		if at < 0 {
			return redline.ParagraphEdit{}
		}
		return edits[at]
	}
	x, y := edit(a), edit(b)
	return x.Deleted == y.Deleted && slices.Equal(x.Hunks, y.Hunks)
}

// namesOf lists proposals, each once.
func namesOf(ids []string) string {
	slices.Sort(ids)
	return enumerate(slices.Compact(ids))
}

// against returns the proposals of a dispute that want other words than one of
// them, and those that want the same; none if it is not in the dispute.
func against(d *redline.Dispute, id string) (others, equal []string) {
	in := false
	for _, a := range d.Alternatives {
		if slices.Contains(a.Proposals, id) {
			in = true
			equal = slices.DeleteFunc(slices.Clone(a.Proposals), func(p string) bool { return p == id })
		} else {
			others = append(others, a.Proposals...)
		}
	}
	if !in {
		return nil, nil
	}
	return others, equal
}

// collisionsAmong says where accepted proposals want different words.
func collisionsAmong(state *negotiation.State, accepted []negotiation.ProposalID) []string {
	current := state.Current()
	var said []string
	for _, p := range state.Rolling.Paragraphs {
		for _, segment := range p.Segments {
			if segment.Dispute == nil || p.Base < 0 {
				continue
			}
			var sides []string
			for _, a := range segment.Dispute.Alternatives {
				for _, id := range accepted {
					if slices.Contains(a.Proposals, id.String()) {
						sides = append(sides, id.String())
						break
					}
				}
			}
			if len(sides) > 1 {
				slices.SortFunc(sides, func(a, b string) int { return rank(accepted, a) - rank(accepted, b) })
				said = append(said, fmt.Sprintf("%s: %s want different words in one place. The text below has those of %s; change it as needed, and leave or decline what it does not take.",
					current.Labels[p.Base], strings.Join(sides, " and "), sides[0]))
			}
		}
	}
	return slices.Compact(said)
}

func rank(ids []negotiation.ProposalID, name string) int {
	return slices.IndexFunc(ids, func(id negotiation.ProposalID) bool { return id.String() == name })
}
