package redline

import "strings"

// Take returns the text with the alternatives of the named proposals taken.
// Take() is the base, and Take with one proposal is exactly that proposal's
// text. Where two of several collide in a dispute, that dispute goes to the one
// named first. (A move is a deletion and an insertion: if it loses the first
// to a proposal that changes the paragraph, the paragraph stands in both
// places.) It takes time in the size of the document.
func (d Document) Take(ids ...string) []string {
	rank := make(map[string]int, len(ids))
	for i := len(ids) - 1; i >= 0; i-- {
		rank[ids[i]] = i
	}
	text := make([]string, 0, len(d.Paragraphs))
	for _, p := range d.Paragraphs {
		var b strings.Builder
		gone := false
		for _, s := range p.Segments {
			if s.Dispute == nil {
				b.WriteString(s.Text)
				continue
			}
			a := s.Dispute.choose(rank)
			b.WriteString(a.Text)
			gone = gone || a.Deleted
		}
		if !gone {
			text = append(text, b.String())
		}
	}
	return text
}

// choose returns the alternative of the proposal with the least rank, or the
// base's.
func (d *Dispute) choose(rank map[string]int) Alternative {
	best, least := d.Alternatives[0], len(rank)+1
	for _, a := range d.Alternatives {
		for _, id := range a.Proposals {
			if r, ok := rank[id]; ok && r < least {
				best, least = a, r
			}
		}
	}
	return best
}
