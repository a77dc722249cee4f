package bracket

import (
	"strings"
	"testing"
	"time"
)

// hostile texts make a parser do the most work for their size, in bytes.
func hostile(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	half := func(s, t string) string {
		return strings.Repeat(s, size/2/len(s)) + strings.Repeat(t, size/2/len(t))
	}
	var indents, options strings.Builder
	for i := 0; indents.Len() < size; i++ {
		indents.WriteString(strings.Repeat(" ", i) + "[\n\n")
		options.WriteString(strings.Repeat(" ", i) + "Option 1: [a\n\n")
	}
	return map[string]string{
		"open":                 fill("["),
		"close":                fill("]"),
		"close and open":       fill("]["),
		"empty":                fill("[]"),
		"nested":               half("[", "]"),
		"nested with words":    half("[ab ", " cd]"),
		"open paragraphs":      fill("[\n\n"),
		"open in sections":     fill("# a\n\n[\n\n"),
		"open under headings":  fill("[\n\n# a\n\n"),
		"open headings":        half("## [\n", "# a\n"),
		"words open":           fill("[aa bb "),
		"links":                fill("[a](/b)"),
		"links that go on":     fill("[a]("),
		"links in links":       fill("[a](/b") + fill(")"),
		"titles":               fill(`[a](/b "`),
		"titles in two quotes": fill(`[a](/b "[a](/b '`),
		"titles in brackets":   fill(`[a](/b (`),
		"angles":               fill("[a](<"),
		"images":               fill("![[a](/b)"),
		"autolinks":            fill("<a:"),
		"references":           "[a]: /b\n\n" + fill("[a][b]"),
		"references open":      "[a]: /b\n\n" + fill("[a["),
		"nested references":    "[a]: /b\n\n" + half("[", "]"),
		"definitions":          fill("[a]: /b\n"),
		"footnotes":            fill("[^a"),
		"footnote texts":       fill("[^a]: [\n\n"),
		"backticks":            fill("`[``[```["),
		"backticks that grow":  backticks(size),
		"fences":               fill("```\n[\n"),
		"fences that shrink":   shrinking(size),
		"emphasis":             half("[", "*"),
		"slashes":              fill("[a / b]/"),
		"slashes within":       "[" + fill("a / ") + "b]",
		"words with slashes":   "[" + fill("ab/") + "ab]",
		"dashes":               "[" + fill(" – ") + "A]",
		"attributions":         fill("[a – IND, JPN]"),
		"long attribution":     "[a – " + fill("IND, ") + "JPN]",
		"options":              fill("Option 1: [a\n\n"),
		"options close":        half("Option 1: [a\n\n", "]"),
		"options in brackets":  fill("[Option 1: "),
		"options behind":       half("[", "[Option 1: a"),
		"options go on":        fill("Option 1: a\n\nOption 2: [a\n\n"),
		"options side by side": fill("[Option 1: a]\n[Option 2: b]\n"),
		"indents":              indents.String(),
		"indented options":     options.String(),
		"intervals":            fill("[0, 1"),
		"quotes":               fill(`"[…]`),
		"escapes":              fill(`\[`),
		"no UTF-8":             fill("[\xff\xe2 – \xf0]"),
		"blanks":               half("[", " "),
		"lines":                half("[", "\n"),
		"markers":              fill("> "),
		"markers and breaks":   fill("- [ ] [x]\n"),
		"citations":            fill("a[1]"),
		"marks":                fill("[¶][no ¶ – IND]"),
		"no texts":             fill("[no text] "),
	}
}

func shrinking(size int) string {
	var b strings.Builder
	for n := 1400; n > 2 && b.Len() < size; n-- {
		b.WriteString(strings.Repeat("~", n) + " [\n")
	}
	return b.String() + "~~~\n"
}

func backticks(size int) string {
	var b strings.Builder
	for n := 1; b.Len() < size; n++ {
		b.WriteString(strings.Repeat("`", n) + "[")
	}
	return b.String()
}

func TestHostileTextsEnd(t *testing.T) {
	for name, text := range hostile(256 << 10) {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			d := Parse(text)
			took := time.Since(start)
			if took > 5*time.Second {
				t.Errorf("%d bytes took %v", len(text), took)
			}
			t.Logf("%v: %+v", took, d.Tally())
			if d.String() != text {
				t.Error("does not print as it was")
			}
		})
	}
}

// A megabyte of each.
func BenchmarkHostile(b *testing.B) {
	texts := hostile(1 << 20)
	for _, name := range []string{"open", "close and open", "nested", "links"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(texts[name])))
			for b.Loop() {
				Parse(texts[name])
			}
		})
	}
}
