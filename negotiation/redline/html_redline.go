package redline

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

// Step renders one paragraph of a redline, with what is inserted in ins and what is
// deleted in del. Neither the paragraph's marker is shown nor one behind a
// paragraph break, which is a pilcrow; what kind of paragraph changes into what
// other, the notes say. White space at the end is not shown, and what lies
// between changes of emphasis is marked as changed, too. It takes time as
// [HTML.Words].
func (h *HTML) Step(m Marked, n Names) Shown {
	effort := paragraphEffort
	s, _ := h.step(m, n.filled(), &effort)
	return s
}

func (h *HTML) runs(runs []Run, effort *int) template.HTML {
	pieces := withoutMargins(piecesOf(runs))
	if words, ok := h.read(pieces, effort); ok {
		return words
	}
	if even, ok := evenRuns(runs); ok {
		if words, ok := h.read(withoutMargins(piecesOf(even)), effort); ok {
			return words
		}
	}
	return verbatimWords(pieces)
}

// step renders a paragraph, and reports whether anything is changed in it.
func (h *HTML) step(m Marked, n Names, effort *int) (s Shown, changes bool) {
	m = m.sane()
	olds, news := Step{Runs: m.Runs}.sides()
	before, after := m.blocks(n)
	runs := withoutEnd(m.Runs)
	s.Text = news[0]
	if m.Kind == Delete || m.Kind != Insert && before.Verbatim {
		s.Text = olds[0]
	}
	if before.Verbatim || after.Verbatim {
		s.Words = verbatimWords(piecesOf(runs))
	} else {
		if bare, ok := withoutMarkers(runs, before.Marker, after.Marker); ok {
			runs = bare
			if before.Name != after.Name && m.Kind != Insert && m.Kind != Delete {
				s.Notes = append(s.Notes, "Was "+before.Name)
			}
		}
		runs = bareBreaks(withoutBreakMarkers(runs))
		s.Notes = append(s.Notes, n.reborn(olds[1:], before, "The paragraph that is joined was ")...)
		s.Notes = append(s.Notes, n.reborn(news[1:], after, "The paragraph that is split off is ")...)
		s.Words = h.runs(runs, effort)
	}
	s.Dir = direction(piecesOf(runs))
	changes = len(s.Notes) > 0 || slices.ContainsFunc(runs, func(r Run) bool { return r.Op != Kept })
	return s, changes
}

// sane returns m with words that can be shown.
func (m Marked) sane() Marked {
	m.Runs = slices.Clone(m.Runs)
	for i := range m.Runs {
		m.Runs[i].Text = saneText(m.Runs[i].Text)
	}
	return m
}

// blocks returns what the first paragraph was, and what it becomes; nothing if there
// is none.
func (m Marked) blocks(n Names) (before, after Block) {
	olds, news := Step{Runs: m.Runs}.sides()
	if m.Kind != Insert {
		before = n.Block(beginning(olds[0]))
	}
	if m.Kind != Delete {
		after = n.Block(beginning(news[0]))
	}
	return before, after
}

