package main

import (
	"context"
	"slices"

	"concord/negotiation"
)

func runDiff(_ context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory` of a node, or a mirror of its repository")
	format, around, names, err := c.parseRedline()
	if err != nil {
		return err
	}
	state, err := c.readRecord()
	if err != nil {
		return err
	}
	var texts [2]negotiation.NamedText
	for i, name := range names {
		if texts[i], err = namedText(state, name); err != nil {
			return err
		}
	}
	r, base := state.Diff(texts[0], texts[1]), texts[0].Text.Paragraphs()
	old, new := asFile(texts[0]), asFile(texts[1])
	if format == "unified" { // a patch changes the file as it stands in a clone
		old.name = state.Charter.TextFile()
	}
	if format != "json" && format != "html" { // these speak of paragraphs, the others of files
		const between = "\n\n"
		base = slices.Clone(base)
		for i := range base {
			base[i] += between
		}
		r = r.WithEnds(between)
	}
	return c.printSteps(old, new, base, r, format, around)
}

// asFile returns a text of the record as a file.
func asFile(text negotiation.NamedText) textFile {
	return textFile{text.Name, string(text.Text.Bytes())}
}
