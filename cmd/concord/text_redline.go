package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"concord/negotiation/redline"
)

func runRedline(_ context.Context, c *call) error {
	format, around, args, err := c.parseRedline()
	if err != nil {
		return err
	}
	files, err := c.readTexts(args...)
	if err != nil {
		return err
	}
	return c.printRedline(files[0], files[1], format, around)
}

// parseRedline reads what commands that print a redline between two texts are given:
// its format, how many paragraphs to show around changes, and the two.
func (c *call) parseRedline() (format string, around int, texts []string, err error) {
	const atTerminal = "ansi on a terminal, otherwise plain"
	chosen := c.choice("format", "format of the output", atTerminal, "ansi", "plain", "critic", "html", "json", "unified")
	c.flags.IntVar(&around, "context", 1, "`number` of unchanged paragraphs to show around changes in ansi and plain; -1 for all")
	if texts, err = c.parse(2, 2); err != nil {
		return "", 0, nil, err
	}
	if around < -1 {
		return "", 0, nil, fmt.Errorf("%w: --context cannot be %d: it takes 0 or more paragraphs, or -1 for all", errUsage, around)
	}
	format = *chosen
	if format == atTerminal {
		format = "plain"
		if c.colours() {
			format = "ansi"
		}
	}
	if c.given("context") && format != "ansi" && format != "plain" {
		return "", 0, nil, fmt.Errorf("%w: --context goes with ansi and plain", errUsage)
	}
	return format, around, texts, nil
}

// colours reports whether standard output is a terminal that takes colours. Source:
// no-color.org.
func (c *call) colours() bool {
	out, ok := c.stdout.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(out)
}

func (c *call) printRedline(old, new textFile, format string, around int) error {
	base := redline.Cut(old.text)
	r := redline.Compare(base, redline.Cut(new.text))
	if err := c.printSteps(old, new, base, r, format, around); err != nil {
		return err
	}
	prints := format == "ansi" || format == "plain"
	if prints && old.text != new.text && slices.Equal(strings.Fields(old.text), strings.Fields(new.text)) {
		fmt.Fprintln(c.stderr, "concord redline: the words are the same; only spaces or line ends differ")
	}
	return nil
}

// printSteps prints the redline of two texts, of which the old one is the paragraphs
// of base.
func (c *call) printSteps(old, new textFile, base []string, r redline.Redline, format string, around int) error {
	switch format {
	case "unified":
		name := patchName(old, new)
		return c.print(redline.Unified(name, name, old.text, new.text))
	case "critic":
		return c.print(r.Critic(base))
	case "html":
		title := fmt.Sprintf("Changes from %s to %s", old.title(), new.title())
		page, err := redline.NewHTML().RedlinePage(redline.Page{Title: title}, base, r)
		if err != nil {
			return fmt.Errorf("writing a page: %w", err)
		}
		return c.print(string(page))
	case "json":
		return c.printJSON(viewRedline(old, new, base, r))
	}
	show := r.Plain
	if format == "ansi" {
		show = r.ANSI
	}
	return c.print(show(base, around))
}

// patchName returns what a patch calls the file that it changes: the old one, by
// its path below the working directory or else by its last part.
func patchName(old, new textFile) string {
	name := old.name
	if name == "-" {
		name = new.name
	}
	name = filepath.Clean(name)
	if filepath.IsAbs(name) {
		if wd, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(wd, name); err == nil {
				name = rel
			}
		}
	}
	if !filepath.IsLocal(name) {
		name = filepath.Base(name)
	}
	return filepath.ToSlash(name)
}

// redlineView is a redline as JSON. Paragraphs are counted from 1.
type redlineView struct {
	Old        string     `json:"old"` // the file's name, as it was given
	New        string     `json:"new"`
	Paragraphs []string   `json:"paragraphs"` // of the old file, which they are when joined
	Steps      []stepView `json:"steps"`
}

// stepView is one step: the first and the last paragraph of the old text that it
// takes up, and of the new text that it gives.
type stepView struct {
	Kind    redline.Kind  `json:"kind"`
	From    int           `json:"from,omitempty"` // not of an insert
	To      int           `json:"to,omitempty"`
	NewFrom int           `json:"newFrom,omitempty"` // not of a delete
	NewTo   int           `json:"newTo,omitempty"`
	Runs    []redline.Run `json:"runs,omitempty"` // none of a keep
}

func viewRedline(old, new textFile, base []string, r redline.Redline) redlineView {
	v := redlineView{Old: old.name, New: new.name, Paragraphs: base, Steps: []stepView{}}
	if base == nil {
		v.Paragraphs = []string{}
	}
	given := 0
	for _, s := range r {
		step := stepView{Kind: s.Kind, Runs: s.Runs}
		if s.To > s.From {
			step.From, step.To = s.From+1, s.To
		}
		n := s.Gives()
		if n > 0 {
			step.NewFrom, step.NewTo = given+1, given+n
		}
		given += n
		v.Steps = append(v.Steps, step)
	}
	return v
}
