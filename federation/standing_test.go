package federation

import (
	"errors"
	"testing"
	"time"

	"concord/negotiation"
)

// TestKnows: another node can vouch for this one's chain only when it has got as far.
func TestKnows(t *testing.T) {
	at := func(places ...uint64) (heads []negotiation.Head) {
		for i, place := range places {
			heads = append(heads, negotiation.Head{Chain: "record/XBO", Sequence: place, Act: negotiation.ActID{byte(place), byte(i)}})
		}
		return heads
	}
	line := at(7)
	for name, c := range map[string]struct {
		theirs, held, ends []negotiation.Head
		want               bool
	}{
		"the same":                        {line, line, line, true},
		"less":                            {at(6), line, line, false},
		"nothing":                         {nil, line, line, false},
		"without our side":                {line, append(at(0, 9)[1:], line...), line, true},
		"a longer side without our line":  {at(0, 9)[1:], append(at(0, 9)[1:], line...), line, false},
		"other sides where it is frozen":  {at(0, 8, 8)[1:], at(8, 8), line, true},
		"no side where it is frozen":      {line, at(8, 8), line, false},
		"other sides of its first place":  {at(0, 1, 1)[1:], at(1, 1), nil, true},
		"nothing frozen at its first":     {nil, at(1, 1), nil, false},
		"a chain that has not been begun": {nil, nil, nil, true},
	} {
		if got := knows(c.theirs, c.held, c.ends); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// answers answers the first challenge that is not answered: with heads of these tips, or
// with an error.
func (b *bench) answersChallenge(tips []negotiation.Head, err error) negotiation.Code {
	b.t.Helper()
	if len(b.challenges) == 0 {
		b.t.Fatal("nobody is challenged")
	}
	asked := b.challenges[0].from
	b.challenges = b.challenges[1:]
	e := answered{from: asked, err: err}
	if err == nil {
		h := Heads{Negotiation: testNegotiation, Node: asked, Time: b.now, Answers: Nonce{1}, Tips: tips}
		h.Signature = seal(asked, h.SignedText())
		e.message, err = FormatHeads(h)
		if err != nil {
			b.t.Fatal(err)
		}
		e.heads, e.err = b.cfg.readAnswer(asked, Nonce{1}, e.message)
	}
	b.happens(e)
	return asked
}

// standing is how XAU's record stands.
func (b *bench) standing() Standing {
	own := []negotiation.Chain{record("XAU")}
	return b.core.standing(b.now, own, b.store.Heads())
}

// begun is a bench with an act of the text and one of its own, whose peers have all been
// challenged.
func begunBench(t *testing.T) *bench {
	b := benched(t, func(cfg *Config) {
		store := cfg.Store.(*memory)
		store.write(negotiation.TextChain, "charter")
		store.write(record("XAU"), "joins")
	})
	if len(b.challenges) != len(testCodes)-1 {
		t.Fatalf("%d peers are challenged at the start", len(b.challenges))
	}
	return b
}

// What a broker can have kept confirms nothing; what it says of more counts.
func TestOnlyAnAnswerConfirms(t *testing.T) {
	b := begunBench(t)
	level := func(h *Heads) { h.Tips = b.store.Heads() }
	for _, code := range testCodes[1:] {
		b.hearsHeads(code, toldBy(t, code, level))
	}
	if s := b.standing(); s.Confirmed || !s.Awaited {
		t.Errorf("L10: heads that nobody was asked for: %+v", s)
	}
	kept := Heads{Negotiation: testNegotiation, Node: "XBO", Time: b.now, Answers: Nonce{2}, Tips: b.store.Heads()}
	kept.Signature = seal("XBO", kept.SignedText())
	message, err := FormatHeads(kept)
	if err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string][]byte{"the answer to another challenge": message, "heads": toldBy(t, "XBO", level)} {
		if _, err := b.cfg.readAnswer("XBO", Nonce{1}, message); !errors.Is(err, negotiation.ErrSignature) {
			t.Errorf("L10: %s in the place of an answer: error %v", name, err)
		}
	}
	b.answersChallenge(b.store.Heads(), nil)
	if s := b.standing(); !s.Confirmed || !s.Awaited {
		t.Errorf("one of three has answered: %+v", s)
	}
	b.answersChallenge(nil, errNoReply) // but is there
	b.answersChallenge(b.store.Heads(), nil)
	if s := b.standing(); !s.Awaited {
		t.Errorf("one that is there has not answered: %+v", s)
	}
	b.passes(b.cfg.HeadsEvery)
	b.hearsHeads("XCA", toldBy(t, "XCA", level))
	b.answersChallenge(b.store.Heads(), nil)
	if s := b.standing(); !s.Confirmed || s.Awaited {
		t.Errorf("all have answered: %+v", s)
	}
	b.happens(arrived{true})
	b.hearsHeads("XCA", toldBy(t, "XCA", func(h *Heads) { h.Time = b.now.Add(time.Hour) }))
	if len(b.challenges) > 0 {
		t.Error("a node that is sure challenges others")
	}
}

// Who is away is not awaited once that is known, and whoever lags behind confirms nothing.
func TestPeerThatIsBehindConfirmsNothing(t *testing.T) {
	b := begunBench(t)
	b.store.write(negotiation.TextChain, "revision")
	b.store.write(record("XAU"), "act")
	heads := b.store.Heads()
	first := func(chain negotiation.Chain) negotiation.Head { return b.store.tree(chain).line[0].head }
	for name, tips := range map[string][]negotiation.Head{
		"in the text":   {first(negotiation.TextChain), heads[1]},
		"in the record": {heads[0], first(record("XAU"))},
		"in both":       {first(negotiation.TextChain), first(record("XAU"))},
		"in everything": nil,
	} {
		p := b.core.peer("XBO")
		if p.answer = tips; b.standing().Confirmed {
			t.Errorf("L10: a peer confirms that is behind %s", name)
		}
		p.answer = nil
	}
	for range testCodes[1:] {
		b.answersChallenge(nil, errNoReply)
	}
	if s := b.standing(); s.Awaited || s.Confirmed {
		t.Errorf("nobody is there: %+v", s)
	}
}

// A peer that says more, in an answer or else, keeps the node from signing while it may
// deliver it, however much the node does meanwhile, and others not for longer.
func TestPeerThatSaysMoreIsDoubted(t *testing.T) {
	b := begunBench(t)
	more := append(b.store.Heads()[:1:1], headOf(record("XAU"), 9, "lost"))
	b.hearsHeads("XBO", toldBy(t, "XBO", func(h *Heads) { // its clock has been put back since
		h.Time, h.Tips = b.now.Add(clockError/2), b.store.Heads()
	}))
	for range testCodes[1:] {
		tips := b.store.Heads()
		if b.challenges[0].from == "XBO" {
			tips = more
		}
		b.answersChallenge(tips, nil)
	}
	stands := func(ahead negotiation.Code) {
		t.Helper()
		if s := b.standing(); s.Ahead != ahead || !s.Confirmed || ahead != "" && (s.Lacking != more[1] || s.Held != uint64(b.store.held(record("XAU")))) {
			t.Errorf("L10: %+v, where %q says more", s, ahead)
		}
	}
	stands("XBO")
	b.now = b.now.Add(doubtPatience / 2)
	b.store.receive(follow(b.store.tree(record("XAU")).end(), record("XAU"), "comes-back").text)
	for i, code := range testCodes[1:] {
		b.core.peer(code).answer = b.store.Heads()
		if i == 0 {
			b.core.peer(code).answer = more
		}
	}
	stands("XBO")
	b.now = b.now.Add(doubtPatience - 1)
	stands("XBO")
	b.now = b.now.Add(1)
	stands("")
	b.store.write(record("XAU"), "made-here")
	b.happens(acted{})
	b.core.peer("XCA").answer = b.store.Heads()
	stands("")
	b.hearsHeads("XDE", toldBy(t, "XDE", func(h *Heads) { h.Time, h.Tips = b.now, more }))
	stands("XDE")
}

// However many heads a broker plays, a peer is not challenged more than four times in
// headsEvery.
func TestChallengesAreBounded(t *testing.T) {
	b := begunBench(t)
	count := 0
	for n := range 100 {
		b.hearsHeads("XBO", toldBy(t, "XBO", func(h *Heads) {
			h.Time = b.now.Add(time.Duration(n) * time.Second)
			h.Tips = []negotiation.Head{headOf(negotiation.TextChain, uint64(n+1), "act")}
		}))
		for len(b.challenges) > 0 {
			if b.answersChallenge(b.store.Heads(), nil) == "XBO" {
				count++
			}
		}
		b.now = b.now.Add(b.cfg.HeadsEvery / 100)
	}
	if count > 6 { // the first at the start, and five quarters begin within the time
		t.Errorf("%d challenges within one interval of heads", count)
	}
}

// Who answers after a long time in which nobody did may be the only one whom somebody
// lets through: the others get another chance. Who does not take it is awaited no more.
func TestWhoAnswersFirstIsNotTheOnlyOneAsked(t *testing.T) {
	b := begunBench(t)
	present := func() {
		for _, code := range []negotiation.Code{"XBO", "XCA"} {
			b.hearsHeads(code, toldBy(t, code, func(h *Heads) { h.Time, h.Tips = b.now, b.store.Heads() }))
		}
		for len(b.challenges) > 0 {
			b.answersChallenge(nil, errNoReply)
		}
	}
	for range 40 {
		present()
		b.passes(time.Second)
	}
	if present(); b.standing().Awaited {
		t.Error("who has been silent for long is awaited")
	}
	b.challenges = []challenge{{"XBO", 0}}
	b.answersChallenge(b.store.Heads(), nil)
	if len(b.challenges) != len(testCodes)-2 || !b.standing().Awaited {
		t.Errorf("L10: %d others are asked again: %+v", len(b.challenges), b.standing())
	}
	for range 40 {
		present()
		b.passes(time.Second)
	}
	if present(); b.standing().Awaited || !b.standing().Confirmed {
		t.Errorf("a peer that does not answer keeps others from it: %+v", b.standing())
	}
}

// A node that has lost everything knows nobody's key when it asks. It asks again at once
// when it does.
func TestAnswerOfAnUnknownKeyIsAskedForAgain(t *testing.T) {
	known := false
	b := benched(t, func(cfg *Config) {
		verify := cfg.Verify
		cfg.Verify = func(code negotiation.Code, message, signature []byte) error {
			if !known {
				return negotiation.ErrNotParticipant
			}
			return verify(code, message, signature)
		}
	})
	other := newMemory()
	text := other.write(negotiation.TextChain, "charter")
	for range testCodes[1:] {
		b.answersChallenge(other.Heads(), nil)
	}
	known = true
	b.answers(text, nil)
	if len(b.challenges) == 0 || b.peer(b.challenges[0].from).LastSeen.IsZero() {
		t.Fatal("who has become known is not asked again")
	}
	b.answersChallenge(other.Heads(), nil)
	if s := b.core.standing(b.now, []negotiation.Chain{record("XAU")}, b.store.Heads()); !s.Confirmed {
		t.Errorf("the answer confirms nothing: %+v", s)
	}
}
