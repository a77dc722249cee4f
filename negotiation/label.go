package negotiation

import (
	"regexp"
	"strconv"
	"strings"
)

// Labels names the paragraphs of a first revision, as delegations cite them:
//
//	Title, H1, H2 …      the title and the headings, whatever their level
//	PP1, PP2 …           preambular: plain, before the first operative paragraph
//	OP1, OP2 …           operative
//	CP1, CP2 …           closing: plain, after the first operative paragraph
//	OP3(a), OP3(a)(i)    items, after what they stand below; further levels
//	                     are (A) and (1)
//
// An item at the margin belongs to the paragraph above it that is not an item.
// No two paragraphs of a text have the same label.
func Labels(t Text) []string {
	return Relabel(nil, Text{}, t, nil)
}

// Relabel names the paragraphs of newText, which follows oldText, whose labels
// are old. lineage[j] is the paragraph of oldText that paragraph j of newText
// continues, or -1 for a new one.
//
// A paragraph that continues another of its kind keeps its label, wherever it now
// stands; one that has been made operative, a heading or an item is new. A new one is named after the paragraph of its
// row that it follows: "OP3 bis", then "OP3 ter", "OP3 quater" … "OP3 decies",
// "OP3 11"; below OP3, "OP3(a bis)". Before the first of its row it is "OP1
// pre", then "OP1 pre bis". ("OP7 ter" is what delegations say at the United
// Nations, and the drafts of the Paris Agreement have "Article 3 ter". For what
// stands first usage varies: pre, ante, 0.) A row of which nothing is kept is
// numbered as in [Labels], past the labels of oldText. A label of oldText is
// never given to another paragraph, with one exception: the title is always
// "Title". When two paragraphs continue the same one, the first keeps its label.
func Relabel(old []string, oldText, newText Text, lineage []int) []string {
	n := naming{text: newText, labels: make([]string, newText.Len()), taken: map[string]bool{}, next: map[string]int{}}
	for _, label := range old {
		n.taken[label] = true
	}
	n.keep(old, oldText, lineage)
	n.rows()
	for j := range n.labels {
		if n.labels[j] == "" {
			n.labels[j] = n.name(j)
			n.taken[n.labels[j]] = true
		}
	}
	return n.labels
}

const titleLabel = "Title"

// A naming is the labels of a text in the making.
type naming struct {
	text   Text
	labels []string // "" where there is none yet
	row    []row    // of each paragraph
	taken  map[string]bool
	next   map[string]int // by stem or row, the number to try next
	first  map[row]int    // the first kept paragraph of a row
}

// A row is paragraphs that are counted together.
type row struct {
	prefix string // PP, OP, CP or H; "" for items and the title
	parent int    // of items, the paragraph that they stand below; -1
	level  int    // of items, how many items they stand below
}

func (n *naming) keep(old []string, oldText Text, lineage []int) {
	kept := map[int]bool{}
	for j := range n.labels {
		if n.text.Kind(j) == Title {
			n.labels[j] = titleLabel
			continue
		}
		if j >= len(lineage) {
			continue
		}
		i := lineage[j]
		if i >= 0 && i < min(len(old), oldText.Len()) && !kept[i] && oldText.Kind(i) == n.text.Kind(j) {
			kept[i], n.labels[j] = true, old[i]
		}
	}
}

// rows finds the row of each paragraph, and the first that is kept of each row.
func (n *naming) rows() {
	n.row = make([]row, n.text.Len())
	n.first = map[row]int{}
	operative := false
	below := [MaxDepth]int{} // the paragraph that items of depth 1, 2 … stand below
	for j := range n.row {
		r := row{parent: -1}
		depth := n.text.Depth(j)
		switch n.text.Kind(j) {
		case Heading:
			r.prefix = "H"
		case Operative:
			r.prefix, operative = "OP", true
		case Plain:
			r.prefix = "PP"
			if operative {
				r.prefix = "CP"
			}
		case Item:
			r.parent = below[depth-1]
			if n.text.Kind(r.parent) == Item {
				r.level = n.row[r.parent].level + 1
			}
		}
		n.row[j] = r
		if n.text.Kind(j) != Item {
			below[0], depth = j, 1
		}
		if depth < MaxDepth && (n.text.Kind(j) == Item || n.text.Kind(j) == Operative) {
			below[depth] = j
		}
		if _, found := n.first[r]; !found && n.counts(j) {
			n.first[r] = j
		}
	}
}

