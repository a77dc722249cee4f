package federation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"concord/negotiation"
)

// compareTips is the order of a heads message: the text before the records, and
// these by name; in a chain by place, then by act.
func compareTips(a, b negotiation.Head) int {
	return cmp.Or(compareChains(a.Chain, b.Chain), cmp.Compare(a.Sequence, b.Sequence), slices.Compare(a.Act[:], b.Act[:]))
}

func compareChains(a, b negotiation.Chain) int {
	switch {
	case a == b:
		return 0
	case a == negotiation.TextChain:
		return -1
	case b == negotiation.TextChain:
		return 1
	}
	return strings.Compare(string(a), string(b))
}

// headLine is what a tip takes in a heads message.
func headLine(tip negotiation.Head) string {
	return fmt.Sprintf("head %s %d %s\n", tip.Chain, tip.Sequence, tip.Act)
}

// fitting returns as many of a store's tips as fit the size, in order. When not
// all do, each chain keeps as many as every other may, or all that it has: the end
// of its line first, then by place, then by act.
func fitting(held []negotiation.Head, size int) []negotiation.Head {
	var fit []negotiation.Head
	chains := byChain(held)
	for most, bytes := maxTips, size+1; bytes > size && most > 0; most-- {
		fit, bytes = fit[:0], 0
		for _, tips := range chains {
			for _, tip := range tips[:min(most, len(tips))] {
				fit, bytes = append(fit, tip), bytes+len(headLine(tip))
			}
		}
	}
	slices.SortFunc(fit, compareTips)
	return fit
}

// byChain parts tips, each chain's in their order.
func byChain(held []negotiation.Head) map[negotiation.Chain][]negotiation.Head {
	chains := make(map[negotiation.Chain][]negotiation.Head)
	for _, tip := range held {
		chains[tip.Chain] = append(chains[tip.Chain], tip)
	}
	return chains
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
}

// compare compares a peer's heads, in the order of their message, with what is held
// here.
func (c *core) compare(theirs []negotiation.Head) comparison {
	found := comparison{differs: []negotiation.Chain{}}
	if slices.Equal(c.tips, theirs) {
		return found
	}
	own, others := byChain(c.tips), byChain(theirs)
	for chain, mine := range own {
		unknown := top(c.missing(others[chain]))
		var lacking []negotiation.Head
		for _, tip := range mine {
			if !slices.Contains(others[chain], tip) && unknown <= tip.Sequence {
				lacking = append(lacking, tip) // nothing that it holds can follow tip
			}
		}
		found.behind += atLeast(lacking, top(others[chain]))
	}
	for chain, tips := range others {
		missing, reached := c.missing(tips), top(own[chain])
		found.ahead += atLeast(missing, reached)
		if slices.ContainsFunc(missing, func(tip negotiation.Head) bool { return tip.Sequence <= reached }) {
			found.differs = append(found.differs, chain)
		}
	}
	slices.SortFunc(found.differs, compareChains)
	return found
}

// atLeast is how many acts somebody lacks who lacks tips of a chain and holds
// something of it up to a place: each of the tips, and what lies beyond that place.
func atLeast(lacking []negotiation.Head, reached uint64) uint64 {
	if len(lacking) == 0 {
		return 0
	}
	return max(top(lacking), reached+1) - reached + uint64(len(lacking)-1)
}
