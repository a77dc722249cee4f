package main

import (
	"fmt"
	"io"
)

// A secret is a passphrase, a private key or a token. What prints, logs or encodes a
// secret, or something that has one in it, shows a word in its place; reveal alone
// gives it away. The zero secret is none.
type secret struct {
	text *string // behind a pointer, since fmt cannot ask an unexported field of another struct
}

// redacted stands where a secret would.
const redacted = "[secret]"

func newSecret(text string) secret { return secret{&text} }

func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

func (s secret) none() bool { return s.reveal() == "" }

// Format implements [fmt.Formatter] for every verb.
func (secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// MarshalText implements [encoding.TextMarshaler], for JSON, TOML and logs.
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