// counts reports whether j has kept a label of the row in which it now stands.
func (n *naming) counts(j int) bool {
	label, r := n.labels[j], n.row[j]
	if label == "" {
		return false
	}
	if r.prefix != "" {
		number, ok := strings.CutPrefix(label, r.prefix)
		return ok && number != "" && '0' < number[0] && number[0] <= '9' && !strings.HasSuffix(label, ")")
	}
	if r.parent < 0 || n.labels[r.parent] == "" {
		return false
	}
	rest, ok := strings.CutPrefix(label, n.labels[r.parent]+"(")
	return ok && strings.IndexByte(rest, ')') == len(rest)-1
}

// name returns a label for the new paragraph j; all before it have theirs.
func (n *naming) name(j int) string {
	r := n.row[j]
	first, kept := n.first[r]
	if !kept {
		return n.numbered(r)
	}
	if j < first {
		pre := stem(n.labels[first], true)
		if !n.taken[pre] {
			return pre
		}
		return n.inserted(pre)
	}
	before := j - 1
	for n.row[before] != r || !n.counts(before) {
		before--
	}
	return n.inserted(stem(n.labels[before], false))
}

// numbered returns the next free label of a row of which nothing is kept.
func (n *naming) numbered(r row) string {
	key := r.prefix
	if r.parent >= 0 {
		key = n.labels[r.parent] + "("
	}
	for {
		n.next[key]++
		label := key + strconv.Itoa(n.next[key])
		if r.parent >= 0 {
			label = key + enumerator(r.level, n.next[key]) + ")"
		}
		if !n.taken[label] {
			return label
		}
	}
}

// ordinals follow the label of the paragraph after which one is inserted.
var ordinals = [...]string{"", "", "bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "novies", "decies"}

var insertion = regexp.MustCompile(`(?s)^(.*?)( pre)?(?: (?:bis|ter|quater|quinquies|sexies|septies|octies|novies|decies|[0-9]+))?(\)?)$`)

// stem returns the label without what [naming.inserted] appended to it, and
// with "pre" if what is to be named stands before it.
func stem(label string, pre bool) string {
	m := insertion.FindStringSubmatch(label)
	if pre {
		m[2] = " pre"
	}
	return m[1] + m[2] + m[3]
}

// inserted returns the next free label of those that are made from a stem by an
// ordinal.
func (n *naming) inserted(stem string) string {
	if n.next[stem] == 0 {
		n.next[stem] = 1
	}
	open := strings.TrimSuffix(stem, ")")
	for {
		n.next[stem]++
		k := n.next[stem]
		ordinal := strconv.Itoa(k)
		if k < len(ordinals) {
			ordinal = ordinals[k]
		}
		if label := open + " " + ordinal + stem[len(open):]; !n.taken[label] {
			return label
		}
	}
}

// enumerator returns number k, from 1, of the items of a level, from 0.
func enumerator(level, k int) string {
	switch level {
	case 0:
		return letters(k)
	case 1:
		return roman(k)
	case 2:
		return strings.ToUpper(letters(k))
	}
	return strconv.Itoa(k)
}

// letters counts a, b … z, aa, ab ….
func letters(k int) string {
	s := ""
	for ; k > 0; k = (k - 1) / 26 {
		s = string(rune('a'+(k-1)%26)) + s
	}
	return s
}

func roman(k int) string {
	values := [...]int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	digits := [...]string{"m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"}
	s := ""
	for i, v := range values {
		for ; k >= v; k -= v {
			s += digits[i]
		}
	}
	return s
}
