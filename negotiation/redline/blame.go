package redline

import (
	"fmt"
	"slices"
)

// A History is a text with its past: which step brought in each of its words,
// what each deleted word was and which step took it out, and where every
// paragraph came from. Step 0 brings in the base, which is revision 0; step k
// leads from revision k-1 to revision k.
//
// It is a weave (Rochkind 1975, as SCCS stores files): nothing that a text ever
// held leaves it, and each word carries the steps between which it stands.
//
// A step is taken as its redline says, word by word:
//
//   - Words that it keeps, also in paragraphs that it moves, splits or joins,
//     remain those of the step that brought them in. Words that it deletes and
//     inserts elsewhere are new.
//   - A word that it changes in part is replaced whole.
//   - A change that begins or ends with the same words on both sides keeps
//     these, whatever white space lies between: no word is new because lines
//     were wrapped again. The white space is that of the step that put it there.
type History struct {
	text []string
	last int      // the step that was added last
	rows []row    // the weave: the paragraphs of all revisions, in their order
	past []origin // of the paragraph with the ID i+1
}

// A row is a place where a paragraph stands or stood.
type row struct {
	id    int
	fate  Kind // as in Traced
	until int
	into  int
	words []Words // never changed; the last is the paragraph break behind them
}

// An origin is what a History knows of a paragraph wherever it stands.
type origin struct {
	since, from int
	index       []int // in the revisions from since on, until it is gone
}

// Words are a stretch of a text with one past.
type Words struct {
	Text string `json:"text,omitempty"` // any characters, white space too; empty for a break

	// Break says that this is the break behind a paragraph: Since is the step
	// that brought in the paragraph or split it off, Until the one that deleted
	// the paragraph or joined another to it.
	Break bool `json:"break,omitempty"`

	Since int  `json:"since"`           // the step that brought them in
	Part  int  `json:"part,omitempty"`  // the part of that step, as [History.Divide] was told
	Until int  `json:"until,omitempty"` // the step that took them out, or, if Moved, elsewhere; 0 while they stand
	Moved bool `json:"moved,omitempty"` // they stand, or stood, elsewhere: in the paragraph that theirs was moved or joined to

	// Here is the step that brought them to this place, with a paragraph that it
	// moved or joined; 0 if they are where they came in.
	Here int `json:"here,omitempty"`
}

// stands reports whether w is neither taken out nor elsewhere.
func (w Words) stands() bool { return w.Until == 0 }

// A Traced paragraph is one place of a history: where a paragraph stands, or
// where one stood until it was deleted, moved away or joined to another.
type Traced struct {
	// ID is the number, from 1, of the paragraph among all that the history has
	// had, in the order in which they came in. A paragraph keeps it when its
	// words change and when it is moved. A part of a split and a paragraph made
	// by a join have it as [Redline.Lineage] says.
	ID int `json:"id"`

	Since int   `json:"since"`          // the step that brought in the paragraph, or split it off
	From  int   `json:"from,omitempty"` // the ID of the paragraph that it was split off from; 0 if there is none
	Index []int `json:"index"`          // of the paragraph in each revision, from 0; -1 where it was none

	Fate  Kind `json:"fate"`            // Keep: it stands here. Delete, Move or Join: it stood here
	Until int  `json:"until,omitempty"` // the step that deleted it, moved it away or joined it
	Into  int  `json:"into,omitempty"`  // the ID of the paragraph that it was joined to

	// Words are what the paragraph ever held, in order; the last is its break.
	// What was moved or joined elsewhere is also among the words there, and all
	// that was taken out of it before.
	Words []Words `json:"words"`
}

// NewHistory begins a history with its base, whose words are all of step 0. It
// takes time in the size of base.
func NewHistory(base []string) *History {
	h := &History{text: slices.Clone(base)}
	for i, p := range base {
		h.rows = append(h.rows, row{id: h.born(0), words: newWords(p, 0)})
		h.past[i].index = []int{i}
	}
	return h
}

// Blame returns the history of texts, oldest first, of which each but the first
// is compared with the one before it. With no texts it is that of an empty one.
// The error is that of [Redline.Apply], with the number, from 1, of the text that
// holds what no redline can lead to. It takes time as [Compare] and
// [History.Add] do.
func Blame(texts ...[]string) (*History, error) {
	if len(texts) == 0 {
		return NewHistory(nil), nil
	}
	h := NewHistory(texts[0])
	for i, text := range texts[1:] {
		if err := h.Add(Compare(texts[i], text)); err != nil {
			return nil, fmt.Errorf("text %d: %w", i+2, err)
		}
	}
	return h, nil
}

// Add adds a step to the history: r leads from its last text to the next. The
// error is that of [Redline.Apply], and leaves the history as it was. It takes
// time in the size of r, of the text, and of what the paragraphs that change
// ever held.
func (h *History) Add(r Redline) error {
	text, err := r.Apply(h.text)
	if err != nil {
		return err
	}
	h.text = text
	h.last++
	h.advance(r)
	j := 0
	for _, row := range h.rows {
		if row.fate == Keep {
			p := &h.past[row.id-1]
			p.index = append(p.index, j)
			j++
		}
	}
	return nil
}

// Text returns the last revision.
func (h *History) Text() []string { return slices.Clone(h.text) }

// Trace returns the history of every paragraph, at every place where it ever
// stood, in the order of the text; what is gone stands before what came into
// its place. The places with the Fate Keep are the paragraphs of the last
// revision.
//
// Revision k is what the words give for which
//
//	Since <= k && Here <= k && (Until == 0 || k < Until)
//
// in the order in which they stand here, cut behind each Break. It takes time
// in the size of the history, of which the Index of every paragraph is a part.
func (h *History) Trace() []Traced {
	out := make([]Traced, len(h.rows))
	for i, r := range h.rows {
		p := h.past[r.id-1]
		index := make([]int, h.last+1)
		for k := range index {
			index[k] = none
			if k >= p.since && k-p.since < len(p.index) {
				index[k] = p.index[k-p.since]
			}
		}
		out[i] = Traced{
			ID: r.id, Since: p.since, From: p.from, Index: index,
			Fate: r.fate, Until: r.until, Into: r.into,
			Words: slices.Clone(r.words),
		}
	}
	return out
}

// born returns the ID of a paragraph that the last step brings in, split off
// from another or by itself (0).
func (h *History) born(from int) int {
	h.past = append(h.past, origin{since: h.last, from: from})
	return len(h.past)
}

// newWords returns a paragraph that is new.
func newWords(text string, step int) []Words {
	end := Words{Break: true, Since: step}
	if text == "" {
		return []Words{end}
	}
	return []Words{{Text: text, Since: step}, end}
}

// gone returns words that a step takes out.
func gone(words []Words, step int) []Words {
	words = slices.Clone(words)
	for i := range words {
		if words[i].stands() {
			words[i].Until = step
		}
	}
	return words
}

// left returns what remains of words at the place that a step takes them from.
func left(words []Words, step int) []Words {
	words = slices.Clone(words)
	for i := range words {
		if words[i].stands() {
			words[i].Until, words[i].Moved = step, true
		}
	}
	return words
}

// arrived returns words at the place to which a step brings them.
func arrived(words []Words, step int) []Words {
	words = slices.Clone(words)
	for i := range words {
		words[i].Here = step
	}
	return words
}
