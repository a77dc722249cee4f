package bracket

// A Tally counts what is open in a text or in one of its paragraphs. What
// extends over several paragraphs counts in the one in which it begins, so that
// the counts of a text are the sums of those of its paragraphs.
type Tally struct {
	Places   int // in dispute, however deep in one another
	Outer    int // of these, those that stand in no other
	Choices  int // options without brackets
	Brackets int // pairs that the places consist of
	Depth    int // of the deepest place; 0 if there is none
	Strays   int // brackets whose other is missing
}

// Open returns how many places still need a decision: places in dispute,
// however deep, and choices.
func (t Tally) Open() int { return t.Places + t.Choices }

func (t Tally) plus(u Tally) Tally {
	return Tally{
		t.Places + u.Places,
		t.Outer + u.Outer,
		t.Choices + u.Choices,
		t.Brackets + u.Brackets,
		max(t.Depth, u.Depth),
		t.Strays + u.Strays,
	}
}

// Tally returns the counts of the whole text.
func (d Document) Tally() Tally {
	var t Tally
	for _, p := range d.Paragraphs {
		t = t.plus(p.Tally)
	}
	return t
}

// count counts what is open in each paragraph.
func (d Document) count() {
	for p := range d.Places() {
		t := Tally{Places: 1, Brackets: p.Brackets(), Depth: p.Depth}
		if p.Depth == 1 {
			t.Outer = 1
		}
		d.add(p.Paragraph, t)
	}
	for _, c := range d.Choices {
		d.add(c.Options[0].Paragraph, Tally{Choices: 1})
	}
	for _, s := range d.Strays {
		d.add(s.Paragraph, Tally{Strays: 1})
	}
}

func (d Document) add(paragraph int, t Tally) {
	d.Paragraphs[paragraph].Tally = d.Paragraphs[paragraph].Tally.plus(t)
}
