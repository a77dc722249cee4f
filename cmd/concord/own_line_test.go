package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestOwnLineDown: a node whose own line is down says that it works alone, takes and keeps
// acts, and shows the record; the others go on. When the line is back, each side gets
// what the other has done meanwhile.
func TestOwnLineDown(t *testing.T) {
	t.Parallel() // it waits most of the time
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		ownLineDown(t, leafScheme, func(l *line) (mend func()) {
			l.refuse(true)
			return func() { l.refuse(false) }
		})
	})
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		ownLineDown(t, leafScheme, func(l *line) (mend func()) { return l.stall(toHub, fromHub) })
	})
	t.Run("silent_client", func(t *testing.T) {
		t.Parallel()
		ownLineDown(t, clientScheme, func(l *line) (mend func()) { return l.stall(toHub, fromHub) })
	})
}

// The URLs of a hub that a node joins, and of a server whose client it is.
const (
	leafScheme   = "nats-leaf://"
	clientScheme = "nats://"
)

// silence is how long a node may take to find that a line says nothing any more.
const silence = 45 * time.Second

func ownLineDown(t *testing.T, scheme string, failing func(*line) (mend func())) {
	s := newSite(t)
	hub, chair, address := freeAddress(t), freeAddress(t), freeAddress(t)
	way := newLine(t, hub, rand.New(rand.NewPCG(1, 1)))
	s.convene("# A statement\n\n1. States shall cooperate.\n", "XAU", "XBO")
	s.concord("join", "--invitation", s.invite("XAU", leafScheme+way.address(), "XBO"), "--key", "XBO.key", "--dir", "XBO")
	processes := []*process{
		s.process("xau.log", "concord", "serve", "--dir", "XAU", "--http", chair, "--listen", hub),
		s.process("xbo.log", "concord", "serve", "--dir", "XBO", "--http", address),
	}
	if scheme == clientScheme {
		s.write("nats.conf", fmt.Sprintf("listen: %q\n", hub))
		processes = []*process{
			s.process("nats.log", "nats-server", "-c", "nats.conf"),
			s.process("xau.log", "concord", "serve", "--dir", "XAU", "--http", chair, "--nats", scheme+hub),
			s.process("xbo.log", "concord", "serve", "--dir", "XBO", "--http", address, "--nats", scheme+way.address()),
		}
	}
	for _, node := range processes {
		if err := node.start(); err != nil {
			t.Fatal(err)
		}
	}
	level := func() (bool, string) {
		xau, err := dataDir(s.at("XAU")).status(context.Background())
		xbo, err2 := dataDir(s.at("XBO")).status(context.Background())
		ok := err == nil && err2 == nil && xau.Link != nil && xbo.Link != nil && xbo.Link.Connected && xau.StateDigest == xbo.StateDigest && len(xau.Heads) == 3
		return ok, fmt.Sprint(err, err2, xau, xbo)
	}
	propose := func(code, address, verb string) {
		t.Helper()
		body := fmt.Sprintf(`{"headline": %q, "changes": [{"paragraph": 2, "text": "1. States %s cooperate."}]}`, verb, verb)
		if raw, status, err := s.ask(t.Context(), http.MethodPost, code, address, "/api/v1/proposals", body); err != nil || status != http.StatusCreated {
			t.Fatalf("%s: %d %s %v", code, status, raw, err)
		}
	}
	rolling := func(code, address string) string {
		t.Helper()
		raw, status, err := s.ask(t.Context(), http.MethodGet, code, address, "/api/v1/text/rolling?format=markdown", "")
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s %v", code, status, raw, err)
		}
		return string(raw)
	}
	s.eventually(patience, "both are level", level)

	mend := failing(way)
	s.eventually(silence, "the node says that it works alone", func() (bool, string) {
		page, _, err := s.ask(t.Context(), http.MethodGet, "XBO", address, "/status", "")
		return err == nil && strings.Contains(string(page), "Working alone: acts are kept and will go out."), string(page)
	})
	propose("XBO", address, "should")
	propose("XAU", chair, "may")
	for _, c := range []struct{ code, address, own, other string }{{"XBO", address, "should", "may"}, {"XAU", chair, "may", "should"}} {
		if text := rolling(c.code, c.address); !strings.Contains(text, c.own) || strings.Contains(text, c.other) {
			t.Errorf("%s, with the line down, shows\n%s", c.code, text)
		}
	}

	mend()
	s.eventually(patience, "both are level again", level)
	if text := rolling("XBO", address); text != rolling("XAU", chair) || !strings.Contains(text, "should") || !strings.Contains(text, "may") {
		t.Errorf("afterwards the node shows\n%s", text)
	}
}
