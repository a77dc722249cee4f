package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"concord/negotiation"
	"concord/negotiation/redline"
)

func runBiography(_ context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory` of a node, or a mirror of its repository")
	asJSON := c.flags.Bool("json", false, "print JSON")
	args, err := c.parse(1, anyNumber)
	if err != nil {
		return err
	}
	state, err := c.readRecord()
	if err != nil {
		return err
	}
	b, err := state.Biography(strings.Join(args, " ")) // OP3 bis needs no quotation marks
	if err != nil {
		return err
	}
	if *asJSON {
		return c.printJSON(b)
	}
	return c.print(printBiography(b, state.Current().Number))
}

// printBiography returns a biography for people to read.
func printBiography(b negotiation.Biography, newest uint64) string {
	var out strings.Builder
	if b.Number > 0 {
		fmt.Fprintf(&out, "%s is paragraph %d of revision %d.\n", b.Label, b.Number, newest)
	} else {
		fmt.Fprintf(&out, "%s no longer stands in revision %d.\n", b.Label, newest)
	}
	for _, s := range b.Stages {
		printStage(&out, s)
	}
	for i, p := range b.Proposals {
		if i == 0 {
			out.WriteString("\nProposals\n")
		}
		printProposalForIt(&out, p)
	}
	for i, p := range b.Positions {
		if i == 0 {
			out.WriteString("\nPositions\n")
		}
		line := fmt.Sprintf("%s %s %s", p.State, stanceOn(p.Stance), p.On)
		if p.Explanation != "" {
			line += ": " + p.Explanation
		}
		if !p.Stands && p.Stance != negotiation.None {
			line += " (replaced since)"
		}
		out.WriteString(filled("  "+p.Time.Format(time.RFC3339)+"  ", line))
	}
	return out.String()
}

func printStage(out *strings.Builder, s negotiation.Stage) {
	fmt.Fprintf(out, "\nrev-%d  %s  %s: %s\n", s.Revision, s.Time.Format(time.RFC3339), s.Chair, s.Headline)
	switch {
	case s.Revision == 1:
		out.WriteString("  zero draft\n")
	case len(s.Changes) == 0:
		out.WriteString("  stands as before\n")
	default:
		var changes []string
		for _, change := range s.Changes {
			changes = append(changes, didTo(change.Kind))
		}
		fmt.Fprintf(out, "  %s\n", enumerated(changes))
	}
	for _, w := range s.Wordings {
		out.WriteString(filled("  "+w.Label+"  ", w.Markdown))
	}
	for _, o := range s.Origins {
		if s.Revision > 1 {
			fmt.Fprintf(out, "  words of %s\n", strings.TrimPrefix(originLine(o), fmt.Sprintf("rev-%d  %s  ", o.Revision, o.Time.Format(time.RFC3339))))
		}
	}
	for _, d := range s.Decisions {
		what := "accepted "
		if d.Ruling == negotiation.Decline {
			what = "declined "
		}
		line := what + d.Proposal.String()
		if d.Reason != "" {
			line += ": " + d.Reason
		}
		out.WriteString(filled("  ", line))
	}
	if s.Reason != "" {
		out.WriteString(filled("  why: ", s.Reason))
	}
}

func printProposalForIt(out *strings.Builder, p negotiation.ProposalForIt) {
	who := string(p.Author)
	if p.OnBehalfOf != "" {
		who = p.OnBehalfOf + " (" + who + ")"
	}
	fate := strings.ReplaceAll(string(p.Status), "-", " ")
	if p.InPart {
		fate += ", taken in part"
	}
	if p.Since > 0 {
		fate += fmt.Sprintf(" since rev-%d", p.Since)
	}
	if p.Reason != "" {
		fate += ": " + p.Reason
	}
	out.WriteString(filled("  ", fmt.Sprintf("%s by %s, %s", p.ID, who, fate)))
	for _, w := range p.Wordings {
		out.WriteString(filled("    "+w.Time.Format(time.RFC3339)+"  ", fmt.Sprintf("on rev-%d: %s", w.Base, w.Headline)))
		for _, change := range w.Changes {
			words := redlineWords(change)
			if change.Kind == redline.Move {
				words = "moves " + words
			}
			out.WriteString(filled("      ", words))
		}
		if w.Explanation != "" {
			out.WriteString(filled("      why: ", w.Explanation))
		}
	}
}

// redlineWords returns a change as [redline.Redline.Plain] marks it, in one line.
func redlineWords(change negotiation.SignedChange) string {
	var b strings.Builder
	for _, run := range (redline.Step{Kind: change.Kind, Runs: change.Runs}).Marks() {
		text := run.Text
		if run.Break {
			text = "¶"
		}
		switch run.Op {
		case redline.Deleted:
			text = "[-" + text + "-]"
		case redline.Inserted:
			text = "{+" + text + "+}"
		}
		b.WriteString(text)
	}
	return b.String()
}

// didTo says what a step did to a paragraph.
func didTo(kind redline.Kind) string {
	switch kind {
	case redline.Change:
		return "reworded"
	case redline.Insert:
		return "added"
	case redline.Delete:
		return "taken out"
	case redline.Move:
		return "moved"
	case redline.Split:
		return "split"
	case redline.Join:
		return "joined with another"
	}
	return kind.String()
}

func stanceOn(s negotiation.Stance) string {
	switch s {
	case negotiation.For:
		return "for"
	case negotiation.Against:
		return "against"
	case negotiation.Reserve:
		return "reserves its position on"
	case negotiation.Flexible:
		return "flexible on"
	}
	return "takes back its position on"
}
