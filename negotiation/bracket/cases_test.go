package bracket

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the wanted results in testdata")

// An archive holds texts, and in the file "want" what each of them consists of.
// A text may begin with a line "parties:" and names.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			head, want, _ := strings.Cut(string(data), "-- want --\n")
			result := describeAll(t, head)
			if result == want {
				return
			}
			if !*update {
				t.Fatalf("got:\n%s\nwant:\n%s", result, want)
			}
			if err := os.WriteFile(path, []byte(head+"-- want --\n"+result), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func describeAll(t *testing.T, archive string) string {
	var b strings.Builder
	for _, f := range txtar.Parse([]byte(archive)).Files {
		text := string(f.Data)
		var parties []string
		if rest, ok := strings.CutPrefix(text, "parties: "); ok {
			var line string
			line, text, _ = strings.Cut(rest, "\n")
			parties = strings.Split(line, ", ")
		}
		d := Parse(text, parties...)
		checkDocument(t, d, text)
		b.WriteString("== " + f.Name + "\n" + describe(d, text))
	}
	return b.String()
}

// describe lists what a text consists of, besides words.
func describe(d Document, text string) string {
	var b strings.Builder
	t := d.Tally()
	fmt.Fprintf(&b, "open %d: places %d, outer %d, choices %d; brackets %d, depth %d, strays %d\n",
		t.Open(), t.Places, t.Outer, t.Choices, t.Brackets, t.Depth, t.Strays)
	Walk(d.Nodes, func(n Node, depth int) bool {
		if n.Kind == Words {
			return true
		}
		b.WriteString(strings.Repeat("  ", depth))
		p := n.Place
		if p == nil {
			fmt.Fprintf(&b, "%v %s\n", n.Kind, clip(n.String()))
			return true
		}
		if p.Beside {
			b.WriteString("beside ")
		}
		for i, a := range p.Alternatives {
			if i > 0 {
				fmt.Fprintf(&b, " %s ", strings.ReplaceAll(p.Joints[i-1], "\n", "⏎"))
			}
			if !a.Label.IsZero() {
				fmt.Fprintf(&b, "(%s) ", a.Label.Name())
			}
			b.WriteString([...]string{clip(a.Words()), "NO TEXT", "BREAK", "NO BREAK"}[a.Meaning])
			if len(a.Parties) > 0 {
				fmt.Fprintf(&b, " by %s", strings.Join(a.Parties, " and "))
			}
		}
		if last := d.Paragraphs[p.Paragraph].End; p.End > last {
			b.WriteString(" runs on")
		}
		b.WriteString("\n")
		return true
	})
	for _, c := range d.Choices {
		b.WriteString("choice\n")
		for _, o := range c.Options {
			fmt.Fprintf(&b, "  %s %s", o.Label.Name(), clip(text[o.Offset:o.End]))
			if o.NoText {
				b.WriteString(" NO TEXT")
			}
			b.WriteString("\n")
		}
	}
	for _, s := range d.Strays {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

// clip returns words on one line, in quotation marks, without the middle of
// long ones.
func clip(s string) string {
	r := []rune(strings.ReplaceAll(s, "\n", "⏎"))
	if len(r) > 64 {
		r = append(append(r[:40:40], '…'), r[len(r)-20:]...)
	}
	return "“" + string(r) + "”"
}

// checkDocument checks what holds for every text.
func checkDocument(t rapid.TB, d Document, text string) {
	t.Helper()
	if got := d.String(); got != text {
		t.Fatalf("printed as %q, was %q", clip(got), clip(text))
	}
	at, line := 0, 0
	for _, p := range d.Paragraphs {
		if p.Offset != at || p.End < at || p.Line <= line {
			t.Fatalf("paragraph %+v behind offset %d and line %d", p, at, line)
		}
		at, line = p.End, p.Line
	}
	if at != len(text) {
		t.Fatalf("the paragraphs end at %d of %d", at, len(text))
	}
	pairs, brackets := 0, map[Kind]int{}
	Walk(d.Nodes, func(n Node, depth int) bool {
		if s := n.String(); s == "" || !strings.HasPrefix(text[n.Offset:], s) {
			t.Fatalf("%v %q is not at offset %d", n.Kind, clip(s), n.Offset)
		}
		if n.Place == nil {
			if n.Kind == Link {
				brackets[n.Kind]++
			}
			brackets[n.Kind] += strings.Count(n.Text, "[")
			return true
		}
		checkPlace(t, d, n.Place, text)
		pairs += n.Place.Brackets()
		for _, a := range n.Place.Alternatives {
			brackets[Disputed] += strings.Count(a.Label.Text+a.Before+a.After, "[")
		}
		brackets[Disputed] += n.Place.Brackets()
		return true
	})
	opening := 0
	for _, n := range brackets {
		opening += n
	}
	if want := strings.Count(text, "["); opening != want {
		t.Fatalf("%d opening brackets of %d: %v", opening, want, brackets)
	}
	if tally := d.Tally(); tally.Brackets != pairs || tally.Strays != len(d.Strays) || tally.Choices != len(d.Choices) {
		t.Fatalf("%+v, of %d pairs", tally, pairs)
	}
	for _, s := range d.Strays {
		p := d.Paragraphs[s.Paragraph]
		if text[s.Offset] != s.Bracket || s.Offset < p.Offset || s.Offset >= p.End || s.Line != 1+strings.Count(text[:s.Offset], "\n") {
			t.Fatalf("%v, at offset %d in %+v", s, s.Offset, p)
		}
	}
	last := 0
	for _, c := range d.Choices {
		at := c.Options[0].Offset
		if at < last {
			t.Fatalf("a choice at %d behind one at %d", at, last)
		}
		last = at
		for _, o := range c.Options {
			if o.Offset < at || o.End <= o.Offset || o.End > len(text) {
				t.Fatalf("option %+v behind offset %d", o, at)
			}
			at = o.End
		}
	}
}

func checkPlace(t rapid.TB, d Document, p *Place, text string) {
	t.Helper()
	in := d.Paragraphs[p.Paragraph]
	if p.String() != text[p.Offset:p.End] || p.Offset < in.Offset || p.Offset >= in.End || p.Depth < 1 || p.Depth > MaxDepth {
		t.Fatalf("place %+v in %+v", p, in)
	}
	at := p.Offset + 1
	for i, a := range p.Alternatives {
		var b strings.Builder
		a.print(&b)
		if a.Offset != at || b.String() != text[a.Offset:a.End] {
			t.Fatalf("alternative %q at %d to %d, not %d", b.String(), a.Offset, a.End, at)
		}
		if at = a.End; i < len(p.Joints) {
			at += len(p.Joints[i])
		}
	}
	if at+1 != p.End {
		t.Fatalf("the alternatives end at %d, the place at %d", at, p.End)
	}
}
