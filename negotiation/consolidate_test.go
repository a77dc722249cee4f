package negotiation

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestConsolidate(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.propose(cascadia, 1, "shall cooperate", "may cooperate")
	tb.propose(delmare, 1, "shall cooperate", "should cooperate")
	tb.propose(delmare, 1, "every year", "every second year")
	tb.propose(cascadia, 1, "every year", "every month")
	tb.must(tb.as(cascadia).Withdraw(ProposalID{cascadia, 2}, ""))
	state := Fold(tb.ledger)

	text, err := state.Consolidate(ProposalID{borealia, 1}, ProposalID{delmare, 1}, ProposalID{delmare, 2})
	if err != nil {
		t.Fatalf("equal and disjoint proposals: %v", err)
	}
	for _, want := range []string{"States should cooperate.", "meet every second year."} {
		if !strings.Contains(string(text.Bytes()), want) {
			t.Errorf("the text does not say %q:\n%s", want, text.Bytes())
		}
	}

	_, err = state.Consolidate(ProposalID{delmare, 2}, ProposalID{cascadia, 1}, ProposalID{borealia, 1})
	collision := new(Collision)
	if !errors.As(err, &collision) {
		t.Fatalf("proposals that collide: %v", err)
	}
	if want := []ProposalID{{cascadia, 1}, {borealia, 1}}; !slices.Equal(collision.Proposals, want) {
		t.Errorf("the collision is between %v, want %v", collision.Proposals, want)
	}
	wantFault(t, err, ErrCollision)

	_, err = state.Consolidate(ProposalID{cascadia, 2})
	wantFault(t, err, ErrWithdrawn)
	_, err = state.Consolidate(ProposalID{cascadia, 7})
	wantFault(t, err, ErrUnknownProposal)
	tb.publish(ProposalID{borealia, 1})
	_, err = Fold(tb.ledger).Consolidate(ProposalID{delmare, 1})
	wantFault(t, err, ErrInadmissible)
}

// TestAcceptedTogether: two insertions that touch, accepted together, are both
// incorporated.
func TestAcceptedTogether(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "cooperate", "collaborate")
	tb.propose(cascadia, 1, "cooperate", "cooperate fully")
	tb.publish(ProposalID{borealia, 1}, ProposalID{cascadia, 1})
	state := Fold(tb.ledger)
	if got := string(state.Current().Text.Bytes()); !strings.Contains(got, "States shall collaborate fully.") {
		t.Errorf("the text does not have both:\n%s", got)
	}
	for _, p := range state.Proposals {
		if p.Status != Incorporated {
			t.Errorf("%s is %s, want %s", p.ID, p.Status, Incorporated)
		}
	}
}

// TestAcceptedAroundAParagraph: who takes a paragraph out cannot be accepted
// together with who amends it; who moves, splits or joins one can.
func TestAcceptedAroundAParagraph(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "1. States shall meet every year.\n", "")
	tb.propose(cascadia, 1, "every year", "every month")
	tb.propose(delmare, 1, "1. States shall cooperate.\n\n1. States shall share information on a voluntary basis.\n\n1. States shall meet every year.\n",
		"1. States shall share information on a voluntary basis.\n\n1. States shall meet every year.\n\n1. States shall cooperate.\n")
	tb.propose(cascadia, 1, "shall cooperate", "should cooperate")
	tb.propose(delmare, 1, "peace,\n\n*Mindful* of threats,", "peace, *mindful* of threats,")
	tb.propose(cascadia, 1, "1. States shall share information on a voluntary basis.", "1. States shall share information.\n\n1. On a voluntary basis, they tell of threats.")
	state := Fold(tb.ledger)

	_, err := state.Consolidate(ProposalID{cascadia, 1}, ProposalID{borealia, 1})
	if want := "proposals XCA/1 and XBO/1 want different things of one paragraph"; err == nil || err.Error() != want {
		t.Errorf("taking a paragraph out and amending it: %v, want %s", err, want)
	}
	wantFault(t, err, ErrCollision)

	together := []ProposalID{{cascadia, 1}, {delmare, 1}, {cascadia, 2}, {delmare, 2}, {cascadia, 3}}
	text, err := state.Consolidate(together...)
	if err != nil {
		t.Fatalf("a move, a join, a split and amendments: %v", err)
	}
	const want = `# A statement

*Recognizing* that ICTs serve peace, *mindful* of threats,

1. States shall share information.

1. On a voluntary basis, they tell of threats.

1. States shall meet every month.

1. States should cooperate.
`
	if got := string(text.Bytes()); got != want {
		t.Errorf("together they come to\n%swant\n%s", got, want)
	}
	together = slices.DeleteFunc(together, func(id ProposalID) bool { return id == ProposalID{cascadia, 2} })
	tb.publish(together...)
	for _, p := range Fold(tb.ledger).Proposals {
		if want := slices.Contains(together, p.ID); want != (p.Status == Incorporated) {
			t.Errorf("after they are accepted, %s is %s", p.ID, p.Status)
		}
	}
}
