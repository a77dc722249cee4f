package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"concord/negotiation"
)

// loggedAct is an act as JSON; the members are those of the API's.
type loggedAct struct {
	ID          negotiation.ActID   `json:"id"`
	Chain       negotiation.Chain   `json:"chain"`
	Sequence    uint64              `json:"sequence"`
	Author      negotiation.Code    `json:"author"`
	Time        time.Time           `json:"time"`
	Kind        string              `json:"kind"`
	Subject     string              `json:"subject"`
	Explanation string              `json:"explanation"`
	References  []negotiation.ActID `json:"references"`
	Verdict     loggedVerdict       `json:"verdict"`
}

type loggedVerdict struct {
	Outcome string            `json:"outcome"` // accepted, rejected or not-understood
	Fault   negotiation.Fault `json:"fault,omitempty"`
	Reason  string            `json:"reason,omitempty"`
}

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
	log := viewLog(state, acts)
	if *asJSON {
		return c.printJSON(log)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, a := range log {
		verdict := ""
		switch a.Verdict.Outcome {
		case "rejected":
			verdict = "  rejected: " + a.Verdict.Reason
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

func viewLog(state *negotiation.State, acts []negotiation.Verified) []loggedAct {
	verdicts := map[negotiation.ActID]loggedVerdict{}
	for _, n := range state.NotUnderstood {
		verdicts[n.Act] = loggedVerdict{Outcome: "not-understood"}
	}
	for _, r := range state.WithoutEffect() {
		verdicts[r.Act] = loggedVerdict{"rejected", r.Fault, r.Reason}
	}
	log := []loggedAct{}
	for _, v := range acts {
		a := v.Act()
		verdict, ok := verdicts[v.ID()]
		if !ok {
			verdict.Outcome = "accepted"
		}
		log = append(log, loggedAct{
			ID: v.ID(), Chain: a.Chain, Sequence: a.Sequence, Author: a.Author, Time: a.Time, Kind: a.Content.Kind(),
			Subject: a.Subject(), Explanation: a.Explanation, References: append([]negotiation.ActID{}, a.References()...), Verdict: verdict,
		})
	}
	return log
}
