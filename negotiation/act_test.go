package negotiation

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawID(t *rapid.T) ActID {
	return ActID(append([]byte{1}, rapid.SliceOfN(rapid.Byte(), 31, 31).Draw(t, "id")...))
}

func drawCode(t *rapid.T) Code {
	return Code(rapid.StringMatching(`[A-Z]{3}`).Draw(t, "code"))
}

func drawLine(t *rapid.T) string {
	return rapid.StringMatching(`[A-Za-z0-9:]([a-z :,.-]{0,30}[a-z.:])?`).
		Filter(func(s string) bool { return !strings.Contains(s, "  ") }).Draw(t, "line")
}

func drawContent(t *rapid.T) Content {
	proposal := ProposalID{drawCode(t), rapid.Uint64Range(1, 1<<40).Draw(t, "number")}
	amendment := Amendment{Headline: drawLine(t), Type: Modify, Base: drawID(t)}
	key := publicOf(privateKey(drawCode(t)))
	return rapid.SampledFrom([]Content{
		Amend{drawLine(t)},
		Revise{drawLine(t), 7, []Decision{{Accept, proposal, drawID(t), ""}, {Decline, ProposalID{"XZZ", 1}, drawID(t), drawLine(t)}}},
		HandOver{drawCode(t), key, drawID(t)},
		TakeUp{},
		Join{drawID(t), key, ""},
		Join{drawID(t), key, publicOf(privateKey("XYZ"))},
		Propose{proposal, amendment},
		Propose{proposal, Amendment{drawLine(t), Editorial, drawID(t), "COAST"}},
		Supersede{proposal, drawID(t), amendment},
		Withdraw{proposal, drawID(t)},
		TakePosition{Subject{Proposal: proposal, Act: drawID(t)}, Flexible},
		TakePosition{Subject{Paragraph: 3, Act: drawID(t)}, None},
		Receipt{9, drawID(t)},
		Rotate{key},
		Recover{key, ""},
		Recover{key, publicOf(privateKey("XYZ"))},
		Rekey{key, drawID(t)},
		Recognise{drawCode(t), drawID(t), drawID(t)},
		Succeed{key, drawID(t), []ActID{drawID(t), drawID(t), drawID(t)}},
		Unknown{"silence/3", drawLine(t), []Trailer{{"Until", drawLine(t)}, {"About", "act:" + drawID(t).String()}}},
	}).Draw(t, "content")
}

// TestFormatParse: what FormatAct prints, ParseAct reads back as it was.
func TestFormatParse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := Act{
			Negotiation: drawID(rt), Chain: RecordOf(drawCode(rt)), Sequence: rapid.Uint64Range(2, 1<<50).Draw(rt, "sequence"),
			Previous: drawID(rt), Author: drawCode(rt), Time: time.Unix(rapid.Int64Range(1e9, 4e9).Draw(rt, "time"), 0).UTC(),
			Explanation: strings.Join(rapid.SliceOfN(rapid.Just("Negotiation: words that look like a trailer"), 0, 3).Draw(rt, "prose"), "\n\n"),
			Content:     drawContent(rt),
		}
		_, unknown := a.Content.(Unknown)
		if a.Content.bringsText() || unknown && rapid.Bool().Draw(rt, "files") {
			a.Files = []FileSum{{"charter.toml", drawID(rt)}, {"papers/one.md", drawID(rt)}}
		}
		raw, err := FormatAct(a)
		if err != nil {
			rt.Fatalf("FormatAct(%+v): %v", a, err)
		}
		got, err := ParseAct(raw)
		if err != nil {
			rt.Fatalf("ParseAct: %v\n%s", err, raw)
		}
		if !reflect.DeepEqual(got, a) {
			rt.Fatalf("read back as\n%+v\nwas\n%+v", got, a)
		}
	})
}

func TestParseActRefuses(t *testing.T) {
	tb := newTable(t)
	tb.propose(borealia, 1, "every", "each")
	u, err := tb.as(borealia).Withdraw(ProposalID{borealia, 1}, "One reason.\n\nAnother.")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := FormatAct(u.Act)
	if err != nil {
		t.Fatal(err)
	}
	good := string(raw)
	if _, err := ParseAct(raw); err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the act has no %q:\n%s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct {
		raw  string
		want Fault
	}{
		"empty":                     {"", ErrNotCanonical},
		"not UTF-8":                 {swap("One", "\xff"), ErrNotCanonical},
		"another subject":           {swap("Withdraw XBO/1", "Withdraw XBO/2"), ErrNotCanonical},
		"explanation not indented":  {swap("  One", "One"), ErrNotCanonical},
		"a bidi control":            {swap("One", "One\u202e"), ErrText},
		"not NFC":                   {swap("One", "e\u0301"), ErrNotCanonical},
		"a space at a line's end":   {swap("reason.", "reason. "), ErrNotCanonical},
		"a trailer more":            {good + "Extra: yes\n", ErrNotCanonical},
		"a file without its sum":    {good + "File: charter.toml\n", ErrNotCanonical},
		"a trailer less":            {swap("Proposal: XBO/1\n", ""), ErrNotCanonical},
		"trailers in another order": {swap("Chain: record/XBO\n", "") + "Chain: record/XBO\n", ErrNotCanonical},
		"a leading zero":            {swap("Sequence: 3", "Sequence: 03"), ErrNotCanonical},
		"a time elsewhere":          {swap("Z\n", "+01:00\n"), ErrNotCanonical},
		"capital digits":            {swap("Previous: ", "Previous: A"), ErrNotCanonical},
		"no last line feed":         {strings.TrimSuffix(good, "\n"), ErrNotCanonical},
		"files that are none":       {good + "File: x\nFile: y\n", ErrNotCanonical},
		"too long":                  {good + strings.Repeat("x", MaxMessage), ErrTooLarge},
		"an explanation too long":   {swap("One", strings.Repeat("One ", MaxExplanation/4)), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseAct([]byte(c.raw))
			wantFault(t, err, c.want)
		})
	}
}

func FuzzParseAct(f *testing.F) {
	acts, _ := signedNegotiation(f)
	for _, s := range acts {
		message, _ := messageOf(s.payload)
		f.Add(message)
		f.Add(append(message, "File: x\nFile: y\n"...))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := ParseAct(raw)
		if err != nil {
			if _, named := FaultOf(err); !named {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		again, err := FormatAct(a)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("accepted %q, prints %q (%v)", raw, again, err)
		}
	})
}
