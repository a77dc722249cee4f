package negotiation

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/negotiation/redline"
)

// A table is a ledger with the keys of everybody who signs on it.
type table struct {
	t      testing.TB
	ledger *Ledger
	keys   map[Code]ed25519.PrivateKey
	now    time.Time
	signed []signed // everything that was admitted, in order
}

const (
	aurelia  = Code("XAU")
	borealia = Code("XBO")
	cascadia = Code("XCA")
	delmare  = Code("XDE")
)

func privateKey(c Code) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(c))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(key ed25519.PrivateKey) PublicKey {
	return PublicKeyOf(key.Public().(ed25519.PublicKey))
}

const tableText = `# A statement

*Recognizing* that ICTs serve peace,

*Mindful* of threats,

1. States shall cooperate.

1. States shall share information on a voluntary basis.

1. States shall meet every year.
`

func tableCharter(t testing.TB) Charter {
	t.Helper()
	var b strings.Builder
	b.WriteString("title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n")
	for _, c := range []Code{aurelia, borealia, cascadia, delmare} {
		fmt.Fprintf(&b, "[[participant]]\ncode = %q\nname = %q\nkey = %q\n", c, "State "+c, publicOf(privateKey(c)))
	}
	b.WriteString("[[group]]\ncode = \"COAST\"\nname = \"Coastal states\"\nmembers = [\"XCA\", \"XDE\"]\n")
	charter, err := ParseCharter("charter.toml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return charter
}

// newTable convenes a negotiation and lets all four join.
func newTable(t testing.TB) *table {
	t.Helper()
	tb := &table{t: t, ledger: NewLedger(ActID{}), keys: map[Code]ed25519.PrivateKey{}, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	text, err := CanonText("statement.en.md", []byte(tableText))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Code{aurelia, borealia, cascadia, delmare} {
		tb.keys[c] = privateKey(c)
	}
	tb.must(ConveneWith(tableCharter(t), text, tb.now))
	for _, c := range []Code{aurelia, borealia, cascadia, delmare} {
		tb.must(tb.as(c).Join(publicOf(tb.keys[c]), ""))
	}
	return tb
}

func (tb *table) as(c Code) Delegation {
	tb.now = tb.now.Add(time.Minute)
	return tb.ledger.As(c, tb.now)
}

// signed is an act as it comes from outside.
type signed struct {
	payload, signature []byte
	files              map[string][]byte
}

func (s signed) verify(l *Ledger) (Verified, error) {
	sealed, err := Unseal(s.payload, s.signature)
	if err != nil {
		return Verified{}, err
	}
	return l.Verify(sealed, s.files)
}

func sign(t testing.TB, key ed25519.PrivateKey, u Unsigned) signed {
	t.Helper()
	message, err := FormatAct(u.Act)
	if err != nil {
		t.Fatalf("FormatAct: %v", err)
	}
	payload := append([]byte("kept by a test\n\n"), message...)
	return signed{payload, []byte(mustSign(t, key, ActNamespace, payload)), u.Files}
}

// must signs an act with its author's key and admits it.
func (tb *table) must(u Unsigned, err error) Verified {
	tb.t.Helper()
	if err != nil {
		tb.t.Fatalf("composing: %v", err)
	}
	return tb.admit(sign(tb.t, tb.keys[u.Act.Author], u))
}

func (tb *table) admit(s signed) Verified {
	tb.t.Helper()
	v, err := s.verify(tb.ledger)
	if err == nil {
		err = tb.ledger.Append(v)
	}
	if err != nil {
		tb.t.Fatalf("admitting: %v", err)
	}
	tb.signed = append(tb.signed, s)
	return v
}

// edited returns the newest revision with one phrase replaced.
func (tb *table) edited(base uint64, old, new string) Wording {
	tb.t.Helper()
	r, err := Fold(tb.ledger).Revision(base)
	if err != nil {
		tb.t.Fatal(err)
	}
	raw := string(r.Text.Bytes())
	if !strings.Contains(raw, old) {
		tb.t.Fatalf("revision %d does not say %q", base, old)
	}
	text, err := CanonText("edited", []byte(strings.Replace(raw, old, new, 1)))
	if err != nil {
		tb.t.Fatal(err)
	}
	return Wording{Headline: "Replace " + strings.Join(strings.Fields(old), " "), Base: base, Text: text}
}

func (tb *table) propose(c Code, base uint64, old, new string) Verified {
	tb.t.Helper()
	w := tb.edited(base, old, new)
	return tb.must(tb.as(c).Propose(w))
}

func (tb *table) publish(accept ...ProposalID) Verified {
	tb.t.Helper()
	state := Fold(tb.ledger)
	var ids []string
	for _, id := range accept {
		ids = append(ids, id.String())
	}
	text, err := TextOf(state.Rolling.Take(ids...))
	if err != nil {
		tb.t.Fatal(err)
	}
	return tb.must(tb.as(state.Chair).Revise(Publication{Headline: "Next", Text: text, Accept: accept}))
}

func wantFault(t *testing.T, err error, want Fault) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("verifying: error %v, not fault %q", err, want)
	}
}

