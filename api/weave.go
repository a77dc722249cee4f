package api

import "strings"

// A piece is a stretch of a paragraph's Markdown. One with open and close is
// marked: they are HTML, well-formed when joined, that stands around its words.
type piece struct {
	text        string
	open, close string
}

func (p piece) marked() bool { return p.open != "" || p.close != "" }

// Sentinels tell in Markdown, and in the HTML that it becomes, where a marked
// piece begins and ends. They are codes that are no characters and never will
// be (Unicode 15.0, section 23.7), so no text contains them, and Markdown takes
// them for letters.
const (
	sentinelOpen  = "\ufdd0"
	sentinelClose = "\ufdd1"
)

func withoutSentinels(s string) string {
	return strings.Map(func(r rune) rune {
		if 0xfdd0 <= r && r <= 0xfdef {
			return -1
		}
		return r
	}, s)
}

// weave replaces the sentinels of rendered, which is well-formed but for them,
// by the tags of marks, in order. Markdown's elements and the marks can cross:
// in "*a [b* c – XCA]" emphasis begins before the alternative and ends inside
// it. So all elements that are open where a mark begins or ends are closed
// before its tags, and opened again when words follow: the marks are never torn
// apart, the elements are. It is false when the marks did not all come out as
// words in their order, as when one stands inside the address of a link.
func weave(rendered string, marks []piece) (string, bool) {
	w := weaver{}
	opened, closed := 0, 0
	for rendered != "" {
		switch {
		case strings.HasPrefix(rendered, sentinelOpen):
			if opened != closed || opened >= len(marks) {
				return "", false
			}
			w.between(marks[opened].open)
			opened++
			rendered = rendered[len(sentinelOpen):]
		case strings.HasPrefix(rendered, sentinelClose):
			if opened != closed+1 {
				return "", false
			}
			w.between(marks[closed].close)
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
		w.out.WriteString(closing(w.elements[w.standing-1]))
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
	case last < 0 || closing(w.elements[last]) != tag:
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

// closing returns the tag that closes what an opening tag opens.
func closing(tag string) string {
	name, _, _ := strings.Cut(strings.Trim(tag, "<>"), " ")
	return "</" + name + ">"
}
