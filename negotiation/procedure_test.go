package negotiation

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// forged signs an act by hand at the next place of its chain, without asking whether
// it is admissible, and gives it to the door.
func (tb *table) forged(c Content, author Code, chain Chain, explanation string, files map[string][]byte) (Verified, error) {
	tb.t.Helper()
	head := tb.ledger.Head(chain)
	tb.now = tb.now.Add(time.Minute)
	u := Unsigned{Files: files, Act: Act{
		Negotiation: tb.ledger.Negotiation(), Chain: chain, Sequence: head.Sequence + 1, Previous: head.Act,
		Author: author, Time: tb.now, Explanation: explanation, Content: c,
	}}
	for _, path := range []string{"charter.toml", "statement.en.md", "statement.en.redline"} {
		if content, ok := files[path]; ok {
			u.Act.Files = append(u.Act.Files, FileSum{path, sha256.Sum256(content)})
		}
	}
	return sign(tb.t, tb.keys[author], u).verify(tb.ledger)
}

func (tb *table) forgedAndKept(c Content, author Code) {
	tb.t.Helper()
	v, err := tb.forged(c, author, RecordOf(author), "", nil)
	if err == nil {
		err = tb.ledger.Append(v)
	}
	if err != nil {
		tb.t.Fatal(err)
	}
}

