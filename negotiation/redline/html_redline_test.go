package redline

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// markdownish draws paragraphs out of what Markdown, HTML and this package give a
// meaning, so that two of them are alike.
var markdownish = rapid.Custom(func(t *rapid.T) string {
	words := rapid.SampledFrom([]string{
		"# ", "### ", "- ", "  - ", "1. ", "> ", "| ", "    ", "a ", "b ", "c ", "shall ", "*", "**", "_", "`", "[", "](https://x)", "](javascript:y)",
		"<b>", "</p>", "&amp;", "\\*", "\\[", "!", "\u202e", "\ufdd0", "\ufdd1", "é", "و ", "各国", ". ", "¶", "\t", "\u00a0", "\r", "\x00",
	})
	return strings.Join(rapid.SliceOfN(words, 0, 9).Draw(t, "words"), "")
})

// genMarkdown draws a file in paragraphs, some of which are those of another, with
// something behind them.
func genMarkdown(t *rapid.T, like []string) []string {
	ends := rapid.SampledFrom([]string{"\n\n", "\n\n", "\n", " ", ""})
	text := rapid.SliceOfN(markdownish, 0, 5).Draw(t, "text")
	for i := range text {
		if i < len(like) && rapid.Bool().Draw(t, "alike") {
			text[i] = strings.TrimRight(like[i], "\n") + text[i]
		}
		text[i] += ends.Draw(t, "end")
	}
	return text
}

// Whatever the texts, the HTML of a redline is well-formed, has no elements and
// attributes but its own, and says the old words without ins and the new words
// without del.
func TestRedlineHTMLSaysBothTexts(t *testing.T) {
	h := NewHTML()
	rapid.Check(t, func(t *rapid.T) {
		base := genMarkdown(t, nil)
		checkRedlineHTML(t, h, Cut(strings.Join(base, "")), Cut(strings.Join(genMarkdown(t, base), "")))
	})
}

// What was once shown wrong.
func TestRedlineHTMLSaysBothTextsOf(t *testing.T) {
	for name, texts := range map[string][2]string{
		"emphasis begins where a break goes":            {"1. a \n\n1. \n\n", "1. a *# 1. &amp;*\n\n"},
		"what was deleted behind a break":               {"1. \n\n\ufdd1\n> &amp;\n\n", "1. *\ufdd1&amp;\n\n"},
		"an insertion before a break and one behind it": {"1. \n\u202e\ufdd0\n\n各国\n\n", "1. \u202e\ufdd0各国\n\n"},
		"two insertions around what is not seen":        {"1. \n\ufdd0\n\n1. 1. \n\n", "1. # \n\ufdd01. 1. \n\n"},
	} {
		t.Run(name, func(t *testing.T) { checkRedlineHTML(t, NewHTML(), Cut(texts[0]), Cut(texts[1])) })
	}
}

func FuzzRedlineHTML(f *testing.F) {
	f.Add("# a\n*b* c", "## a\n*b c*\nd")
	f.Add("- a [b](https://x) c\ne f g h", "- a [b](https://y) c\n\ne `f g` h")
	f.Fuzz(func(t *testing.T, old, new string) {
		if len(old)+len(new) < 2000 {
			checkRedlineHTML(t, NewHTML(), Cut(strings.ToValidUTF8(old, "?")), Cut(strings.ToValidUTF8(new, "?")))
		}
	})
}

func checkRedlineHTML(t rapid.TB, h *HTML, base, text []string) {
	t.Helper()
	r := Compare(base, text)
	html, err := h.Redline(base, r)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := r.Marked(base)
	if err != nil {
		t.Fatal(err)
	}
	shown := readHTML(t, string(html))
	for _, p := range shown {
		if slices.Contains(p.class, "vacated") {
			continue
		}
		for len(marked) > 0 && marked[0].blank() {
			marked = marked[1:]
		}
		if len(marked) == 0 {
			t.Fatalf("%q is not of the redline, in\n%s", p.words, html)
		}
		m := marked[0]
		marked = marked[1:]
		if !slices.Contains(p.class, m.Kind.String()) && !(m.Kind == Change && slices.Contains(p.class, "keep")) {
			t.Fatalf("a step %s is shown as %s, in\n%s", m.Kind, p.class, html)
		}
		olds, news := Step{Runs: m.Runs}.sides()
		for _, side := range []struct {
			other string
			words []string
		}{{"ins", olds}, {"del", news}} {
			if got := p.without(side.other); !saysAs(t, h, got, side.words) {
				t.Fatalf("without %s the words %q are shown as %q, in\n%s", side.other, side.words, got, html)
			}
		}
	}
	for _, m := range marked {
		if !m.blank() {
			t.Fatalf("%q is not shown, in\n%s", m.Runs, html)
		}
	}
}

