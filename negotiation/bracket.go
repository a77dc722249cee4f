package negotiation

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// attributed finds what reads like an attribution of the rolling text: codes after a
// dash that stands free.
var attributed = regexp.MustCompile(`(?:^|[\s\[\]])[–—‒―-] *([A-Z][A-Z0-9]{1,11}(?:, *[A-Z][A-Z0-9]{1,11})*)\b`)

// checkBrackets refuses a proposal whose own words could be taken for what the
// rolling text says of others: brackets that do not match, or an attribution to a
// participant or group, where the base has none. Only who proposes what is told there.
func (s *State) checkBrackets(v Verified, m Amendment) error {
	_, held := s.acts[v.id] // or somebody tries whether it would do
	claims := s.carried.claimsOf(v, s.act(m.Base).text, held)
	if claims.unmatched != "" {
		return ErrInadmissible.Because("the brackets in %q do not match", clip(claims.unmatched))
	}
	for _, name := range claims.names {
		if s.names(name) {
			return ErrInadmissible.Because("the words “– %s” read as if %s had proposed something; the rolling text says who does", name, name)
		}
	}
	return nil
}

// claims are what in a wording's own words could be taken for the rolling text's.
type claims struct {
	unmatched string   // a paragraph whose brackets do not match
	names     []string // after dashes, where the base has none of them, or fewer; sorted
}

// claimsOf returns the claims of a wording, and remembers them if it is to be kept.
func (c *carriedOver) claimsOf(wording Verified, base Text, keep bool) claims {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.claims[wording.id]
	if !ok {
		found = findClaims(base.Paragraphs(), wording.text.Paragraphs())
		if keep {
			c.claims[wording.id] = found
		}
	}
	return found
}

func findClaims(have, now []string) (found claims) {
	unbalanced := func(p string) bool { return !balanced(p) }
	changed := notIn(now, have)
	if i := slices.IndexFunc(changed, unbalanced); i >= 0 && !slices.ContainsFunc(have, unbalanced) {
		found.unmatched = changed[i]
	}
	was, is := attributions(notIn(have, now)), attributions(changed)
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if is[name] > was[name] {
			found.names = append(found.names, name)
		}
	}
	return found
}

// notIn returns the paragraphs of a text that another does not have, or not so often.
func notIn(text, other []string) []string {
	have := map[string]int{}
	for _, p := range other {
		have[p]++
	}
	var rest []string
	for _, p := range text {
		if have[p]--; have[p] < 0 {
			rest = append(rest, p)
		}
	}
	return rest
}

// attributions counts what reads like an attribution.
func attributions(paragraphs []string) map[string]int {
	count := map[string]int{}
	for _, p := range paragraphs {
		for _, m := range attributed.FindAllStringSubmatch(p, -1) {
			for code := range strings.SplitSeq(m[1], ",") {
				count[strings.TrimSpace(code)]++
			}
		}
	}
	return count
}

// names reports whether the charter has a participant or a group of this code.
func (s *State) names(code string) bool {
	_, participant := s.Charter.Participant(Code(code))
	return participant || slices.ContainsFunc(s.Charter.Groups, func(g Group) bool { return g.Code == code })
}

// balanced reports whether each square bracket of a paragraph has its other.
func balanced(p string) bool {
	depth := 0
	for _, r := range p {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}