func TestNegotiation(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.propose(cascadia, 1, "shall cooperate", "may cooperate")
	tb.propose(delmare, 1, "shall cooperate", "should cooperate")
	tb.propose(delmare, 1, "every year", "every second year")

	state := Fold(tb.ledger)
	const want = "1. States [shall][should – XBO, XDE][may – XCA] cooperate."
	if got := state.Rolling.Markdown()[3]; got != want {
		t.Errorf("rolling text says\n%s\nwant\n%s", got, want)
	}

	first := ProposalID{borealia, 1}
	tb.must(tb.as(cascadia).PositionOnProposal(first, Reserve, "Instructions are awaited."))
	tb.must(tb.as(cascadia).PositionOnProposal(first, For, ""))
	tb.must(tb.as(delmare).Withdraw(ProposalID{delmare, 2}, "Met elsewhere."))
	tb.publish(first)

	state = Fold(tb.ledger)
	if got := string(state.Current().Text.Bytes()); !strings.Contains(got, "States should cooperate.") {
		t.Errorf("revision 2 does not have what was accepted:\n%s", got)
	}
	for id, want := range map[ProposalID]Status{
		first: Incorporated, {cascadia, 1}: ToBeRevised, {delmare, 1}: Incorporated, {delmare, 2}: Withdrawn,
	} {
		if p, err := state.Proposal(id); err != nil || p.Status != want {
			t.Errorf("%s is %q (%v), want %q", id, p.Status, err, want)
		}
	}
	p, _ := state.Proposal(first)
	if len(p.Positions) != 1 || p.Positions[0].State != cascadia || p.Positions[0].Stance != For {
		t.Errorf("the later position does not replace the earlier one: %+v", p.Positions)
	}
	if got := state.Current().Labels; !slices.Equal(got, state.Revisions[0].Labels) {
		t.Errorf("labels changed from %v to %v", state.Revisions[0].Labels, got)
	}
	if len(state.Rejections)+len(state.NotUnderstood) > 0 {
		t.Errorf("rejections %v, not understood %v", state.Rejections, state.NotUnderstood)
	}
}

func TestInadmissible(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.must(tb.as(borealia).Withdraw(ProposalID{borealia, 1}, ""))
	tb.propose(cascadia, 1, "every year", "every month")
	same := tb.edited(1, "every year", "every year")
	unknown := same
	unknown.Base = 7
	forNobody := tb.edited(1, "every year", "every week")
	forNobody.OnBehalfOf = "COAST"

	for _, c := range []struct {
		name string
		want Fault
		act  func() (Unsigned, error)
	}{
		{"an empty redline", ErrEmptyRedline, func() (Unsigned, error) { return tb.as(borealia).Propose(same) }},
		{"an unknown revision", ErrUnknownBase, func() (Unsigned, error) { return tb.as(borealia).Propose(unknown) }},
		{"for a group it is not in", ErrNotParticipant, func() (Unsigned, error) { return tb.as(borealia).Propose(forNobody) }},
		{"a position on a withdrawn proposal", ErrWithdrawn, func() (Unsigned, error) {
			return tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 1}, For, "")
		}},
		{"a position on no proposal", ErrUnknownProposal, func() (Unsigned, error) {
			return tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 9}, For, "")
		}},
		{"withdrawing twice", ErrWithdrawn, func() (Unsigned, error) {
			return tb.as(borealia).Withdraw(ProposalID{borealia, 1}, "")
		}},
		{"withdrawing another's", ErrNotAuthor, func() (Unsigned, error) {
			return tb.as(borealia).Withdraw(ProposalID{cascadia, 1}, "")
		}},
		{"rewording another's", ErrNotAuthor, func() (Unsigned, error) {
			return tb.as(borealia).Supersede(ProposalID{cascadia, 1}, forNobody)
		}},
		{"a revision by somebody else", ErrNotChair, func() (Unsigned, error) {
			return tb.as(borealia).Revise(Publication{Headline: "Mine", Text: tb.edited(1, "every", "each").Text})
		}},
		{"handing over what one does not have", ErrNotChair, func() (Unsigned, error) {
			return tb.as(borealia).HandOver(cascadia, "")
		}},
		{"a second joining", ErrInadmissible, func() (Unsigned, error) {
			return tb.as(borealia).Join(publicOf(tb.keys[borealia]), "")
		}},
		{"a paragraph that is not there", ErrUnknownBase, func() (Unsigned, error) {
			return tb.as(borealia).PositionOnParagraph(1, 99, For, "")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.act()
			wantFault(t, err, c.want)
		})
	}
}

