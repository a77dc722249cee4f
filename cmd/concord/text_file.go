package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"concord/negotiation/redline"
)

// maxTextFile bounds the texts that are worked on, in bytes.
const maxTextFile = 16 << 20

// A textFile is a text that a command was given: UTF-8 without NUL and without
// the paragraph separator, U+2029.
type textFile struct {
	name string // as it was given
	text string
}

// title is what a person calls the text.
func (f textFile) title() string {
	if f.name == "-" {
		return "standard input"
	}
	return filepath.Base(f.name)
}

// readTexts reads texts whole. One of the names may be -, for standard input.
func (c *call) readTexts(names ...string) ([]textFile, error) {
	piped := false
	for _, name := range names {
		if name == "-" && piped {
			return nil, fmt.Errorf("%w: - is standard input, which can be read only once", errUsage)
		}
		piped = piped || name == "-"
	}
	files := make([]textFile, len(names))
	for i, name := range names {
		text, err := c.readText(name)
		if err != nil {
			return nil, err
		}
		files[i] = textFile{name, text}
	}
	return files, nil
}

func (c *call) readText(name string) (string, error) {
	in := c.stdin
	switch name {
	case "":
		return "", fmt.Errorf("%w: the name of a file is empty", errUsage)
	case "-":
		name = "standard input"
	default:
		f, err := os.Open(name)
		if err != nil {
			return "", fmt.Errorf("reading a text: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxTextFile+1))
	if err != nil {
		return "", fmt.Errorf("reading a text: %w", err)
	}
	text := string(raw)
	return text, checkText(name, text)
}

// checkText says what is wrong with a text, and on which line.
func checkText(name, text string) error {
	if len(text) > maxTextFile {
		return refuse("Work on a part of it.", "%s is larger than %d MB", name, maxTextFile>>20)
	}
	line := func(at int) int { return 1 + strings.Count(text[:at], "\n") }
	if at := strings.IndexByte(text, 0); at >= 0 {
		return refuse("Name a file of plain text or Markdown.", "%s:%d: there is a NUL, which no text has", name, line(at))
	}
	if !utf8.ValidString(text) {
		at := 0
		for i, r := range text {
			if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
				at = i
				break
			}
		}
		return refuse("Save it as plain text or Markdown in UTF-8, and try again.", "%s:%d: this is not UTF-8", name, line(at))
	}
	if at := strings.Index(text, redline.Break); at >= 0 {
		return refuse("Put a blank line in its place.", "%s:%d: there is a paragraph separator (U+2029)", name, line(at))
	}
	return nil
}

// withLF returns texts with LF at the end of the lines. If all lines of all of them
// end with CR LF, dos is true and inDOS puts them back; otherwise they stay as they
// are.
func withLF(files []textFile) (texts []string, dos bool) {
	for _, f := range files {
		lines := strings.Count(f.text, "\n")
		if lines != strings.Count(f.text, "\r\n") {
			dos = false
			break
		}
		dos = dos || lines > 0
	}
	for _, f := range files {
		text := f.text
		if dos {
			text = strings.ReplaceAll(text, "\r\n", "\n")
		}
		texts = append(texts, text)
	}
	return texts, dos
}

// inDOS returns a text with CR LF at the end of its lines.
func inDOS(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
