package negotiation

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestNews: each file in testdata/news has what all did "together", what Borealia did
// "apart" while its line was down, what others did "meanwhile", and the "news" when they
// met again. ¶ is a break between paragraphs. A line is a participant, what it does, and with what:
//
//	XBO proposes shall cooperate => should cooperate
//	XCA rewords XCA/1 shall cooperate => may cooperate
//	XBO withdraws XBO/1 Our concerns have been met.
//	XCA takes for XBO/1 We need it.
//	XCA takes reserve 4
//	XAU publishes +XCA/1 -XBO/1 => every year => twice a year
//	XAU hands XCA
//	XCA takes-up
//	XBO receives
func TestNews(t *testing.T) {
	files, err := filepath.Glob("testdata/news/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			script, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			section := func(name string) *txtar.File {
				i := slices.IndexFunc(script.Files, func(f txtar.File) bool { return f.Name == name })
				if i < 0 {
					t.Fatalf("there is no section %q", name)
				}
				return &script.Files[i]
			}
			here := newTable(t)
			here.play(string(section("together").Data))
			there := &table{t: t, ledger: NewLedger(ActID{}), keys: here.keys, now: here.now}
			for _, s := range here.signed {
				there.admit(s)
			}
			var known []ActID
			for _, tip := range here.ledger.Tips() {
				known = append(known, tip.Act)
			}
			here.play(string(section("apart").Data))
			alone := Fold(here.ledger).Digest()
			shared := len(there.signed)
			there.play(string(section("meanwhile").Data))
			for _, s := range there.signed[shared:] {
				here.admit(s)
			}
			now := Fold(here.ledger)
			before, err := now.AsOf(known, borealia)
			if err != nil {
				t.Fatal(err)
			}
			if before.Digest() != alone {
				t.Error("AsOf does not give the state that the participant had")
			}
			var until []ActID
			for _, tip := range here.ledger.Tips() {
				until = append(until, tip.Act)
			}
			tb := &table{t: t, ledger: here.ledger, keys: here.keys, now: here.now}
			tb.must(tb.as(delmare).PositionOnParagraph(1, 2, Flexible, "Afterwards."))
			absence, err := Fold(tb.ledger).Absence(known, until, borealia)
			if err != nil {
				t.Fatal(err)
			}
			got := printNews(now, absence.News)
			for _, id := range absence.Sent {
				got += "sent " + now.act(id).act.Subject() + "\n"
			}
			want := section("news")
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(script), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want.Data) {
				t.Errorf("got:\n%swant:\n%s", got, want.Data)
			}
		})
	}
}

// play does what the lines of a script say.
func (tb *table) play(script string) {
	tb.t.Helper()
	for line := range strings.Lines(script) {
		fields := strings.Fields(line)
		who, rest := Code(fields[0]), fields[2:]
		newest := uint64(len(Fold(tb.ledger).Revisions))
		_, change, _ := strings.Cut(strings.TrimSpace(line), fields[1]+" ")
		change = strings.ReplaceAll(change, "¶", "\n\n")
		switch fields[1] {
		case "proposes":
			old, new, _ := strings.Cut(change, " => ")
			tb.propose(who, newest, old, new)
		case "rewords":
			old, new, _ := strings.Cut(strings.TrimPrefix(change, rest[0]+" "), " => ")
			tb.must(tb.as(who).Supersede(tb.proposal(rest[0]), tb.edited(newest, old, new)))
		case "withdraws":
			tb.must(tb.as(who).Withdraw(tb.proposal(rest[0]), strings.Join(rest[1:], " ")))
		case "takes":
			why := strings.Join(rest[2:], " ")
			if strings.Contains(rest[1], "/") {
				tb.must(tb.as(who).PositionOnProposal(tb.proposal(rest[1]), Stance(rest[0]), why))
			} else {
				paragraph, err := parseNumber(rest[1])
				if err != nil {
					tb.t.Fatal(err)
				}
				tb.must(tb.as(who).PositionOnParagraph(newest, paragraph, Stance(rest[0]), why))
			}
		case "publishes":
			tb.publishAs(who, change)
		case "hands":
			tb.must(tb.as(who).HandOver(Code(rest[0]), ""))
		case "takes-up":
			tb.must(tb.as(who).TakeUp())
		case "receives":
			tb.must(tb.as(who).Receive(tb.ledger.Head(TextChain).Act))
		default:
			tb.t.Fatalf("what is %q?", line)
		}
	}
}

func (tb *table) proposal(s string) ProposalID {
	tb.t.Helper()
	id, err := ParseProposalID(s)
	if err != nil {
		tb.t.Fatal(err)
	}
	return id
}

