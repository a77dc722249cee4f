package redline

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestExamplesPage checks the page of examples: its rolling texts are those that
// this package computes.
func TestExamplesPage(t *testing.T) {
	const path = "../../docs/examples.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.SplitAfter(string(page), "\nThe rolling text:\n\n")
	for i := range len(sections) - 1 {
		said, rest, _ := strings.Cut("\n"+sections[i+1], "\n## ")
		want := indented(situation(t, sections[i]))
		if got := strings.Trim(said, "\n"); got != want && !*update {
			t.Errorf("situation %d: the page says\n%s\nit is\n%s", i+1, got, want)
		}
		sections[i+1] = want + "\n"
		if rest != "" {
			sections[i+1] = want + "\n\n## " + rest
		}
	}
	if n := len(sections) - 1; n != 12 {
		t.Errorf("%d situations", n)
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(sections, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var spoken = regexp.MustCompile(`(?m)^(The text|The chair revises the text|[A-Z, ]+ proposes?):\n\n((?:    .*\n)+)`)

// situation returns the rolling text of what is said before it.
func situation(t *testing.T, section string) []string {
	var base, revised []string
	var proposals []Proposal
	texts := map[string][]string{}
	for _, m := range spoken.FindAllStringSubmatch(section, -1) {
		var text []string
		for line := range strings.Lines(m[2]) {
			text = append(text, strings.TrimRight(line[4:], "\n"))
		}
		switch m[1] {
		case "The text":
			base, revised = text, text
		case "The chair revises the text":
			revised = text
		default:
			who := strings.Split(strings.Fields(m[1])[0], ",")
			if names, _, many := strings.Cut(m[1], " propose:"); many || strings.HasSuffix(m[1], " propose") {
				who = strings.Split(strings.TrimSuffix(names, " propose"), ", ")
			}
			id := strings.Join(who, "+")
			texts[id] = text
			proposals = append(proposals, Proposal{ID: id, Parties: who})
		}
	}
	var live []Proposal
	for _, p := range proposals {
		c := rebase(t, base, texts[p.ID], revised)
		if c.Outcome == Applies || c.Outcome == InPart {
			p.Edits = c.Edits
			live = append(live, p)
		}
	}
	return Rolling(revised, live).Markdown()
}

func indented(lines []string) string { return "    " + strings.Join(lines, "\n    ") }
