package api

import (
	"encoding/json"
	"testing"

	"concord/negotiation"
)

// An act that came too late to count, and one of a kind that is yet to come, stand
// in the record as what they are.
func TestVerdicts(t *testing.T) {
	tb, s := serveAll(t)
	xbo := tb.seat("XBO")
	id := negotiation.ProposalID{Author: "XBO", Number: 1}
	word := func(d negotiation.Delegation, headline, words string) negotiation.Wording {
		one, err := amendment{Headline: headline, Changes: []change{{Paragraph: new(8), Text: &words}}}.wording(d.State())
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	xbo.mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Propose(word(d, "Twice", "1. States meet twice a year."))
	})
	first, err := tb.State().Proposal(id)
	if err != nil {
		t.Fatal(err)
	}
	xbo.mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Supersede(id, word(d, "Thrice", "1. States meet thrice a year."))
	})
	late := xbo.mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		u, err := d.Withdraw(id, "")
		u.Act.Content = negotiation.Withdraw{Proposal: id, Wording: first.Wording()}
		return u, err
	})
	newer := xbo.mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		u, err := d.Withdraw(id, "")
		u.Act.Content = negotiation.Unknown{Name: "doubt/2", Subject: "Doubt it"}
		return u, err
	})
	for _, c := range []struct {
		act  negotiation.Verified
		want negotiation.Verdict
	}{
		{late, negotiation.Verdict{Outcome: "rejected", Fault: negotiation.ErrSuperseded, Reason: "proposal XBO/1 has a newer wording"}},
		{newer, negotiation.Verdict{Outcome: "not-understood"}},
	} {
		_, raw := s.request(t, "XAU", "GET", root+"/acts/"+c.act.ID().String(), nil, nil)
		var got struct{ Verdict negotiation.Verdict }
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if got.Verdict != c.want {
			t.Errorf("%s: got %+v, want %+v", c.act.Act().Subject(), got.Verdict, c.want)
		}
	}
	_, raw := s.request(t, "XAU", "GET", root+"/negotiation", nil, nil)
	var got struct{ Rejections, NotUnderstood []struct{ Act string } }
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rejections) != 1 || got.Rejections[0].Act != late.ID().String() {
		t.Errorf("rejections: %+v", got.Rejections)
	}
	if len(got.NotUnderstood) != 1 || got.NotUnderstood[0].Act != newer.ID().String() {
		t.Errorf("not understood: %+v", got.NotUnderstood)
	}
}
