package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

var (
	kills    = flag.Int("kills", 20, "how often TestKilled kills a node")
	killSeed = flag.Uint64("kill-seed", 0, "of the instants of TestKilled; 0 for others each time")
)

const (
	authorsAtOnce = 4
	killsEach     = 50 // of one negotiation, so that reading it stays quick
)

// TestKilled kills a node under load, with SIGKILL, at instants that chance chooses:
// while it opens, or while several authors act on it and acts of another node come in.
// After each kill everything that was acknowledged is on disk, all of it verifies,
// stock git finds the repository whole, and so is what the other node has heard. Then
// the node is started again and goes on by itself.
func TestKilled(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel() // it waits most of the time
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("the instants are those of -kill-seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	acknowledged := 0
	for done := 0; done < *kills; done += killsEach {
		v := newVictim(t)
		for range min(killsEach, *kills-done) {
			v.live(chance)
			v.inspect()
		}
		v.finish()
		acknowledged += len(v.acts)
	}
	t.Logf("%d kills, %d acts acknowledged, none lost", *kills, acknowledged)
	if acknowledged < *kills {
		t.Error("the node was hardly under load")
	}
}

// A victim is the node of XBO, which is killed again and again, with the node of XAU,
// which is not.
type victim struct {
	site
	address string // of XBO's pages
	running *process
	hubNode *process

	stopActing func() // of XAU

	mu      sync.Mutex // guards below
	acts    map[negotiation.ActID]bool
	refusal string // the last answer that was none
}

// newVictim lays down a negotiation of two states, and starts the node of XAU.
func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{site: newSite(t), address: freeAddress(t), acts: map[negotiation.ActID]bool{}}
	v.running = v.process("xbo.log", "concord", "serve", "--dir", "XBO", "--http", v.address)
	hub := freeAddress(t)
	v.convene("# A statement\n\n1. States shall cooperate.\n", "XAU", "XBO")
	v.concord("join", "--invitation", v.invite("XAU", "nats-leaf://"+hub, "XBO"), "--key", "XBO.key", "--dir", "XBO")
	v.startHub(hub)
	return v
}

func (v *victim) dir() dataDir { return dataDir(v.at("XBO")) }

func (v *victim) hub() dataDir { return dataDir(v.at("XAU")) }

// startHub starts the node of XAU, and has XAU act on it every now and then.
func (v *victim) startHub(listen string) {
	v.Helper()
	at := freeAddress(v.T)
	v.hubNode = v.process("xau.log", "concord", "serve", "--dir", "XAU", "--http", at, "--listen", listen)
	if err := v.hubNode.start(); err != nil {
		v.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var acting sync.WaitGroup
	acting.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				v.takePosition(ctx, "XAU", at, "from XAU")
			}
		}
	})
	v.stopActing = func() {
		cancel()
		acting.Wait()
	}
	v.Cleanup(v.stopActing) // of a test that has failed
}

// takePosition takes a position on a node, and returns the act; false when the node does
// not acknowledge it.
func (v *victim) takePosition(ctx context.Context, dir, address, why string) (id negotiation.ActID, ok bool) {
	body := fmt.Sprintf(`{"revision": 1, "paragraph": 2, "stance": "for", "explanation": %q}`, why)
	raw, status, err := v.ask(ctx, http.MethodPost, dir, address, "/api/v1/positions", body)
	if err != nil {
		return id, false
	}
	var answer struct {
		ID string `json:"id"`
	}
	if status != http.StatusCreated || json.Unmarshal(raw, &answer) != nil {
		v.mu.Lock()
		v.refusal = string(raw)
		v.mu.Unlock()
		return id, false
	}
	if id, err = negotiation.ParseActID(answer.ID); err != nil {
		v.Error(err)
	}
	return id, err == nil
}

// start starts the node of XBO.
func (v *victim) start() {
	v.Helper()
	if err := v.running.start(); err != nil {
		v.Fatal(err)
	}
}

