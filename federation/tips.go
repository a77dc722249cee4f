package federation

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"

	"concord/negotiation"
)

// compareTips is the order of a heads message: the text before the records, and
// these by name; in a chain by place, then by act.
func compareTips(a, b negotiation.Head) int {
	return cmp.Or(negotiation.CompareChains(a.Chain, b.Chain), cmp.Compare(a.Sequence, b.Sequence), slices.Compare(a.Act[:], b.Act[:]))
}

// appendHead appends what a tip takes in a heads message.
func appendHead(b []byte, tip negotiation.Head) []byte {
	b = append(append(b, "head "...), tip.Chain...)
	b = strconv.AppendUint(append(b, ' '), tip.Sequence, 10)
	b = hex.AppendEncode(append(b, ' '), tip.Act[:])
	return append(b, '\n')
}

// fitting returns as many of a store's tips as fit the size, in order. When not
// all do, each chain keeps as many as every other may, or all that it has: the end
// of its line first, then by place, then by act.
func fitting(held []negotiation.Head, size int) []negotiation.Head {
	var fit []negotiation.Head
	var line []byte
	chains := byChain(held)
	for most, bytes := maxTips, size+1; bytes > size && most > 0; most-- {
		fit, bytes = fit[:0], 0
		for _, tips := range chains {
			for _, tip := range tips[:min(most, len(tips))] {
				line = appendHead(line[:0], tip)
				fit, bytes = append(fit, tip), bytes+len(line)
			}
		}
	}
	slices.SortFunc(fit, compareTips)
	return fit
}

// byChain parts tips by chain, the text's first, then by name. Each chain's stay in their
// order.
func byChain(held []negotiation.Head) (chains [][]negotiation.Head) {
	held = slices.Clone(held)
	slices.SortStableFunc(held, func(a, b negotiation.Head) int { return negotiation.CompareChains(a.Chain, b.Chain) })
	for len(held) > 0 {
		tips := ofFirst(held)
		held = held[len(tips):]
		chains = append(chains, tips)
	}
	return chains
}

// ofFirst returns the tips at the beginning that are of one chain.
func ofFirst(tips []negotiation.Head) []negotiation.Head {
	n := 0
	for n < len(tips) && tips[n].Chain == tips[0].Chain {
		n++
	}
	return tips[:n:n]
}

// tipsOf returns those of one chain.
func tipsOf(held []negotiation.Head, chain negotiation.Chain) (tips []negotiation.Head) {
	for _, tip := range held {
		if tip.Chain == chain {
			tips = append(tips, tip)
		}
	}
	return tips
}

// top is the last place of tips; 0 when there are none.
func top(tips []negotiation.Head) (place uint64) {
	for _, tip := range tips {
		place = max(place, tip.Sequence)
	}
	return place
}

// A comparison is what the heads of a peer tell beside one's own. Heads do not tell
// where what is held on one side only leaves what is held on both, so that its
// counts are the least that it can be.
type comparison struct {
	behind, ahead uint64              // acts that the peer lacks, and that are lacking here
	differs       []negotiation.Chain // where a place has one act there and another here
	chains        []Distance          // where there is something of either
}

// A Distance is by how many acts of a chain, at least, a peer is behind this node, and
// ahead of it.
type Distance struct {
	Chain  negotiation.Chain `json:"chain"`
	Behind uint64            `json:"behind"`
	Ahead  uint64            `json:"ahead"`
}

// compare compares a peer's heads, in the order of their message, with what is held
// here.
func (c *core) compare(theirs []negotiation.Head) comparison {
	found := comparison{differs: []negotiation.Chain{}, chains: []Distance{}}
	for own := c.tips; len(own) > 0 || len(theirs) > 0; {
		mine, others := ofFirst(own), ofFirst(theirs)
		switch order := compareFirst(mine, others); {
		case order < 0:
			others = nil
		case order > 0:
			mine = nil
		}
		own, theirs = own[len(mine):], theirs[len(others):]
		c.compareChain(mine, others, &found)
	}
	return found
}

// compareFirst compares the chains of tips; those of none come last.
func compareFirst(a, b []negotiation.Head) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(b), len(a))
	}
	return negotiation.CompareChains(a[0].Chain, b[0].Chain)
}

func (c *core) compareChain(mine, others []negotiation.Head, found *comparison) {
	if slices.Equal(mine, others) {
		return
	}
	missing, reached := c.missing(others), top(mine)
	unknown := top(missing)
	var lacking []negotiation.Head
	for _, tip := range mine {
		if !slices.Contains(others, tip) && unknown <= tip.Sequence {
			lacking = append(lacking, tip) // nothing that it holds can follow tip
		}
	}
	d := Distance{Behind: atLeast(lacking, top(others)), Ahead: atLeast(missing, reached)}
	if d.Behind+d.Ahead > 0 {
		d.Chain = slices.Concat(mine, others)[0].Chain
		found.chains = append(found.chains, d)
	}
	found.behind += d.Behind
	found.ahead += d.Ahead
	if slices.ContainsFunc(missing, func(tip negotiation.Head) bool { return tip.Sequence <= reached }) {
		found.differs = append(found.differs, others[0].Chain)
	}
}

// atLeast is how many acts somebody lacks who lacks tips of a chain and holds
// something of it up to a place: each of the tips, and what lies beyond that place.
func atLeast(lacking []negotiation.Head, reached uint64) uint64 {
	if len(lacking) == 0 {
		return 0
	}
	return max(top(lacking), reached+1) - reached + uint64(len(lacking)-1)
}