// publishAs publishes the newest revision with what is accepted (+), declined (-) and
// replaced in it.
func (tb *table) publishAs(who Code, what string) {
	tb.t.Helper()
	decisions, change, edits := strings.Cut(what, "=> ")
	p := Publication{Headline: "Next", Explanation: "As the room has it.", Decline: map[ProposalID]string{}}
	for _, d := range strings.Fields(decisions) {
		if id := tb.proposal(d[1:]); d[0] == '+' {
			p.Accept = append(p.Accept, id)
		} else {
			p.Decline[id] = "It found no support."
		}
	}
	text, err := Fold(tb.ledger).Consolidate(p.Accept...)
	if err != nil {
		tb.t.Fatal(err)
	}
	if edits {
		old, new, _ := strings.Cut(change, " => ")
		if text, err = CanonText("edited", []byte(strings.Replace(string(text.Bytes()), old, new, 1))); err != nil {
			tb.t.Fatal(err)
		}
	}
	p.Text = text
	tb.must(tb.as(who).Revise(p))
}

// printNews prints news with the subjects of acts for their names.
func printNews(s *State, n News) string {
	var out strings.Builder
	subject := func(id ActID) string { return fmt.Sprintf("%s: %s", s.act(id).act.Author, s.act(id).act.Subject()) }
	list := func(happened []Happening) {
		for _, h := range happened {
			fmt.Fprintf(&out, "\t%s | %s | %s | %s\n", h.What, h.Says, cmp.Or(h.Reason, "-"), subject(h.Act))
		}
	}
	for _, id := range n.Acts {
		fmt.Fprintf(&out, "act %s\n", subject(id))
	}
	for _, p := range n.Proposals {
		fmt.Fprintf(&out, "%s %s: %s, %s\n", p.ID, p.Headline, p.Before, p.After)
		list(p.Happened)
	}
	out.WriteString("own\n")
	list(n.Own)
	out.WriteString("procedure\n")
	list(n.Procedure)
	for _, p := range n.Paragraphs {
		fmt.Fprintf(&out, "%s %d reworded %t\n", p.Label, p.Number, p.Reworded)
		for _, id := range p.Acts {
			fmt.Fprintf(&out, "\t%s\n", subject(id))
		}
	}
	return out.String()
}

// TestAsOf: what was held is a function of names, or of an instant; nothing is news to
// who holds all.
func TestAsOf(t *testing.T) {
	tb := newTable(t)
	v := tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.propose(cascadia, 1, "every year", "twice a year")
	last := tb.propose(cascadia, 1, "serve peace", "serve all")
	now := Fold(tb.ledger)
	_, err := now.AsOf([]ActID{v.ID(), {1}}, borealia)
	wantFault(t, err, ErrUnknownAct)
	at := now.AsOfTime(last.Act().Time, borealia)
	if got := len(at.Proposals); got != 2 {
		t.Errorf("before the last act there were %d proposals, want 2", got)
	}
	if at = now.AsOfTime(v.Act().Time, cascadia); len(at.Proposals) != 2 || at.Proposals[0].Author != cascadia {
		t.Errorf("of its own acts a participant has %v", at.Proposals)
	}
	if at, err = now.AsOf(nil, delmare); err != nil || at.Convened() {
		t.Errorf("who held nothing has %v, %v", at.Heads, err)
	}
	if got := now.NewsSince(at, delmare); len(got.Acts) != 7 {
		t.Errorf("to who held nothing %d acts are news, want 7", len(got.Acts))
	}
	if got := now.Beyond([]ActID{v.ID(), {1}}, borealia); len(got) != 0 {
		t.Errorf("none of Borealia's acts follows its last: %v", got)
	}
	if got := now.Beyond([]ActID{v.ID(), last.Act().Previous}, cascadia); len(got) != 1 || got[0] != last.ID() {
		t.Errorf("Cascadia's last act alone follows the last but one: %v", got)
	}
	tb.publish(ProposalID{borealia, 1})
	tb.propose(cascadia, 2, "serve peace", "serve all")
	now = Fold(tb.ledger)
	if at, err = now.AsOf([]ActID{v.ID(), last.ID()}, aurelia); err != nil || len(at.Revisions) != 2 {
		t.Fatalf("the chair's own revision is not its own: %v", err)
	}
	if got := now.NewsSince(at, aurelia).Own; len(got) > 0 {
		t.Errorf("a proposal on the chair's own revision is said to have come after it: %v", got)
	}
	if got := printNews(now, now.NewsSince(now, borealia)); got != "own\nprocedure\n" {
		t.Errorf("news to who holds all:\n%s", got)
	}
}
