package redline

import "strings"

// Critic returns the rolling text as a file in CriticMarkup, as [ParseCritic] reads
// it: rejecting every change gives the file that the base is, byte for byte. Each
// dispute is a change to the wording that most parties want, the first of its
// alternatives but the base's, with a comment that names them; CriticMarkup knows
// but two wordings of one place, and so the others stand in the comment, in the
// bracket notation:
//
//	States {~~shall~>should~~}{>>IND, JPN; or [may – CHN]<<} cooperate{++ fully++}{>>KAZ<<}.
//
// Accepting every change gives the text in which each dispute is decided by itself
// for those whom its comment names first. It need not be the text of any of them.
//
// A paragraph that somebody wants out is deleted. If others want to change its
// words, these changes are shown, and the comment of the last one says who wants it
// out. A paragraph that somebody moves is deleted and stands at its new place, too;
// what others want to change in it is in the comment. It takes time in the size of
// the document.
func (d Document) Critic() string {
	to := d.destinations()
	var ps []piece
	for i, p := range d.Paragraphs {
		if p.Base == none {
			in := newPiece(p.Segments[0].Dispute.Alternatives[1])
			if i+1 < len(d.Paragraphs) && !strings.HasSuffix(in.text, "\n") {
				in.text += "\n\n" // it was the last of its file
			}
			ps = append(ps, in)
			continue
		}
		ps = append(ps, p.changed(i, to)...)
	}
	return criticOf(ps)
}

// newPiece returns a new paragraph, which some want.
func newPiece(a Alternative) piece {
	note := strings.Join(a.Parties, ", ")
	if a.Moved {
		note += "; moved here"
	}
	return piece{op: Inserted, text: a.Text, whole: true, note: note}
}

// changed returns paragraph i of a document, which is one of the base.
func (p Paragraph) changed(i int, to destinations) []piece {
	var ps []piece
	shown := p.Shown()
	for k, s := range shown {
		if s.Dispute == nil {
			ps = append(ps, piece{op: Kept, text: s.Text})
			continue
		}
		ps = append(ps, s.Dispute.changed(k == 0)...)
	}
	if p.Fate == nil {
		return ps
	}
	var fates []string
	moved := false
	for _, f := range p.fates(i, to) {
		moved = moved || f.Moved
		fates = append(fates, "["+f.way.String()+" – "+strings.Join(f.Parties, ", ")+"]")
	}
	last := len(ps) - 1 // the last change
	for last >= 0 && ps[last].op == Kept {
		last--
	}
	if last >= 0 && !moved {
		own := ps[last].note
		for k := last; k >= 0 && ps[k].note == own; k-- {
			ps[k].note = own + "; the whole paragraph: " + strings.Join(fates, "")
		}
		return ps
	}
	first := p.fates(i, to)[0]
	gone := piece{op: Deleted, whole: true, note: strings.Join(first.Parties, ", ")}
	if first.Moved {
		gone.note += "; " + first.way.String()
	}
	if others := fates[1:]; last >= 0 || len(others) > 0 {
		gone.note += "; or "
		if last >= 0 {
			words := Paragraph{Base: p.Base, Segments: p.Segments}.markdown(display{segments: settle(shown)}, i, to)
			gone.note += "[" + strings.TrimSpace(squash(words)) + "]"
		}
		gone.note += strings.Join(others, "")
	}
	for _, s := range p.Segments {
		gone.text += strings.ReplaceAll(s.base(), Break, "")
	}
	return []piece{gone}
}

// changed returns the change to the wording that most want, and the others in the
// note of it. The dispute may begin its paragraph.
func (d *Dispute) changed(begins bool) []piece {
	base, first := d.Alternatives[0], d.Alternatives[1]
	note := strings.Join(first.Parties, ", ")
	before, after := d.margins(begins)
	if others := d.Alternatives[2:]; len(others) > 0 {
		note += "; or "
		for _, a := range others {
			note += squash(d.bracket(a, before, after, ""))
		}
	}
	if base.Text == "" || first.Text == "" {
		before, after = "", ""
	}
	inFile := func(text string) string {
		return strings.ReplaceAll(text[len(before):len(text)-len(after)], Break, "")
	}
	return []piece{
		{op: Kept, text: before},
		{op: Deleted, text: inFile(base.Text), note: note},
		{op: Inserted, text: inFile(first.Text), note: note},
		{op: Kept, text: after},
	}
}
