package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"concord/negotiation"
)

const (
	eventsPath    = "/events"
	eventsType    = "text/event-stream"
	maxStreams    = 200
	heartbeat     = 15 * time.Second
	reconnect     = 2 * time.Second        // after which a browser asks again
	eventInterval = 100 * time.Millisecond // what changes within is one event
	stalled       = 30 * time.Second       // after which a client that takes nothing is given up
)

// stateEvent says what the acts held here come to, so that a page knows whether
// what it shows is out of date.
type stateEvent struct {
	Digest   string             `json:"stateDigest"`
	Revision uint64             `json:"revision"`
	Heads    []negotiation.Head `json:"heads"`
}

// eventsHead answers HEAD for the event stream.
func (s *server) eventsHead(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", eventsType)
	w.WriteHeader(http.StatusOK)
	return nil
}

// events streams a state event at once and whenever the state changes, after it a fork
// event for each fork that was learnt of or settled since the state event before, and
// a link event whenever only the link changes, until the client goes or the server
// closes.
func (s *server) events(w http.ResponseWriter, r *http.Request) error {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		w.Header().Set("Retry-After", "10")
		return errBusy.Because("%d pages listen to this node already", maxStreams)
	}
	out := stream{http.NewResponseController(w), w}
	if err := out.begin(); err != nil {
		return nil // the client is gone
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	digest, link, forks := "", s.currentLink(), s.Node.State().Forks
	for {
		changed := s.Node.Changed()
		st, now := s.Node.State(), s.currentLink()
		var err error
		switch {
		case st.Digest() != digest:
			err = out.send("state", st.Digest(), stateEvent{st.Digest(), uint64(len(st.Revisions)), list(st.Heads)})
			for _, f := range st.Forks {
				if err == nil && !slices.ContainsFunc(forks, func(before negotiation.Fork) bool { return reflect.DeepEqual(f, before) }) {
					err = out.send("fork", "", f)
				}
			}
		case !reflect.DeepEqual(now, link):
			err = out.send("link", "", now)
		}
		digest, link, forks = st.Digest(), now, st.Forks
		if err != nil || !s.await(r.Context(), out, changed, beat.C) {
			return nil
		}
	}
}

// await returns when something has changed, and whether the stream goes on. Until
// then it keeps the connection from looking dead.
func (s *server) await(ctx context.Context, out stream, changed <-chan struct{}, beat <-chan time.Time) bool {
	for {
		select {
		case <-changed:
			select {
			case <-time.After(eventInterval):
				return true
			case <-ctx.Done():
				return false
			case <-s.done:
				return false
			}
		case <-beat:
			if out.write(":\n\n") != nil {
				return false
			}
		case <-ctx.Done():
			return false
		case <-s.done:
			return false
		}
	}
}

// A stream writes server-sent events.
type stream struct {
	control *http.ResponseController
	w       http.ResponseWriter
}

// begin lifts the server's deadlines, which are for requests that end, and sends
// the header.
func (out stream) begin() error {
	if err := out.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	out.w.Header().Set("Content-Type", eventsType)
	out.w.Header().Set("Cache-Control", "no-store")
	out.w.WriteHeader(http.StatusOK)
	return out.write("retry: " + strconv.FormatInt(reconnect.Milliseconds(), 10) + "\n\n")
}

func (out stream) send(event, id string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("api: event %s: %w", event, err)
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	return out.write("event: " + event + "\n" + id + "data: " + string(encoded) + "\n\n")
}

func (out stream) write(s string) error {
	if err := out.control.SetWriteDeadline(time.Now().Add(stalled)); err != nil {
		return err
	}
	if _, err := out.w.Write([]byte(s)); err != nil {
		return err
	}
	return out.control.Flush()
}
