package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"concord/drafts"
	"concord/negotiation"
)

// TestDiskFull fills the disk of a running node, a small one that only that node sees.
// Whoever acts is told so, and what was acknowledged stays; the record can be read; and
// when there is room again the node goes on and catches up by itself.
func TestDiskFull(t *testing.T) {
	for _, name := range []string{"git", "unshare"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	if err := exec.Command("unshare", "-rm", "true").Run(); err != nil {
		t.Skip("this system does not let a process have a disk of its own")
	}
	s := newSite(t)
	hub, chair, address := freeAddress(t), freeAddress(t), freeAddress(t)
	s.convene("# A statement\n\n1. States shall cooperate.\n", "XAU", "XBO")
	s.concord("join", "--invitation", s.invite("XAU", "nats-leaf://"+hub, "XBO"), "--key", "XBO.key", "--dir", "laid-down")
	if err := os.Mkdir(s.at("XBO"), 0o700); err != nil {
		t.Fatal(err)
	}
	node := s.process("xbo.log", "unshare", "-rm", "sh", "-c",
		"mount -t tmpfs -o size=2m disk XBO && cp laid-down/* XBO && exec concord serve --dir XBO --http "+address)
	if err := errors.Join(s.process("xau.log", "concord", "serve", "--dir", "XAU", "--http", chair, "--listen", hub).start(), node.start()); err != nil {
		t.Fatal(err)
	}
	disk := dataDir(fmt.Sprintf("/proc/%d/root%s", node.running.Process.Pid, s.at("XBO"))) // as the node has it
	act := func(code, address, why string) (act negotiation.ActID, refusal string) {
		body := fmt.Sprintf(`{"revision": 1, "paragraph": 2, "stance": "for", "explanation": %q}`, why)
		raw, status, err := s.ask(t.Context(), http.MethodPost, code, address, "/api/v1/positions", body)
		var answer struct{ ID, Detail string }
		if err = cmp.Or(err, json.Unmarshal(raw, &answer)); err == nil && status == http.StatusCreated {
			act, err = negotiation.ParseActID(answer.ID)
		}
		if err != nil {
			return act, err.Error()
		}
		return act, answer.Detail
	}
	holds := func(want ...negotiation.ActID) func() (bool, string) {
		return func() (bool, string) {
			id, err := disk.identity()
			if err != nil {
				return false, err.Error() // it is still starting
			}
			state, err := drafts.Load(disk.repository(), id.negotiation)
			if err != nil {
				return false, err.Error()
			}
			for _, act := range want {
				if _, ok := state.Act(act); !ok {
					return false, "it lacks " + act.String()
				}
			}
			return true, ""
		}
	}
	must := func(act negotiation.ActID, refusal string) negotiation.ActID {
		t.Helper()
		if refusal != "" {
			t.Fatal(refusal)
		}
		return act
	}

	var own negotiation.ActID
	s.eventually(patience, "the node has joined and acts", func() (ok bool, refusal string) {
		own, refusal = act("laid-down", address, "Before.")
		return refusal == "", refusal
	})
	fill(t, disk.file("ballast"))
	if _, refusal := act("laid-down", address, "While the disk is full."); !strings.HasPrefix(refusal, "There is no room on this node's disk. All that was acknowledged is kept; ") {
		t.Errorf("on the full disk, whoever acts is told %q", refusal)
	}
	others := must(act("XAU", chair, "Meanwhile."))
	s.eventually(patience, "the node sees that another has what it lacks", func() (bool, string) {
		status, err := disk.status(t.Context())
		if err != nil || status.Link == nil || len(status.Link.Peers) == 0 {
			return false, fmt.Sprint(err)
		}
		return status.Link.Peers[0].Ahead > 0, fmt.Sprint(status)
	})
	if ok, lacks := holds(own)(); !ok {
		t.Errorf("on the full disk: %s", lacks)
	}
	if ok, _ := holds(others)(); ok {
		t.Error("the full disk takes an act: this tests nothing")
	}
	if raw, status, err := s.ask(t.Context(), http.MethodGet, "laid-down", address, "/api/v1/text", ""); status != http.StatusOK {
		t.Errorf("the text cannot be read: %d %s %v", status, raw, err)
	}
	if err := os.Remove(disk.file("ballast")); err != nil {
		t.Fatal(err)
	}
	s.eventually(patience, "the node goes on", holds(own, others, must(act("laid-down", address, "After."))))
	if err := os.CopyFS(s.at("copy"), os.DirFS(string(disk))); err != nil {
		t.Fatal(err)
	}
	s.fsck(dataDir(s.at("copy")).repository())
}

// fill takes all the room that there is on a disk with a file.
func fill(t *testing.T, name string) {
	t.Helper()
	ballast, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer ballast.Close()
	for size := 64 << 10; size > 0; {
		if _, err := ballast.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