// live has authors act on the node of XBO, and kills it.
func (v *victim) live(chance *rand.Rand) {
	v.Helper()
	v.start()
	ctx, cancel := context.WithCancel(context.Background())
	var authors sync.WaitGroup
	first := make(chan struct{})
	begun := sync.OnceFunc(func() { close(first) })
	for i := range authorsAtOnce {
		authors.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if id, ok := v.takePosition(ctx, "XBO", v.address, fmt.Sprintf("author %d, reason %d", i, n)); ok {
					v.mu.Lock()
					v.acts[id] = true
					v.mu.Unlock()
					begun()
				}
			}
		})
	}
	if chance.IntN(4) > 0 { // else it may still be opening
		select {
		case <-first:
		case <-time.After(patience):
			v.Errorf("the node does not go on: it acknowledges nothing within %v: %s\n%s", patience, v.refusal, v.running.said())
		}
	}
	<-time.After(time.Duration(chance.IntN(150_000)) * time.Microsecond)
	if err := v.running.kill(); err != nil {
		v.Error(err)
	}
	cancel()
	authors.Wait()
	if v.Failed() {
		v.FailNow()
	}
}

// inspect looks at what the killed node has left. The node of XAU is asked first: what
// that has heard is on the disk of XBO's.
func (v *victim) inspect() {
	v.Helper()
	heard := v.ownHead()
	repository := v.dir().repository()
	if _, err := os.Stat(filepath.Join(repository, "HEAD")); err != nil && len(v.acts) == 0 {
		return // it was killed before it made one
	}
	id, err := v.dir().identity()
	if err != nil {
		v.Fatal(err)
	}
	state, err := drafts.Load(repository, id.negotiation)
	if err != nil {
		v.Fatalf("the record does not verify: %v", err)
	}
	report, err := drafts.Audit(context.Background(), repository, id.negotiation, new(drafts.Progress))
	if nothing := errors.Is(err, drafts.ErrNoRecord) && !state.Convened(); !nothing && (err != nil || !report.OK()) {
		v.Errorf("concord verify: %v %+v", err, report.Findings)
	}
	for act := range v.acts {
		if _, ok := state.Act(act); !ok {
			v.Errorf("act %v was acknowledged and is lost", act)
		}
	}
	if _, ok := state.Act(heard); !ok && !heard.IsZero() {
		v.Errorf("act %v has been heard elsewhere and is lost", heard)
	}
	if len(state.Forks) > 0 {
		v.Errorf("there is a fork: %v", state.Forks)
	}
	v.fsck(repository)
	if v.Failed() {
		v.FailNow()
	}
}

// ownHead returns the newest act of XBO that the node of XAU holds.
func (v *victim) ownHead() (act negotiation.ActID) {
	v.Helper()
	id, err := v.hub().identity()
	if err != nil {
		v.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := v.hub().ask(ctx, id)
	for err == nil && s.Link == nil && ctx.Err() == nil { // it is still starting
		s, err = v.hub().ask(ctx, id)
	}
	if err != nil || s.Link == nil {
		v.Fatalf("the node of XAU does not answer: %v %s", err, s.Trouble)
	}
	for _, h := range s.Heads {
		if h.Chain != string(negotiation.RecordOf("XBO")) {
			continue
		}
		if act, err = negotiation.ParseActID(h.Act); err != nil {
			v.Fatal(err)
		}
	}
	return act
}

// finish starts the node once more, and demands that the two get level.
func (v *victim) finish() {
	v.Helper()
	v.stopActing()
	v.start()
	v.eventually(patience, "the nodes are level", func() (bool, string) {
		xau, err := v.hub().status(context.Background())
		xbo, err2 := v.dir().status(context.Background())
		level := err == nil && err2 == nil && xau.Link != nil && xbo.Link != nil && xau.StateDigest == xbo.StateDigest
		return level, fmt.Sprintf("%v, %v\n%s", err, err2, v.running.said())
	})
	for _, node := range []*process{v.running, v.hubNode} {
		if err := node.end(); err != nil {
			v.Error(err)
		}
	}
}
