package redline

import (
	"html/template"
	"slices"
)

// Rolling renders the rolling text: a block for each paragraph that is not blank,
// with the number in the base at its side, as [HTML.Paragraphs] shows it. It takes
// time in the size of d; beyond a fixed amount of work on emphasis and links, the
// paragraphs that remain are shown as they are written.
func (h *HTML) Rolling(d Document) template.HTML { return h.rolling(d, h.Paragraphs(d, Names{})) }

func (h *HTML) rolling(d Document, shown []Shown) template.HTML {
	w := newBlockWriter(h, "rolling")
	for i, s := range shown {
		p, b := d.Paragraphs[i], htmlBlockOf(s.Text)
		if s.code {
			b = codeLine
		}
		step, label := "keep", "new"
		switch {
		case p.Base == none:
			step = "insert"
			if p.Segments[0].Dispute.Alternatives[1].Moved {
				label = "moved"
			}
		case s.places > 0:
			step = "disputed"
		}
		if step != "disputed" && isBlank(s.Text) {
			continue
		}
		w.open(b.classes()+" "+step, step, label, p.Base)
		w.end(b, s)
	}
	return w.html()
}

// Paragraphs renders the words of each paragraph of the rolling text, without its
// marker. The wordings of a dispute stand in brackets one after the other, the
// base's without a name, the others with the parties that want them; around a
// paragraph that some want out or elsewhere stand brackets, too. Of a marker that
// is in dispute, it is said what kind of paragraph it makes. A paragraph break is
// a pilcrow. Time is as for [HTML.Rolling].
func (h *HTML) Paragraphs(d Document, n Names) []Shown {
	n = n.filled()
	effort := textEffort
	to := d.destinations()
	all := make([]Shown, len(d.Paragraphs))
	for i, shown := range d.displays() {
		p := d.Paragraphs[i]
		text := saneText(p.standing())
		v := view{n, n.Block(beginning(text)), shown.joiners}
		if shown.code {
			v.own = codeLine.block()
		}
		if shown.worded {
			v.own.Marker = 0
		}
		all[i] = v.shown(h, p, saneSegments(shown.segments), p.fates(i, to), &effort)
		all[i].Text, all[i].code = text, shown.code
	}
	return all
}

// shown renders a paragraph.
func (v view) shown(h *HTML, p Paragraph, segments []displayed, fates []fate, effort *int) Shown {
	segs := v.withoutMarkers(segments)
	pieces := v.pieces(segs)
	s := Shown{Dir: direction(pieces), Notes: v.notes(p, segs)}
	if v.own.Verbatim {
		s.Words = verbatimWords(pieces)
	} else {
		s.Words = h.words(pieces, effort)
	}
	for _, seg := range segs {
		if seg.Dispute != nil {
			s.places++
		}
	}
	if len(fates) > 0 && len(segs) > 0 {
		s.Words = v.fated(s.Words, s.Dir, fates)
		s.places++
	}
	return s
}

// saneSegments returns segments with words that can be shown.
func saneSegments(segs []displayed) []displayed {
	segs = slices.Clone(segs)
	for i, s := range segs {
		if s.Dispute == nil {
			segs[i].Text = saneText(s.Text)
			continue
		}
		d := &Dispute{Alternatives: slices.Clone(s.Dispute.Alternatives), Touching: s.Dispute.Touching}
		for k := range d.Alternatives {
			d.Alternatives[k].Text = saneText(d.Alternatives[k].Text)
		}
		segs[i].Dispute = d
	}
	return segs
}
