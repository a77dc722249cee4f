package redline

import (
	"slices"
	"strings"
	"testing"
)

// What kind of paragraph somebody wants is said in words; no marker is to be seen.
func TestParagraphsOfAnotherKind(t *testing.T) {
	for _, c := range []struct {
		name, base string
		texts      []string // of A, B …
		want       []string
	}{
		{"no heading", "## Follow-up\n", []string{"Follow-up\n"}, []string{"[a plain paragraph – A] Follow-up"}},
		{"a heading", "Follow-up\n", []string{"## Follow-up\n"}, []string{"[a heading of level 2 – A] Follow-up"}},
		{"another level", "## Follow-up\n", []string{"### Follow-up\n"}, []string{"[a heading of level 3 – A] Follow-up"}},
		{"two kinds", "Follow-up\n", []string{"## Follow-up\n", "- Follow-up\n"}, []string{"[a heading of level 2 – A][a list item – B] Follow-up"}},
		{"a kind and other words", "- They report once a year.\n", []string{"All of them report once a year.\n"}, []string{"[They][a plain paragraph: All of them – A] report once a year."}},
		{"a kind and less", "- They report once a year.\n", []string{"report once a year.\n"}, []string{"[They][a plain paragraph, no text – A] report once a year."}},
		{"deeper", "- one\n- They report once a year.\n", []string{"- one\n   - They report once a year.\n"}, []string{"one", "[a list item of level 2 – A] They report once a year."}},
		{"another bullet", "- They report once a year.\n", []string{"* They report once a year.\n"}, []string{"They report once a year."}},
		{"another number", "1. They report once a year.\n", []string{"2. They report once a year.\n"}, []string{"[1][2 – A]. They report once a year."}},
		{"a dash that is words", "They report - once a year.\n", []string{"They report\n\n- once a year.\n"}, []string{"They report [¶ – A] - once a year."}},
		{"split", "- They meet. They report.\n", []string{"- They meet.\n- They report.\n"}, []string{"They meet. [¶ – A] They report."}},
		{"joined", "- They meet.\n- They report.\n", []string{"- They meet. They report.\n"}, []string{"They meet. [¶][no ¶ – A]", "They report."}},
		{"joined and changed", "- They meet.\n- They report.\n", []string{"- They meet. They report.\n", "- They meet.\n\nThey report.\n"},
			[]string{"They meet. [¶][no ¶ – A]", "[a plain paragraph – B] They report."}},
		{"in code", "```\n# one\n```\n", []string{"```\none\n```\n"}, []string{"```", "[#][no text – A] one", "```"}},
		{"a new item in code", "```\none\n```\n", []string{"```\none\n  - two\n```\n"}, []string{"```", "one", "  [- two – A]", "```"}},
		{"a new heading", "One.\n", []string{"One.\n\n## Two\n"}, []string{"One.", "[Two – A]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := Cut(c.base)
			var proposals []Proposal
			for i, text := range c.texts {
				id := string(rune('A' + i))
				proposals = append(proposals, Proposal{id, []string{id}, editsTo(t, base, Cut(text))})
			}
			var got []string
			for _, s := range NewHTML().Paragraphs(Rolling(base, proposals), Names{}) {
				words := strings.ReplaceAll(string(s.Words), `<span class="vh">paragraph break</span>`, "")
				words = withoutTags(words)
				got = append(got, strings.ReplaceAll(words, "  ", " "))
			}
			want := slices.Clone(c.want)
			for i := range want {
				want[i] = strings.ReplaceAll(want[i], "  ", " ")
			}
			if !slices.Equal(got, want) {
				t.Errorf("shown are %q, want %q", got, want)
			}
		})
	}
}

func withoutTags(html string) string {
	var b strings.Builder
	for {
		words, tag, found := strings.Cut(html, "<")
		b.WriteString(words)
		if !found {
			return b.String()
		}
		_, html, _ = strings.Cut(tag, ">")
	}
}

// A reader is told what paragraph breaks would do, and where what is moved comes from.
func TestParagraphNotes(t *testing.T) {
	base := []string{"1. They meet once a year. They report on it.", "1. They take stock of all of this.", "1. They thank the chair for the work."}
	for want, text := range map[string][]string{
		"With ¶ a new paragraph would begin here":           {"1. They meet once a year.", "1. They report on it.", base[1], base[2]},
		"With ¶ a list item would begin here":               {"1. They meet once a year.", "- They report on it.", base[1], base[2]},
		"Without ¶ the next paragraph would follow on here": {base[0], "1. They take stock of all of this. They thank the chair for the work."},
		"To be moved here from OP3":                         {base[2], base[0], base[1]},
	} {
		d := Rolling(base, []Proposal{{"1", []string{"XCA"}, editsTo(t, base, text)}})
		var notes []string
		for _, s := range NewHTML().Paragraphs(d, Names{Paragraph: func(base int) string { return "OP" + string(rune('1'+base)) }}) {
			notes = append(notes, s.Notes...)
		}
		if !slices.Equal(notes, []string{want}) {
			t.Errorf("of %q it is said: %q, want %q", text, notes, want)
		}
	}
}

// In a redline, too, kinds are said in words.
func TestStepOfAnotherKind(t *testing.T) {
	for _, c := range []struct{ name, old, new, words, note string }{
		{"no heading", "## Follow-up\n", "Follow-up\n", "Follow-up", "Was a heading of level 2"},
		{"a new heading", "One.\n", "One.\n\n## Two\n", "Two", ""},
		{"a heading deleted", "## One\n\nTwo.\n", "Two.\n", "One", ""},
		{"split", "- They meet. They report.\n", "- They meet.\n- They report.\n", "They meet. ¶ They report.", ""},
		{"joined", "- They meet.\n- They report.\n", "- They meet. They report.\n", "They meet. ¶ They report.", ""},
		{"split into another kind", "- They meet. They report.\n", "- They meet.\n\n1. They report.\n", "They meet. ¶ They report.", "The paragraph that is split off is a numbered item"},
		{"joined of two kinds", "- They meet.\n1. They report.\n", "- They meet. They report.\n", "They meet. ¶ They report.", "The paragraph that is joined was a numbered item"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := Cut(c.old)
			marked, err := Compare(base, Cut(c.new)).Marked(base)
			if err != nil {
				t.Fatal(err)
			}
			marked = slices.DeleteFunc(marked, func(m Marked) bool { return m.Kind == Keep })
			s := NewHTML().Step(marked[len(marked)-1], Names{})
			shown := readHTML(t, "<div>"+string(s.Words)+"</div>")[0].without("")
			if got := strings.Join(strings.Fields(shown), " "); got != c.words || strings.Join(s.Notes, "; ") != c.note {
				t.Errorf("it is shown as %q (%s), want %q (%s)", got, s.Notes, c.words, c.note)
			}
		})
	}
}

// Only how lines are wrapped and where the file ends is no change.
func TestRedlineHTMLOfWraps(t *testing.T) {
	base, text := Cut("States shall\ncooperate.\n\n- They\n  report.\n"), Cut("States shall cooperate.\n\n\n- They report.")
	page, err := NewHTML().RedlinePage(Page{}, base, Compare(base, text))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(page), "<main")
	for _, never := range []string{"<ins", "<del", "note", "change"} {
		if strings.Contains(body, never) {
			t.Errorf("there is %s in\n%s", never, body)
		}
	}
	if want := "no differences but in how lines are wrapped"; !strings.Contains(string(page), want) {
		t.Errorf("it is not said: %s", want)
	}
}
