package redline

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// Bounds of rendering. goldmark's worst case is quadratic in a paragraph's
// length, so what is longer or costs more is shown as it is written, without
// emphasis.
const (
	maxRendered = 16 << 10 // bytes of a paragraph that is read as Markdown
	maxCached   = 8 << 20  // bytes of paragraphs kept rendered

	paragraphEffort = 1 << 27 // of one paragraph; at most about 0.2 s
	textEffort      = 1 << 28 // of all paragraphs of a text
)

// An HTML writes texts for browsers: the words of a paragraph, a whole redline,
// a whole rolling text. It reads inline Markdown, and of a paragraph's marker
// what kind of block it is. Texts, names and titles are not trusted: no raw
// HTML, script, image or address to be fetched comes out of them, and the
// result is well-formed and valid UTF-8 whatever goes in. It is safe for
// concurrent use.
type HTML struct {
	engine goldmark.Markdown

	mu     sync.Mutex
	cache  map[string]string // guarded by mu; words with sentinels → HTML with sentinels
	cached int               // guarded by mu; bytes of cache
}

// NewHTML returns an HTML, which keeps up to 8 MB of paragraphs rendered.
func NewHTML() *HTML {
	inline := parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(anyParagraph{parser.NewParagraphParser()}, 100)),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(emphasis{}, 300),
		),
	)
	out := renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(html.NewRenderer(html.WithXHTML()), 1000),
		util.Prioritized(safeLinks{}, 100),
	))
	return &HTML{
		engine: goldmark.New(goldmark.WithParser(inline), goldmark.WithRenderer(out)),
		cache:  map[string]string{},
	}
}

// Words renders the words of one paragraph, given in pieces, some of which are
// marked. What the marks stand around is exactly their pieces, also where
// emphasis or a link begins inside a piece and ends outside it. Where Markdown
// cannot be read so that each piece says what it says in the text that it
// belongs to, the words are shown as they are written. dir is the direction in
// which the paragraph runs: ltr or rtl, as its first letter does, or auto if it
// has none.
//
// It takes time in the length of the pieces, and in its square for paragraphs
// of up to 16 KB that are full of delimiters.
func (h *HTML) Words(pieces ...Piece) (words template.HTML, dir string) {
	effort := paragraphEffort
	return h.words(pieces, &effort), direction(pieces)
}

// words renders pieces, as long as the effort lasts.
func (h *HTML) words(pieces []Piece, effort *int) template.HTML {
	if words, ok := h.read(pieces, effort); ok {
		return words
	}
	return verbatimWords(pieces)
}

// read renders pieces as Markdown. It is false where that is too much work, or
// not faithful.
func (h *HTML) read(pieces []Piece, effort *int) (template.HTML, bool) {
	pieces, marks := cleanPieces(pieces)
	source := sourceOf(pieces)
	cost := costOf(source)
	if len(marks) > 0 {
		cost *= 1 + readingsOf(marks)
	}
	if len(source) > maxRendered || cost > min(*effort, paragraphEffort) {
		return "", false
	}
	*effort -= cost
	rendered := h.render(source)
	if !h.faithful(rendered, pieces, marks) {
		return "", false
	}
	woven, ok := weave(rendered, marks)
	return template.HTML(woven), ok
}

// verbatimWords renders words as they are written.
func verbatimWords(pieces []Piece) template.HTML {
	pieces, marks := cleanPieces(pieces)
	woven, _ := weave(template.HTMLEscapeString(sourceOf(pieces)), marks)
	return template.HTML(woven)
}

// costOf bounds the steps that it takes to read Markdown: for each delimiter,
// the parser may look at everything behind it.
func costOf(source string) int {
	delimiters := 0
	for _, b := range []byte("*_[]`") {
		delimiters += strings.Count(source, string(b))
	}
	return len(source) * (1 + delimiters)
}

// render returns the HTML of inline Markdown, from the cache if it is there.
func (h *HTML) render(source string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if rendered, ok := h.cache[source]; ok {
		return rendered
	}
	var b bytes.Buffer
	if err := h.engine.Convert([]byte(source), &b); err != nil {
		return template.HTMLEscapeString(source)
	}
	rendered := strings.TrimSuffix(strings.TrimPrefix(b.String(), "<p>"), "</p>\n")
	rendered = strings.ReplaceAll(rendered, "</p>\n<p>", "\n") // after a blank line
	if h.cached += len(source) + len(rendered); h.cached > maxCached {
		clear(h.cache)
		h.cached = len(source) + len(rendered)
	}
	h.cache[source] = rendered
	return rendered
}
