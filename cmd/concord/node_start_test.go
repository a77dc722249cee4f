package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

// A pair is the data directories xau, the hub's, and xbo in the working directory.
type pair struct {
	*testing.T
	hub string // its address
}

func newPair(t *testing.T) pair {
	t.Helper()
	t.Chdir(t.TempDir())
	p := pair{t, freeAddress(t)}
	p.concord("keygen", "--no-passphrase", "xau")
	p.concord("keygen", "--no-passphrase", "xbo")
	charter := "title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	for _, code := range []string{"xau", "xbo"} {
		charter += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State\"\nkey = '%s'\n", strings.ToUpper(code), strings.TrimSpace(read(t, code+".pub")))
	}
	p.write("charter.toml", charter)
	p.write("statement.md", "# A statement\n\n1. States shall cooperate.\n")
	p.concord("convene", "--charter", "charter.toml", "--text", "statement.md", "--key", "xau.key", "--recovery", "xau-recovery.pub", "--dir", "xau")
	p.write("invitation", p.concord("invite", "--dir", "xau", "--hub", "nats-leaf://"+p.hub, "XBO"))
	p.concord("join", "--invitation", "invitation", "--key", "xbo.key", "--recovery", "xbo-recovery.pub", "--dir", "xbo")
	return p
}

func (p pair) write(name, content string) {
	p.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		p.Fatal(err)
	}
}

func (p pair) concord(args ...string) string {
	p.Helper()
	var out, trouble bytes.Buffer
	if code := mainWith(args, strings.NewReader(""), &out, &trouble); code != 0 {
		p.Fatalf("concord %s: exit code %d\n%s", args[0], code, &trouble)
	}
	return out.String()
}

// start starts a node whose first acts wait as long as patience says.
func (p pair) start(code string, patience time.Duration) *node {
	p.Helper()
	abs, err := filepath.Abs(code)
	if err != nil {
		p.Fatal(err)
	}
	d := dataDir(abs)
	key, err := d.key(p.Context(), &passphrases{})
	if err != nil {
		p.Fatal(err)
	}
	carrier, err := d.carrier(p.hub)
	if err != nil {
		p.Fatal(err)
	}
	n, err := openNode(p.Context(), d, key, carrier, patience, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { n.Close() })
	return n
}

// until waits until a node's acts are as they should be.
func (p pair) until(n *node, what string, satisfied func() bool) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), patience)
	defer cancel()
	for {
		changed := n.Changed()
		if satisfied() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			p.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func takes(stance negotiation.Stance) func(negotiation.Delegation) (negotiation.Unsigned, error) {
	return func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(1, 2, stance, "")
	}
}

// TestRolledBack: a volume that is put back to an earlier state, with the very inodes
// that it had, makes no fork while another node can be reached: the first act after the
// start waits for it.
func TestRolledBack(t *testing.T) {
	p := newPair(t)
	hub := p.start("xau", time.Hour) // for nobody: it is alone
	if _, err := hub.Act(t.Context(), takes(negotiation.For)); err != nil {
		t.Fatal(err)
	}
	guest := p.start("xbo", time.Hour)
	p.until(hub, "both have joined", func() bool {
		return len(hub.State().Joined) == 2 && hub.State().Received(hub.State().Current().Act, "XBO")
	})
	stop := func(n *node) {
		t.Helper()
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop(guest)

	restore := snapshot(t, "xbo/repository.git")
	guest = p.start("xbo", time.Hour)
	lost, err := guest.Act(t.Context(), takes(negotiation.Against))
	if err != nil {
		t.Fatal(err)
	}
	p.until(hub, "the act has arrived", func() bool { return hub.State().Counts(lost.ID()) })
	stop(guest)
	stop(hub)
	restore()

	guest = p.start("xbo", time.Hour)
	if !guest.repository.Vouched() {
		t.Fatal("the rollback shows by itself: this tests nothing")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := guest.Act(gone, takes(negotiation.For)); !errors.Is(err, context.Canceled) {
		t.Fatalf("an act whose author has gone away: error %v", err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := guest.Act(t.Context(), takes(negotiation.Reserve))
		answer <- err
	}()
	stop(guest)
	if err := <-answer; !errors.Is(err, drafts.ErrClosed) {
		t.Fatalf("an act that waits when the node is stopped: error %v", err)
	}
	guest = p.start("xbo", time.Hour)
	var next negotiation.Verified
	go func() {
		var err error
		next, err = guest.Act(t.Context(), takes(negotiation.Reserve))
		answer <- err
	}()
	hub = p.start("xau", 0)
	if err := <-answer; err != nil {
		t.Fatal(err)
	}
	if next.Act().Previous != lost.ID() {
		t.Errorf("L10: after a rollback, act %d follows %.16s, not the last act %.16s", next.Act().Sequence, next.Act().Previous, lost.ID())
	}
	p.until(hub, "the next act has arrived", func() bool { return hub.State().Counts(next.ID()) })
	if forks := hub.State().Forks; len(forks) > 0 {
		t.Errorf("L10: the node has forked its record: %v", forks)
	}
	stop(guest)
	stop(hub)

	// Nobody can be reached: work goes on after the wait.
	guest = p.start("xbo", time.Millisecond)
	if _, err := guest.Act(t.Context(), takes(negotiation.Flexible)); err != nil {
		t.Fatal(err)
	}
}

// snapshot remembers a repository, and returns what puts it back as a restored volume
// has it, the inode of the marks included.
func snapshot(t *testing.T, dir string) (restore func()) {
	t.Helper()
	marks, kept := filepath.Join(dir, "concord.marks"), filepath.Join(t.TempDir(), "marks")
	if err := os.Link(marks, kept); err != nil {
		t.Fatal(err)
	}
	before := map[string][]byte{}
	walk := func(each func(path string) error) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			return each(path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	walk(func(path string) (err error) {
		before[path], err = os.ReadFile(path)
		return err
	})
	return func() {
		t.Helper()
		walk(func(path string) error {
			if _, there := before[path]; !there {
				return os.Remove(path)
			}
			return nil
		})
		for path, content := range before {
			if path == marks || strings.Contains(path, "objects") {
				continue // objects never change
			}
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(kept, marks); err != nil {
			t.Fatal(err)
		}
	}
}