func TestSupersede(t *testing.T) {
	tb := newTable(t)
	id := ProposalID{cascadia, 1}
	tb.propose(cascadia, 1, "every year", "every month")
	tb.must(tb.as(borealia).PositionOnProposal(id, Against, "Too often."))
	tb.must(tb.as(cascadia).Supersede(id, tb.edited(1, "every year", "twice a year")))
	p, err := Fold(tb.ledger).Proposal(id)
	if err != nil || len(p.Wordings) != 2 || p.Status != Live {
		t.Fatalf("proposal after rewording: %+v, %v", p, err)
	}
	if len(p.Positions) != 1 || !p.Positions[0].Earlier {
		t.Errorf("a position on an earlier wording counts for the new one: %+v", p.Positions)
	}
}

func TestHandOver(t *testing.T) {
	tb := newTable(t)
	tb.must(tb.as(aurelia).HandOver(delmare, "The term ends."))
	_, err := tb.as(aurelia).Revise(Publication{Headline: "Late", Text: tb.edited(1, "every", "each").Text})
	wantFault(t, err, ErrNotChair)
	_, err = tb.as(delmare).Revise(Publication{Headline: "Early", Text: tb.edited(1, "every", "each").Text})
	wantFault(t, err, ErrInadmissible)
	tb.must(tb.as(delmare).TakeUp())
	tb.must(tb.as(delmare).Revise(Publication{Headline: "In time", Text: tb.edited(1, "every", "each").Text}))
	if state := Fold(tb.ledger); state.Chair != delmare || state.Passing || state.Current().Chair != delmare {
		t.Errorf("chair %s, passing %t", state.Chair, state.Passing)
	}
}

func TestAmend(t *testing.T) {
	tb := newTable(t)
	before := tableCharter(t)
	raw := strings.Replace(string(before.Raw()), "72h", "96h", 1)
	charter, err := ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	tb.must(tb.as(aurelia).Amend(charter, "A longer silence", ""))
	if got := Fold(tb.ledger).Charter.ShortestSilence; got != 96*time.Hour {
		t.Errorf("shortest silence %v", got)
	}
	fewer, _, _ := strings.Cut(raw, "[[participant]]\ncode = \"XDE\"")
	if charter, err = ParseCharter("charter.toml", []byte(fewer)); err != nil {
		t.Fatal(err)
	}
	_, err = tb.as(aurelia).Amend(charter, "Without Delmare", "")
	wantFault(t, err, ErrCharter)
}

