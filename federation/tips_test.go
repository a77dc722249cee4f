package federation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"concord/negotiation"
)

// forkedChains are the tips of so many records with so many tips each. The first of
// each, the end of the line, would be the last in order.
func forkedChains(chains, tips int) (heads []negotiation.Head) {
	for i := range chains {
		code := negotiation.Code([]byte{'A' + byte(i/26/26), 'A' + byte(i/26%26), 'A' + byte(i%26)})
		for n := range tips {
			place := uint64(maxSequence - tips + n)
			if n == 0 {
				place = maxSequence
			}
			heads = append(heads, headOf(negotiation.RecordOf(code), place, fmt.Sprint(i, n)))
		}
	}
	return heads
}

func TestHeadsAlwaysFit(t *testing.T) {
	for _, c := range []struct{ chains, tips, want int }{
		{1, 1, 1}, {1, maxTips, maxTips}, {8, maxTips, 8 * maxTips}, {256, 1, 256},
		{30, 10, 300},
		{30, maxTips, 30 * 20}, // of each chain as many as of every other
		{256, maxTips, 256 * 2},
	} {
		held := forkedChains(c.chains, c.tips)
		cfg, _ := testConfig("XAU", nil)
		message, err := cfg.signedHeads(held, time.Now(), Nonce{})
		if err != nil {
			t.Fatalf("%d chains with %d tips: %v", c.chains, c.tips, err)
		}
		told, err := ParseHeads(message)
		if err != nil {
			t.Fatal(err)
		}
		if len(told.Tips) != c.want {
			t.Errorf("%d chains with %d tips: %d are told, not %d", c.chains, c.tips, len(told.Tips), c.want)
		}
		for i := 0; i < len(held); i += c.tips {
			if !slices.Contains(told.Tips, held[i]) {
				t.Errorf("%d chains with %d tips: the end of the line of %s is left out", c.chains, c.tips, held[i].Chain)
			}
		}
	}
}

// The text is here with two acts, and a third on each of two sides.
func TestCounts(t *testing.T) {
	left, right := follow(second, negotiation.TextChain, "left"), follow(second, negotiation.TextChain, "right")
	there := headOf("text", 3, "text 3 there")
	for name, c := range map[string]struct {
		theirs        []negotiation.Head
		behind, ahead uint64
	}{
		"nothing":                           {nil, 4, 0},
		"both sides":                        {[]negotiation.Head{left.head, right.head}, 0, 0},
		"one side":                          {[]negotiation.Head{left.head}, 1, 0},
		"what both follow":                  {[]negotiation.Head{second.head}, 2, 0},
		"a third side":                      {[]negotiation.Head{there}, 2, 1},
		"a third side beside one":           {[]negotiation.Head{left.head, there}, 1, 1},
		"what goes on, perhaps from a side": {[]negotiation.Head{headOf("text", 5, "text 5 there")}, 0, 2},
		"that, and a third side":            {[]negotiation.Head{headOf("text", 5, "text 5 there"), there}, 0, 3},
	} {
		b := benched(t)
		if err := b.store.Receive(t.Context(), message(first, second, left, right)); err != nil {
			t.Fatal(err)
		}
		b.core.look()
		if got := b.core.compare(c.theirs); got.behind != c.behind || got.ahead != c.ahead {
			t.Errorf("%s: behind %d and ahead %d, not %d and %d", name, got.behind, got.ahead, c.behind, c.ahead)
		}
	}
}
