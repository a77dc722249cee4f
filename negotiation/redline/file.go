package redline

import (
	"regexp"
	"strings"
)

// Cut cuts a file into the paragraphs that the rest of this package works on.
// Joined, they are the file again, byte for byte. A paragraph is a block of
// lines with the line ends and the blank lines behind it. Blank lines end a
// block, and so does a line that is one of its own in Markdown: a heading, an
// item, a row of a table, a line of fenced code. Blank lines at the beginning
// belong to no block and are a paragraph. It takes time in the length of file.
func Cut(file string) []string {
	var paragraphs []string
	start, at := 0, 0
	var c cutter
	for line := range strings.Lines(file) {
		if c.opens(line) && at > start {
			paragraphs = append(paragraphs, file[start:at])
			start = at
		}
		at += len(line)
	}
	if at > start {
		paragraphs = append(paragraphs, file[start:at])
	}
	return paragraphs
}

// A cutter is what is known of the lines before the next one.
type cutter struct {
	fence string // what closes the code that is open; "" if none is
	ended bool   // the block has ended: a line with words opens another
	begun bool   // there has been a line
}

var (
	oneLine = regexp.MustCompile(`^[ \t]*(#{1,6}[ \t]|\|)`)
	opening = regexp.MustCompile("^[ \t]*(#{1,6}[ \t]|[-*+][ \t]|[0-9]{1,9}[.)][ \t]|\\||```|~~~)")
	fences  = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")
)

// opens reports whether line begins a paragraph, and takes it in.
func (c *cutter) opens(line string) bool {
	if isBlank(line) {
		first := !c.begun
		c.begun, c.ended = true, true
		return first
	}
	inside := c.fence != ""
	opens := c.ended || !c.begun || inside || opening.MatchString(line)
	mark := ""
	if m := fences.FindStringSubmatch(line); m != nil {
		mark = m[1]
	}
	switch {
	case !inside:
		c.fence = mark
	case strings.HasPrefix(mark, c.fence) && isBlank(strings.TrimLeft(strings.TrimLeft(line, " "), mark[:1])):
		c.fence = ""
	}
	c.begun, c.ended = true, inside || mark != "" || oneLine.MatchString(line)
	return opens
}

// Paste is the file whose paragraphs are given, which come from one file or from
// several: where two would run into one, a line end or a blank line is put
// between them. Those that [Cut] made of one file are left as they are. It takes
// time in the length of the file.
func Paste(paragraphs []string) string {
	var b strings.Builder
	var c cutter
	whole := true // what is written ends with a line end
	for _, p := range paragraphs {
		if p == "" {
			continue
		}
		if !whole {
			b.WriteString("\n")
		}
		first, _, _ := strings.Cut(p, "\n")
		if next := c; b.Len() > 0 && !isBlank(first) && !next.opens(first+"\n") {
			b.WriteString("\n")
			c.opens("\n")
		}
		for line := range strings.Lines(p) {
			c.opens(line)
		}
		b.WriteString(p)
		whole = strings.HasSuffix(p, "\n")
	}
	return b.String()
}
