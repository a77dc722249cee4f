package api

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// Bounds of rendering. goldmark's worst case is quadratic in a paragraph's
// length, so a longer one is shown as it is written, without emphasis.
const (
	maxRendered = 16 << 10 // bytes of a paragraph that is read as Markdown
	maxCached   = 8 << 20  // bytes of paragraphs kept rendered
)

// A markdown renders the words of one paragraph at a time. It reads inline
// Markdown alone: what a paragraph is (a heading, an item) the text says, and no
// raw HTML, image or block comes out of it whatever goes in. It is safe for
// concurrent use.
type markdown struct {
	engine goldmark.Markdown

	mu     sync.Mutex
	cache  map[string]string // guarded by mu; words with sentinels → HTML with sentinels
	cached int               // guarded by mu; bytes of cache
}

func newMarkdown() *markdown {
	inline := parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 100)),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewEmphasisParser(), 300),
		),
	)
	out := renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(html.NewRenderer(), 1000),
		util.Prioritized(safeLinks{}, 100),
	))
	return &markdown{
		engine: goldmark.New(goldmark.WithParser(inline), goldmark.WithRenderer(out)),
		cache:  map[string]string{},
	}
}

// words renders the words of one paragraph, given in pieces, some of which are
// marked. What the marks stand around is exactly their pieces, also where
// emphasis or a link begins inside a piece and ends outside it; the result is
// always well-formed.
func (m *markdown) words(pieces ...piece) template.HTML {
	var source strings.Builder
	var marks []piece
	for _, p := range pieces {
		text := withoutSentinels(p.text)
		if !p.marked() {
			source.WriteString(text)
			continue
		}
		source.WriteString(sentinelOpen + text + sentinelClose)
		marks = append(marks, p)
	}
	if source.Len() <= maxRendered {
		if woven, ok := weave(m.render(source.String()), marks); ok {
			return template.HTML(woven)
		}
	}
	woven, _ := weave(template.HTMLEscapeString(source.String()), marks)
	return template.HTML(woven)
}

// render returns the HTML of inline Markdown, from the cache if it is there.
func (m *markdown) render(source string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if rendered, ok := m.cache[source]; ok {
		return rendered
	}
	var b bytes.Buffer
	if err := m.engine.Convert([]byte(source), &b); err != nil {
		return template.HTMLEscapeString(source)
	}
	rendered := strings.TrimSuffix(strings.TrimPrefix(b.String(), "<p>"), "</p>\n")
	if m.cached += len(source) + len(rendered); m.cached > maxCached {
		clear(m.cache)
		m.cached = len(source) + len(rendered)
	}
	m.cache[source] = rendered
	return rendered
}

// safeLinks renders links to the web and to mail addresses, and no images.
type safeLinks struct{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (safeLinks) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindLink, renderLink)
	reg.Register(ast.KindImage, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
		return ast.WalkContinue, nil // its description stands as words
	})
}

func renderLink(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	target := string(node.(*ast.Link).Destination)
	if !isWebAddress(target) {
		return ast.WalkContinue, nil
	}
	if entering {
		_, err := w.WriteString(`<a href="` + template.HTMLEscapeString(target) + `" rel="nofollow noopener noreferrer">`)
		return ast.WalkContinue, err
	}
	_, err := w.WriteString("</a>")
	return ast.WalkContinue, err
}

func isWebAddress(s string) bool {
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if strings.HasPrefix(s, scheme) {
			return true
		}
	}
	return false
}
