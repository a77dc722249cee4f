package main

import (
	"context"
	"crypto"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"concord/drafts"
	"concord/federation"
	"concord/negotiation"
)

var floodActs = flag.Int("flood-acts", 3, "how many acts TestFlooded makes during each flood")

// TestFlooded has the node of XDE flood, with its own key and credentials, while on the
// node of XBO somebody acts: all of that comes to the node of XCA. With -v and more
// -flood-acts it tells how long that took, beside the same without a flood.
func TestFlooded(t *testing.T) {
	f := newFlooded(t)
	for _, kind := range []string{"nothing", "valid acts", "forged acts", "large messages", "heads", "questions"} {
		stop := f.flood(kind)
		var took []time.Duration
		for n := range *floodActs {
			took = append(took, f.act(fmt.Sprint(kind, " ", n)))
		}
		sent := stop()
		slices.Sort(took)
		t.Logf("%-15s %7d messages sent; from the request at XBO until it is seen at XCA: median %v, longest %v; most memory of XCA so far: %s",
			kind, sent, took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), memoryOf(f.reader))
	}
}

// A flooded is a hub at XAU with the nodes XBO and XCA, and the flooder.
type flooded struct {
	site
	author, reader *process
	pages          map[string]string // their addresses
	negotiation    negotiation.ActID
	own            *drafts.Repository // the flooder's
	key            crypto.Signer
	line           *nats.Conn
}

func newFlooded(t *testing.T) *flooded {
	t.Helper()
	f := &flooded{site: newSite(t), pages: map[string]string{}}
	hub := freeAddress(t)
	f.convene("# A statement\n\n1. States shall cooperate.\n", "XAU", "XBO", "XCA", "XDE")
	started := map[string]*process{}
	for _, code := range []string{"XAU", "XBO", "XCA", "XDE"} {
		f.pages[code] = freeAddress(t)
		command := []string{"concord", "serve", "--dir", code, "--http", f.pages[code]}
		if code == "XAU" {
			command = append(command, "--listen", hub)
		} else {
			f.concord("join", "--invitation", f.invite("XAU", "nats-leaf://"+hub, code), "--key", code+".key", "--dir", code)
		}
		started[code] = f.process(code+".log", command...)
		if err := started[code].start(); err != nil {
			t.Fatal(err)
		}
	}
	f.author, f.reader = started["XBO"], started["XCA"]
	f.eventually(time.Minute, "all have joined", func() (bool, string) {
		for _, code := range []string{"XBO", "XCA", "XDE"} {
			raw, _, err := f.ask(t.Context(), http.MethodGet, code, f.pages[code], "/api/v1/negotiation", "")
			if err != nil || strings.Count(string(raw), `"joined":true`) < 4 {
				return false, fmt.Sprint(string(raw), err)
			}
		}
		return true, ""
	})
	if err := started["XDE"].end(); err != nil {
		t.Fatal(err)
	}
	f.takeOver(dataDir(f.at("XDE")), hub)
	return f
}

// takeOver does what the node of XDE would do, from here on.
func (f *flooded) takeOver(d dataDir, hub string) {
	f.Helper()
	id, err := d.identity()
	if err != nil {
		f.Fatal(err)
	}
	f.negotiation = id.negotiation
	if f.key, err = d.key(f.Context(), &passphrases{}); err != nil {
		f.Fatal(err)
	}
	if f.own, err = d.open(id.negotiation); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { f.own.Close() })
	leaves, err := d.leaves()
	if err != nil {
		f.Fatal(err)
	}
	options := &server.Options{DontListen: true, NoSigs: true, NoLog: true, MaxPayload: 2 << 20}
	options.LeafNode.Remotes = []*server.RemoteLeafOpts{{URLs: []*url.URL{{Scheme: "nats-leaf", Host: hub}}, Nkey: leaves[0].Seed}}
	leaf, err := server.NewServer(options)
	if err != nil {
		f.Fatal(err)
	}
	leaf.Start()
	f.Cleanup(func() { leaf.Shutdown(); leaf.WaitForShutdown() })
	if f.line, err = nats.Connect("", nats.InProcessServer(leaf)); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(f.line.Close)
	f.eventually(patience, "the flooder is at the hub", func() (bool, string) { return leaf.NumLeafNodes() > 0, "" })
}

