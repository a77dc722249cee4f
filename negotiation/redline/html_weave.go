package redline

import (
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Piece is a stretch of a paragraph's Markdown. One with Open and Close is
// marked: they are HTML, well-formed when joined, that stands around its words.
type Piece struct {
	Text        string
	Open, Close template.HTML

	readings []int // of the paragraph that the piece belongs to; nil for all of them
	of       int   // how many readings the paragraph has; 0 for one
}

func (p Piece) marked() bool { return p.Open != "" || p.Close != "" || p.readings != nil }

// Sentinels tell in Markdown, and in the HTML that it becomes, where a marked
// piece begins and ends. They are codes that are no characters and never will
// be (Unicode 15.0, section 23.7), so no text contains them, and Markdown takes
// them for letters.
const (
	sentinelOpen  = "\ufdd0"
	sentinelClose = "\ufdd1"
)

// Bounds of weaving: elements that cross many marks are torn into as many parts.
const (
	maxElements = 64      // open at a time
	maxWoven    = 1 << 20 // bytes of a paragraph's HTML
)

// cleanPieces returns pieces with sane text, and of them those that are marked.
func cleanPieces(pieces []Piece) (all, marks []Piece) {
	all = slices.Clone(pieces)
	for i := range all {
		all[i].Text = saneText(all[i].Text)
		if all[i].marked() {
			marks = append(marks, all[i])
		}
	}
	return all, marks
}

// saneText returns text as valid UTF-8 without sentinels and NUL, in which
// characters that turn the order of letters around are made visible.
func saneText(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == 0:
			return utf8.RuneError
		case 0xfdd0 <= r && r <= 0xfdef:
			return -1
		}
		return r
	}, text)
	return overrides.Replace(text)
}

var overrides = strings.NewReplacer("\u202d", "⟨U+202D⟩", "\u202e", "⟨U+202E⟩")

// sourceOf joins pieces, with sentinels around those that are marked.
func sourceOf(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.marked() {
			b.WriteString(sentinelOpen + p.Text + sentinelClose)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// brokenMark drops the lines around a paragraph break, as written and as rendered.
var brokenMark = strings.NewReplacer(
	sentinelOpen+paragraphBreak+sentinelClose, sentinelOpen+"¶"+sentinelClose,
	sentinelOpen+"\n¶\n"+sentinelClose, sentinelOpen+"¶"+sentinelClose,
)

// weave replaces the sentinels of rendered, which is well-formed but for them,
// by the tags of marks, in order. Markdown's elements and the marks can cross:
// in "*a [b* c – XCA]" emphasis begins before the alternative and ends inside
// it. So all elements that are open where a mark begins or ends are closed
// before its tags, and opened again when words follow: the marks are never torn
// apart, the elements are. It is false when the marks did not all come out as
// words in their order, as when one stands inside the address of a link, or
// beyond the bounds of weaving.
func weave(rendered string, marks []Piece) (string, bool) {
	if len(marks) == 0 {
		return rendered, true
	}
	rendered = brokenMark.Replace(rendered)
	w := weaver{}
	opened, closed := 0, 0
	for rendered != "" {
		if len(w.elements) > maxElements || len(w.elements) > 0 && w.out.Len() > maxWoven {
			return "", false
		}
		switch {
		case strings.HasPrefix(rendered, sentinelOpen):
			if opened != closed || opened >= len(marks) {
				return "", false
			}
			w.between(string(marks[opened].Open))
			opened++
			rendered = rendered[len(sentinelOpen):]
		case strings.HasPrefix(rendered, sentinelClose):
			if opened != closed+1 {
				return "", false
			}
			w.between(string(marks[closed].Close))
			closed++
			rendered = rendered[len(sentinelClose):]
		case rendered[0] == '<':
			end := strings.IndexByte(rendered, '>') + 1
			if end == 0 || !w.tag(rendered[:end]) {
				return "", false
			}
			rendered = rendered[end:]
		default:
			end := strings.IndexAny(rendered, "<"+sentinelOpen+sentinelClose)
			if end < 0 {
				end = len(rendered)
			}
			w.words(rendered[:end])
			rendered = rendered[end:]
		}
	}
	return w.out.String(), opened == len(marks) && closed == opened && len(w.elements) == 0
}

// A weaver writes HTML whose elements can be interrupted.
type weaver struct {
	out      strings.Builder
	elements []string // the opening tags of what is open
	standing int      // how many of them are open in out, too
}

func (w *weaver) words(s string) {
	for ; w.standing < len(w.elements); w.standing++ {
		w.out.WriteString(w.elements[w.standing])
	}
	w.out.WriteString(s)
}

// between writes what must stand outside of all elements.
func (w *weaver) between(s string) {
	for ; w.standing > 0; w.standing-- {
		w.out.WriteString(closingTag(w.elements[w.standing-1]))
	}
	w.out.WriteString(s)
}

// tag takes a tag in; false when it closes what is not open.
func (w *weaver) tag(tag string) bool {
	last := len(w.elements) - 1
	switch {
	case strings.HasSuffix(tag, "/>"):
		w.words(tag)
	case !strings.HasPrefix(tag, "</"):
		w.elements = append(w.elements, tag)
	case last < 0 || closingTag(w.elements[last]) != tag:
		return false
	default:
		if w.standing > last {
			w.out.WriteString(tag)
			w.standing = last
		}
		w.elements = w.elements[:last]
	}
	return true
}

// closingTag returns the tag that closes what an opening tag opens.
func closingTag(tag string) string {
	name, _, _ := strings.Cut(strings.Trim(tag, "<>"), " ")
	return "</" + name + ">"
}
