package main

import (
	"strings"
	"testing"
)

// TestUnrepeated: names and public keys are repeated, so that a person sees what is
// wrong with them; what may be secret is not.
func TestUnrepeated(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"", "kaz.key", dir + "/ANameThatIsLong4APersonWhoHasToTypeIt/kaz.key", "--dir=" + dir + "/ANameThatIsLong4APersonWhoHasToTypeIt",
		strings.Repeat("0123456789abcdef", 4), "agent:SHA256:sAFbUxOWkz5TpQ0kqTYQhRrxVEnNZ8qBPlCzr3nNq0A", "nats://127.0.0.1:4222",
		"tls://hub.example:7422#sha256:TKYwjegxvEwMcVZGJEXEX9vkwgHEpCKCPhm79BHocP4",
		"agent:ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmXqT1kCwhyZ4Pv0tQ8Gm0cS5YpM3uHn1o2bAeVbN9x",
		"2026-11-statement-of-the-leaders-on-the-security-of-ict-Version-12.md",
	} {
		message := "there is no " + name + ". Nothing was changed."
		if got := unrepeated(message, []string{"join", name}); got != message {
			t.Errorf("of the name %q a person sees %q", name, got)
		}
	}
	body := strings.Repeat("aG9yc2UgYmF0dGVyeSBzdGFwbGU5", 4)
	for _, secret := range []string{
		body, "env:" + body, "SUAKN2N4MXQ7ZBZ3U2Q5XQ6F3Y5J2KXJ6R7R3W2O4Q5T6U7V2W3X4Y5Z6A", "/" + body,
		"-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "\nc2hvcnQ=\n-----END OPENSSH PRIVATE KEY-----\n",
		strings.Repeat("a-long-name", 100),
	} {
		for _, quote := range []func(string) string{func(s string) string { return s }, func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }} {
			message := "there is no " + quote(secret) + ". Nothing was changed."
			if got := unrepeated(message, []string{"join", secret}); got != "there is no "+notRepeated+". Nothing was changed." && got != "there is no "+notRepeated+`\n. Nothing was changed.` {
				t.Errorf("of a secret a person sees %q", got)
			}
		}
	}
}
