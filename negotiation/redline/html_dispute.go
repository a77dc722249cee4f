package redline

import (
	"html/template"
	"slices"
	"strings"
)

// A paragraph break is a pilcrow to the eye, and words to who cannot see it. To
// Markdown it is a paragraph of its own, across which no emphasis goes.
const (
	paragraphBreak = "\n\n¶\n\n"
	openBreak      = `<span aria-hidden="true">`
	closeBreak     = `</span><span class="vh">paragraph break</span>`
	noBreak        = "no " + openBreak + "¶" + closeBreak
)

// pieces returns the words of the paragraph, each wording of a dispute with what
// stands around it.
func (v view) pieces(segs []viewed) []Piece {
	proposals := []string{""} // of each reading; the first is the base
	for _, s := range segs {
		if s.Dispute != nil {
			proposals = append(proposals, s.Dispute.proposals()...)
		}
	}
	slices.Sort(proposals)
	proposals = slices.Compact(proposals)
	var pieces []Piece
	for i, s := range segs {
		if s.Dispute == nil {
			pieces = append(pieces, Piece{Text: s.Text})
		} else {
			s.before = s.before && i > 0 && !endsBlank(segs[i-1].Text)
			s.after = s.after && i+1 < len(segs) && !startsBlank(segs[i+1].Text)
			pieces = append(pieces, v.disputed(s, proposals, restOf(segs[i+1:]))...)
		}
	}
	return pieces
}

// restOf returns the beginning of what the base says in segments.
func restOf(segs []viewed) string {
	rest := ""
	for _, s := range segs {
		if rest += beginning(s.base()); len(rest) > 64 {
			break
		}
	}
	return rest
}

// disputed returns the wordings of a dispute, on which the rest of the base follows.
func (v view) disputed(s viewed, proposals []string, rest string) []Piece {
	before, after := s.Dispute.margins(false)
	pieces := []Piece{{Text: before}}
	class := "alternative"
	silent := silentOn(s.Dispute, proposals)
	worded := []int{}          // the readings that have words here
	spaced := [2][]int{{}, {}} // those that have white space before and behind it
	for i, a := range s.Dispute.Alternatives {
		readings := []int{}
		if a.Base {
			readings = silent
		}
		for _, id := range a.Proposals {
			if r, ok := slices.BinarySearch(proposals, id); ok {
				readings = append(readings, r)
			}
		}
		if a.Text != "" {
			worded = append(worded, readings...)
		}
		for side := range spaced {
			if a.spaced[side] {
				spaced[side] = append(spaced[side], readings...)
			}
		}
		text := strings.TrimSuffix(strings.TrimPrefix(a.Text, before), after)
		if a.Base && text == "" {
			continue
		}
		if a.Base {
			class += " standing"
		}
		open := `<span class="` + class + `"><span class="bracket">[</span>` + s.instruction(i, text) + `<bdi>`
		class = "alternative further"
		words := v.worded(text, after+rest)
		words[0].Open = template.HTML(open) + words[0].Open
		words[len(words)-1].Close += `</bdi>` + v.attribution(a) + `<span class="bracket">]</span></span>`
		for _, p := range words {
			p.readings, p.of = readings, len(proposals)
			pieces = append(pieces, p)
		}
	}
	pieces = append(pieces, Piece{Text: after})
	for _, margin := range []*Piece{&pieces[0], &pieces[len(pieces)-1]} {
		if margin.Text != "" {
			margin.readings, margin.of = worded, len(proposals)
		}
	}
	if s.before {
		pieces = slices.Insert(pieces, 0, Piece{Text: " ", readings: spaced[0], of: len(proposals)})
	}
	if s.after || s.marks() {
		pieces = append(pieces, Piece{Text: " ", readings: spaced[1], of: len(proposals)})
	}
	return pieces
}

// marks reports whether s is about nothing but the marker.
func (s viewed) marks() bool {
	return len(s.kinds) > 0 && !slices.ContainsFunc(s.Dispute.Alternatives, func(a Alternative) bool { return a.Text != "" })
}

// instruction says in HTML what alternative i is besides its words.
func (s viewed) instruction(i int, text string) string {
	base := s.Dispute.Alternatives[0].Text
	kind := ""
	if i < len(s.kinds) {
		kind = template.HTMLEscapeString(s.kinds[i])
	}
	says := ""
	switch {
	case kind != "" && text != "":
		return `<i class="instruction">` + kind + `:</i> `
	case kind != "" && base == "":
		says = kind
	case kind != "":
		says = kind + ", no text"
	case text != "":
		return ""
	case strings.Contains(base, Break):
		says = noBreak
	default:
		says = "no text"
	}
	return `<i class="instruction">` + says + `</i>`
}

