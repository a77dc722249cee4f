package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"concord/negotiation/redline"
)

func runAccept(_ context.Context, c *call) error {
	base := c.flags.String("base", "", "`file` with the text that all parties started from")
	var taken []string
	c.flags.Func("take", "`names` of parties, separated by commas; may be repeated. The first named come first", func(s string) error {
		taken = append(taken, strings.Split(s, ",")...)
		return nil
	})
	args, err := c.parse(0, anyNumber)
	if err != nil {
		return err
	}
	if err := c.need("base"); err != nil {
		return err
	}
	if c.given("take") { // --take A B A=a.md B=b.md
		named := func(arg string) bool { return strings.Contains(arg, "=") }
		for _, arg := range args {
			if !named(arg) {
				taken = append(taken, arg)
			}
		}
		args = slices.DeleteFunc(args, func(arg string) bool { return !named(arg) })
	}
	t, err := c.readTable(*base, args)
	if err != nil {
		return err
	}
	for i, name := range taken {
		if t.party(name) == nil {
			return fmt.Errorf("%w: there is no text of %q", errUsage, name)
		}
		if slices.Contains(taken[:i], name) {
			return fmt.Errorf("%w: %s is taken twice", errUsage, name)
		}
	}
	if err := c.print(t.withEnds(redline.Paste(t.document.Take(taken...)))); err != nil {
		return err
	}
	losses, err := t.losses(taken)
	if len(losses) > 0 {
		fmt.Fprintf(c.stderr, "concord accept: these parties collide, and the one named first has its way. On lines of %s:\n%s",
			t.base.title(), strings.Join(losses, ""))
	}
	return err
}

// losses says, a line for each, what of the parties that are taken is not in the
// text, because it collides with what those named before them want.
func (t *table) losses(taken []string) ([]string, error) {
	if len(taken) < 2 {
		return nil, nil
	}
	passage, err := redline.NewPassage(t.text, t.document.Redline(taken...))
	if err != nil {
		return nil, fmt.Errorf("looking for collisions: %w", err)
	}
	type change struct {
		name string
		redline.CarriedChange
	}
	lost := map[int][]change{} // by paragraph
	for _, name := range taken[1:] {
		for _, c := range passage.Carry(t.party(name).Edits).Changes {
			if !c.Inserts && c.Outcome != redline.Incorporated {
				lost[c.Paragraph] = append(lost[c.Paragraph], change{name, c})
			}
		}
	}
	var losses []string
	line := 1 // of the base
	for _, p := range t.document.Paragraphs {
		if p.Base < 0 {
			continue
		}
		for _, loss := range lossesIn(p, taken) {
			losses = append(losses, fmt.Sprintf("  line %d: %s\n", line, loss))
		}
		if moves(p.Fate) { // what goes with it, the passage knows
			for _, c := range lost[p.Base] {
				losses = append(losses, fmt.Sprintf("  line %d: %s\n", line, leftOut(c.name, c.CarriedChange)))
			}
		}
		line += strings.Count(t.text[p.Base], "\n")
	}
	return losses, nil
}

// lossesIn says what is lost in a paragraph of the base that nobody moves.
func lossesIn(p redline.Paragraph, taken []string) []string {
	if moves(p.Fate) {
		return nil
	}
	var losses, gone []string
	fate, first := firstOf(p.Fate, taken)
	editor := len(taken) // the rank of the first who changes words
	for _, s := range p.Shown() {
		winner, rank := firstOf(s.Dispute, taken)
		if winner == nil {
			continue
		}
		editor = min(editor, rank)
		for _, a := range s.Dispute.Alternatives {
			names := takenOf(a, taken)
			if a.Base || len(names) == 0 {
				continue
			}
			gone = append(gone, fmt.Sprintf("the paragraph is out, with %s (%s)", quoted(a.Text), strings.Join(names, ", ")))
			if a.Text != winner.Text {
				losses = append(losses, fmt.Sprintf("%s, not %s (%s)", quoted(winner.Text), quoted(a.Text), strings.Join(names, ", ")))
			}
		}
	}
	switch {
	case fate == nil:
		return losses
	case editor < first:
		return append(losses, fmt.Sprintf("the paragraph stands (not so %s)", strings.Join(takenOf(*fate, taken), ", ")))
	}
	return gone
}

func moves(fate *redline.Dispute) bool {
	return fate != nil && slices.ContainsFunc(fate.Alternatives, func(a redline.Alternative) bool { return a.Moved })
}

// takenOf returns who of the parties that are taken wants an alternative.
func takenOf(a redline.Alternative, taken []string) []string {
	var names []string
	for _, name := range a.Parties {
		if slices.Contains(taken, name) {
			names = append(names, name)
		}
	}
	return names
}

// firstOf returns the alternative that has its way, with the rank of the first who
// wants it; nil if nobody who is taken wants any. d may be nil.
func firstOf(d *redline.Dispute, taken []string) (*redline.Alternative, int) {
	if d == nil {
		return nil, 0
	}
	for rank, name := range taken {
		for i, a := range d.Alternatives {
			if !a.Base && slices.Contains(a.Parties, name) {
				return &d.Alternatives[i], rank
			}
		}
	}
	return nil, 0
}

// leftOut says what of a party is not in the text.
func leftOut(name string, change redline.CarriedChange) string {
	switch {
	case change.Moves:
		return "the paragraph does not move as " + name + " wants it"
	case change.Deletes:
		return fmt.Sprintf("the paragraph stands (not so %s)", name)
	}
	return fmt.Sprintf("not %s (%s)", quoted(change.After), name)
}

func quoted(words string) string {
	if n := len(words); n > 0 && strings.Trim(words, " ") == "" {
		return fmt.Sprintf("%d spaces", n)
	}
	words = strings.ReplaceAll(strings.Join(strings.Fields(words), " "), redline.Break, "¶")
	if words == "" {
		return "no text"
	}
	return "“" + words + "”"
}
