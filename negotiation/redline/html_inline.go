package redline

import (
	"bytes"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// anyParagraph takes indented lines for a paragraph, too, which else are code.
type anyParagraph struct{ parser.BlockParser }

// CanAcceptIndentedLine implements [parser.BlockParser].
func (anyParagraph) CanAcceptIndentedLine() bool { return true }

// emphasis reads emphasis as goldmark does, but for that it looks through
// sentinels: whether an asterisk opens or closes depends on the characters
// beside it, which are those of the text and not those that mark it.
type emphasis struct{}

// Trigger implements [parser.InlineParser].
func (emphasis) Trigger() []byte { return []byte("*_") }

// Parse implements [parser.InlineParser].
func (e emphasis) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	length := 1
	for length < len(line) && line[length] == line[0] {
		length++
	}
	before := '\n'
	if head := trimRightSentinels(block.Source()[:segment.Start]); len(head) > 0 {
		before, _ = utf8.DecodeLastRune(head)
	}
	seen := line
	if rest := trimLeftSentinels(line[length:]); len(rest) < len(line)-length {
		after, size := utf8.DecodeRune(rest)
		if size == 0 {
			after = '\n'
		}
		if after == rune(line[0]) { // a run of its own
			after = '.'
		}
		seen = utf8.AppendRune(slices.Clone(line[:length]), after)
	}
	node := parser.ScanDelimiter(seen, before, 1, e)
	if node == nil {
		return nil
	}
	node.Segment = segment.WithStop(segment.Start + node.OriginalLength)
	block.Advance(node.OriginalLength)
	pc.PushDelimiter(node)
	return node
}

// IsDelimiter implements [parser.DelimiterProcessor].
func (emphasis) IsDelimiter(b byte) bool { return b == '*' || b == '_' }

// CanOpenCloser implements [parser.DelimiterProcessor].
func (emphasis) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

// OnMatch implements [parser.DelimiterProcessor].
func (emphasis) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }

func trimLeftSentinels(b []byte) []byte {
	for bytes.HasPrefix(b, []byte(sentinelOpen)) || bytes.HasPrefix(b, []byte(sentinelClose)) {
		b = b[len(sentinelOpen):]
	}
	return b
}

func trimRightSentinels(b []byte) []byte {
	for bytes.HasSuffix(b, []byte(sentinelOpen)) || bytes.HasSuffix(b, []byte(sentinelClose)) {
		b = b[:len(b)-len(sentinelOpen)]
	}
	return b
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
