package redline

import (
	"cmp"
	"slices"
	"strings"
)

// A placedHunk is a hunk, and whose it is.
type placedHunk struct {
	Hunk
	proposal *Proposal
}

// A cluster is hunks that overlap, directly or through others, and the bytes
// [start, end) of the base that they cover together.
type cluster struct {
	start, end int
	hunks      []placedHunk // ascending
	wraps      bool         // nobody changes anything but how lines are wrapped
}

// clusters sweeps the hunks of one paragraph into clusters. Two hunks overlap
// if they replace a common byte, if one is an insertion strictly inside the
// other, or if both are insertions at one place. The order of the hunks does
// not matter, except among those of one proposal, which ascend. It takes
// n log n time.
func clusters(old string, hunks []placedHunk) []cluster {
	slices.SortStableFunc(hunks, func(a, b placedHunk) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	var cs []cluster
	for _, h := range hunks {
		wraps := h.wraps(old)
		if n := len(cs); n > 0 && cs[n-1].overlaps(h.Hunk) {
			c := &cs[n-1]
			c.end = max(c.end, h.End)
			c.hunks = append(c.hunks, h)
			c.wraps = c.wraps && wraps
			continue
		}
		cs = append(cs, cluster{h.Start, h.End, []placedHunk{h}, wraps})
	}
	return cs
}

// overlaps reports whether h, which begins no earlier than any hunk of c,
// overlaps one of them.
func (c *cluster) overlaps(h Hunk) bool {
	return h.Start < c.end || h.Start == c.end && h.End == h.Start && c.start == c.end
}

// count returns how many hunks one proposal has in c.
func (c *cluster) count(p *Proposal) int {
	n := 0
	for _, h := range c.hunks {
		if h.proposal == p {
			n++
		}
	}
	return n
}

// wrappedBy reports whether all that one proposal does in c is to wrap lines.
func (c *cluster) wrappedBy(old string, p *Proposal) bool {
	return !slices.ContainsFunc(c.hunks, func(h placedHunk) bool { return h.proposal == p && !h.wraps(old) })
}

// text returns the words of the cluster's place with one proposal's hunks made.
func (c *cluster) text(base string, p *Proposal) string {
	var b strings.Builder
	at := c.start
	for _, h := range c.hunks {
		if h.proposal == p {
			b.WriteString(base[at:h.Start])
			b.WriteString(h.Text)
			at = h.End
		}
	}
	b.WriteString(base[at:c.end])
	return b.String()
}

// agree reports whether two proposals want the same words in the cluster's place.
func (c *cluster) agree(base string, p, q *Proposal) bool {
	return squash(c.text(base, p)) == squash(c.text(base, q)) || c.wrappedBy(base, p) && c.wrappedBy(base, q)
}

// dispute returns the wordings that there are for the cluster's place.
func (c *cluster) dispute(base string) *Dispute {
	ws := wordings{}
	d := newDispute(ws, base[c.start:c.end])
	var seen []*Proposal
	hunks := map[*Proposal][]Hunk{}
	for _, h := range c.hunks {
		if hunks[h.proposal] == nil {
			seen = append(seen, h.proposal)
		}
		hunks[h.proposal] = append(hunks[h.proposal], h.Hunk)
	}
	for _, p := range seen {
		text := c.text(base, p)
		if c.wrappedBy(base, p) {
			text = base[c.start:c.end]
		}
		d.want(ws, p, wish{hunks: hunks[p]}, Alternative{Text: text})
	}
	d.sort()
	return d
}
