package negotiation

import (
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// signedNegotiation returns the acts of a negotiation in which much happens.
func signedNegotiation(t testing.TB) ([]signed, string) {
	tb := newTableWithRecovery(t)
	tb.propose(borealia, 1, "shall cooperate", "should cooperate")
	tb.propose(cascadia, 1, "shall cooperate", "may cooperate")
	tb.propose(delmare, 1, "every year", "every second year")
	tb.must(tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 1}, For, ""))
	tb.must(tb.as(delmare).PositionOnParagraph(1, 4, Reserve, "Instructions are awaited."))
	tb.must(tb.as(delmare).Withdraw(ProposalID{delmare, 1}, ""))
	tb.publish(ProposalID{borealia, 1})
	for _, c := range []Code{borealia, cascadia, delmare} {
		tb.must(tb.as(c).Receive(tb.ledger.Head(TextChain).Act))
	}
	tb.must(tb.as(cascadia).Supersede(ProposalID{cascadia, 1}, tb.edited(2, "every year", "twice a year")))
	tb.propose(borealia, 1, "on a voluntary basis", "")
	tb.must(tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 1}, None, ""))
	tb.must(tb.as(aurelia).HandOver(delmare, ""))
	tb.must(tb.as(delmare).TakeUp())
	tb.must(tb.as(delmare).Rotate(publicOf(spare(delmare, "2")), "A new laptop."))
	tb.keys[delmare] = spare(delmare, "2")
	tb.must(tb.as(delmare).Rekey(ActID{}, ""))
	tb.sign(spare(cascadia, "recovery"))(tb.as(cascadia).Recover(publicOf(spare(cascadia, "2")), publicOf(spare(cascadia, "recovery-2")), ActID{}, ""))
	tb.keys[cascadia] = spare(cascadia, "2")
	for _, c := range []Code{aurelia, borealia, cascadia} {
		tb.must(tb.as(c).Recognise(cascadia, ActID{}, ""))
	}
	tb.must(tb.as(cascadia).Succeed(""))
	return tb.signed, Fold(tb.ledger).Digest()
}

// TestLawL1: the same acts in any order of arrival, with any repetition, fold to
// the same digest. What comes too early is refused as a gap and comes again.
func TestLawL1(t *testing.T) {
	acts, want := signedNegotiation(t)
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		ledger := NewLedger(ActID{})
		waiting := append([]signed(nil), acts...)
		waiting = append(waiting, acts[:random.IntN(len(acts))]...) // duplicates
		for admitted := 0; admitted < len(acts); {
			random.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
			before := admitted
			for _, s := range waiting {
				v, err := s.verify(ledger)
				switch {
				case err == nil:
					if err := ledger.Append(v); err != nil {
						rt.Fatalf("L1: appending what was verified: %v", err)
					}
					Fold(ledger) // folding in between must not matter
					admitted++
				case errors.Is(err, ErrGap), errors.Is(err, ErrSequence), errors.Is(err, ErrNegotiation):
				default:
					rt.Fatalf("L1: a genuine act is refused: %v", err)
				}
			}
			if admitted == before {
				rt.Fatalf("L1: stuck after %d of %d acts", admitted, len(acts))
			}
		}
		if got := Fold(ledger).Digest(); got != want {
			rt.Fatalf("L1: the same acts in another order come to %s, not %s", got, want)
		}
	})
}

// TestDigestTells: states that differ have different digests.
func TestDigestTells(t *testing.T) {
	tb := newTable(t)
	seen := map[string]string{}
	note := func(step string) {
		digest := Fold(tb.ledger).Digest()
		if before, ok := seen[digest]; ok {
			t.Errorf("the digest after %q is that after %q", step, before)
		}
		seen[digest] = step
	}
	note("joining")
	tb.propose(borealia, 1, "every year", "every month")
	note("a proposal")
	tb.must(tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 1}, For, ""))
	note("a position")
	tb.must(tb.as(cascadia).PositionOnProposal(ProposalID{borealia, 1}, Against, ""))
	note("another position")
	tb.must(tb.as(borealia).Withdraw(ProposalID{borealia, 1}, ""))
	note("a withdrawal")
	tb.must(tb.as(cascadia).Receive(tb.ledger.Head(TextChain).Act))
	note("a receipt")
}

// ledgerOf verifies acts in their order and returns the ledger that has them.
func ledgerOf(tb testing.TB, acts []signed) *Ledger {
	tb.Helper()
	ledger := NewLedger(ActID{})
	for _, s := range acts {
		v, err := s.verify(ledger)
		if err == nil {
			err = ledger.Append(v)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return ledger
}

func BenchmarkVerify(b *testing.B) {
	acts, _ := signedNegotiation(b)
	b.ReportAllocs()
	for b.Loop() {
		ledgerOf(b, acts)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(acts)), "ns/act")
}

func BenchmarkFold(b *testing.B) {
	acts, _ := signedNegotiation(b)
	ledger := ledgerOf(b, acts)
	b.ReportAllocs()
	for b.Loop() {
		Fold(ledger)
	}
}
