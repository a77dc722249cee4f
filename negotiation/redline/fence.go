package redline

import "strings"

// A fenceReader reads the paragraphs of a text in order. It is a value: a copy reads
// on by itself.
type fenceReader struct{ cutter }

// code reports whether the next paragraph is fenced code, or fences it. Each line
// of code may be a paragraph.
func (r *fenceReader) code(paragraph string) bool {
	first, _, _ := strings.Cut(paragraph, "\n")
	code := r.fence != "" || fences.MatchString(first)
	for line := range strings.Lines(paragraph) {
		r.opens(line)
	}
	return code
}
