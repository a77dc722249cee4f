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
