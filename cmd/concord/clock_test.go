package main

import (
	"os/exec"
	"slices"
	"testing"
	"time"

	"concord/drafts"
	"concord/federation"
	"concord/negotiation"
)

// TestClockWrongByADay: what a state does while its clock is a day ahead or behind, and
// after it has been put right, is taken by all. It bears the date that the clock said,
// and what counts does not depend on dates: the later act of a record does, and what
// cites an act stands after it.
func TestClockWrongByADay(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	q := newQuartet(t)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sign := func(c negotiation.Code, clock time.Time, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) negotiation.Verified {
		t.Helper()
		v, m, err := q.repositories[c].Sign(c, keyOf(c), clock, compose)
		if err != nil {
			t.Fatal(err)
		}
		if c == "XBO" { // the others see it before they act
			q.give(q.repositories["XCA"], m)
			q.give(q.repositories["XDE"], m)
		}
		return v
	}
	takes := func(stance negotiation.Stance) func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnParagraph(1, 2, stance, "")
		}
	}
	onProposal := func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: "XBO", Number: 1}, negotiation.Against, "")
	}
	ahead := sign("XBO", noon.Add(24*time.Hour), proposeShould)
	early := sign("XBO", noon.Add(24*time.Hour), takes(negotiation.For))
	right := sign("XBO", noon, takes(negotiation.Reserve)) // the clock has been put right
	answer := sign("XCA", noon, onProposal)
	behind := sign("XDE", noon.Add(-24*time.Hour), onProposal) // before the negotiation was convened
	q.join()
	q.converge(ahead, early, right, answer, behind)
	for c, r := range q.repositories {
		state := r.State()
		for _, p := range state.Positions {
			if p.State == "XBO" && p.Stance != negotiation.Reserve {
				t.Errorf("with %s, the position of XBO is %q, which it has replaced", c, p.Stance)
			}
		}
		place := map[negotiation.ActID]int{}
		for i, v := range state.Log() {
			place[v.ID()] = i
		}
		for _, v := range []negotiation.Verified{early, right, answer, behind} {
			if place[v.ID()] < place[ahead.ID()] {
				t.Errorf("with %s, an act stands before the one that it follows or cites", c)
			}
		}
		if v, _ := state.Act(behind.ID()); !v.Act().Time.Equal(noon.Add(-24 * time.Hour)) {
			t.Errorf("with %s, an act bears the date %v", c, v.Act().Time)
		}
		if len(state.Rejections) > 0 {
			t.Errorf("%s rejects %v", c, state.Rejections)
		}
		report, err := drafts.Audit(t.Context(), r.Dir(), state.Negotiation, new(drafts.Progress))
		if err != nil || !report.OK() {
			t.Errorf("concord verify on what %s has: %v %+v", c, err, report.Findings)
		}
		site{T: t}.fsck(r.Dir())
		if slices.ContainsFunc(q.links[c].Peers(), func(p federation.Peer) bool { return p.Faults > 0 }) {
			t.Errorf("%s blames somebody", c)
		}
	}
}