// TestDoor gives the ledger acts that are wrong in one way each.
func TestDoor(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	good, err := tb.as(cascadia).Propose(tb.edited(1, "every year", "every month"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*Act)) Unsigned {
		u := Unsigned{Act: good.Act, Files: map[string][]byte{}}
		for path, content := range good.Files {
			u.Files[path] = content
		}
		u.Act.Files = slices.Clone(u.Act.Files)
		f(&u.Act)
		return u
	}
	file := func(path, content string) Unsigned {
		u := change(func(*Act) {})
		u.Files[path] = []byte(content)
		u.Act.Files = nil
		for _, p := range []string{"charter.toml", "extra.md", "statement.en.md", "statement.en.redline"} {
			if c, ok := u.Files[p]; ok {
				u.Act.Files = append(u.Act.Files, FileSum{p, sha256.Sum256(c)})
			}
		}
		return u
	}
	other := redline.Format(redline.Compare([]string{"a"}, []string{"b"}))
	for _, c := range []struct {
		name string
		want Fault
		s    signed
	}{
		{"another's key", ErrSignature, sign(t, tb.keys[borealia], good)},
		{"another negotiation", ErrNegotiation, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Negotiation[0]++ }))},
		{"an unknown participant", ErrGap, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Chain, a.Author = RecordOf("XZZ"), "XZZ" }))},
		{"another's record", ErrForeignChain, sign(t, tb.keys[cascadia], change(func(a *Act) {
			a.Chain, a.Sequence, a.Previous = RecordOf(delmare), 2, tb.ledger.Head(RecordOf(delmare)).Act
		}))},
		{"a state's act on the text chain", ErrForeignChain, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Chain = TextChain }))},
		{"a gap", ErrGap, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Sequence += 3 }))},
		{"a record that begins otherwise", ErrNotParticipant, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Sequence, a.Previous = 1, ActID{} }))},
		{"a wrong predecessor", ErrPredecessor, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Previous[0]++ }))},
		{"an unknown base", ErrGap, sign(t, tb.keys[cascadia], change(func(a *Act) {
			p := a.Content.(Propose)
			p.Base[0]++
			a.Content = p
		}))},
		{"a base that is no revision", ErrUnknownBase, sign(t, tb.keys[cascadia], change(func(a *Act) {
			p := a.Content.(Propose)
			p.Base = tb.ledger.Head(RecordOf(borealia)).Act
			a.Content = p
		}))},
		{"a file that the act does not name", ErrTree, sign(t, tb.keys[cascadia], change(func(a *Act) { a.Files = a.Files[1:] }))},
		{"a file more than belongs there", ErrTree, sign(t, tb.keys[cascadia], file("extra.md", "x"))},
		{"a changed charter", ErrTree, sign(t, tb.keys[cascadia], file("charter.toml", string(tableCharter(t).Raw())+"# mine\n"))},
		{"a text with a bidi control", ErrText, sign(t, tb.keys[cascadia], file("statement.en.md", "# A\n\nx\u202ey\n"))},
		{"a text that is not canonical", ErrText, sign(t, tb.keys[cascadia], file("statement.en.md", "# A\n\n\nx\n"))},
		{"a redline of something else", ErrRedline, sign(t, tb.keys[cascadia], file("statement.en.redline", string(other)))},
		{"a redline that is none", ErrRedline, sign(t, tb.keys[cascadia], file("statement.en.redline", "keep\n"))},
		{"a text that the redline does not lead to", ErrRedline, sign(t, tb.keys[cascadia], file("statement.en.md", tableText+"\n1. More.\n"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := Fold(tb.ledger).Digest()
			_, err := c.s.verify(tb.ledger)
			wantFault(t, err, c.want)
			if Fold(tb.ledger).Digest() != before {
				t.Error("a refused act left something behind")
			}
		})
	}
	tb.admit(sign(t, tb.keys[cascadia], good))
	if _, err := tb.signed[len(tb.signed)-1].verify(tb.ledger); !errors.Is(err, ErrSequence) {
		t.Errorf("the same act again: %v", err)
	}
}

// TestNewerAct: an act of a kind that is not known here is kept, counted and shown.
func TestNewerAct(t *testing.T) {
	tb := newTable(t)
	head := tb.ledger.Head(RecordOf(borealia))
	u := Unsigned{Act: Act{
		Negotiation: tb.ledger.Negotiation(), Chain: RecordOf(borealia), Sequence: head.Sequence + 1, Previous: head.Act,
		Author: borealia, Time: tb.now,
		Content: Unknown{"endorse/2", "Endorse the text", []Trailer{
			{"Endorses", "act:" + tb.ledger.Head(TextChain).Act.String()},
			{"Reason", "which ends in act:" + strings.Repeat("0", 64)},
		}},
	}}
	v := tb.must(u, nil)
	if refs := v.Act().References(); !slices.Equal(refs, []ActID{tb.ledger.Head(TextChain).Act}) {
		t.Errorf("references of a newer act: %v", refs)
	}
	if got := Fold(tb.ledger).NotUnderstood; len(got) != 1 || got[0].Kind != "endorse/2" {
		t.Errorf("not understood: %v", got)
	}
	tb.forgedAndKept(Receipt{Of: v.ID()}, borealia) // it stands right before this one
	if got := Fold(tb.ledger).NotUnderstood; len(got) != 2 || got[1].Kind != kindReceipt {
		t.Errorf("an act about what is not understood: %v", got)
	}
	tb.propose(borealia, 1, "every year", "every month")
}
