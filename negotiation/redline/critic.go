package redline

import (
	"slices"
	"strings"
)

// Critic returns the file that base is, with r marked in it in CriticMarkup, as
// [ParseCritic] reads it: accepting every change gives the file that r leads to,
// byte for byte; rejecting every one gives the file base, but that lines which r
// only wraps differently are wrapped as in the new one. A file is its paragraphs
// joined.
//
//	States {~~shall~>should~~} cooperate{++ on a voluntary basis++}.
//
// Words that replace others are a substitution; whole paragraphs are deleted
// and inserted. A paragraph that moves is deleted at its old place and inserted
// at its new one, each with a comment that says so. Marks of whole paragraphs
// open behind the line that stands before, so that all lines begin as they do
// in the files. Marks do not begin or end inside a word where r does not
// change a part of one, which [Compare] never does.
//
// r must be a redline of base, as [Redline.Apply] finds out. It takes time in
// the size of base and r.
func (r Redline) Critic(base []string) string { return criticOf(r.pieces(base)) }

// criticOf writes pieces in CriticMarkup.
func criticOf(pieces []piece) string {
	pieces = settleLineEnds(coalesced(pieces))
	var b strings.Builder
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		switch {
		case p.op == Kept:
			writeEscaped(&b, p.text, "")
			continue
		case i+1 < len(pieces) && p.isReplacedBy(pieces[i+1]):
			b.WriteString("{~~")
			writeEscaped(&b, p.text, "~>")
			b.WriteString("~>")
			i++
			writeEscaped(&b, pieces[i].text, "~~}")
			b.WriteString("~~}")
		case p.op == Deleted:
			b.WriteString("{--")
			writeEscaped(&b, p.text, "--}")
			b.WriteString("--}")
		default:
			b.WriteString("{++")
			writeEscaped(&b, p.text, "++}")
			b.WriteString("++}")
		}
		if p.note != "" {
			b.WriteString("{>>")
			writeEscaped(&b, p.note, "<<}")
			b.WriteString("<<}")
		}
	}
	return b.String()
}

// A piece is a stretch of a marked file with one fate.
type piece struct {
	op    Op
	text  string
	whole bool   // of whole paragraphs, not words within one
	note  string // a comment behind it
}

// isReplacedBy reports whether p and q are the two sides of a substitution, which
// have one comment.
func (p piece) isReplacedBy(q piece) bool {
	return p.op == Deleted && q.op == Inserted && !p.whole && !q.whole && p.note == q.note
}

// pieces returns r as it stands in the file.
func (r Redline) pieces(base []string) []piece {
	var ps []piece
	for _, at := range r.places() {
		s := r[at.step]
		switch {
		case at.left:
			ps = append(ps, piece{op: Deleted, text: s.text(Deleted), whole: true, note: "moved from here"})
		case s.Kind == Move:
			p := piece{op: Inserted, text: s.text(Inserted), whole: true, note: "moved here"}
			if p.text != s.text(Deleted) {
				p.note = "moved here and changed"
			}
			ps = append(ps, p)
		case s.Kind == Keep:
			ps = append(ps, piece{op: Kept, text: strings.Join(base[s.From:s.To], "")})
		default:
			for _, run := range s.Marks() {
				ps = append(ps, piece{op: run.Op, text: run.Text, whole: s.Kind == Insert || s.Kind == Delete})
			}
		}
	}
	return ps
}

// coalesced joins neighbours that have the same fate, and drops what is empty.
func coalesced(ps []piece) []piece {
	var out []piece
	ps = slices.DeleteFunc(ps, func(p piece) bool { return p.text == "" })
	for lo := 0; lo < len(ps); {
		p, texts := ps[lo], []string{ps[lo].text}
		hi := lo + 1
		for ; hi < len(ps) && ps[hi].op == p.op && ps[hi].note == "" && p.note == ""; hi++ {
			texts = append(texts, ps[hi].text)
			p.whole = p.whole || ps[hi].whole
		}
		p.text = strings.Join(texts, "")
		out = append(out, p)
		lo = hi
	}
	return out
}

