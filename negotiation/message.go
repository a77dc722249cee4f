package negotiation

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of an act's message, in bytes. They are checked before anything is parsed.
const (
	MaxMessage     = 64 << 10
	MaxSubject     = 300
	MaxExplanation = 32 << 10
	maxTrailers    = 400
	maxTrailer     = 1000
)

// A Trailer is one "Key: value" line at the end of an act's message.
type Trailer struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// message is the outer form of every act, of whatever kind and version.
type message struct {
	subject     string
	explanation string // canonical prose, or empty
	trailers    []Trailer
}

// format prints the message: the subject; the explanation, each line of it
// indented by two spaces so that it can never pass for a trailer; the trailers.
func (m message) format() []byte {
	var b strings.Builder
	b.WriteString(m.subject)
	b.WriteString("\n\n")
	if m.explanation != "" {
		for line := range strings.Lines(m.explanation + "\n") {
			if line != "\n" {
				b.WriteString("  ")
			}
			b.WriteString(line)
		}
		b.WriteString("\n")
	}
	for _, t := range m.trailers {
		b.WriteString(t.Key + ": " + t.Value + "\n")
	}
	return []byte(b.String())
}

// parseMessage reads what format printed. Whoever calls it compares the format
// of the outcome with what was read, so it need not refuse every other form.
func parseMessage(raw []byte) (message, error) {
	if len(raw) > MaxMessage {
		return message{}, ErrTooLarge.Because("the message has %d bytes; the most is %d", len(raw), MaxMessage)
	}
	if !utf8.Valid(raw) {
		return message{}, ErrNotCanonical.Because("the message is not UTF-8")
	}
	subject, rest, ok := strings.Cut(string(raw), "\n\n")
	if !ok {
		return message{}, ErrNotCanonical.Because("the message has no trailers")
	}
	m := message{subject: subject}
	if i := strings.LastIndex(rest, "\n\n"); i >= 0 {
		var lines []string
		for line := range strings.SplitSeq(rest[:i], "\n") {
			lines = append(lines, strings.TrimPrefix(line, "  "))
		}
		m.explanation = strings.Join(lines, "\n")
		rest = rest[i+2:]
	}
	if strings.Count(rest, "\n") > maxTrailers {
		return message{}, ErrTooLarge.Because("the message has more than %d trailers", maxTrailers)
	}
	for line := range strings.Lines(rest) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !ok {
			return message{}, ErrNotCanonical.Because("%q is not a trailer", clip(line))
		}
		m.trailers = append(m.trailers, Trailer{key, value})
	}
	return m, m.check()
}

// check applies the rules of form that hold for acts of every kind and version.
func (m message) check() error {
	switch {
	case m.subject == "" || len(m.subject) > MaxSubject:
		return ErrTooLarge.Because("the subject has %d bytes; it has 1 to %d", len(m.subject), MaxSubject)
	case len(m.explanation) > MaxExplanation:
		return ErrTooLarge.Because("the explanation has %d bytes; the most is %d", len(m.explanation), MaxExplanation)
	case len(m.trailers) == 0 || len(m.trailers) > maxTrailers:
		return ErrTooLarge.Because("the message has %d trailers; it has 1 to %d", len(m.trailers), maxTrailers)
	}
	if err := checkLine("subject", m.subject); err != nil {
		return err
	}
	if prose, err := CanonProse(m.explanation); err != nil {
		return err
	} else if prose != m.explanation {
		return ErrNotCanonical.Because("the explanation is not in canonical form")
	}
	for _, t := range m.trailers {
		if len(t.Key)+len(t.Value) > maxTrailer {
			return ErrTooLarge.Because("trailer %q has more than %d bytes", clip(t.Key), maxTrailer)
		}
		if !isTrailerKey(t.Key) {
			return ErrNotCanonical.Because("%q is not the key of a trailer", clip(t.Key))
		}
		if err := checkLine("trailer "+t.Key, t.Value); err != nil {
			return err
		}
	}
	return nil
}

func isTrailerKey(key string) bool {
	for i, r := range key {
		letter := 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !letter && (i == 0 || r != '-') {
			return false
		}
	}
	return key != ""
}

// checkLine refuses what cannot be one visible line of an act.
func checkLine(what, s string) error {
	prose, err := CanonProse(s)
	if err != nil {
		return err
	}
	if s == "" || prose != s || strings.Contains(s, "\n") {
		return ErrNotCanonical.Because("the %s is not one line in canonical form", what)
	}
	return nil
}

var plainSpace = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ")

// CanonProse brings what a person wrote beside the text (a headline, an
// explanation) into canonical form: UTF-8, NFC, LF, no space at the ends of
// lines, at most one empty line in a row, none at either end. What has characters
// that a reader cannot see is refused with [ErrText].
func CanonProse(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", ErrText.Because("what was written is not UTF-8")
	}
	s = plainSpace.Replace(norm.NFC.String(s))
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.Trim(line, " ")
		if flaw := invisible(line); flaw != nil {
			return "", ErrText.Because("%s", flaw.reason)
		}
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n"), nil
}
