package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	*testing.T
	dir, hub string // data directories
	address  string // of XBO's pages
	running  *exec.Cmd
	said     bytes.Buffer // by XBO's node on stderr
	hubNode  *exec.Cmd
	hubSaid  bytes.Buffer
	client   http.Client

	stopActing func() // of XAU

	mu      sync.Mutex // guards below
	acts    map[negotiation.ActID]bool
	refusal string // the last answer that was none
}

// newVictim lays down a negotiation of two states, and starts the node of XAU.
func newVictim(t *testing.T) *victim {
	t.Helper()
	base := t.TempDir()
	at := func(name string) string { return filepath.Join(base, name) }
	v := &victim{
		T: t, dir: at("xbo"), hub: at("xau"), address: freeAddress(t),
		client: http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}},
		acts:   map[negotiation.ActID]bool{},
	}
	hub := freeAddress(t)
	v.concord("keygen", "--no-passphrase", at("xau"+"-key"))
	v.concord("keygen", "--no-passphrase", at("xbo"+"-key"))
	charter := "title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	for _, c := range []string{"xau", "xbo"} {
		key, err := os.ReadFile(at(c + "-key.pub"))
		if err != nil {
			t.Fatal(err)
		}
		charter += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State\"\nkey = %q\n", strings.ToUpper(c), strings.TrimSpace(string(key)))
	}
	v.write(at("charter.toml"), charter)
	v.write(at("statement.md"), "# A statement\n\n1. States shall cooperate.\n")
	v.concord("convene", "--charter", at("charter.toml"), "--text", at("statement.md"), "--key", at("xau-key.key"), "--dir", v.hub)
	v.write(at("xbo.invitation"), v.concord("invite", "--dir", v.hub, "--hub", "nats-leaf://"+hub, "XBO"))
	v.concord("join", "--invitation", at("xbo.invitation"), "--key", at("xbo-key.key"), "--dir", v.dir)
	v.startHub(hub)
	return v
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (v *victim) write(name, content string) {
	v.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		v.Fatal(err)
	}
}

// concord runs a command and returns what it prints.
func (v *victim) concord(args ...string) string {
	v.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("concord", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		v.Fatalf("concord %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return stdout.String()
}

// startHub starts the node of XAU, and has XAU act on it every now and then.
func (v *victim) startHub(listen string) {
	v.Helper()
	at := freeAddress(v.T)
	v.hubNode = exec.Command("concord", "serve", "--dir", v.hub, "--http", at, "--listen", listen)
	v.hubNode.Stderr = &v.hubSaid
	if err := v.hubNode.Start(); err != nil {
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
				v.post(ctx, v.hub, at, "from XAU")
			}
		}
	})
	v.stopActing = func() {
		cancel()
		acting.Wait()
	}
	v.Cleanup(func() { // of a test that has failed
		v.stopActing()
		v.hubNode.Process.Kill()
		v.hubNode.Wait()
	})
}

// post takes a position on a node, and returns the act; false when the node does not
// acknowledge it.
func (v *victim) post(ctx context.Context, dir, address, why string) (id negotiation.ActID, ok bool) {
	token, err := os.ReadFile(filepath.Join(dir, "token"))
	if err != nil {
		v.Error(err)
		return id, false
	}
	body := fmt.Sprintf(`{"revision": 1, "paragraph": 2, "stance": "for", "explanation": %q}`, why)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/api/v1/positions", strings.NewReader(body))
	if err != nil {
		v.Error(err)
		return id, false
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	request.Header.Set("Content-Type", "application/json")
	response, err := v.client.Do(request)
	if err != nil {
		return id, false
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	var answer struct {
		ID string `json:"id"`
	}
	if response.StatusCode != http.StatusCreated || err != nil || json.Unmarshal(raw, &answer) != nil {
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
	v.said.Reset()
	v.running = exec.Command("concord", "serve", "--dir", v.dir, "--http", v.address)
	v.running.Stderr = &v.said
	if err := v.running.Start(); err != nil {
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
				if id, ok := v.post(ctx, v.dir, v.address, fmt.Sprintf("author %d, reason %d", i, n)); ok {
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
			v.Errorf("the node does not go on: it acknowledges nothing within %v: %s\n%s", patience, v.refusal, &v.said)
		}
	}
	<-time.After(time.Duration(chance.IntN(150_000)) * time.Microsecond)
	if err := v.running.Process.Kill(); err != nil {
		v.Error(err)
	}
	v.running.Wait() // says that it was killed
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
	repository := dataDir(v.dir).repository()
	if _, err := os.Stat(filepath.Join(repository, "HEAD")); err != nil && len(v.acts) == 0 {
		return // it was killed before it made one
	}
	id, err := dataDir(v.dir).identity()
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
	out, err := exec.Command("git", "-C", repository, "fsck", "--strict", "--no-dangling").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "notice: ") { // that there is nothing yet
			v.Errorf("git fsck --strict: %s", line)
		}
	}
	if err != nil {
		v.Errorf("git fsck --strict: %v", err)
	}
	if v.Failed() {
		v.FailNow()
	}
}

// ownHead returns the newest act of XBO that the node of XAU holds.
func (v *victim) ownHead() (act negotiation.ActID) {
	v.Helper()
	id, err := dataDir(v.hub).identity()
	if err != nil {
		v.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := dataDir(v.hub).ask(ctx, id)
	for err == nil && s.Link == nil && ctx.Err() == nil { // it is still starting
		s, err = dataDir(v.hub).ask(ctx, id)
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
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		xau, err := dataDir(v.hub).status(ctx)
		xbo, err2 := dataDir(v.dir).status(ctx)
		if err == nil && err2 == nil && xau.Link != nil && xbo.Link != nil && xau.StateDigest == xbo.StateDigest {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			v.Fatalf("the nodes do not get level: %v, %v\n%s", err, err2, &v.said)
		}
	}
	v.end(v.running, &v.said)
	v.end(v.hubNode, &v.hubSaid)
}

// end ends a node as a person does.
func (v *victim) end(node *exec.Cmd, said *bytes.Buffer) {
	v.Helper()
	if err := node.Process.Signal(os.Interrupt); err != nil {
		v.Error(err)
	}
	if err := node.Wait(); err != nil {
		v.Errorf("%v\n%s", err, said)
	}
}
