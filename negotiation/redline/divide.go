package redline

import "slices"

// A Span is the bytes [Start, End) of a paragraph.
type Span struct{ Start, End int }

// Divide tells apart the words that the last step brought in, as when a chair has
// made several proposals' changes in one step: they get the Part that part returns
// for the paragraph of the text that they stand in and the byte where the word
// begins there, both counted from 0. It takes time in the size of the text, and one
// call for each word that is new.
func (h *History) Divide(part func(paragraph, at int) int) {
	paragraph := 0
	for i, r := range h.rows {
		if r.fate != Keep {
			continue
		}
		isNew := func(w Words) bool { return w.Since == h.last && w.stands() && !w.Break }
		if slices.ContainsFunc(r.words, isNew) {
			h.rows[i].words = divided(r.words, isNew, func(at int) int { return part(paragraph, at) })
		}
		paragraph++
	}
}

// divided returns the words of a paragraph, of which those that are new are cut
// where their part changes.
func divided(words []Words, isNew func(Words) bool, part func(at int) int) []Words {
	var l loom
	at := 0
	for _, w := range words {
		switch {
		case isNew(w):
			for _, token := range Tokens(w.Text) {
				word := w
				word.Text, word.Part = token, part(at)
				l.put(word)
				at += len(token)
			}
			continue
		case w.stands():
			at += len(w.Text)
		}
		l.out = append(l.out, w)
	}
	return l.out
}