// worded returns the words of an alternative, cut at its breaks, without the
// markers behind them.
func (v view) worded(text, rest string) []Piece {
	parts := strings.Split(text, Break)
	last := len(parts) - 1
	if last == 0 {
		return []Piece{{Text: text}}
	}
	var pieces []Piece
	for i, part := range parts {
		if i > 0 {
			pieces = append(pieces, Piece{Text: paragraphBreak, Open: openBreak, Close: closeBreak})
			follows := ""
			if i == last {
				follows = rest
			}
			part, _ = v.behindBreak(part, follows)
		}
		if isSoft(part) || part == "" {
			continue
		}
		if i > 0 {
			part = " " + strings.TrimLeft(part, softSpace)
		}
		if i < last {
			part = strings.TrimRight(part, softSpace) + " "
		}
		pieces = append(pieces, Piece{Text: part})
	}
	return pieces
}

// silentOn returns which of the sorted proposals have no part in the dispute. The
// base, whose name is empty, never has.
func silentOn(d *Dispute, proposals []string) []int {
	involved := d.proposals()
	silent := []int{}
	for r, id := range proposals {
		if _, ok := slices.BinarySearch(involved, id); !ok {
			silent = append(silent, r)
		}
	}
	return silent
}

// attribution returns an en dash and the parties; nothing for the base.
func (v view) attribution(a Alternative) template.HTML {
	if a.Base {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<span class="parties"> – `)
	for i, name := range a.Parties {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(v.Party(a, name)))
	}
	b.WriteString(`</span>`)
	return template.HTML(b.String())
}

// fated puts brackets around a paragraph that some want out or elsewhere.
func (v view) fated(words template.HTML, dir string, fates []fate) template.HTML {
	if len(fates) == 0 {
		return words
	}
	var b strings.Builder
	b.WriteString(`<span class="alternative standing"><span class="bracket">[</span><bdi dir="` + dir + `">` + string(words) + `</bdi><span class="bracket">]</span></span>`)
	for _, f := range fates {
		says := [...]string{out: "delete this paragraph", up: "move this paragraph up", down: "move this paragraph down", away: "move this paragraph"}[f.way]
		b.WriteString(`<span class="alternative further"><span class="bracket">[</span><i class="instruction">` + says + `</i>` + string(v.attribution(f.Alternative)) + `<span class="bracket">]</span></span>`)
	}
	return template.HTML(b.String())
}

// notes tells what a reader should know about the paragraph besides the words in
// its brackets, each note once.
func (v view) notes(p Paragraph, segs []viewed) []string {
	var notes []string
	if p.Base == none {
		if a := p.Segments[0].Dispute.Alternatives[1]; a.Moved {
			for _, from := range a.origins() {
				notes = append(notes, "To be moved here from "+v.Paragraph(from))
			}
		}
	}
	for i, s := range segs {
		if s.Dispute == nil {
			continue
		}
		if s.Dispute.Touching {
			notes = append(notes, "Proposals touch one another here: read them together")
		}
		if s.Dispute.breaks() {
			notes = append(notes, v.breaks(s.Dispute, restOf(segs[i+1:]))...)
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// breaks says what the breaks in a dispute would do, or not do.
func (v view) breaks(d *Dispute, rest string) []string {
	var notes []string
	ends := strings.HasSuffix(d.Alternatives[0].Text, Break)
	for _, a := range d.Alternatives[1:] {
		text, stays := strings.CutSuffix(a.Text, Break)
		if ends && !stays {
			notes = append(notes, "Without ¶ the next paragraph would follow on here")
		}
		if !ends {
			text = a.Text
		}
		parts := strings.Split(text, Break)
		for i, part := range parts[1:] {
			follows := ""
			if i+2 == len(parts) {
				follows = rest
			}
			what := "a new paragraph"
			if _, kind := v.behindBreak(part, follows); kind != v.own.Name {
				what = kind
			}
			notes = append(notes, "With ¶ "+what+" would begin here")
		}
	}
	return notes
}

// origins returns the paragraphs of the base that are moved to the place of a new
// one, ascending.
func (a Alternative) origins() []int {
	var from []int
	for _, w := range a.wishes {
		if w.insertion.From != none {
			from = append(from, w.insertion.From)
		}
	}
	slices.Sort(from)
	return slices.Compact(from)
}
