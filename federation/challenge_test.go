package federation

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

func challengeOf(t testing.TB, neg negotiation.ActID, nonce Nonce) []byte {
	t.Helper()
	message, err := FormatChallenge(Challenge{neg, nonce})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func TestChallengesAreStrict(t *testing.T) {
	good := string(challengeOf(t, testNegotiation, Nonce{0xab}))
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct {
		message string
		want    negotiation.Fault
	}{
		"empty":              {"", negotiation.ErrNotCanonical},
		"another version":    {replace("challenge 1", "challenge 2"), negotiation.ErrNotCanonical},
		"a line left out":    {replace("negotiation "+testNegotiation.String()+"\n", ""), negotiation.ErrNotCanonical},
		"label left out":     {replace("nonce ", ""), negotiation.ErrNotCanonical},
		"capital digits":     {replace("ab", "AB"), negotiation.ErrNotCanonical},
		"nonce too short":    {replace("ab", ""), negotiation.ErrNotCanonical},
		"nonce too long":     {replace("ab", "abab"), negotiation.ErrNotCanonical},
		"no nonce":           {replace("ab", "00"), negotiation.ErrNotCanonical},
		"more after the end": {good + "\n", negotiation.ErrNotCanonical},
		"too long":           {good + strings.Repeat("\n", maxChallengeSize), negotiation.ErrTooLarge},
	} {
		if _, err := ParseChallenge([]byte(c.message)); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, not %v", name, c.want, err)
		}
	}
	if _, err := FormatChallenge(Challenge{Negotiation: testNegotiation}); !errors.Is(err, negotiation.ErrNotCanonical) {
		t.Errorf("a challenge without a nonce: %v", err)
	}
}

func FuzzParseChallenge(f *testing.F) {
	f.Add(challengeOf(f, testNegotiation, Nonce{0xab}))
	f.Add([]byte(challengeMagic + "\n\n\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		c, err := ParseChallenge(message)
		if err != nil {
			if _, ok := negotiation.FaultOf(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		if again, err := FormatChallenge(c); err != nil || !bytes.Equal(again, message) {
			t.Fatalf("parsed, formats to another message (%v):\n%s", err, again)
		}
	})
}

// Whoever asks gets the node's own heads, signed over the nonce, and nothing else.
func TestChallengesAreAnswered(t *testing.T) {
	node, nc := asking(t, func(m *memory) Store { return m })
	subject, other := subjectsOf(testNegotiation).fetch("XAU"), testNegotiation
	other[31]++
	good := challengeOf(t, testNegotiation, Nonce{0xab})
	expectReplies(t, nc, 0,
		challengeOf(t, other, Nonce{0xab}),
		bytes.Replace(good, []byte("challenge 1"), []byte("challenge 2"), 1),
		bytes.Replace(good, []byte("nonce ab"), []byte("nonce AB"), 1))
	reply, err := nc.Request(subject, good, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	h, err := node.cfg.readAnswer("XAU", Nonce{0xab}, reply.Data)
	if err != nil || len(h.Tips) != 1 || !node.cfg.Store.Holds(h.Tips[0]) {
		t.Errorf("the answer tells of %v (%v)", h.Tips, err)
	}
}

// A requester has its share of answers, and no more however much it asks.
func TestAnswersAreBounded(t *testing.T) {
	now, answers := time.Now(), newTurns()
	const every = time.Second / answerRate
	for range 2 * mostAnswers {
		answers.mayChallenge("", now)
	}
	if answers.mayChallenge("", now) || !answers.mayChallenge("XBO", now) || !answers.mayChallenge("", now.Add(every)) || answers.mayChallenge("", now.Add(every)) {
		t.Error("not each requester has its share")
	}
	for n := range 2 * mostPayers {
		answers.mayChallenge(fmt.Sprintf("X%c%c", 'A'+n/26, 'A'+n%26), now)
	}
	if n := len(answers.challenges.each); n > mostPayers || answers.mayChallenge("YAA", now) || !answers.mayChallenge("YAA", now.Add(every)) {
		t.Errorf("%d requesters are remembered", n)
	}

	_, nc := asking(t, func(m *memory) Store { return m })
	inbox := nats.NewInbox()
	heard, err := nc.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	subject, begin := subjectsOf(testNegotiation).fetch("XAU"), time.Now()
	for n := range 2 * mostAnswers {
		if err := nc.PublishRequest(subject, inbox, challengeOf(t, testNegotiation, Nonce{1, byte(n)})); err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Request(subject, requestOf(t, testNegotiation), 10*time.Second); err != nil { // comes to its turn after the challenge
			t.Fatal(err)
		}
	}
	got, _, err := heard.Pending()
	if most := mostAnswers + 1 + int(time.Since(begin)/every); err != nil || got > most || got < mostAnswers/2 {
		t.Errorf("of %d challenges %d are answered, of %d that may be (%v)", 2*mostAnswers, got, most, err)
	}
}
