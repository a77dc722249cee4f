package main

import (
	"testing"
	"testing/synctest"
	"time"

	"concord/negotiation"
)

// TestClaims: a peer that says that it holds more of a node's record is believed
// while it delivers, and not for ever.
func TestClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &node{claims: map[negotiation.Code]claim{}}
		step := func(held uint64, after time.Duration, want bool) {
			t.Helper()
			<-time.After(after) // the bubble's clock
			if got := n.believes("XBO", held); got != want {
				t.Errorf("with %d acts here, after %v more: believed %t, want %t", held, after, got, want)
			}
		}
		step(3, 0, true)
		step(3, claimPatience/2, true)
		step(4, claimPatience/2, true) // one has come
		step(4, claimPatience-time.Second, true)
		step(4, 2*time.Second, false)
		step(4, time.Hour, false)
		if !n.believes("XCA", 4) {
			t.Error("one peer's silence is held against another")
		}
	})
}

func TestWithoutUser(t *testing.T) {
	for servers, want := range map[string]string{
		"":                           "",
		"nats-leaf://hub:7422":       "nats-leaf://hub:7422",
		"nats://xbo:p%40ss@hub":      "nats://hub",
		"tls://token@a:1,xbo:s@b:2":  "tls://a:1,b:2",
		"nats://xbo:p@ss@[::1]:4222": "nats://[::1]:4222",
	} {
		if got := withoutUser(servers); got != want {
			t.Errorf("withoutUser(%q) = %q, want %q", servers, got, want)
		}
	}
}
