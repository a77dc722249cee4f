package bracket

import (
	"strings"
)

// A Place is a place in dispute: one bracket, or several side by side, with the
// wordings that there are for it.
type Place struct {
	Offset, End  int  // in bytes of the text; at "[" and behind "]"
	Paragraph    int  // the index in [Document.Paragraphs] of the one in which it begins
	Depth        int  // 1 for a place that stands in no other
	Beside       bool // nothing but blanks separates it from the place before
	Alternatives []Alternative

	// Joints stand between the alternatives: "][", "]/[" or "] [" between two
	// brackets, " / " or "/" within one.
	Joints []string

	quoted bool // it begins inside quotation marks
}

// An Alternative is one wording of a [Place].
type Alternative struct {
	Offset, End int // in bytes of the text, from one bracket or joint to the next
	Meaning     Meaning
	Label       Label  // of an option; zero if there is none
	Before      string // an attribution before the words, as it stands: "EU: "
	Nodes       []Node // the words
	After       string // an attribution behind the words, as it stands: " – IND, JPN"

	// Parties are the names of the attribution. One without any is nobody's
	// own: the wording of the base, or of a text that does not say.
	Parties []string
}

// A Meaning is what the words of an [Alternative] stand for.
type Meaning int

// The meanings.
const (
	Wording Meaning = iota // the words themselves
	NoText                 // "no text": nothing shall stand here
	Break                  // "¶": a new paragraph shall begin here
	NoBreak                // "no ¶": no new paragraph shall begin here
)

// Words returns the words of the alternative as they stand, without label and
// attribution.
func (a Alternative) Words() string {
	var b strings.Builder
	printNodes(&b, a.Nodes)
	return b.String()
}

func (a Alternative) print(b *strings.Builder) {
	b.WriteString(a.Label.Text)
	b.WriteString(a.Before)
	printNodes(b, a.Nodes)
	b.WriteString(a.After)
}

// String returns the place as it stands in the text.
func (p *Place) String() string {
	var b strings.Builder
	p.print(&b)
	return b.String()
}

func (p *Place) print(b *strings.Builder) {
	b.WriteString("[")
	for i, a := range p.Alternatives {
		if i > 0 {
			b.WriteString(p.Joints[i-1])
		}
		a.print(b)
	}
	b.WriteString("]")
}

// Brackets returns the number of pairs of brackets that the place consists of,
// without those within its alternatives.
func (p *Place) Brackets() int {
	n := 1
	for _, j := range p.Joints {
		if strings.HasPrefix(j, "]") {
			n++
		}
	}
	return n
}

// noTexts are the words for no text, in lower case, in the languages of
// optionWords.
var noTexts = []string{"no text", "pas de texte", "sin texto", "без текста"}

// maxSpecial is more than the longest words with a meaning of their own.
const maxSpecial = 48

// meaningOf returns what words stand for.
func meaningOf(nodes []Node) Meaning {
	if len(nodes) != 1 || nodes[0].Kind != Words || len(nodes[0].Text) > maxSpecial {
		return Wording
	}
	words := strings.Trim(nodes[0].Text, "*_ \t\r\n")
	switch words {
	case "¶":
		return Break
	case "no ¶":
		return NoBreak
	}
	if isNoText(words) {
		return NoText
	}
	return Wording
}

// isNoText reports whether words, in brackets or not, are "no text".
func isNoText(words string) bool {
	if len(words) > maxSpecial {
		return false
	}
	words = strings.Trim(words, "*_[]. \t\r\n")
	for _, w := range noTexts {
		if strings.EqualFold(words, w) {
			return true
		}
	}
	return false
}
