package redline

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is proposed, the HTML of the rolling text is well-formed and holds,
// for each proposal, the words of that proposal: what is not in brackets, and what
// is in those with its name or else without any.
func TestRollingHTMLIsLossless(t *testing.T) {
	h := NewHTML()
	rapid.Check(t, func(t *rapid.T) {
		text := genMarkdown(t, nil)
		base := Cut(strings.Join(text, ""))
		var proposals []Proposal
		for i := range rapid.IntRange(0, 3).Draw(t, "proposals") {
			id := fmt.Sprint("<", i, ">")
			proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, base, Cut(strings.Join(genMarkdown(t, text), "")))})
		}
		checkRollingHTML(t, h, base, proposals)
	})
}

// The same for files as people have them, with splits, joins and moves.
func TestRollingHTMLOfFilesIsLossless(t *testing.T) {
	h := NewHTML()
	rapid.Check(t, func(t *rapid.T) {
		file := genFile(t)
		base := Cut(file)
		var proposals []Proposal
		for i := range rapid.IntRange(0, 3).Draw(t, "proposals") {
			id := fmt.Sprint(i)
			proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, base, Cut(genOther(t, file)))})
		}
		checkRollingHTML(t, h, base, proposals)
	})
}

// What was once shown wrong.
func TestRollingHTMLIsLosslessOf(t *testing.T) {
	for name, texts := range map[string][]string{
		"an asterisk that closes without the space before it": {"*# a \n*# shall \n\n", "a \n\nshall \n\n"},
		"an asterisk that closes without a space before it":   {"1. \n**&amp;*\n\n", "1. \n**\n\n&amp;\n\n"},
		"a marker that ends with its line, and nothing more":  {"\ufdd0\n\n1. \n\n\u00a0\n\n", ""},
		"words joined with a row of a table":                  {"&amp;\n\n| ](https://x)\n\n", "", "&amp;](https://x)&amp;\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			base := Cut(texts[0])
			var proposals []Proposal
			for i, text := range texts[1:] {
				id := fmt.Sprint(i)
				proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, base, Cut(text))})
			}
			checkRollingHTML(t, NewHTML(), base, proposals)
		})
	}
}

func FuzzRollingHTML(f *testing.F) {
	f.Add("# a\n*b* c", "# a\n*b* d\ne", "# a\n*b c*")
	f.Add("1. a b c. d e f\n1. g h i j\n1. k l m n\n", "1. a b c.\n1. d e f\n1. g h i j\n1. k l m n\n", "1. a b c. d e f\n1. k l m n g h i j\n")
	f.Fuzz(func(t *testing.T, old, one, two string) {
		if len(old)+len(one)+len(two) > 2000 {
			return
		}
		cut := func(s string) []string { return Cut(strings.ToValidUTF8(s, "?")) }
		base := cut(old)
		checkRollingHTML(t, NewHTML(), base, []Proposal{
			{"1", []string{"1"}, editsTo(t, base, cut(one))}, {"2", []string{"2"}, editsTo(t, base, cut(two))},
		})
	})
}

func checkRollingHTML(t rapid.TB, h *HTML, base []string, proposals []Proposal) {
	t.Helper()
	d := Rolling(base, proposals)
	html := string(h.Rolling(d))
	shown := readHTML(t, html)
	ids := []string{""}
	for _, p := range proposals {
		ids = append(ids, p.ID)
	}
	for _, id := range ids {
		want := d.Take()
		if id != "" {
			want = d.Take(id)
		}
		want = slices.DeleteFunc(want, func(w string) bool { return isBlank(saneText(w)) })
		for _, words := range wordsFor(shown, id) {
			says := func(paragraph string) bool {
				if len(words) > 1 && strings.ContainsAny(paragraph, "*_`[\\&") { // each of those that are joined is read by itself, or is shown as written
					return true
				}
				return slices.ContainsFunc(words, func(w string) bool { return saysAs(t, h, w, []string{paragraph}) })
			}
			for len(want) > 0 && nothingIn(want[0]) && !says(want[0]) {
				want = want[1:]
			}
			switch {
			case len(want) > 0 && says(want[0]):
				want = want[1:]
			case !nothingIn(words[0]):
				t.Fatalf("%q takes %q, which is not the next of %q, from\n%s", id, words, want, html)
			}
		}
		if slices.ContainsFunc(want, func(w string) bool { return !nothingIn(w) }) {
			t.Fatalf("%q does not have %q, in\n%s", id, want, html)
		}
	}
}

// nothingIn reports whether a paragraph has no words but a marker.
func nothingIn(paragraph string) bool {
	s := squash(strings.Trim(saneText(paragraph), softSpace)) + " " // a marker may end with its line
	return squeeze(s[len(marker.FindString(s)):]) == ""
}

