package bracket

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

// goldmark's links and images, and its code spans, are ours.
func TestLinksAreThoseOfMarkdown(t *testing.T) {
	pieces := []string{
		"[", "]", "[", "]", "](https://un.org)", "](https://un.org)", `](/a "b")`, "](<https://un.org/a b>)", "][r]", "][]", "[r]", "[no]", "!", "![",
		"\\", "`", "``", "a", "<https://un.org/[a>",
	}
	rapid.Check(t, func(t *rapid.T) {
		line := "a " + strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 24).Draw(t, "pieces"), "") + " a"
		file := line + "\n\n[r]: https://un.org/r\n"
		got, want := ownLinks(Parse(file).Nodes), goldmarkLinks(file)
		if got != want {
			t.Fatalf("%q\nhas %s\nto goldmark %s", line, got, want)
		}
	})
}

func ownLinks(nodes []Node) string {
	var b strings.Builder
	Walk(nodes, func(n Node, _ int) bool {
		switch n.Kind {
		case Link, Image, Code:
			b.WriteString(n.Kind.String() + " ")
		}
		return true
	})
	return b.String()
}

func goldmarkLinks(file string) string {
	var b strings.Builder
	tree := goldmark.New().Parser().Parse(text.NewReader([]byte(file)))
	err := ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindLink:
			b.WriteString("link ")
		case ast.KindImage:
			b.WriteString("image ")
			return ast.WalkSkipChildren, nil
		case ast.KindCodeSpan:
			b.WriteString("code ")
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err)
	}
	return b.String()
}
