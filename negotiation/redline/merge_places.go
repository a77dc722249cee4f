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
	inserted := false // whether the paragraph before is new and in conflict
	for _, p := range m.Document.Paragraphs {
		if p.Base == none {
			d := p.Segments[0].Dispute
			if paragraph, ok := at.disputed[d]; ok && m.conflicts[d] && !inserted {
				places = append(places, Place{Paragraph: paragraph, Conflict: true})
			}
			inserted = m.conflicts[d]
			continue
		}
		inserted = false
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
	disputed map[*Dispute]int // where a new paragraph stands that a dispute is about
	moved    map[int]int      // where one stands that is moved
	bundle   map[int]int      // in which bundle one is otherwise; missing if it is taken out
	all      []landmark       // the bundles
}

// A landmark is where a bundle comes to stand.
type landmark struct {
	bundle
	first int // where its first paragraph stands

	// Of its paragraphs joined with Breaks, worked out when they are asked for.
	offsets []int // of each, and their end
	hunks   []Hunk
	breaks  []int // how many Breaks more there are with the first hunks
}

func (e Edits) landmarks(base []string) *landmarks {
	l := &landmarks{disputed: map[*Dispute]int{}, moved: map[int]int{}, bundle: map[int]int{}}
	n := 0
	for i, b := range e.bundles(base) {
		for _, in := range b.ahead {
			if in.From != none {
				l.moved[in.From] = n
			}
			l.disputed[in.dispute] = n
			n++
		}
		l.all = append(l.all, landmark{bundle: b, first: n})
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
func (l *landmarks) add(places []Place, paragraph, offset int, conflict bool) []Place {
	i, found := l.bundle[paragraph]
	at, moved := l.moved[paragraph]
	switch {
	case found:
		return append(places, Place{Paragraph: l.all[i].find(paragraph, offset), Conflict: conflict})
	case moved:
		return append(places, Place{Paragraph: at, Conflict: conflict})
	case conflict && paragraph < l.all[len(l.all)-1].from:
		return l.add(places, paragraph+1, 0, true)
	}
	return places
}

// find returns the paragraph in which a byte of one of the bundle comes to stand.
func (l *landmark) find(paragraph, offset int) int {
	if l.offsets == nil {
		l.survey()
	}
	k := paragraph - l.from
	at := l.first + k
	offset += l.offsets[k]
	n, _ := slices.BinarySearchFunc(l.hunks, offset, func(h Hunk, at int) int { return h.Start - at })
	at += l.breaks[n]
	if n > 0 && l.hunks[n-1].End > offset { // it takes away Breaks behind the byte, too
		behind, _ := slices.BinarySearch(l.offsets, l.hunks[n-1].End+1)
		at += behind - 1 - k
	}
	for ; n < len(l.hunks) && l.hunks[n].End == offset; n++ {
		at += strings.Count(l.hunks[n].Text, Break)
	}
	return at
}

func (l *landmark) survey() {
	l.hunks, l.offsets = l.bundle.hunks(), offsets(l.base)
	old := strings.Join(l.base, Break) + Break
	n := 0
	l.breaks = []int{0}
	for _, h := range l.hunks {
		n += strings.Count(h.Text, Break) - strings.Count(old[h.Start:h.End], Break)
		l.breaks = append(l.breaks, n)
	}
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
