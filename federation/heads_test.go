package federation

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

func sampleHeads() Heads {
	return Heads{
		Negotiation: testNegotiation,
		Node:        "XBO",
		Time:        time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Tips: []negotiation.Head{
			{Chain: negotiation.TextChain, Sequence: 2, Act: negotiation.ActID{1}},
			{Chain: "record/XAU", Sequence: 7, Act: negotiation.ActID{2}},
			{Chain: "record/XBO", Sequence: maxSequence, Act: negotiation.ActID{3}},
		},
		Signature: []byte(armourBegin + "U1NIU0lH" + armourEnd),
	}
}

func TestHeadsAreStrict(t *testing.T) {
	message, err := FormatHeads(sampleHeads())
	if err != nil {
		t.Fatal(err)
	}
	good := string(message)
	many := sampleHeads()
	many.Tips = nil
	for i := range maxChains + 1 {
		code := negotiation.Code([]byte{'A' + byte(i/26/26), 'A' + byte(i/26%26), 'A' + byte(i%26)})
		many.Tips = append(many.Tips, negotiation.Head{Chain: negotiation.RecordOf(code), Sequence: 1})
	}
	tooMany := string(many.SignedText()) + "\n" + string(many.Signature)
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct {
		message string
		want    negotiation.Fault
	}{
		"empty":               {"", negotiation.ErrNotCanonical},
		"unsigned":            {good[:strings.Index(good, "\n\n")+1], negotiation.ErrNotCanonical},
		"another version":     {replace("heads 3", "heads 2"), negotiation.ErrNotCanonical},
		"lines exchanged":     {replace("node XBO\ntime 2026-03-01T12:00:00Z", "time 2026-03-01T12:00:00Z\nnode XBO"), negotiation.ErrNotCanonical},
		"label left out":      {replace("node XBO", "XBO"), negotiation.ErrNotCanonical},
		"another time zone":   {replace("12:00:00Z", "12:00:00+00:00"), negotiation.ErrNotCanonical},
		"parts of a second":   {replace("12:00:00Z", "12:00:00.5Z"), negotiation.ErrNotCanonical},
		"capital digits":      {replace("1f2e", "1F2E"), negotiation.ErrNotCanonical},
		"leading zero":        {replace("text 2", "text 02"), negotiation.ErrNotCanonical},
		"sequence 0":          {replace("text 2", "text 0"), negotiation.ErrNotCanonical},
		"sequence over 2^53":  {replace("9007199254740991", "9007199254740992"), negotiation.ErrNotCanonical},
		"negative sequence":   {replace("text 2", "text -2"), negotiation.ErrNotCanonical},
		"no chain":            {replace("record/XAU", "record/xau"), negotiation.ErrNotCanonical},
		"records not sorted":  {replace("record/XAU", "record/XCA"), negotiation.ErrNotCanonical},
		"a head twice":        {replace("head text", good[strings.Index(good, "head text"):strings.Index(good, "head record/XAU")]+"head text"), negotiation.ErrNotCanonical},
		"places not sorted":   {replace("head text", "head text 3 "+negotiation.ActID{1}.String()+"\nhead text"), negotiation.ErrNotCanonical},
		"acts not sorted":     {replace("head text", "head text 2 "+negotiation.ActID{2}.String()+"\nhead text"), negotiation.ErrNotCanonical},
		"text not first":      {strings.Replace(replace("head text", "head record/XAA"), "record/XBO", "text", 1), negotiation.ErrNotCanonical},
		"answers nothing":     {replace("head text", "answers 00000000000000000000000000000000\nhead text"), negotiation.ErrNotCanonical},
		"answers twice":       {replace("head text", strings.Repeat("answers ab000000000000000000000000000000\n", 2)+"head text"), negotiation.ErrNotCanonical},
		"answers at the end":  {replace("\n\n", "\nanswers ab000000000000000000000000000000\n\n"), negotiation.ErrNotCanonical},
		"two spaces":          {replace("head text", "head  text"), negotiation.ErrNotCanonical},
		"carriage returns":    {strings.ReplaceAll(good, "\n", "\r\n"), negotiation.ErrNotCanonical},
		"more after the end":  {good + "\n", negotiation.ErrNotCanonical},
		"no armour":           {replace("BEGIN SSH", "BEGIN PGP"), negotiation.ErrNotCanonical},
		"armour of control":   {replace("U1NIU0lH", "U1N\x00U0lH"), negotiation.ErrNotCanonical},
		"armour with a break": {replace("U1NIU0lH", "U1N\n\nU0lH"), negotiation.ErrNotCanonical},
		"armour too long":     {replace("U1NIU0lH", strings.Repeat("A", maxSignature)), negotiation.ErrTooLarge},
		"message too long":    {good + strings.Repeat("A", maxHeadsSize), negotiation.ErrTooLarge},
		"too many chains":     {tooMany, negotiation.ErrTooLarge},
		"too many tips":       {withTips(maxTips + 1), negotiation.ErrTooLarge},
	} {
		if _, err := ParseHeads([]byte(c.message)); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, not %v", name, c.want, err)
		}
	}
}

// withTips is a heads message with so many of one chain.
func withTips(n int) string {
	h := sampleHeads()
	h.Tips = nil
	for i := range n {
		h.Tips = append(h.Tips, negotiation.Head{Chain: "record/XAU", Sequence: 5, Act: negotiation.ActID{byte(i)}})
	}
	return string(h.SignedText()) + "\n" + string(h.Signature)
}

func TestHeadsHaveEveryTip(t *testing.T) {
	h, err := ParseHeads([]byte(withTips(maxTips)))
	if err != nil || len(h.Tips) != maxTips {
		t.Errorf("%d tips of one chain: %d, %v", maxTips, len(h.Tips), err)
	}
}

func TestHeadsThatCannotBeParsedAreNotFormatted(t *testing.T) {
	h := sampleHeads()
	h.Tips[1], h.Tips[2] = h.Tips[2], h.Tips[1]
	if _, err := FormatHeads(h); !errors.Is(err, negotiation.ErrNotCanonical) {
		t.Errorf("unsorted heads: %v", err)
	}
}

func FuzzParseHeads(f *testing.F) {
	message, err := FormatHeads(sampleHeads())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(message)
	f.Add(message[:100])
	f.Add(bytes.Replace(message, []byte("head text"), []byte("answers ab000000000000000000000000000000\nhead text"), 1))
	f.Add(bytes.Replace(message, []byte("head text 2"), []byte("head text 1"), 1))
	f.Fuzz(func(t *testing.T, message []byte) {
		h, err := ParseHeads(message)
		if err != nil {
			if _, ok := negotiation.FaultOf(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		again, err := FormatHeads(h)
		if err != nil || !bytes.Equal(again, message) {
			t.Fatalf("parsed, formats to another message (%v):\n%s", err, again)
		}
		for _, tips := range byChain(h.Tips) {
			if len(tips) > maxTips {
				t.Fatalf("%d tips of %s", len(tips), tips[0].Chain)
			}
		}
	})
}
