package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// A browser is a real one, driven over its debugging pipe: JSON messages that end
// with NUL, in on descriptor 3, out on 4.
type browser struct {
	t  testing.TB
	in io.Writer

	mu       sync.Mutex
	last     int
	waiting  map[int]chan message // guarded by mu
	events   []message            // guarded by mu; what the pages complained about
	gone     chan struct{}
	deadline context.Context
}

// A message of the browser's: an answer to a command, or an event.
type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
}

// startBrowser starts a browser for one test, which is skipped where none is found.
func startBrowser(t testing.TB) *browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" || testing.Short() {
		t.Skip("no chromium found (or -short): what needs a real browser is not tested")
	}
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	profile, err := os.MkdirTemp("", "concord-browser-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{inRead, outWrite}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	inRead.Close()
	outWrite.Close()
	b := &browser{t: t, in: inWrite, waiting: map[int]chan message{}, gone: make(chan struct{}), deadline: ctx}
	go b.read(outRead)
	t.Cleanup(func() {
		cancel()
		cmd.Wait() // it was killed
		inWrite.Close()
		<-b.gone
		outRead.Close()
		os.RemoveAll(profile)
	})
	return b
}

func (b *browser) read(r io.Reader) {
	defer close(b.gone)
	for in := bufio.NewReader(r); ; {
		raw, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(raw[:len(raw)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if answer, ok := b.waiting[m.ID]; ok && m.ID > 0 {
			delete(b.waiting, m.ID)
			answer <- m
		} else if m.Method == "Log.entryAdded" || m.Method == "Runtime.exceptionThrown" || m.Method == "Runtime.consoleAPICalled" {
			b.events = append(b.events, m)
		}
		b.mu.Unlock()
	}
}

// call sends a command and returns its result; an error of it fails the test.
func (b *browser) call(session, method string, params any) json.RawMessage {
	b.t.Helper()
	answer := b.send(session, method, params)
	if answer.Error != nil {
		b.t.Fatalf("%s: %s", method, answer.Error)
	}
	return answer.Result
}

// send sends a command and returns the answer.
func (b *browser) send(session, method string, params any) message {
	b.t.Helper()
	encoded, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	m := message{ID: b.last, Method: method, Params: encoded, SessionID: session}
	b.waiting[m.ID] = answer
	raw, err := json.Marshal(m)
	if err == nil {
		_, err = b.in.Write(append(raw, 0))
	}
	b.mu.Unlock()
	if err != nil {
		b.t.Fatal(err)
	}
	select {
	case got := <-answer:
		return got
	case <-b.gone:
		b.t.Fatalf("%s: the browser is gone", method)
	case <-b.deadline.Done():
		b.t.Fatalf("%s: no answer in time", method)
	}
	return message{}
}

// A window is one tab of a browser.
type window struct {
	*browser
	session string
}

// open opens a tab at an address.
func (b *browser) open(address string) window {
	b.t.Helper()
	var target struct{ TargetID, SessionID string }
	b.decode(b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}), &target)
	b.decode(b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}), &target)
	w := window{b, target.SessionID}
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		w.call(w.session, domain+".enable", struct{}{})
	}
	w.visit(address)
	return w
}

func (b *browser) decode(raw json.RawMessage, into any) {
	b.t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		b.t.Fatal(err)
	}
}

// visit goes to an address and waits until the page is there.
func (w window) visit(address string) {
	w.t.Helper()
	w.eval("window.left = true")
	w.call(w.session, "Page.navigate", map[string]any{"url": address})
	w.until("!window.left && document.readyState === 'complete'")
}

// eval returns the value of a script's expression, which may be a promise.
func (w window) eval(script string) any {
	w.t.Helper()
	var answer struct {
		Result struct{ Value any }
		Thrown *struct{ Text string } `json:"exceptionDetails"`
	}
	w.decode(w.call(w.session, "Runtime.evaluate", map[string]any{
		"expression": script, "awaitPromise": true, "returnByValue": true,
	}), &answer)
	if answer.Thrown != nil {
		w.t.Fatalf("%s: %s", script, answer.Thrown.Text)
	}
	return answer.Result.Value
}

// until waits for a condition of the page. Between two pages there is none to ask,
// which is no error.
func (w window) until(condition string) {
	w.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for w.deadline.Err() == nil {
		answer := w.send(w.session, "Runtime.evaluate", map[string]any{"expression": "!!(" + condition + ")", "returnByValue": true})
		var got struct{ Result struct{ Value any } }
		if answer.Error == nil {
			w.decode(answer.Result, &got)
		}
		if got.Result.Value == true {
			return
		}
		<-tick.C
	}
	w.t.Fatalf("it did not come to be that %s", condition)
}

// complaints returns what the pages' consoles said, violations of the content
// security policy among it.
func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var said []string
	for _, e := range b.events {
		said = append(said, string(e.Params))
	}
	return said
}
