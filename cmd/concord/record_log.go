package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"concord/negotiation"
)

func runLog(_ context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory` of a node, or a mirror of its repository")
	var q negotiation.LogQuery
	c.flags.Func("participant", "only what the participant of this `code` did", func(s string) (err error) {
		if q.Participant, err = negotiation.ParseCode(strings.ToUpper(s)); err != nil {
			return fmt.Errorf("it takes a code, as XCA")
		}
		return nil
	})
	c.flags.StringVar(&q.Paragraph, "paragraph", "", "only what touched the paragraph of this `label`, as OP3")
	c.flags.Func("since", "only from this `instant` on, or from a revision, as rev-2", func(s string) (err error) {
		if q.Since, err = negotiation.ParseSince(s); err != nil {
			return fmt.Errorf("it takes a revision, as rev-2, a date, as 2026-03-02, or an instant, as 2026-03-02T09:00:00Z")
		}
		return nil
	})
	asJSON := c.flags.Bool("json", false, "print JSON")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	state, err := c.readRecord()
	if err != nil {
		return err
	}
	acts, err := state.LogOf(q)
	if err != nil {
		return err
	}
	log, logged := make([]negotiation.LoggedAct, len(acts)), state.Logged()
	for i, v := range acts {
		log[i] = logged(v)
	}
	if *asJSON {
		return c.printJSON(log)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, a := range log {
		verdict := ""
		switch a.Verdict.Outcome {
		case "rejected":
			verdict = "  rejected: " + a.Verdict.Reason
		case "beside":
			verdict = "  " + a.Verdict.Reason
		case "not-understood":
			verdict = "  not understood: its author runs a newer program"
		}
		fmt.Fprintf(w, "%s\t%s %d\t%s\t%s  %.8s%s\n", a.Time.Format(time.RFC3339), a.Chain, a.Sequence, a.Author, a.Subject, a.ID, verdict)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
