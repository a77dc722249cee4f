package main

import (
	"context"
	"fmt"
	"slices"

	"concord/negotiation/redline"
)

func runBlame(_ context.Context, c *call) error {
	deleted := c.flags.Bool("deleted", false, "show what is gone, too")
	format := c.choice("format", "format of the output", "text", "text", "json")
	c.flags.String("dir", "", "data `directory` of a node, or a mirror of its repository, whose text it is about")
	revision := c.flags.String("revision", "", "with --dir: `number` of the revision, instead of the newest")
	proposal := c.flags.String("proposal", "", "with --dir: a `proposal` whose text it is about, as XCA/4")
	names, err := c.parse(0, anyNumber)
	if err != nil {
		return err
	}
	if c.given("dir") {
		if len(names) > 0 {
			return fmt.Errorf("%w: --dir names a record; files are not asked for", errUsage)
		}
		return c.blameRecord(*revision, *proposal, *format, *deleted)
	}
	if c.given("revision") || c.given("proposal") {
		return fmt.Errorf("%w: --revision and --proposal go with --dir", errUsage)
	}
	if len(names) == 0 {
		return fmt.Errorf("%w: 0 arguments given, at least 1 wanted, or --dir", errUsage)
	}
	files, err := c.readTexts(names...)
	if err != nil {
		return err
	}
	texts := make([][]string, len(files))
	for i, f := range files {
		texts[i] = redline.Cut(f.text)
	}
	h, err := redline.Blame(texts...)
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	if *format == "json" {
		return c.printJSON(viewHistory(names, h, *deleted))
	}
	if err := h.Print(c.stdout, names, *deleted); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// historyView is a history as JSON. Revisions are counted from 0, the oldest file.
type historyView struct {
	Revisions  []string     `json:"revisions"` // the files' names, as they were given
	Paragraphs []tracedView `json:"paragraphs"`
}

// tracedView is a [redline.Traced] that counts paragraphs from 1.
type tracedView struct {
	redline.Traced
	Index   []int `json:"index,omitempty"`
	Numbers []int `json:"numbers"` // of the paragraph in each revision, from 1; 0 where it was none
}

// viewHistory returns a history as JSON has it; without deleted, only what still
// stands.
func viewHistory(names []string, h *redline.History, deleted bool) historyView {
	v := historyView{Revisions: names, Paragraphs: []tracedView{}}
	for _, t := range h.Trace() {
		if !deleted && t.Fate != redline.Keep {
			continue
		}
		p := tracedView{Traced: t}
		for _, i := range t.Index {
			p.Numbers = append(p.Numbers, i+1)
		}
		if !deleted {
			p.Words = slices.DeleteFunc(p.Words, func(w redline.Words) bool { return w.Until > 0 })
		}
		v.Paragraphs = append(v.Paragraphs, p)
	}
	return v
}
