package api

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	mark := func(s string) piece { return piece{s, "<ins>", "</ins>"} }
	plain := func(s string) piece { return piece{text: s} }
	for _, c := range []struct {
		name   string
		pieces []piece
		want   string
	}{
		{"plain", []piece{plain("States *shall* act.")}, "States <em>shall</em> act."},
		{"emphasis inside a mark", []piece{plain("a "), mark("*b*"), plain(" c")}, "a <ins><em>b</em></ins> c"},
		{"a mark inside emphasis", []piece{plain("*a "), mark("b"), plain(" c*")}, "<em>a </em><ins><em>b</em></ins><em> c</em>"},
		{"emphasis across an edge", []piece{plain("*a "), mark("b* c")}, "<em>a </em><ins><em>b</em> c</ins>"},
		{"a mark in an address", []piece{plain("[a](https://x."), mark("y"), plain(")")}, "[a](https://x.<ins>y</ins>)"},
		{"raw HTML", []piece{plain("<b onclick=x>"), mark("<script>")}, "&lt;b onclick=x&gt;<ins>&lt;script&gt;</ins>"},
		{"an image", []piece{plain("![a](https://x/y.png)")}, "a"},
		{"a script as an address", []piece{plain("[a](javascript:alert)")}, "a"},
		{"a heading's marker", []piece{plain("# a")}, "# a"},
		{"forged sentinels", []piece{plain("a\ufdd1"), mark("\ufdd0b")}, "a<ins>b</ins>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(newMarkdown().words(c.pieces...)); got != c.want {
				t.Errorf("words came out as %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever the words, the HTML is well-formed, has each mark once and in order,
// and has no element but those of inline Markdown.
func TestWordsAreWellFormed(t *testing.T) {
	m := newMarkdown()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[a *_`\\[\\]()<>&!\\\\:#\ufdd0\ufdd1é-]{0,12}|\\[a\\]\\(https://x\\)")
		checkWords(t, m, rapid.SliceOfN(text, 1, 6).Draw(t, "texts"))
	})
}

func FuzzWords(f *testing.F) {
	f.Add("*a ", "b* [c](https://", "x) `d")
	f.Add("**a", "_b_**", "\\")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if len(a)+len(b)+len(c) < 2000 {
			checkWords(t, newMarkdown(), []string{strings.ToValidUTF8(a, ""), strings.ToValidUTF8(b, ""), strings.ToValidUTF8(c, "")})
		}
	})
}

// checkWords marks every second text.
func checkWords(t interface{ Fatalf(string, ...any) }, m *markdown, texts []string) {
	var pieces []piece
	marks := 0
	for i, text := range texts {
		p := piece{text: text}
		if i%2 == 1 {
			p.open, p.close = "<ins>", "</ins>"
			marks++
		}
		pieces = append(pieces, p)
	}
	got := string(m.words(pieces...))
	d := xml.NewDecoder(strings.NewReader("<p>" + withoutControls(got) + "</p>"))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%q became %q, which is not well-formed: %v", texts, got, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			switch start.Name.Local {
			case "ins":
				marks--
			case "p", "em", "strong", "code", "a":
			default:
				t.Fatalf("%q became %q, which has an element %s", texts, got, start.Name.Local)
			}
		}
	}
	if marks != 0 {
		t.Fatalf("%q became %q: %d marks are missing", texts, got, marks)
	}
	if strings.ContainsAny(got, sentinelOpen+sentinelClose) {
		t.Fatalf("%q became %q, which has a sentinel left", texts, got)
	}
}

// withoutControls leaves out what XML, unlike HTML, cannot contain.
func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r&0xfffe == 0xfffe {
			return -1
		}
		return r
	}, s)
}
