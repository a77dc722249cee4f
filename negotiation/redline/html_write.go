package redline

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// A blockWriter writes the paragraphs of a text.
type blockWriter struct {
	words  *HTML
	effort int
	out    strings.Builder
}

func newBlockWriter(h *HTML, class string) *blockWriter {
	w := &blockWriter{words: h, effort: textEffort}
	w.out.WriteString(`<div class="` + class + `">` + "\n")
	return w
}

// end writes the words of a paragraph, and ends it.
func (w *blockWriter) end(b htmlBlock, s Shown) {
	fmt.Fprintf(&w.out, "<%s class=\"words\" dir=\"%s\">%s</%s>\n", b.tag, s.Dir, s.Words, b.tag)
	for _, note := range s.Notes {
		w.out.WriteString(`<p class="note" lang="en">` + template.HTMLEscapeString(note) + "</p>\n")
	}
	w.close()
}

// open begins a paragraph. If its index in the base is negative, the label says what
// it is.
func (w *blockWriter) open(class, step, label string, base int) {
	data := ""
	if base >= 0 {
		label = strconv.Itoa(base + 1)
		data = ` data-base="` + label + `"`
	}
	fmt.Fprintf(&w.out, "<div class=\"%s\" data-step=\"%s\"%s>\n<span class=\"label\" lang=\"en\">%s</span>\n", class, step, data, label)
}

func (w *blockWriter) close() { w.out.WriteString("</div>\n") }

// html ends the text.
func (w *blockWriter) html() template.HTML {
	w.out.WriteString("</div>\n")
	return template.HTML(w.out.String())
}