// settleLineEnds moves line ends across the borders of marks, which changes
// neither file. Those at which both the words deleted and the words inserted
// end are kept. Where words are only inserted or only deleted, the mark begins
// with the line ends that stand before it rather than end with equal ones.
func settleLineEnds(ps []piece) []piece {
	var out []piece
	kept := piece{op: Kept}
	for lo := 0; lo < len(ps); {
		if ps[lo].op == Kept {
			kept.text += ps[lo].text
			lo++
			continue
		}
		hi := lo
		for hi < len(ps) && ps[hi].op != Kept {
			hi++
		}
		changes, behind := shedLineEnds(ps[lo:hi])
		if n := turn(kept.text, changes); n > 0 {
			ends := kept.text[len(kept.text)-n:]
			for i, c := range changes {
				changes[i].text = ends + c.text[:len(c.text)-n]
			}
			kept.text, behind = kept.text[:len(kept.text)-n], ends+behind
		}
		if kept.text != "" {
			out = append(out, kept)
		}
		out = append(out, changes...)
		kept.text = behind
		lo = hi
	}
	if kept.text != "" {
		out = append(out, kept)
	}
	return out
}

// shedLineEnds takes off the line ends that the deleted and the inserted words
// of a change have in common at their ends.
func shedLineEnds(changes []piece) ([]piece, string) {
	last := [...]int{Deleted: none, Inserted: none}
	for i, c := range changes {
		last[c.op] = i
	}
	if last[Deleted] == none || last[Inserted] == none {
		return changes, ""
	}
	old, new := &changes[last[Deleted]], &changes[last[Inserted]]
	n := sharedLineEnds(old.text, new.text)
	ends := old.text[len(old.text)-n:]
	old.text, new.text = old.text[:len(old.text)-n], new.text[:len(new.text)-n]
	return coalesced(changes), ends
}

// turn returns how many bytes of line ends may go from the end of each of the
// changes to its beginning, because they stand before as well.
func turn(before string, changes []piece) int {
	if len(changes) == 0 || slices.ContainsFunc(changes, func(c piece) bool { return c.op != changes[0].op }) {
		return 0
	}
	n := len(before)
	for _, c := range changes {
		n = min(n, sharedLineEnds(before, c.text))
	}
	return n
}

// sharedLineEnds returns how many bytes of line ends, LF or CR LF, a and b have
// in common at their ends.
func sharedLineEnds(a, b string) int {
	n := 0
	for {
		end := lineEnd(a[:len(a)-n])
		if end == "" || end != lineEnd(b[:len(b)-n]) {
			return n
		}
		n += len(end)
	}
}

// lineEnd returns the line end at the end of s, if there is one.
func lineEnd(s string) string {
	switch {
	case strings.HasSuffix(s, "\r\n"):
		return "\r\n"
	case strings.HasSuffix(s, "\n"):
		return "\n"
	}
	return ""
}

// writeEscaped writes text so that no delimiter of CriticMarkup is read in it,
// also not together with the delimiter that follows.
func writeEscaped(b *strings.Builder, text, next string) {
	whole := text + next
	for i := 0; i < len(text); i++ {
		b.WriteByte(text[i])
		switch d := delimiterAt(whole[i:]); d.kind {
		case closes:
			i++
			b.WriteByte(text[i])
			b.WriteByte('\\')
		case opens, parts:
			b.WriteByte('\\')
		}
	}
}

// A delimiter of CriticMarkup, with the backslashes inside it.
type delimiter struct {
	kind    delimiterKind
	mark    byte // of an opening or closing delimiter: the character that is doubled
	slashes int
	size    int // of the whole, in bytes
}

type delimiterKind uint8

const (
	noDelimiter delimiterKind = iota
	opens                     // {++ {-- {~~ {== {>>
	closes                    // ++} --} ~~} ==} <<}
	parts                     // ~>
)

// delimiterAt returns the delimiter that s begins with. It takes time in the
// number of backslashes in it.
func delimiterAt(s string) delimiter {
	if s == "" || strings.IndexByte("{+-~=<", s[0]) < 0 {
		return delimiter{}
	}
	slashes := func(from int) int {
		n := 0
		for from+n < len(s) && s[from+n] == '\\' {
			n++
		}
		return n
	}
	switch at := slashes(1) + 1; {
	case s[0] == '{' && at+1 < len(s) && s[at] == s[at+1] && strings.IndexByte("+-~=>", s[at]) >= 0:
		return delimiter{opens, s[at], at - 1, at + 2}
	case s[0] == '~' && at < len(s) && s[at] == '>':
		return delimiter{parts, 0, at - 1, at + 1}
	case s[0] == '{' || len(s) < 2 || s[1] != s[0]:
		return delimiter{}
	}
	if at := slashes(2) + 2; at < len(s) && s[at] == '}' {
		return delimiter{closes, s[0], at - 2, at + 1}
	}
	return delimiter{}
}
