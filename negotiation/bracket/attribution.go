package bracket

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// names are the parties that a caller knows.
type names map[string]bool

// attribute moves the attribution of an alternative, if its words have one,
// into its fields.
func (known names) attribute(a *Alternative) {
	if len(a.Nodes) == 0 {
		return
	}
	last := &a.Nodes[len(a.Nodes)-1]
	if last.Kind == Words {
		if at, parties := known.behind(last.Text, len(a.Nodes) == 1); len(parties) > 0 {
			a.After, a.Parties = last.Text[at:], parties
			if last.Text = last.Text[:at]; at == 0 {
				a.Nodes = a.Nodes[:len(a.Nodes)-1]
			}
			return
		}
	}
	first := &a.Nodes[0]
	if first.Kind == Words {
		if n, parties := known.before(first.Text); len(parties) > 0 {
			a.Before, a.Parties = first.Text[:n], parties
			first.Text = first.Text[n:]
			first.Offset += n
			if first.Text == "" {
				a.Nodes = a.Nodes[1:]
			}
		}
	}
}

// The longest attribution that is looked for.
const maxAttribution = 2000

// behind finds the attribution at the end of words: a dash that stands free,
// and names. It returns where it begins, with the blanks before the dash. all
// says that the words are all that their alternative has.
func (known names) behind(words string, all bool) (int, []string) {
	from := max(0, len(words)-maxAttribution)
	for at := len(words); at > from; {
		r, n := utf8.DecodeLastRuneInString(words[:at])
		if at -= n; !strings.ContainsRune("–—-", r) || r == utf8.RuneError {
			continue
		}
		rest := words[at+n:]
		before := strings.TrimRight(words[:at], " \u00a0")
		free := before != words[:at] || at == 0 && all
		if !free || rest == strings.TrimLeft(rest, " \u00a0") {
			continue
		}
		return len(before), known.list(rest, known.isName)
	}
	return 0, nil
}

// before finds the attribution at the beginning of words: names that are known
// and a colon. It returns its length, with the blanks behind it.
func (known names) before(words string) (int, []string) {
	colon := strings.Index(words[:min(len(words), maxAttribution)], ":")
	if colon <= 0 {
		return 0, nil
	}
	parties := known.list(words[:colon], known.isKnown)
	n := colon + 1
	if emphasis := len(words) - len(strings.TrimLeft(words, "*_")); emphasis > 0 && strings.TrimRight(words[:colon], "*_") == words[:colon] {
		// "**EU:** should"
		if !strings.HasPrefix(words[n:], words[:emphasis]) {
			return 0, nil
		}
		n += emphasis
	}
	return n + len(words[n:]) - len(strings.TrimLeft(words[n:], " \u00a0")), parties
}

// list reads a list of names, which may be emphasized; nil if one of them is
// none.
func (known names) list(s string, is func(string) bool) []string {
	s = strings.Trim(s, " \u00a0*_")
	if is(s) {
		return []string{s}
	}
	var parties []string
	for part := range strings.SplitSeq(strings.ReplaceAll(s, ";", ","), ",") {
		if part = strings.Trim(part, " \u00a0*_"); is(part) {
			parties = append(parties, part)
			continue
		}
		for name := range strings.SplitSeq(strings.ReplaceAll(part, " & ", " and "), " and ") {
			if name = strings.Trim(name, " \u00a0*_"); !is(name) {
				return nil
			}
			parties = append(parties, name)
		}
	}
	return parties
}

// isKnown reports whether s is the name of a party that the caller knows, of a
// group of states that negotiates as one, or the code of a country.
func (known names) isKnown(s string) bool {
	return known[s] || groups[s] || len(s) == 3 && strings.Contains(countries, s+" ") && s == strings.ToUpper(s)
}

// isName reports whether s is known or looks like the name of a party: up to 24
// letters and digits, two capital letters among them and the first of them, and
// no small ones but the s of "LDCs"; it may have parts with "/" and "-" between
// them, as in "XCA/4".
func (known names) isName(s string) bool {
	if known.isKnown(s) {
		return true
	}
	if len(s) > 24 {
		return false
	}
	capitals := 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '/' || r == '-' }) {
		part, _ = strings.CutSuffix(part, "s")
		for _, r := range part {
			switch {
			case unicode.IsUpper(r):
				capitals++
			case !unicode.IsDigit(r):
				return false
			}
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return capitals >= 2 && unicode.IsUpper(first) && last != '/' && last != '-'
}