// reborn says of which kinds paragraphs behind breaks are, if of another.
func (n Names) reborn(paragraphs []string, own Block, says string) []string {
	var notes []string
	for _, p := range paragraphs {
		if name := n.Block(beginning(p)).Name; name != own.Name {
			notes = append(notes, says+name)
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// Redline renders base and what r does with it: a block for each paragraph that is
// not blank, all of them, with the number in base at its side, as [HTML.Step] shows
// it. A paragraph that is moved stands at its new place, and the old place says
// where that is. One of which only the lines are wrapped anew stands as if it was
// kept.
//
// The error is that of [Redline.Apply]. It takes time in the size of base and r;
// beyond a fixed amount of work on emphasis and links, the paragraphs that
// remain are shown as they are written.
func (h *HTML) Redline(base []string, r Redline) (template.HTML, error) {
	w, err := h.redline(base, r)
	if err != nil {
		return "", err
	}
	return w.html(), nil
}

func (h *HTML) redline(base []string, r Redline) (*redlineWriter, error) {
	marked, err := r.Marked(base)
	if err != nil {
		return nil, err
	}
	w := newRedlineWriter(h, base)
	moved := map[int]destination{}
	stands := destination{word: "to the beginning"}
	for _, m := range marked {
		if m.Kind == Move {
			moved[m.Base] = stands
		}
		if m.Kind != Insert && m.Kind != Delete {
			stands = destination{"to after", m.Base + m.takes()}
		}
	}
	next := 0 // paragraph of base
	vacate := func() {
		for ; ; next++ {
			to, ok := moved[next]
			if !ok {
				return
			}
			w.vacated(next, base[next], to)
		}
	}
	vacate()
	steps := slices.DeleteFunc(slices.Clone(r), func(s Step) bool { return s.Kind == Keep })
	for _, m := range marked {
		if m.Kind == Keep {
			w.marked(m, m.Runs)
		} else {
			w.marked(m, steps[0].Runs)
			steps = steps[1:]
		}
		if m.Kind != Insert && m.Kind != Move {
			next = m.Base + m.takes()
			vacate()
		}
	}
	return w, nil
}

// A redlineWriter writes the paragraphs of a redline.
type redlineWriter struct {
	*blockWriter
	old    []bool       // whether a paragraph of the base is code
	new    fenceReader  // of the new text
	counts map[Kind]int // of the steps that are shown; Keep for those that are not shown to change anything
}

func newRedlineWriter(h *HTML, base []string) *redlineWriter {
	w := &redlineWriter{blockWriter: newBlockWriter(h, "redline"), counts: map[Kind]int{}}
	var old fenceReader
	for _, p := range base {
		w.old = append(w.old, old.code(p))
	}
	return w
}

// code reports whether a step is about code.
func (w *redlineWriter) code(m Marked) bool {
	if m.Kind == Delete {
		return w.old[m.Base]
	}
	_, news := Step{Runs: m.Runs}.sides()
	code := w.new.code(news[0])
	for _, p := range news[1:] {
		w.new.code(p)
	}
	return code
}

// A destination is where a paragraph is moved to.
type destination struct {
	word  string
	after int // the number in the base of the paragraph before it
}

func (d destination) String() string {
	if d.after == 0 {
		return d.word
	}
	return fmt.Sprintf("%s paragraph %d", d.word, d.after)
}

// takes returns how many paragraphs of the base the step takes up.
func (m Marked) takes() int {
	switch m.Kind {
	case Insert:
		return 0
	case Join:
		return 1 + Step{Runs: m.Runs}.breaks(Deleted)
	}
	return 1
}

// vacated says at its old place that a paragraph is moved.
func (w *redlineWriter) vacated(base int, text string, to destination) {
	text = saneText(text)
	b := htmlBlockOf(text)
	w.open("para vacated", "vacated", "", base)
	fmt.Fprintf(&w.out, `<p class="note" lang="en">Moved from here, %s: <q dir="%s">%s</q></p>`+"\n",
		to, direction([]Piece{{Text: text}}), template.HTMLEscapeString(excerptOf(text[b.marker:])))
	w.close()
}

// excerptOf returns the first words of a text.
func excerptOf(text string) string {
	const most = 60 // bytes
	var b strings.Builder
	for _, word := range strings.Fields(text) {
		if b.Len()+len(word) > most {
			if b.Len() == 0 {
				cut := most
				for !utf8.RuneStart(word[cut]) {
					cut--
				}
				b.WriteString(word[:cut])
			}
			return b.String() + "…"
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// marked writes one paragraph of a redline. Those of code show all runs, and not
// only those for the eye.
func (w *redlineWriter) marked(m Marked, all []Run) {
	n := Names{}.filled()
	code := w.code(m)
	if code {
		n.Block = func(string) Block { return codeLine.block() }
	}
	m = m.sane()
	if before, after := m.blocks(n); before.Verbatim || after.Verbatim {
		m.Runs = all
		m = m.sane()
	}
	s, changes := w.words.step(m, n, &w.effort)
	if !changes && m.Kind == Change {
		m.Kind = Keep
		w.counts[Keep]++
	}
	if !slices.ContainsFunc(m.Runs, func(r Run) bool { return r.Break || !isBlank(r.Text) }) {
		return
	}
	b := htmlBlockOf(s.Text)
	if code {
		b = codeLine
	}
	s.Notes = append(m.notes(), s.Notes...)
	if m.Kind != Keep {
		w.counts[m.Kind]++
	}
	w.open(b.classes()+" "+m.Kind.String(), m.Kind.String(), "new", m.Base)
	w.end(b, s)
}

// notes says what the step does with whole paragraphs.
func (m Marked) notes() []string {
	switch m.Kind {
	case Move:
		return []string{fmt.Sprintf("Paragraph %d, moved here", m.Base+1)}
	case Split:
		return []string{fmt.Sprintf("Split into %d paragraphs", 1+Step{Runs: m.Runs}.breaks(Inserted))}
	case Join:
		if n := m.takes(); n > 2 {
			return []string{fmt.Sprintf("Joined with paragraphs %d to %d", m.Base+2, m.Base+n)}
		}
		return []string{fmt.Sprintf("Joined with paragraph %d", m.Base+2)}
	}
	return nil
}