// blank reports whether there is nothing to be seen of m.
func (m Marked) blank() bool {
	return !slices.ContainsFunc(m.Runs, func(r Run) bool { return r.Break || !isBlank(saneText(r.Text)) })
}

// saysAs reports whether shown is the words of paragraphs, with a pilcrow for each
// break between them: all as they are written or all as Markdown has them, each with
// or without its marker, up to white space.
func saysAs(t rapid.TB, h *HTML, shown string, paragraphs []string) bool {
	shown = squeeze(shown)
	written := func(s string) string { return squeeze(s) }
	rendered := func(s string) string { return squeeze(readHTML(t, "<div><x>"+h.render(s)+"</x></div>")[0].without("")) }
	return saysSo(shown, paragraphs, written) || saysSo(shown, paragraphs, rendered)
}

func saysSo(shown string, paragraphs []string, as func(string) string) bool {
	if len(paragraphs) == 0 {
		return shown == ""
	}
	whole := saneText(paragraphs[0])
	flat := squash(strings.TrimLeft(whole, softSpace)) // a marker may end with its line
	for _, words := range []string{whole, whole[htmlBlockOf(whole).marker:], whole[len(marker.FindString(whole)):], flat[len(marker.FindString(flat)):]} {
		said := as(words)
		if len(paragraphs) > 1 {
			said += "¶"
		}
		if rest, ok := strings.CutPrefix(shown, said); ok && saysSo(rest, paragraphs[1:], as) {
			return true
		}
	}
	return false
}

func squeeze(s string) string { return strings.Map(unlessBlank, withoutControls(s)) }

// An htmlParagraph is what HTML shows of a paragraph.
type htmlParagraph struct {
	class []string
	words []shownWords
}

type shownWords struct {
	text   string
	inside []string // elements, each with its classes behind points
}

// without returns the words that are not in an element of a name.
func (p htmlParagraph) without(element string) string {
	var b strings.Builder
	for _, w := range p.words {
		if !slices.ContainsFunc(w.inside, func(e string) bool {
			name, _, _ := strings.Cut(e, ".")
			return name == element || e == "span.vh" || e == "span.label" || e == "p.note"
		}) {
			b.WriteString(w.text)
		}
	}
	return b.String()
}

// readHTML reads a fragment, which has a div for each paragraph, maybe in another.
// It refuses what is not well-formed and what has no place there.
func readHTML(t rapid.TB, html string) []htmlParagraph {
	t.Helper()
	var all []htmlParagraph
	var inside []string
	d := xml.NewDecoder(strings.NewReader(withoutControls(html)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("not well-formed: %v, in\n%s", err, html)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e, err := element(token)
			if err != nil {
				t.Fatalf("%v, in\n%s", err, html)
			}
			inside = append(inside, e)
			if strings.HasPrefix(e, "div") && e != "div.redline" && e != "div.rolling" {
				all = append(all, htmlParagraph{class: strings.Split(e, ".")[1:]})
			}
		case xml.EndElement:
			inside = inside[:len(inside)-1]
		case xml.CharData:
			if n := len(all); n > 0 {
				all[n-1].words = append(all[n-1].words, shownWords{string(token), slices.Clone(inside)})
			}
		default:
			t.Fatalf("neither an element nor words: %v, in\n%s", token, html)
		}
	}
}

func element(start xml.StartElement) (string, error) {
	attributes := map[string][]string{
		"div": {"class", "data-step", "data-base"}, "span": {"class", "lang", "aria-hidden"}, "p": {"class", "dir", "lang"}, "pre": {"class", "dir"}, "q": {"dir"},
		"a": {"href", "rel"}, "ins": {"class"}, "del": {"class"}, "i": {"class"}, "bdi": {"dir", "aria-hidden"}, "em": nil, "strong": nil, "code": nil, "br": nil, "x": nil,
	}
	for i := 1; i <= 6; i++ {
		attributes["h"+string(rune('0'+i))] = []string{"class", "dir"}
	}
	name := start.Name.Local
	allowed, known := attributes[name]
	if !known {
		return "", fmt.Errorf("an element %s", name)
	}
	e := name
	for _, a := range start.Attr {
		switch {
		case !slices.Contains(allowed, a.Name.Local):
			return "", fmt.Errorf("an attribute %s of %s", a.Name.Local, name)
		case a.Name.Local == "href" && !isWebAddress(a.Value):
			return "", fmt.Errorf("an address %s", a.Value)
		case a.Name.Local == "class":
			e += "." + strings.ReplaceAll(a.Value, " ", ".")
		case a.Name.Local == "aria-hidden" || name == "bdi":
			e += "." + a.Name.Local
		}
	}
	return e, nil
}

