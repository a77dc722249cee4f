package redline

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	mark := func(s string) Piece { return Piece{Text: s, Open: "<ins>", Close: "</ins>"} }
	plain := func(s string) Piece { return Piece{Text: s} }
	for _, c := range []struct {
		name   string
		pieces []Piece
		want   string
	}{
		{"plain", []Piece{plain("States *shall* act.")}, "States <em>shall</em> act."},
		{"emphasis inside a mark", []Piece{plain("a "), mark("*b*"), plain(" c")}, "a <ins><em>b</em></ins> c"},
		{"a mark inside emphasis", []Piece{plain("*a "), mark("b"), plain(" c*")}, "<em>a </em><ins><em>b</em></ins><em> c</em>"},
		{"emphasis across an edge", []Piece{plain("*a "), mark("b* c")}, "<em>a </em><ins><em>b</em> c</ins>"},
		{"a mark in an address", []Piece{plain("[a](https://x."), mark("y"), plain(")")}, "[a](https://x.<ins>y</ins>)"},
		{"emphasis in underscores", []Piece{plain("a "), mark("_b_"), plain(" c")}, "a <ins><em>b</em></ins> c"},
		{"a mark within a word", []Piece{plain("a_"), mark("b"), plain("_c *"), mark("d"), plain("*")}, "a_<ins>b</ins>_c <ins><em>d</em></ins>"},
		{"nothing but syntax", []Piece{plain("a "), mark("*"), plain("b"), mark("*")}, "a <ins>*</ins>b<ins>*</ins>"},
		{"an escape", []Piece{plain("a \\"), mark("*b*")}, "a \\<ins>*b*</ins>"},
		{"an entity", []Piece{plain("a &am"), mark("p;")}, "a &amp;am<ins>p;</ins>"},
		{"an indented line", []Piece{plain("\t*a*"), mark("\n\n    b")}, "<em>a</em><ins>\nb</ins>"},
		{"an override", []Piece{plain("a \u202eb")}, "a ⟨U+202E⟩b"},
		{"a broken line", []Piece{plain("a  \n"), mark("b\\\nc")}, "a<br />\n<ins>b<br />\nc</ins>"},
		{"no UTF-8", []Piece{plain("a\xff"), mark("\x00")}, "a\ufffd<ins>\ufffd</ins>"},
		{"raw HTML", []Piece{plain("<b onclick=x>"), mark("<script>")}, "&lt;b onclick=x&gt;<ins>&lt;script&gt;</ins>"},
		{"an image", []Piece{plain("![a](https://x/y.png)")}, "a"},
		{"a script as an address", []Piece{plain("[a](javascript:alert)")}, "a"},
		{"a heading's marker", []Piece{plain("# a")}, "# a"},
		{"forged sentinels", []Piece{plain("a\ufdd1"), mark("\ufdd0b")}, "a<ins>b</ins>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := wordsOf(NewHTML(), c.pieces...); got != c.want {
				t.Errorf("words came out as %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever the words, the HTML is well-formed, has each mark once and in order,
// and has no element but those of inline Markdown.
func TestWordsAreWellFormed(t *testing.T) {
	h := NewHTML()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[a *_`\\[\\]()<>&!\\\\:#\ufdd0\ufdd1é-]{0,12}|\\[a\\]\\(https://x\\)")
		checkWords(t, h, rapid.SliceOfN(text, 1, 6).Draw(t, "texts"))
	})
}

func FuzzWords(f *testing.F) {
	f.Add("*a ", "b* [c](https://", "x) `d")
	f.Add("**a", "_b_**", "\\")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if len(a)+len(b)+len(c) < 2000 {
			checkWords(t, NewHTML(), []string{strings.ToValidUTF8(a, ""), strings.ToValidUTF8(b, ""), strings.ToValidUTF8(c, "")})
		}
	})
}

// checkWords marks every second text.
func checkWords(t interface{ Fatalf(string, ...any) }, h *HTML, texts []string) {
	var pieces []Piece
	marks := 0
	for i, text := range texts {
		p := Piece{Text: text}
		if i%2 == 1 {
			p.Open, p.Close = "<ins>", "</ins>"
			marks++
		}
		pieces = append(pieces, p)
	}
	got := wordsOf(h, pieces...)
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
			case "p", "em", "strong", "code", "a", "br":
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

func wordsOf(h *HTML, pieces ...Piece) string {
	words, _ := h.Words(pieces...)
	return string(words)
}
