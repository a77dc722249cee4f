package federation

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"concord/negotiation"
)

// first and second are the acts of the text in the tests of what a peer holds.
var (
	first  = follow(nil, negotiation.TextChain, "here")
	second = follow(first, negotiation.TextChain, "here")
)

// toldBy is a heads message of code's.
func toldBy(t testing.TB, code negotiation.Code, spoil func(*Heads)) []byte {
	t.Helper()
	h := Heads{Negotiation: testNegotiation, Node: code, Time: time.Now().UTC().Truncate(time.Second)}
	spoil(&h)
	h.Signature = seal(code, h.SignedText())
	message, err := FormatHeads(h)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func headOf(chain negotiation.Chain, sequence uint64, act string) negotiation.Head {
	return negotiation.Head{Chain: chain, Sequence: sequence, Act: sha256.Sum256([]byte(act))}
}

func TestPeerThatHoldsAnotherActDiffers(t *testing.T) {
	for name, c := range map[string]struct {
		theirs []negotiation.Head
		want   []negotiation.Chain
	}{
		"level":                    {[]negotiation.Head{second.head}, nil},
		"behind":                   {[]negotiation.Head{first.head}, nil},
		"ahead":                    {[]negotiation.Head{headOf("text", 3, "text 3 here")}, nil},
		"a chain that is not here": {[]negotiation.Head{headOf("record/XDE", 1, "record/XDE 1 there")}, nil},
		"one side that is not here": {
			[]negotiation.Head{second.head, headOf("text", 2, "text 2 there")}, []negotiation.Chain{"text"},
		},
		"another newest act":      {[]negotiation.Head{headOf("text", 2, "text 2 there")}, []negotiation.Chain{"text"}},
		"another act before that": {[]negotiation.Head{headOf("text", 1, "text 1 there")}, []negotiation.Chain{"text"}},
		"an act of another place": {[]negotiation.Head{{Chain: "text", Sequence: 2, Act: first.head.Act}}, []negotiation.Chain{"text"}},
		"another act in two chains": {
			[]negotiation.Head{headOf("text", 2, "text 2 there"), headOf("record/XBO", 1, "record/XBO 1 there")},
			[]negotiation.Chain{"text", "record/XBO"},
		},
	} {
		b := benched(t)
		b.store.write(negotiation.TextChain, "here")
		b.store.write(negotiation.TextChain, "here")
		b.store.write(record("XBO"), "here")
		if peer := b.peer("XBO"); peer.Differs == nil || len(peer.Differs) > 0 {
			t.Errorf("%s: before its first heads, a peer differs in %v", name, peer.Differs)
		}
		b.hearsHeads("XBO", toldBy(t, "XBO", func(h *Heads) { h.Tips = c.theirs }))
		if peer := b.peer("XBO"); !slices.Equal(peer.Differs, c.want) {
			t.Errorf("%s: differs in %v, not %v (behind %d, ahead %d)", name, peer.Differs, c.want, peer.Behind, peer.Ahead)
		}
	}
}

// What a broker has kept shows nothing about a peer that is gone.
func TestOldHeadsAreNoSignOfLife(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	earlier, later := []negotiation.Head{headOf("text", 1, "earlier")}, []negotiation.Head{headOf("text", 2, "later")}
	for name, c := range map[string]struct {
		last, told time.Duration // when the last heads and these were told, from now
		since      time.Duration // since the last came
		want       bool
	}{
		"of an earlier second":                    {-2 * time.Second, -3 * time.Second, time.Millisecond, false},
		"the last ones again, after a second":     {0, 0, time.Second, false},
		"of the same second, within a second":     {0, 0, 999 * time.Millisecond, true},
		"of a later second":                       {-2 * time.Second, -time.Second, time.Hour, true},
		"of a clock that was and is a bit ahead":  {30 * time.Second, 29 * time.Second, time.Millisecond, false},
		"of a clock that was and is far ahead":    {time.Hour, time.Hour - time.Second, time.Millisecond, false},
		"of a clock that has been put right":      {time.Hour, 30 * time.Second, time.Millisecond, true},
		"of a clock that was ahead by one minute": {time.Minute, 0, time.Millisecond, false},
		"of a clock that was ahead by more":       {time.Minute + time.Second, time.Minute, time.Millisecond, true},
	} {
		p := new(peer)
		came := now.Add(-c.since)
		if _, other := p.note(&Heads{Time: now.Add(c.last), Tips: later}, came); !other {
			t.Fatalf("%s: the first heads change nothing", name)
		}
		if _, got := p.note(&Heads{Time: now.Add(c.told), Tips: earlier}, now); got != c.want {
			t.Errorf("%s: heads are taken is %t", name, got)
		}
		if got := p.seen.Equal(now); got != c.want {
			t.Errorf("%s: counts as seen is %t", name, got)
		}
	}
}

// However often the heads of one second are repeated, they count for one second.
func TestHeadsOfOneSecondCountForOne(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p, h := new(peer), &Heads{Time: start}
	for n := range 50 {
		p.note(h, start.Add(time.Duration(n)*100*time.Millisecond))
	}
	if kept := p.seen.Sub(start); kept >= time.Second {
		t.Errorf("a peer is seen for %v by the heads of one second", kept)
	}
}

func TestRepeatedActsAreNoSignOfLife(t *testing.T) {
	b := benched(t)
	for _, message := range []string{"record/XBO 1 - act\n", "record/XBO 1 - act\n", "record/XBO 3 00000000000000000000000000000000 gap\n"} {
		b.hearsActs("XBO", []byte(message))
	}
	if peer := b.peer("XBO"); !peer.LastSeen.IsZero() {
		t.Error("acts that anybody may have kept count as seen")
	}
}
