package api

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

// An event as a browser reads it.
type event struct{ name, id, data string }

// listen opens an event stream; the channel is closed when the stream ends.
func listen(t *testing.T, ctx context.Context, url string) <-chan event {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url+root+eventsPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != eventsType {
		t.Fatalf("status %d, %s", resp.StatusCode, resp.Header)
	}
	events := make(chan event)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		var e event
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				if e.name == "" {
					continue
				}
				select {
				case events <- e:
				case <-t.Context().Done():
				}
				e = event{}
			}
		}
	}()
	return events
}

// next returns the next event, or fails the test after a time that no machine needs.
func next(t *testing.T, events <-chan event) event {
	t.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			t.Fatal("the stream has ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("no event came")
	}
	return event{}
}

func TestEventsTellWhatAnotherNodeDid(t *testing.T) {
	tb := convene(t)
	hs := tb.seat("XAU").server(t)
	hs.Config.ReadTimeout, hs.Config.WriteTimeout = 50*time.Millisecond, time.Nanosecond // must not end the stream
	hs.Start()
	events := listen(t, t.Context(), hs.URL)
	document := readDocument(t)
	expect := func(name, id string) {
		t.Helper()
		e := next(t, events)
		if e.name != name || e.id != id {
			t.Fatalf("got %+v, want a %s event %s", e, name, id)
		}
		var data any
		if err := json.Unmarshal([]byte(e.data), &data); err != nil {
			t.Fatal(err)
		}
		schema := map[string]any{"$ref": "#/components/schemas/" + map[string]string{"state": "StateEvent", "link": "Link"}[name]}
		for _, bad := range document.check(schema, data, name) {
			t.Error(bad)
		}
	}
	expect("state", tb.State().Digest())

	tb.seat("XBO").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(1, 3, negotiation.For, "")
	})
	expect("state", tb.State().Digest())

	seen := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	tb.setLink(Link{Connected: true, Peers: []Peer{{Code: "XBO", LastSeen: &seen, Behind: 1}}})
	expect("link", "")
}

func TestCloseEndsTheStreams(t *testing.T) {
	hs := convene(t).seat("XAU").serve(t)
	events := listen(t, t.Context(), hs.URL)
	next(t, events)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := hs.Config.Shutdown(ctx); err != nil {
		t.Fatalf("the server hangs on an open stream: %v", err)
	}
	for range events {
		t.Error("an event after the end")
	}
}

func TestStreamsAreBounded(t *testing.T) {
	_, s := serveAll(t)
	ctx, cancel := context.WithCancel(t.Context())
	url := s.servers["XAU"].URL
	for range maxStreams {
		next(t, listen(t, ctx, url))
	}
	resp, raw := s.request(t, "XAU", "GET", root+eventsPath, nil, nil)
	if resp.StatusCode != http.StatusServiceUnavailable || faultIn(t, raw) != errBusy || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one stream too many: status %d, %s", resp.StatusCode, raw)
	}
	cancel()
	// The places become free as the server notices that the clients have gone.
	for deadline := time.Now().Add(20 * time.Second); ; {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url+root+eventsPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("streams whose clients have gone are still counted")
		}
	}
}