// Lines of a paragraph run on, but in what is verbatim.
func TestRedlineHTMLOfLines(t *testing.T) {
	base := []string{
		"States shall\n  exchange *points\nof* contact.  \nEvery year.\n\n",
		"```\na  *b*\n\n  c\n```\n\n", "| a | *b* |\n", "    x *y*\n\n", "---\ntitle: *x*\n---\n\n", "- one\n  two\n",
	}
	html, err := NewHTML().Redline(base, Compare(base, base))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		">States shall\nexchange <em>points\nof</em> contact.<br />\nEvery year.</p>",
		">```\na  *b*\n\n  c\n```</pre>", ">| a | *b* |</pre>", ">    x *y*</pre>", ">---\ntitle: *x*\n---</pre>", ">one\ntwo</p>",
	} {
		if !strings.Contains(string(html), want) {
			t.Errorf("%q is not in\n%s", want, html)
		}
	}
}

func TestRedlineHTMLOfAnother(t *testing.T) {
	if html, err := NewHTML().Redline([]string{"a"}, Compare([]string{"b"}, []string{"c"})); err == nil {
		t.Errorf("a redline of another text became %s", html)
	}
}

// Where a paragraph stood that is moved, it is said where it is now.
func TestRedlineHTMLOfMoves(t *testing.T) {
	one, two, three := "One and the first paragraph here", "Two and the second paragraph there", "Three, which is the third of them"
	for want, texts := range map[string][2][]string{
		"Moved from here, to after paragraph 3: ": {{one, two, three}, {two, three, one}},
		"Moved from here, to the beginning: ":     {{one, two, three}, {three, one, two}},
		"Paragraph 3, moved here":                 {{one, two, three}, {three, one, two}},
	} {
		html, err := NewHTML().Redline(texts[0], Compare(texts[0], texts[1]))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(html), want) {
			t.Errorf("%q is not in\n%s", want, html)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		" one\n two ":               "one two",
		strings.Repeat("word ", 20): strings.Repeat("word ", 11) + "word…",
		strings.Repeat("各", 30):     strings.Repeat("各", 20) + "…",
	} {
		if got := excerptOf(text); got != want {
			t.Errorf("the excerpt of %q is %q, want %q", text, got, want)
		}
	}
}

// However much there is to read in a text, what is read is bounded, and all is
// shown.
func TestRedlineHTMLOfDelimiters(t *testing.T) {
	h := NewHTML()
	hostile := strings.Repeat("[a](", maxRendered/5)
	w := newRedlineWriter(h, nil)
	for i := range 64 {
		runs := []Run{{Op: Kept, Text: hostile}}
		w.marked(Marked{Keep, i, runs}, runs)
	}
	if w.effort < 0 || w.effort > costOf(hostile) {
		t.Errorf("what is left of the effort is %d, where a paragraph takes %d", w.effort, costOf(hostile))
	}
	if n := strings.Count(string(w.html()), ">"+hostile+"</p>"); n != 64 {
		t.Errorf("%d of 64 paragraphs are shown", n)
	}
	nested := strings.Repeat("*a **b ", 200) + strings.Repeat("c d ", 500)
	text := strings.ReplaceAll(nested, "d ", "e ") + strings.Repeat("** *", 200)
	checkRedlineHTML(t, h, []string{nested}, []string{text})
}

func BenchmarkRedlineHTML(b *testing.B) {
	base := statement(600, 50) // about 150 KB
	for i := range base {
		base[i] = strings.Replace(base[i], "States", "*States* of the [region](https://example.org)", 1)
	}
	r := Compare(base, amended(base, 60, 1))
	b.SetBytes(int64(len(strings.Join(base, "\n"))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewHTML().Redline(base, r); err != nil {
			b.Fatal(err)
		}
	}
}
