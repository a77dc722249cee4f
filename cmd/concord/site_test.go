package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A site is where a test lays down data directories, and runs the program on them.
type site struct {
	*testing.T
	base   string
	client *http.Client
}

func newSite(t *testing.T) site {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	return site{t, t.TempDir(), client}
}

func (s site) at(name string) string { return filepath.Join(s.base, name) }

func (s site) write(name, content string) {
	s.Helper()
	if err := os.WriteFile(s.at(name), []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
}

// concord runs a command in the site and returns what it prints.
func (s site) concord(args ...string) string {
	s.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("concord", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.base, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		s.Fatalf("concord %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return stdout.String()
}

// convene makes a key for each state, CODE.key, and has the first one convene a
// negotiation of all of them on a text, in a data directory of its name.
func (s site) convene(text string, codes ...string) {
	s.Helper()
	charter := fmt.Sprintf("title = \"A statement\"\nchair = %q\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n", codes[0])
	for _, code := range codes {
		s.concord("keygen", "--no-passphrase", code)
		key, err := os.ReadFile(s.at(code + ".pub"))
		if err != nil {
			s.Fatal(err)
		}
		charter += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State\"\nkey = %q\n", code, strings.TrimSpace(string(key)))
	}
	s.write("charter.toml", charter)
	s.write("statement.md", text)
	s.concord("convene", "--charter", "charter.toml", "--text", "statement.md", "--key", codes[0]+".key", "--dir", codes[0])
}

// process returns a program that is run in the site, and ends with the test.
func (s site) process(log string, command ...string) *process {
	p := &process{command: command, dir: s.base, log: s.at(log)}
	s.Cleanup(p.abandon)
	return p
}

// invite has a node's hub invite another state, and returns the invitation's name.
func (s site) invite(by, hub, code string) string {
	s.Helper()
	name := code + "-of-" + by + ".invitation"
	s.write(name, s.concord("invite", "--dir", by, "--hub", hub, code))
	return name
}

// ask asks a node, with the token in a data directory.
func (s site) ask(ctx context.Context, method, dir, address, path, body string) (answer []byte, status int, err error) {
	token, err := os.ReadFile(filepath.Join(s.at(dir), "token"))
	if err != nil {
		return nil, 0, err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return answer, response.StatusCode, err
}

// eventually waits until something is so, and says what it was last when it is not.
func (s site) eventually(within time.Duration, what string, satisfied func() (bool, string)) {
	s.Helper()
	expired := time.NewTimer(within)
	defer expired.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, last := satisfied()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-expired.C:
			s.Fatalf("not within %v: %s; last: %s", within, what, last)
		}
	}
}

// fsck has stock git look at a repository.
func (s site) fsck(repository string) {
	s.Helper()
	out, err := exec.Command("git", "-C", repository, "fsck", "--strict", "--no-dangling").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "notice: ") { // that there is nothing yet
			s.Errorf("git fsck --strict: %s", line)
		}
	}
	if err != nil {
		s.Errorf("git fsck --strict: %v", err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := findFree()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// findFree returns a loopback address at which nothing listens. Its port is none of those
// that systems give to whoever connects, so that it is free still when a node that was
// killed listens there again.
func findFree() (address string, err error) {
	for range 100 {
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", err
}
