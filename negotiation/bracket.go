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
	have, now := s.acts[m.Base].text.Paragraphs(), v.text.Paragraphs()
	changed := notIn(now, have)
	for _, p := range changed {
		if !balanced(p) && !slices.ContainsFunc(have, func(p string) bool { return !balanced(p) }) {
			return ErrInadmissible.Because("the brackets in %q do not match", clip(p))
		}
	}
	was, is := s.attributions(notIn(have, now)), s.attributions(changed)
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if is[name] > was[name] {
			return ErrInadmissible.Because("the words “– %s” read as if %s had proposed something; the rolling text says who does", name, name)
		}
	}
	return nil
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

// attributions counts what reads like an attribution to a participant or a group.
func (s *State) attributions(paragraphs []string) map[string]int {
	count := map[string]int{}
	for _, p := range paragraphs {
		for _, m := range attributed.FindAllStringSubmatch(p, -1) {
			for code := range strings.SplitSeq(m[1], ",") {
				if code = strings.TrimSpace(code); s.names(code) {
					count[code]++
				}
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