// wordsFor returns the paragraphs of a text in which a party, or the base if nobody
// is named, has its way: each as it is shown and, where it is joined of several,
// without the marker that is shown of the second.
func wordsFor(shown []htmlParagraph, party string) [][]string {
	var all [][]string
	joined := false
	for _, p := range shown {
		words, stands, breaks := p.taking(party)
		if !stands {
			continue
		}
		parts := strings.Split(words, Break)
		for i, part := range parts {
			if i == 0 && joined {
				flat := squash(part) + " "
				bare := flat[len(marker.FindString(flat)):]
				var may []string
				for _, before := range all[len(all)-1] {
					may = append(may, before+part, before+bare)
				}
				all[len(all)-1] = may
				continue
			}
			if i == len(parts)-1 && breaks && i > 0 {
				break
			}
			all = append(all, []string{part})
		}
		joined = breaks && len(parts) == 1
	}
	return all
}

// taking returns what a party wants the paragraph to say, or the base if nobody is
// named; whether there shall be such a paragraph; and whether the break at its end is
// in dispute, and then part of the words where it stands.
func (p htmlParagraph) taking(party string) (words string, stands, breaks bool) {
	type bracket struct {
		words, parties string
		standing       bool
	}
	named := func(b bracket) bool { return slices.Contains(strings.Split(b.parties, ", "), party) }
	var said strings.Builder
	var dispute, fate []bracket
	stands = true
	decide := func() {
		if len(dispute) == 0 {
			return
		}
		standing := slices.IndexFunc(dispute, func(b bracket) bool { return b.standing })
		breaks = standing >= 0 && strings.HasSuffix(dispute[standing].words, Break)
		i := slices.IndexFunc(dispute, named)
		if party == "" || i < 0 {
			i = standing
		}
		switch {
		case i >= 0:
			said.WriteString(dispute[i].words)
		case slices.Contains(p.class, "insert"):
			stands = false
		}
		dispute = nil
	}
	fated := slices.ContainsFunc(p.words, func(w shownWords) bool {
		return slices.Contains(w.inside, "i.instruction") && strings.Contains(w.text, " this paragraph")
	})
	for _, w := range p.words {
		into := &dispute
		if fated {
			if at := slices.Index(w.inside, "bdi.dir"); at < 0 {
				into = &fate
			} else {
				w.inside = append([]string{"p.words"}, w.inside[at+1:]...)
			}
		}
		at := slices.IndexFunc(w.inside, func(e string) bool { return strings.HasPrefix(e, "span.alternative") })
		if at < 0 {
			if slices.ContainsFunc(w.inside, func(e string) bool { return strings.HasSuffix(e, ".words") }) && w.text != "" {
				decide()
				said.WriteString(w.text)
				breaks = breaks && isBlank(w.text)
			}
			continue
		}
		last := w.inside[len(w.inside)-1]
		if last == "span.bracket" && w.text == "[" {
			if !strings.Contains(w.inside[at], ".further") && into == &dispute {
				decide()
			}
			*into = append(*into, bracket{standing: strings.Contains(w.inside[at], ".standing")})
			continue
		}
		b := &(*into)[len(*into)-1]
		switch {
		case slices.Contains(w.inside, "span.parties"):
			b.parties += strings.TrimPrefix(w.text, " – ")
		case slices.Contains(w.inside, "i.instruction"), last == "span.vh", last == "span.bracket":
		case last == "span.aria-hidden":
			b.words += Break
		default:
			b.words += w.text
		}
	}
	decide()
	return said.String(), stands && (party == "" || !slices.ContainsFunc(fate, named)), breaks
}

// Names are as little trusted as words, and who writes pages decides how they are
// written.
func TestParagraphsNameParties(t *testing.T) {
	base := []string{"1. States shall act."}
	d := Rolling(base, []Proposal{{"x", []string{"<b>", "B"}, editsTo(t, base, []string{"1. States may act."})}})
	if html := string(NewHTML().Rolling(d)); !strings.Contains(html, "<bdi>&lt;b&gt;</bdi>, <bdi>B</bdi>") {
		t.Errorf("the parties are not in\n%s", html)
	}
	shown := NewHTML().Paragraphs(d, Names{Party: func(a Alternative, party string) template.HTML {
		return template.HTML("<b>" + a.Proposals[0] + template.HTMLEscapeString(party) + "</b>")
	}, Block: func(string) Block { return Block{Name: "a paragraph", Marker: 3} }})[0]
	want := `States <span class="alternative standing"><span class="bracket">[</span><bdi>shall</bdi><span class="bracket">]</span></span>` +
		`<span class="alternative further"><span class="bracket">[</span><bdi>may</bdi>` +
		`<span class="parties"> – <b>x&lt;b&gt;</b>, <b>xB</b></span><span class="bracket">]</span></span> act.`
	if string(shown.Words) != want || shown.Dir != "ltr" {
		t.Errorf("the paragraph became %s (%s), want %s", shown.Words, shown.Dir, want)
	}
}

func BenchmarkRollingHTML(b *testing.B) {
	base := statement(200, 60)
	var proposals []Proposal
	for i := range 280 {
		e := editsTo(b, base, amended(base, 3, uint64(i)))
		proposals = append(proposals, Proposal{fmt.Sprint(i), []string{fmt.Sprintf("P%02d", i%28)}, e})
	}
	d := Rolling(base, proposals)
	b.ReportAllocs()
	for b.Loop() {
		NewHTML().Rolling(d)
	}
}
