package drafts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

// flood returns messages with acts that somebody with XBO's key has signed for one place
// of its record, all after the act that is the last one in r.
func flood(t *testing.T, r *Repository, n int) (messages [][]byte) {
	t.Helper()
	state := r.State()
	i := slices.IndexFunc(state.Heads, func(h negotiation.Head) bool { return h.Chain == negotiation.RecordOf(borealia) })
	head := state.Heads[i]
	for i := range n {
		act, err := r.seal(negotiation.Unsigned{Act: negotiation.Act{
			Negotiation: state.Negotiation, Chain: head.Chain, Sequence: head.Sequence + 1, Previous: head.Act, Author: borealia,
			Time: time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC), Explanation: fmt.Sprint(i),
			Content: negotiation.TakePosition{On: negotiation.Subject{Paragraph: 2, Act: state.Revisions[0].Act}, Stance: negotiation.For},
		}}, keyOf(borealia))
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, parcel{head.Chain, head.Sequence + 1, [][]object{act}}.format())
	}
	return messages
}

// TestFlood: whichever sides of a flood a repository keeps, it takes what others have
// acted upon and what settles the record, with all that leads there; stock git finds
// nothing amiss, nothing of what waits is on disk, and it opens again.
func TestFlood(t *testing.T) {
	mine := recoverable(t)
	flooded, other, late := copyOf(t, mine), copyOf(t, mine), copyOf(t, mine)
	messages := flood(t, mine, 150)
	give := func(r *Repository, messages [][]byte) {
		t.Helper()
		for _, m := range messages {
			if err := r.Receive(context.Background(), m); err != nil && !errors.Is(err, negotiation.ErrForked) {
				t.Fatal(err)
			}
		}
	}
	give(flooded, messages)
	if n := len(refsIn(t, flooded, "refs/evidence")); n != 64 {
		t.Errorf("%d sides are kept", n)
	}
	mustSign(t, mine, borealia, borealia, positionOn(3, "Mine."))
	mustSign(t, mine, borealia, borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		text := strings.Replace(string(d.State().Current().Text.Bytes()), "shall cooperate", "should cooperate", 1)
		return d.Propose(negotiation.Wording{Headline: "Softer", Base: 1, Text: textOf(t, text)})
	})
	mustSign(t, mine, aurelia, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		id := negotiation.ProposalID{Author: borealia, Number: 1}
		text := strings.Replace(string(d.State().Current().Text.Bytes()), "shall cooperate", "should cooperate", 1)
		return d.Revise(negotiation.Publication{Headline: "Accepted", Text: textOf(t, text), Accept: []negotiation.ProposalID{id}})
	})
	last := mustSign(t, mine, borealia, borealia, positionOn(4, "Mine."))
	bring(t, mine, other)
	give(other, messages[75:])
	give(mine, messages[:75])
	same := func(when string) {
		t.Helper()
		bring(t, mine, flooded)
		bring(t, mine, other)
		if a, b, c := mine.State().Digest(), flooded.State().Digest(), other.State().Digest(); a != b || b != c {
			t.Errorf("L6: %s: digests %.8s, %.8s, %.8s", when, a, b, c)
		}
		flooded = reopened(t, flooded)
	}
	same("frozen")
	if len(flooded.State().Revisions) != 2 {
		t.Error("a flood in a record holds up the text")
	}
	mustSign(t, mine, borealia, recovery, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(fresh), "", last.ID(), "")
	})
	same("recovered")
	if !flooded.State().Counts(last.ID()) {
		t.Error("what leads to the recovery does not count")
	}
	mine, flooded = checkWhole(t, mine), checkWhole(t, flooded)

	path := filepath.Join(t.TempDir(), "all.bundle")
	stockGit(t, mine.Dir(), "bundle", "create", "--quiet", path, "--all")
	give(late, messages[75:])
	for _, r := range []*Repository{late, open(t, t.TempDir(), mine.State().Negotiation)} {
		report, err := r.Import(context.Background(), path)
		if err != nil || r.State().Digest() != mine.State().Digest() {
			t.Errorf("L1: after importing a bundle: %+v, %v", report, err)
		}
		for _, c := range report {
			if r == late && c.Chain == negotiation.RecordOf(borealia) {
				if c.Taken != 4 || c.Refused != 63 || !errors.Is(c.Err, negotiation.ErrForked) {
					t.Errorf("of a flooded record: %+v", c)
				}
			} else if c.Refused > 0 || c.Err != nil {
				t.Errorf("import: %+v", c)
			}
		}
	}
}
