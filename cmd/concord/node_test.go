package main

import "testing"

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
