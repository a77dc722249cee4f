package negotiation

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/negotiation/redline"
)

// origins returns what a blame says of one paragraph: its words, each stretch that is
// not of the zero draft in brackets with its origin.
func origins(b Blame, label string) string {
	var out strings.Builder
	for _, p := range b.Paragraphs {
		for _, w := range p.Words {
			o := b.Origins[w.Origin]
			switch {
			case p.Label != label:
			case o.Source == ZeroDraft && w.Until == "":
				out.WriteString(w.Text)
			case w.Until != "":
				fmt.Fprintf(&out, "[-%s-%s]", w.Text, w.Until)
			default:
				fmt.Fprintf(&out, "[%s – %s]", w.Text, o)
			}
		}
	}
	return out.String()
}

func (tb *table) text(name string) (*State, NamedText) {
	tb.t.Helper()
	state := Fold(tb.ledger)
	text, err := state.TextNamed(name)
	if err != nil {
		tb.t.Fatal(err)
	}
	return state, text
}

// negotiated returns a table at which equal proposals were accepted together, one in
// part, and the chair has added words and moved a paragraph.
func negotiated(t testing.TB) *table {
	tb := newTableWithRecovery(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	w := tb.edited(1, "shall cooperate", "should cooperate")
	w.OnBehalfOf, w.Explanation = "COAST", "It binds nobody."
	tb.must(tb.as(cascadia).Propose(w))
	tb.propose(delmare, 1, "every year", "every second year, in turn")
	tb.must(tb.as(delmare).PositionOnProposal(ProposalID{borealia, 1}, Against, "Too weak."))
	tb.must(tb.as(delmare).PositionOnProposal(ProposalID{borealia, 1}, Flexible, ""))
	tb.must(tb.as(cascadia).PositionOnParagraph(1, 4, Reserve, "Instructions are awaited."))
	text := tb.edited(1, "every year", "every second year").Text
	raw := strings.NewReplacer("shall cooperate", "should cooperate at once", "States shall meet", "They shall meet").Replace(string(text.Bytes()))
	text, err := CanonText("revised", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	tb.must(tb.as(aurelia).Revise(Publication{
		Headline: "First reading", Explanation: "Two readings were merged.", Text: text,
		Accept: []ProposalID{{borealia, 1}, {cascadia, 1}, {delmare, 1}},
	}))
	moved := tb.edited(2, "1. States should cooperate at once.\n\n1. States shall share information on a voluntary basis.\n", "1. States shall share information on a voluntary basis.\n\n1. States should cooperate at once.\n")
	tb.must(tb.as(aurelia).Revise(Publication{Headline: "Order", Text: moved.Text}))
	return tb
}

func TestBlame(t *testing.T) {
	tb := negotiated(t)
	state, text := tb.text("")
	b := state.Blame(text, true)
	if got, want := origins(b, "OP1"), "1. States [-shall-rev-2][should – XBO/1, XCA/1 in rev-2 of 2026-03-01] cooperate[ at once – rev-2 of 2026-03-01]."; got != want {
		t.Errorf("the blame of OP1 is\n%s\nwant\n%s", got, want)
	}
	if got, want := origins(b, "OP3"), "1. [-States-rev-2][They – rev-2 of 2026-03-01] shall meet every[ second – XDE/1 in rev-2 of 2026-03-01] year."; got != want {
		t.Errorf("the blame of OP3 is\n%s\nwant\n%s", got, want)
	}
	for _, o := range b.Origins {
		for _, c := range o.Contributors {
			if inPart := c.Proposal == (ProposalID{delmare, 1}); c.InPart != inPart {
				t.Errorf("%s is in part: %t", c.Proposal, c.InPart)
			}
			if c.Proposal == (ProposalID{cascadia, 1}) && c.Name() != "COAST (XCA)" {
				t.Errorf("%s speaks for %s", c.Proposal, c.Name())
			}
		}
	}
	if _, first := tb.text("rev-1"); len(state.Blame(first, true).Origins) != 1 {
		t.Error("the zero draft has several origins")
	}
	tb.propose(borealia, 3, "at once", "soon")
	state, text = tb.text("XBO/2")
	if got, want := origins(state.Blame(text, true), "OP1"), "1. States [-shall-rev-2][should – XBO/1, XCA/1 in rev-2 of 2026-03-01] cooperate"+
		"[  – rev-2 of 2026-03-01][-at once-XBO/2][soon – XBO/2 of 2026-03-01]."; got != want {
		t.Errorf("the blame of a proposal is\n%s\nwant\n%s", got, want)
	}
}

func TestTextNamed(t *testing.T) {
	tb := negotiated(t)
	for name, want := range map[string]string{"": "rev-3", "1": "rev-1", "rev-2": "rev-2", "XDE/1": "XDE/1"} {
		if _, text := tb.text(name); text.Name != want || len(text.Labels) != text.Text.Len() {
			t.Errorf("%q names %s", name, text.Name)
		}
	}
	state := Fold(tb.ledger)
	for name, want := range map[string]Fault{
		"0": ErrUnknownBase, "rev-4": ErrUnknownBase, "rev-": ErrUnknownBase, "01": ErrUnknownBase, "text": ErrUnknownBase,
		"XBO/9": ErrUnknownProposal, "xbo/1": ErrUnknownProposal, "/": ErrUnknownProposal,
	} {
		_, err := state.TextNamed(name)
		wantFault(t, err, want)
	}
	_, err := Fold(NewLedger(ActID{})).TextNamed("")
	wantFault(t, err, ErrUnknownBase)
}

func TestDiff(t *testing.T) {
	tb := negotiated(t)
	state, first := tb.text("1")
	_, second := tb.text("2")
	_, third := tb.text("3")
	_, proposed := tb.text("XDE/1")
	for _, c := range []struct {
		from, to NamedText
		signed   ActID
	}{{first, second, second.Act}, {first, proposed, proposed.Act}, {first, third, ActID{}}, {second, proposed, ActID{}}, {third, first, ActID{}}} {
		r := state.Diff(c.from, c.to)
		if got, err := r.Apply(c.from.Text.Paragraphs()); err != nil || !slices.Equal(got, c.to.Text.Paragraphs()) {
			t.Errorf("the redline from %s to %s does not lead there: %v", c.from.Name, c.to.Name, err)
		}
		if v, ok := state.Act(c.signed); ok && !bytes.Equal(redline.Format(r), redline.Format(v.Redline())) {
			t.Errorf("the redline from %s to %s is not the one that was signed", c.from.Name, c.to.Name)
		}
	}
}

func subjects(acts []Verified) []string {
	var all []string
	for _, v := range acts {
		all = append(all, v.Act().Subject())
	}
	return all
}

func TestLogOfParagraph(t *testing.T) {
	tb := negotiated(t)
	tb.must(tb.as(cascadia).Receive(tb.ledger.Head(TextChain).Act))
	state := Fold(tb.ledger)
	for label, want := range map[string][]string{
		"PP1": {"Convene: A statement"},
		"op1": {
			"Convene: A statement", "Propose XBO/1: Replace shall cooperate", "Propose XCA/1: Replace shall cooperate",
			"Position on proposal XBO/1: against", "Position on proposal XBO/1: flexible", "Position on paragraph 4: reserve",
			"Publish revision 2: First reading", "Publish revision 3: Order",
		},
		"OP3": {"Convene: A statement", "Propose XDE/1: Replace every year", "Publish revision 2: First reading"},
	} {
		acts, err := state.LogOf(LogQuery{Paragraph: label})
		if got := subjects(acts); err != nil || !slices.Equal(got, want) {
			t.Errorf("the log of %s is %q, want %q (%v)", label, got, want, err)
		}
	}
	acts, err := state.LogOf(LogQuery{Paragraph: "OP1", Participant: aurelia, Since: Since{Revision: 2}})
	if got, want := subjects(acts), []string{"Publish revision 2: First reading", "Publish revision 3: Order"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the filters together give %q, want %q (%v)", got, want, err)
	}
	_, err = state.LogOf(LogQuery{Paragraph: "OP9"})
	wantFault(t, err, ErrUnknownBase)
	_, err = state.LogOf(LogQuery{Participant: "XZZ"})
	wantFault(t, err, ErrNotParticipant)
	_, err = state.LogOf(LogQuery{Since: Since{Revision: 4}})
	wantFault(t, err, ErrUnknownBase)
	late := state.Current().Time
	acts, err = state.LogOf(LogQuery{Since: Since{Time: late}})
	if err != nil || len(acts) != 2 || acts[0].ID() != state.Current().Act {
		t.Errorf("the log since the last revision is %q (%v)", subjects(acts), err)
	}
}

func TestParseSince(t *testing.T) {
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]Since{
		"rev-3": {Revision: 3}, "2026-03-02": {Time: day}, "2026-03-02T09:00:00Z": {Time: day.Add(9 * time.Hour)},
	} {
		if got, err := ParseSince(s); err != nil || got.Revision != want.Revision || !got.Time.Equal(want.Time) {
			t.Errorf("%s is %v (%v)", s, got, err)
		}
	}
	for _, s := range []string{"", "rev-", "rev-0", "rev-x", "3", "yesterday", "2026-13-01"} {
		_, err := ParseSince(s)
		wantFault(t, err, ErrNotCanonical)
	}
}

func TestBiography(t *testing.T) {
	tb := negotiated(t)
	tb.propose(borealia, 3, "at once", "soon")
	tb.must(tb.as(aurelia).Revise(Publication{
		Headline: "Second reading", Text: tb.edited(3, "1. States should cooperate at once.", "1. States should do so.\n\n1. They cooperate at once.").Text,
		Decline: map[ProposalID]string{{borealia, 2}: "It is too vague."},
	}))
	tb.must(tb.as(aurelia).Revise(Publication{Headline: "Third reading", Text: tb.edited(4, "1. States should do so.\n\n", "").Text}))
	state := Fold(tb.ledger)
	tell := func(label string) (lines []string) {
		b, err := state.Biography(label)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range b.Stages {
			kinds := []redline.Kind{}
			for _, change := range s.Changes {
				kinds = append(kinds, change.Kind)
			}
			line := fmt.Sprintf("%d %v", s.Revision, kinds)
			for _, w := range s.Wordings {
				line += fmt.Sprintf(" %d:%s %s", w.Number, w.Label, w.Markdown)
			}
			for _, d := range s.Decisions {
				line += fmt.Sprintf(" (%s %s %s)", d.Ruling, d.Proposal, d.Reason)
			}
			lines = append(lines, line)
		}
		for _, p := range b.Proposals {
			line := fmt.Sprintf("%s %s", p.ID, p.Status)
			for _, w := range p.Wordings {
				line += fmt.Sprintf(" %d", len(w.Changes))
			}
			lines = append(lines, line)
		}
		for _, p := range b.Positions {
			lines = append(lines, fmt.Sprintf("%s %s %s %t", p.State, p.Stance, p.On, p.Stands))
		}
		return append(lines, fmt.Sprintf("%s %d", b.Label, b.Number))
	}
	common := []string{
		"1 [] 4:OP1 1. States shall cooperate.",
		"2 [change] 4:OP1 1. States should cooperate at once. (accept XBO/1 ) (accept XCA/1 )",
		"3 [move] 5:OP1 1. States should cooperate at once.",
	}
	rest := []string{"XBO/1 incorporated 1", "XBO/2 declined 1", "XCA/1 incorporated 1", "XDE against XBO/1 false", "XDE flexible XBO/1 true", "XCA reserve OP1 of revision 1 true"}
	want := slices.Concat(common, []string{"4 [split] 5:OP1 1. States should do so. (decline XBO/2 It is too vague.)", "5 [delete]"}, rest, []string{"OP1 0"})
	if got := tell("OP1"); !slices.Equal(got, want) {
		t.Errorf("the biography of a paragraph that is gone is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	want = slices.Concat(common, []string{"4 [split] 6:OP1 bis 1. They cooperate at once. (decline XBO/2 It is too vague.)"}, rest, []string{"OP1 bis 5"})
	if got := tell("OP1 bis"); !slices.Equal(got, want) {
		t.Errorf("the biography of a part is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestProvenanceTable(t *testing.T) {
	tb := negotiated(t)
	hostile := tb.edited(3, "once", "once: =cmd | x, \"y\"")
	hostile.Headline = "=1+1"
	tb.must(tb.as(borealia).Propose(hostile))
	tb.must(tb.as(aurelia).Revise(Publication{
		Headline: "=HYPERLINK(1)", Explanation: "=HYPERLINK(\"http://example.org\") | <b>\n\n@second", Text: hostile.Text, Accept: []ProposalID{{borealia, 2}},
	}))
	state := Fold(tb.ledger)
	p := state.Provenance()
	var raw bytes.Buffer
	if err := p.CSV(&raw); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&raw).ReadAll()
	if err != nil || len(records) != len(p.Rows)+1 {
		t.Fatalf("the table is not what RFC 4180 has: %v", err)
	}
	for _, record := range records {
		for _, field := range record {
			if field != "" && strings.ContainsAny(field[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet computes %q", field)
			}
		}
	}
	want := []string{"OP1", "XBO", "XBO/2 in rev-4 of 2026-03-01", "proposal accepted", "'=HYPERLINK(\"http://example.org\") | <b>\n\n@second", "3"}
	if !slices.ContainsFunc(records, func(r []string) bool { return slices.Equal(r[:6], want) }) {
		t.Errorf("no row is %q:\n%q", want, records)
	}
	want = []string{"OP1", "XBO, COAST (XCA)", "XBO/1, XCA/1 in rev-2 of 2026-03-01", "proposal accepted", "Two readings were merged.", "1"}
	if !slices.ContainsFunc(records, func(r []string) bool { return slices.Equal(r[:6], want) }) {
		t.Errorf("no row is %q:\n%q", want, records)
	}
	var table bytes.Buffer
	if err := p.Markdown(&table); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(table.String()) {
		if n := strings.Count(strings.ReplaceAll(line, "\\|", ""), "|"); n != len(provenanceColumns)+1 || strings.Contains(line, " <b>") {
			t.Errorf("not a row of the table: %s", line)
		}
	}
	if got := Fold(NewLedger(ActID{})).Provenance(); len(got.Rows) != 0 {
		t.Errorf("the provenance of nothing: %v", got)
	}
}

// TestAuditSeesNewerActs: acts that are not understood stand in the log, and touch no
// paragraph.
func TestAuditSeesNewerActs(t *testing.T) {
	tb := negotiated(t)
	head := tb.ledger.Head(RecordOf(borealia))
	v := tb.must(Unsigned{Act: Act{
		Negotiation: tb.ledger.Negotiation(), Chain: RecordOf(borealia), Sequence: head.Sequence + 1, Previous: head.Act,
		Author: borealia, Time: tb.now,
		Content: Unknown{"endorse/2", "Endorse the text", []Trailer{{"Endorses", "act:" + tb.ledger.Head(TextChain).Act.String()}}},
	}}, nil)
	state := Fold(tb.ledger)
	is := func(a Verified) bool { return a.ID() == v.ID() }
	if acts, err := state.LogOf(LogQuery{Participant: borealia}); err != nil || !slices.ContainsFunc(acts, is) {
		t.Errorf("a newer act is not in the log: %v", err)
	}
	if acts, err := state.LogOf(LogQuery{Paragraph: "OP1"}); err != nil || slices.ContainsFunc(acts, is) {
		t.Errorf("a newer act touches a paragraph: %v", err)
	}
}

// credits demands that the table of provenance has a row of these contributors and this
// source, in every form.
func (tb *table) credits(contributors, source string) {
	tb.t.Helper()
	p := Fold(tb.ledger).Provenance()
	is := func(r ProvenanceRow) bool { return r.cells()[1] == contributors && r.cells()[2] == source }
	if !slices.ContainsFunc(p.Rows, is) {
		tb.t.Errorf("no row of the provenance is of %s from %s: %+v", contributors, source, p.Rows)
	}
	for format, write := range map[string]func(io.Writer) error{"Markdown": p.Markdown, "CSV": p.CSV} {
		var table strings.Builder
		if err := write(&table); err != nil || !strings.Contains(table.String(), contributors) {
			tb.t.Errorf("the table as %s does not have %s (%v)", format, contributors, err)
		}
	}
}

// TestForkedWordsStayTheirAuthors: what stands on a side of a fork and was accepted by the
// chair is its author's still, and said not to count; it touches nothing.
func TestForkedWordsStayTheirAuthors(t *testing.T) {
	tb := negotiated(t)
	joined := tb.ledger.Chain(RecordOf(borealia))[0].ID()
	tb.side(joined, borealia, tb.keys[borealia], on(4, tb))
	state, text := tb.text("")
	blame := state.Blame(text, false)
	if got, want := origins(blame, "OP1"), "1. States [should – XBO/1, XCA/1 in rev-2 of 2026-03-01] cooperate[ at once – rev-2 of 2026-03-01]."; got != want {
		t.Errorf("after a fork of Borealia's record, the blame of OP1 is\n%s\nwant\n%s", got, want)
	}
	tb.credits("XBO (record frozen at act 2), COAST (XCA)", "XBO/1, XCA/1 in rev-2 of 2026-03-01")
	b, err := state.Biography("OP1")
	if err != nil || len(b.Stages) < 2 || len(b.Stages[1].Decisions) != 2 {
		t.Fatalf("the biography does not have the decision on what does not count: %+v (%v)", b.Stages, err)
	}
	if slices.ContainsFunc(b.Proposals, func(p ProposalForIt) bool { return p.Author == borealia }) {
		t.Errorf("a proposal that does not count is part of the biography: %+v", b.Proposals)
	}
	acts, err := state.LogOf(LogQuery{Paragraph: "OP1"})
	if err != nil || slices.ContainsFunc(acts, func(v Verified) bool { return !state.Counts(v.ID()) }) {
		t.Errorf("an act that does not count touches OP1: %q (%v)", subjects(acts), err)
	}
	acts, err = state.LogOf(LogQuery{Participant: borealia})
	for i, v := range acts {
		if r, ok := state.WithoutEffect()[v.ID()]; ok != (i > 0) || ok && r.Fault != ErrForked {
			t.Errorf("%q is without effect: %t, %+v", v.Act().Subject(), ok, r)
		}
	}
	if want := []string{"Join the negotiation", "Propose XBO/1: Replace shall cooperate", "Position on paragraph 4: for"}; err != nil || !slices.Equal(subjects(acts), want) {
		t.Errorf("the log of Borealia has %q, want %q (%v)", subjects(acts), want, err)
	}

	// Another side counts from now on, and on it another proposal has the number.
	tb.recovered(borealia, joined, "2")
	tb.keys[borealia] = spare(borealia, "2")
	tb.propose(borealia, 3, "of threats", "of all threats")
	tb.credits("XBO (put aside by a fork at act 2), COAST (XCA)", "XBO/1, XCA/1 in rev-2 of 2026-03-01")
	b, err = Fold(tb.ledger).Biography("OP1")
	if err != nil || slices.ContainsFunc(b.Proposals, func(p ProposalForIt) bool { return p.Author == borealia }) {
		t.Errorf("a proposal that has the number of one put aside is part of the biography: %+v (%v)", b.Proposals, err)
	}
}
