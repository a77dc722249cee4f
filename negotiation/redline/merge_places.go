package redline

import (
	"slices"
	"strings"
)

// A Place is a paragraph of a merged text that a person should look at.
type Place struct {
	Paragraph int  // its index in the merged text
	Line      int  // on which it begins in the file that [Paste] makes of the text, counted from 1
	Conflict  bool // there is a conflict in it; otherwise both sides change one sentence, or neighbouring words, without overlap
}

// Places returns the places of [Merged.Text], by ascending Paragraph. It takes time
// in the size of the text.
func (m *Merged) Places() []Place { return m.places(m.inBrackets()) }

// PlacesWithMarkers returns the places of [Merged.WithMarkers] with the same
// arguments, by ascending Paragraph. It takes time in the size of the text.
func (m *Merged) PlacesWithMarkers(ours, theirs string, size int) []Place {
	return m.places(m.betweenMarkers(ours, theirs, size))
}

// places returns the places of the text that edits of the base lead to.
func (m *Merged) places(e Edits) []Place {
	at := e.landmarks(m.base)
	var places []Place
	gap := 0
	for _, p := range m.Document.Paragraphs {
		if p.Base == none {
			if paragraph, ok := at.gaps[gap]; ok && m.conflicts[p.Segments[0].Dispute] {
				places = append(places, Place{Paragraph: paragraph, Conflict: true})
			}
			continue
		}
		gap = p.Base + 1
		if m.conflicts[p.Fate] {
			places = at.add(places, p.Base, 0, true)
		}
		for _, s := range p.Segments {
			if d := s.Dispute; d != nil && (m.conflicts[d] || d.Touching) {
				places = at.add(places, p.Base, m.starts[d], m.conflicts[d])
			}
		}
	}
	return lined(places, e.Apply(m.base))
}

// Landmarks are where paragraphs of a base come to stand in a text.
type landmarks struct {
	gaps   map[int]int // where the first paragraph stands that is new in a gap
	moved  map[int]int // where one stands that is moved
	bundle map[int]int // in which bundle one is otherwise; missing if it is taken out
	first  []int       // where the first paragraph of each bundle stands
	all    []bundle
}

func (e Edits) landmarks(base []string) landmarks {
	l := landmarks{gaps: map[int]int{}, moved: map[int]int{}, bundle: map[int]int{}, all: e.bundles(base)}
	n := 0
	for i, b := range l.all {
		for _, in := range b.ahead {
			if in.From != none {
				l.moved[in.From] = n
			} else if _, found := l.gaps[in.Gap]; !found {
				l.gaps[in.Gap] = n
			}
			n++
		}
		l.first = append(l.first, n)
		texts := len(b.texts())
		for k := range b.base {
			if texts > 0 {
				l.bundle[b.from+k] = i
			}
		}
		n += texts
	}
	return l
}

// add adds the place where a byte of a paragraph of the base comes to stand, if it
// does. A conflict may stand between markers with the next paragraph.
func (l landmarks) add(places []Place, paragraph, offset int, conflict bool) []Place {
	i, found := l.bundle[paragraph]
	at, moved := l.moved[paragraph]
	switch {
	case found:
	case moved:
		return append(places, Place{Paragraph: at, Conflict: conflict})
	case conflict && paragraph < l.all[len(l.all)-1].from:
		return l.add(places, paragraph+1, 0, true)
	default:
		return places
	}
	b := l.all[i]
	for _, p := range b.base[:paragraph-b.from] {
		offset += len(p) + len(Break)
	}
	old := strings.Join(b.base, Break) + Break
	at = l.first[i] + strings.Count(old[:offset], Break)
	for _, h := range b.hunks() {
		if h.Start < offset || h.End == offset {
			at += strings.Count(h.Text, Break) - strings.Count(old[h.Start:min(h.End, offset)], Break)
		}
	}
	return append(places, Place{Paragraph: at, Conflict: conflict})
}

// lined returns places in order, each paragraph once, with its line.
func lined(places []Place, text []string) []Place {
	slices.SortStableFunc(places, func(a, b Place) int {
		if a.Paragraph != b.Paragraph {
			return a.Paragraph - b.Paragraph
		}
		return compareBool(b.Conflict, a.Conflict)
	})
	places = slices.CompactFunc(places, func(a, b Place) bool { return a.Paragraph == b.Paragraph })
	file := Paste(text)
	line := 1
	paragraph := 0
	for i := range places {
		for ; paragraph < places[i].Paragraph; paragraph++ {
			file, line = behind(file, line, text[paragraph])
		}
		at := strings.Index(file, text[paragraph])
		places[i].Line = line + strings.Count(file[:at], "\n")
	}
	return places
}

// behind returns the rest of a file behind a paragraph that comes next in it, and
// the line there.
func behind(file string, line int, paragraph string) (rest string, at int) {
	n := strings.Index(file, paragraph) + len(paragraph)
	return file[n:], line + strings.Count(file[:n], "\n")
}