// TestRejections: genuine acts that are not admissible are recorded with the rule
// that they break, and have no effect.
func TestRejections(t *testing.T) {
	tb := newTable(t)
	first := tb.propose(borealia, 1, "shall cooperate", "should cooperate").ID()
	id := ProposalID{borealia, 1}
	tb.must(tb.as(borealia).Supersede(id, tb.edited(1, "shall cooperate", "may cooperate")))
	tb.forgedAndKept(Withdraw{id, first}, borealia)
	if p, _ := Fold(tb.ledger).Proposal(id); p.Status != Live {
		t.Errorf("withdrawing a wording that has been replaced made the proposal %s", p.Status)
	}
	// A second proposal under a number that is taken is not a wording of the first.
	w := tb.edited(1, "every year", "every month")
	u, err := tb.as(borealia).Propose(w)
	if err != nil {
		t.Fatal(err)
	}
	taken := u.Act.Content.(Propose)
	taken.Proposal = id
	v, err := tb.forged(taken, borealia, RecordOf(borealia), "", u.Files)
	if err == nil {
		err = tb.ledger.Append(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	tb.forgedAndKept(TakePosition{Subject{Proposal: id, Act: v.ID()}, Against}, cascadia)
	state := Fold(tb.ledger)
	var faults []Fault
	for _, r := range state.Rejections {
		faults = append(faults, r.Fault)
	}
	if want := []Fault{ErrSuperseded, ErrNumber, ErrUnknownProposal}; !slices.Equal(faults, want) {
		t.Errorf("rejected for %q, want %q", faults, want)
	}
	if p, _ := state.Proposal(id); len(p.Positions) != 0 || len(p.Wordings) != 2 {
		t.Errorf("a rejected act has an effect: %+v", p)
	}
}

// TestTakenProposal: what the chair has taken into the text cannot be taken back or
// reworded, whenever the withdrawal arrives.
func TestTakenProposal(t *testing.T) {
	tb := newTable(t)
	wording := tb.propose(borealia, 1, "shall cooperate", "should cooperate").ID()
	id := ProposalID{borealia, 1}
	tb.publish(id)
	_, err := tb.as(borealia).Withdraw(id, "")
	wantFault(t, err, ErrInadmissible)
	_, err = tb.as(borealia).Supersede(id, tb.edited(2, "every year", "every month"))
	wantFault(t, err, ErrInadmissible)
	tb.forgedAndKept(Withdraw{id, wording}, borealia)
	state := Fold(tb.ledger)
	if p, _ := state.Proposal(id); p.Status != Incorporated || p.Since != 2 {
		t.Errorf("the proposal is %s since %d", p.Status, p.Since)
	}
	if len(state.Rejections) != 1 {
		t.Errorf("rejections: %v", state.Rejections)
	}
}

// TestForgedBrackets: nobody can put words into another's mouth.
func TestForgedBrackets(t *testing.T) {
	tb := newTable(t)
	for _, words := range []string{
		"every year; – XAU] [and report", "every year [– XAU]", "every year – XCA", "every [year – XCA, XDE]",
		"every [year – COAST]", "every year]", "[every year", "][every year", "every [second — XAU] year",
	} {
		_, err := tb.as(borealia).Propose(tb.edited(1, "every year", words))
		if !errors.Is(err, ErrInadmissible) {
			t.Errorf("%q: %v", words, err)
		}
	}
	for _, words := range []string{"every [second] year", "every year [or so] – as agreed", "every year – EU"} {
		if _, err := tb.as(borealia).Propose(tb.edited(1, "every year", words)); err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
	// The chair may keep brackets, and others may amend inside them.
	kept := tb.edited(1, "shall cooperate", "[shall][should – XCA] cooperate")
	tb.must(tb.as(aurelia).Revise(Publication{Headline: "With brackets", Text: kept.Text}))
	if _, err := tb.as(borealia).Propose(tb.edited(2, "[shall]", "[will]")); err != nil {
		t.Errorf("amending inside brackets: %v", err)
	}
}

// TestKindRules: what single kinds demand.
func TestKindRules(t *testing.T) {
	tb := newTable(t)
	base := tb.ledger.acts[tb.ledger.last(TextChain).tree]
	other := tb.edited(1, "every year", "every month")
	wording := tb.propose(borealia, 1, "shall cooperate", "should cooperate").ID()
	id := ProposalID{borealia, 1}
	decided := func(revision uint64, decisions ...Decision) error {
		u, err := tb.as(aurelia).Revise(Publication{Headline: "x", Text: other.Text})
		if err != nil {
			t.Fatal(err)
		}
		_, err = tb.forged(Revise{"x", revision, decisions}, aurelia, TextChain, "", u.Files)
		return err
	}
	wantFault(t, decided(3), ErrNumber)
	wantFault(t, decided(2, Decision{Accept, id, wording, ""}, Decision{Decline, id, wording, ""}), ErrNotCanonical)
	wantFault(t, decided(2, Decision{Accept, id, base.id, ""}), ErrUnknownProposal)
	if err := decided(2, Decision{Decline, id, wording, "Not yet."}); err != nil {
		t.Errorf("a good revision: %v", err)
	}
	_, err := tb.as(aurelia).Revise(Publication{Headline: "Nothing", Text: base.text})
	wantFault(t, err, ErrEmptyRedline)
	_, err = tb.as(aurelia).Amend(base.charter, "Nothing", "")
	wantFault(t, err, ErrCharter)

	same := tb.edited(1, "every year", "every year")
	same.Type = NoChange
	_, err = tb.as(cascadia).Propose(same)
	wantFault(t, err, ErrInadmissible)
	same.Explanation = "It took us ten years."
	if _, err := tb.as(cascadia).Propose(same); err != nil {
		t.Errorf("insisting on the text, with reasons: %v", err)
	}
	other.Type = Delete
	_, err = tb.as(cascadia).Propose(other)
	wantFault(t, err, ErrInadmissible)
	other.Type, other.Headline = Editorial, "  "
	_, err = tb.as(cascadia).Propose(other)
	wantFault(t, err, ErrText)
	other.Headline = strings.Repeat("x", MaxSubject)
	_, err = tb.as(cascadia).Propose(other)
	wantFault(t, err, ErrTooLarge)

	charter := tableCharter(t)
	u, err := ConveneWith(charter, base.text, tb.now)
	if err != nil {
		t.Fatal(err)
	}
	u.Act.Content = Convene{"Another title"}
	_, err = sign(t, tb.keys[aurelia], u).verify(NewLedger(ActID{}))
	wantFault(t, err, ErrCharter)
	u, err = ConveneWith(charter, base.text, tb.now)
	if err != nil {
		t.Fatal(err)
	}
	fresh := &table{t: t, ledger: NewLedger(ActID{}), keys: tb.keys, now: tb.now}
	fresh.must(u, nil)
	key := publicOf(tb.keys[borealia])
	_, err = fresh.as(borealia).Join(key, key)
	wantFault(t, err, ErrInadmissible)
}

// TestLogOrder: whatever the authors' clocks say, an act stands after what it is about.
func TestLogOrder(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.now = tb.now.Add(-24 * time.Hour) // a clock that is a day behind
	tb.must(tb.as(aurelia).PositionOnProposal(ProposalID{borealia, 1}, For, ""))
	tb.publish(ProposalID{borealia, 1})
	state := Fold(tb.ledger)
	seen := map[ActID]bool{}
	for _, v := range state.Log() {
		for _, id := range append(v.Act().References(), v.Act().Previous) {
			if !id.IsZero() && !seen[id] {
				t.Errorf("%q stands before what it is about", v.Act().Subject())
			}
		}
		seen[v.ID()] = true
	}
	if len(seen) != len(tb.signed) {
		t.Errorf("the log has %d acts of %d", len(seen), len(tb.signed))
	}
}
