package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"concord/negotiation"
)

// runSince tells what passed a node's participant by, whether the node runs or not.
func runSince(_ context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory` of a node")
	number := c.flags.Uint64("outage", 0, "`number` of a time in which the node heard no other (default: the newest)")
	asJSON := c.flags.Bool("json", false, "print JSON")
	args, err := c.parse(0, 1)
	if err != nil {
		return err
	}
	if c.given("outage") && len(args) > 0 {
		return fmt.Errorf("%w: an instant and --outage do not go together", errUsage)
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	state, err := c.readRecord()
	if err != nil {
		return err
	}
	told, heading := negotiation.Absence{Sent: []negotiation.ActID{}}, ""
	if len(args) > 0 {
		since, err := negotiation.ParseSince(args[0])
		if err != nil || since.Revision > 0 {
			return fmt.Errorf("%w: it takes a date, as 2026-03-02, or an instant, as 2026-03-02T09:00:00Z", errUsage)
		}
		told.News, heading = state.NewsSince(state.AsOfTime(since.Time, id.code), id.code), "Since "+args[0]
	} else if told, heading, err = d.sinceOutage(state, id.code, *number); err != nil {
		return err
	}
	if *asJSON {
		return c.printJSON(told)
	}
	return c.print(heading + "\n" + printAbsence(state, told))
}

// sinceOutage returns what passed by in an outage, the newest for 0, and its heading.
func (d dataDir) sinceOutage(state *negotiation.State, code negotiation.Code, number uint64) (negotiation.Absence, string, error) {
	known, err := d.readOutages()
	if err != nil {
		return negotiation.Absence{}, "", refuse("Move it away: a node that runs begins a new one.", "%v", err)
	}
	i := len(known.List) - 1
	if number > 0 {
		i = slices.IndexFunc(known.List, func(o outage) bool { return o.Number == number })
	}
	if i < 0 {
		return negotiation.Absence{}, "", refuse("Ask since an instant: concord since --dir DIR 2026-03-02T09:00:00Z.", "the node knows of no such time in which it heard no other")
	}
	o := known.List[i]
	told, err := state.Absence(o.Before, o.After, code)
	if err != nil { // the repository was put back since
		return negotiation.Absence{}, "", refuse("Ask since an instant: concord since --dir DIR 2026-03-02T09:00:00Z.", "the record does not have what was held then")
	}
	return told, o.heading(), nil
}

// heading says what kind of time it was, and when.
func (o outage) heading() string {
	to := "now"
	if !o.Back.IsZero() {
		to = o.Back.UTC().Format(time.RFC3339)
	}
	what := "No other node was heard"
	if o.Off {
		what = "The node was off"
	}
	return fmt.Sprintf("%s from %s to %s (outage %d)", what, o.Since.UTC().Format(time.RFC3339), to, o.Number)
}

// printAbsence returns what passed by for people to read.
func printAbsence(state *negotiation.State, told negotiation.Absence) string {
	var out strings.Builder
	happened := func(head string, list []negotiation.Happening) {
		for i, h := range list {
			if i == 0 {
				fmt.Fprintf(&out, "\n%s\n", head)
			}
			out.WriteString(filled("  ", h.Says))
			if h.Reason != "" {
				out.WriteString(filled("    why: ", h.Reason))
			}
		}
	}
	for _, p := range told.Proposals {
		happened(fmt.Sprintf("%s %s: %s", p.ID, p.Headline, strings.ReplaceAll(string(p.After), "-", " ")), p.Happened)
	}
	happened("Your other acts", told.Own)
	happened("Procedure", told.Procedure)
	for i, p := range told.Paragraphs {
		if i == 0 {
			out.WriteString("\nParagraphs\n")
		}
		what := "touched"
		switch {
		case p.Number == 0:
			what = "gone"
		case p.Reworded:
			what = "reworded"
		}
		fmt.Fprintf(&out, "  %s %s\n", p.Label, what)
	}
	list := func(head string, acts []negotiation.ActID) {
		for i, id := range acts {
			if i == 0 {
				fmt.Fprintf(&out, "\n%s\n", head)
			}
			v, _ := state.Act(id)
			out.WriteString(filled(fmt.Sprintf("  %s  %s  ", v.Act().Time.Format(time.RFC3339), v.Act().Author), v.Act().Subject()))
		}
	}
	list("Yours meanwhile", told.Sent)
	list("Arrived", told.Acts)
	if len(told.Acts) == 0 {
		out.WriteString("\nNothing arrived.\n")
	}
	return out.String()
}
