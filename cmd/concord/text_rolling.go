package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"concord/negotiation/redline"
)

// A table is a text and what several parties make of it.
type table struct {
	base     textFile
	parties  []party
	dos      bool // all lines end with CR LF, and have LF here
	text     []string
	document redline.Document
}

type party struct {
	name string
	file textFile
	redline.Edits
}

// readTable reads the base and the files of the parties, which arguments name as
// NAME=FILE. No two parties have one name.
func (c *call) readTable(base string, args []string) (*table, error) {
	t := &table{}
	names := []string{base}
	for _, arg := range args {
		name, file, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%w: %q is not NAME=FILE", errUsage, arg)
		}
		if err := checkParty(name); err != nil {
			return nil, err
		}
		if t.party(name) != nil {
			return nil, fmt.Errorf("%w: there are two texts of %s", errUsage, name)
		}
		t.parties = append(t.parties, party{name: name})
		names = append(names, file)
	}
	files, err := c.readTexts(names...)
	if err != nil {
		return nil, err
	}
	texts, dos := withLF(files)
	t.base, t.dos, t.text = files[0], dos, redline.Cut(texts[0])
	var proposals []redline.Proposal
	for i := range t.parties {
		p := &t.parties[i]
		p.file = files[i+1]
		p.Edits, err = redline.Compare(t.text, redline.Cut(texts[i+1])).Edits(t.text)
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", p.file.name, err)
		}
		proposals = append(proposals, redline.Proposal{ID: p.name, Parties: []string{p.name}, Edits: p.Edits})
	}
	t.document = redline.Rolling(t.text, proposals)
	return t, nil
}

// checkParty demands a name that can be told from the words around it.
func checkParty(name string) error {
	bad := func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(",[]", r) }
	switch {
	case strings.TrimSpace(name) == "" || strings.TrimSpace(name) != name:
		return fmt.Errorf("%w: %q is no name of a party", errUsage, name)
	case strings.ContainsFunc(name, bad):
		return fmt.Errorf("%w: %q is no name of a party, which has no comma and no brackets", errUsage, name)
	}
	return nil
}

// party returns the party of that name; nil if there is none.
func (t *table) party(name string) *party {
	i := slices.IndexFunc(t.parties, func(p party) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return &t.parties[i]
}

// withEnds returns a text with line ends as the files have them.
func (t *table) withEnds(text string) string {
	if t.dos {
		return inDOS(text)
	}
	return text
}

func runRolling(_ context.Context, c *call) error {
	base := c.flags.String("base", "", "`file` with the text that all parties started from")
	format := c.choice("format", "format of the output", "markdown", "markdown", "html", "json", "critic")
	args, err := c.parse(1, anyNumber)
	if err != nil {
		return err
	}
	if err := c.need("base"); err != nil {
		return err
	}
	t, err := c.readTable(*base, args)
	if err != nil {
		return err
	}
	switch *format {
	case "critic":
		return c.print(t.withEnds(t.document.Critic()))
	case "html":
		title := "Proposals on " + t.base.title()
		return c.print(string(redline.NewHTML().RollingPage(redline.Page{Title: title}, t.document)))
	case "json":
		return c.printJSON(t.view())
	}
	return c.print(t.withEnds(redline.Paste(t.document.Markdown())))
}

// tableView is a rolling text as JSON.
type tableView struct {
	Base       string          `json:"base"` // the file's name, as it was given
	Parties    []string        `json:"parties"`
	Paragraphs []paragraphView `json:"paragraphs"`
}

type paragraphView struct {
	Number   int               `json:"number"`         // in the base, counted from 1; 0 for a new one
	Line     int               `json:"line,omitempty"` // of the base, on which it begins, counted from 1
	Markdown string            `json:"markdown"`       // in the bracket notation
	Segments []redline.Segment `json:"segments"`
	Fate     *redline.Dispute  `json:"fate,omitempty"` // whether it shall stand here
}

func (t *table) view() tableView {
	v := tableView{Base: t.base.name, Parties: []string{}, Paragraphs: []paragraphView{}}
	for _, p := range t.parties {
		v.Parties = append(v.Parties, p.name)
	}
	slices.Sort(v.Parties)
	lines := t.document.Markdown()
	line := 1
	for i, p := range t.document.Paragraphs {
		shown := paragraphView{Number: p.Base + 1, Markdown: lines[i], Segments: p.Segments, Fate: p.Fate}
		if p.Base >= 0 {
			shown.Line = line
			line += strings.Count(t.text[p.Base], "\n")
		}
		withoutProposals(p.Fate)
		for _, s := range p.Segments {
			withoutProposals(s.Dispute)
		}
		v.Paragraphs = append(v.Paragraphs, shown)
	}
	return v
}

// withoutProposals takes out of a dispute the IDs of proposals, which are the names
// of the parties.
func withoutProposals(d *redline.Dispute) {
	if d == nil {
		return
	}
	for i := range d.Alternatives {
		d.Alternatives[i].Proposals = nil
	}
}