// flood floods until it is stopped, which returns how many messages were sent.
func (f *flooded) flood(kind string) (stop func() int) {
	if kind == "nothing" {
		return func() int { return 0 }
	}
	ctx, cancel := context.WithCancel(f.Context())
	var flooding sync.WaitGroup
	sent := 0
	flooding.Go(func() {
		for ; ctx.Err() == nil; sent++ {
			if err := f.send(kind, sent); err != nil && ctx.Err() == nil {
				f.Errorf("flooding with %s: %v", kind, err)
				return
			}
			if sent%16 == 0 {
				f.line.Flush() // fails when the flooder's server has cut it off, and the flood goes on
			}
		}
	})
	return func() int { cancel(); flooding.Wait(); return sent }
}

func (f *flooded) send(kind string, n int) error {
	subject := "concord." + f.negotiation.String()[:16] + "."
	switch kind {
	case "valid acts":
		_, message, err := f.own.Sign("XDE", f.key, time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnParagraph(1, 2, negotiation.For, fmt.Sprint("flood ", n))
		})
		if err != nil {
			return err
		}
		return f.line.Publish(subject+"XDE.acts", message)
	case "forged acts":
		message, err := f.own.Acts(f.Context(), negotiation.RecordOf("XDE"), 1, negotiation.ActID{})
		if err != nil {
			return err
		}
		message = slices.Clone(message[:min(len(message), 4<<10)])
		message[len(message)-1-n%(len(message)/2)] ^= 1
		return f.line.Publish(subject+"XDE.acts", message)
	case "large messages":
		return f.line.Publish(subject+"XDE.acts", make([]byte, federation.MaxActs))
	case "heads":
		message, err := f.heads(n)
		if err != nil {
			return err
		}
		return f.line.Publish(subject+"XDE.heads", message)
	}
	request, err := federation.FormatRequest(federation.Request{Negotiation: f.negotiation, Chain: negotiation.RecordOf("XDE"), From: 1})
	for _, code := range []string{"XAU", "XBO", "XCA"} {
		if err == nil {
			err = f.line.PublishRequest(subject+code+".fetch", nats.NewInbox(), request)
		}
	}
	return err
}

// heads are signed, and tell of an act that nobody has.
func (f *flooded) heads(n int) (message []byte, err error) {
	h := federation.Heads{Negotiation: f.negotiation, Node: "XDE", Time: time.Now().UTC().Truncate(time.Second)}
	h.Tips = []negotiation.Head{{Chain: negotiation.RecordOf("XDE"), Sequence: uint64(n + 1000), Act: negotiation.ActID{byte(n), byte(n >> 8), byte(n >> 16)}}}
	if h.Signature, err = negotiation.Sign(f.key, negotiation.HeadsNamespace, h.SignedText()); err != nil {
		return nil, err
	}
	return federation.FormatHeads(h)
}

// act takes a position on the node of XBO, and returns how long it took until it was seen
// on that of XCA.
func (f *flooded) act(why string) time.Duration {
	f.Helper()
	body := fmt.Sprintf(`{"revision": 1, "paragraph": 2, "stance": "for", "explanation": %q}`, why)
	begin := time.Now()
	raw, status, err := f.ask(f.Context(), http.MethodPost, "XBO", f.pages["XBO"], "/api/v1/positions", body)
	var act struct {
		ID string `json:"id"`
	}
	if err != nil || status != http.StatusCreated || json.Unmarshal(raw, &act) != nil {
		f.Fatalf("the node of XBO does not act: %d %s (%v)", status, raw, err)
	}
	for deadline := begin.Add(time.Minute); time.Now().Before(deadline); {
		if _, status, err = f.ask(f.Context(), http.MethodGet, "XCA", f.pages["XCA"], "/api/v1/acts/"+act.ID, ""); err == nil && status == http.StatusOK {
			return time.Since(begin)
		}
	}
	f.Fatalf("an act of XBO does not come to XCA: %d (%v)\n%s", status, err, f.reader.said())
	return 0
}

// memoryOf is the most resident memory that a process has had, where the system tells.
func memoryOf(p *process) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.running.Process.Pid))
	if err != nil {
		return "unknown"
	}
	_, after, _ := strings.Cut(string(raw), "VmHWM:")
	most, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(most)
}
