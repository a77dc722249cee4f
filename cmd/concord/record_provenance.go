package main

import (
	"context"
	"fmt"
)

func runProvenance(_ context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory` of a node, or a mirror of its repository")
	format := c.choice("format", "format of the table", "markdown", "markdown", "csv", "json")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	state, err := c.readRecord()
	if err != nil {
		return err
	}
	p := state.Provenance()
	write := p.Markdown
	switch *format {
	case "json":
		return c.printJSON(p)
	case "csv":
		write = p.CSV
	}
	if err := write(c.stdout); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
