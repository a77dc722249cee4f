package drafts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"concord/negotiation"
)

// held returns a repository whose rounds stop before the marks or, if no act is
// signed, the refs: begun says that one is there, and it goes on with what is sent to
// end.
func held(t *testing.T, r *Repository) (begun <-chan struct{}, end chan<- error) {
	t.Helper()
	b, e := make(chan struct{}), make(chan error)
	stopped := false
	r.store.disk = tapped{systemDisk{}, func(step, name string) error {
		switch {
		case step == "create":
			stopped = false
		case step == "rename" && !stopped && !strings.Contains(name, "objects"):
			stopped = true
			b <- struct{}{}
			return <-e
		}
		return nil
	}}
	return b, e
}

// position has XBO take a position on a paragraph, in words that tell it from others.
func position(r *Repository, i int) error {
	_, _, err := r.Sign(borealia, keyOf(borealia), time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(2, 3, negotiation.For, fmt.Sprintf("Reason %d.", i))
	})
	return err
}

// waitFor returns when so many wait for the round that has not begun.
func waitFor(r *Repository, callers int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.next.callers < callers {
		r.landed.Wait()
	}
}

// TestShareRound: acts that come while others are being written go to disk together,
// and nobody sees any of them before.
func TestShareRound(t *testing.T) {
	from, _ := played(t)
	digest, changed := from.State().Digest(), from.Changed()
	before := from.Heads()
	begun, end := held(t, from)
	errs := make(chan error)
	go func() { errs <- position(from, 0) }()
	<-begun
	const more = 7
	for i := range more {
		go func() { errs <- position(from, i+1) }()
	}
	waitFor(from, more)
	select {
	case <-changed:
		t.Error("a change was announced that is not on disk")
	case err := <-errs:
		t.Errorf("an act was acknowledged that is not on disk: %v", err)
	default:
	}
	if from.State().Digest() != digest {
		t.Error("an act counts that is not on disk")
	}
	own := negotiation.RecordOf(borealia)
	for _, h := range before {
		if m, err := from.Acts(context.Background(), h.Chain, h.Sequence+1, negotiation.ActID{}); m != nil || err != nil {
			t.Errorf("acts that are not on disk are sent: %q, %v", m, err)
		}
	}
	end <- nil
	<-begun // one more round, for all others
	if err := <-errs; err != nil {
		t.Error(err)
	}
	end <- nil
	for range more {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	head := from.ledger.Head(own)
	if !from.Holds(head) || head.Sequence != sequenceOf(before, own)+1+more {
		t.Errorf("the record ends at %d", head.Sequence)
	}
	reopened(t, from)
}

func sequenceOf(heads []negotiation.Head, c negotiation.Chain) uint64 {
	for _, h := range heads {
		if h.Chain == c {
			return h.Sequence
		}
	}
	return 0
}

// reopened closes a repository and demands that another process finds in it what it
// has shown.
func reopened(t testing.TB, r *Repository) *Repository {
	t.Helper()
	digest := r.State().Digest()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, r.Dir(), r.State().Negotiation)
	if again.State().Digest() != digest {
		t.Fatal("what was shown is not what is read back")
	}
	return again
}

// TestRoundFails: when a round cannot be written, none of it is acknowledged, nor
// anything that was admitted on top of it, and the repository goes on.
func TestRoundFails(t *testing.T) {
	r, _ := played(t)
	digest := r.State().Digest()
	begun, end := held(t, r)
	errs := make(chan error)
	go func() { errs <- position(r, 0) }()
	<-begun
	for i := range 3 {
		go func() { errs <- position(r, i+1) }()
	}
	waitFor(r, 3)
	full := errors.New("the disk is full")
	end <- full
	for range 4 {
		if err := <-errs; !errors.Is(err, full) {
			t.Errorf("acknowledged, or refused for another reason: %v", err)
		}
	}
	if r.State().Digest() != digest {
		t.Error("an act counts that is not on disk")
	}
	r.store.disk = systemDisk{}
	if err := position(r, 9); err != nil {
		t.Errorf("the next act: %v", err)
	}
	again := reopened(t, r)
	if err := position(again, 10); err != nil {
		t.Errorf("after opening it again: %v", err)
	}
}

// TestRefsInOrder: within a round, no ref leads to an act before the acts of other
// chains that it is about are led to.
func TestRefsInOrder(t *testing.T) {
	from, messages := played(t)
	to := open(t, t.TempDir(), from.State().Negotiation)
	begun, end := held(t, to)
	var running sync.WaitGroup
	receive := func(m []byte) {
		running.Go(func() {
			if err := to.Receive(context.Background(), m); err != nil {
				t.Error(err)
			}
		})
	}
	receive(messages[0])
	<-begun
	for i, m := range messages[1:] { // each is about some of those before
		receive(m)
		waitFor(to, i+1)
	}
	end <- nil
	<-begun
	to.store.disk = tapped{systemDisk{}, func(step, name string) error {
		if step == "rename" && strings.Contains(name, filepath.Join("refs", "heads")) {
			if _, err := Load(to.Dir(), from.State().Negotiation); err != nil {
				t.Errorf("before the ref %s moves: %v", filepath.Base(name), err)
			}
		}
		return nil
	}}
	end <- nil
	running.Wait()
	if got, want := to.State().Digest(), from.State().Digest(); got != want {
		t.Fatalf("the receiver has digest %s, the author %s", got, want)
	}
	reopened(t, to)
}

// TestCloseWaits: what was admitted before the repository is closed is written.
func TestCloseWaits(t *testing.T) {
	r, _ := played(t)
	begun, end := held(t, r)
	errs := make(chan error)
	go func() { errs <- position(r, 0) }()
	<-begun
	go func() { errs <- position(r, 1) }()
	waitFor(r, 1)
	closed := make(chan error)
	go func() { closed <- r.Close() }()
	end <- nil
	<-begun
	end <- nil
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if again := open(t, r.Dir(), r.State().Negotiation); again.State().Digest() != r.State().Digest() {
		t.Error("what was acknowledged is not there")
	}
}
