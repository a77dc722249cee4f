package redline

import (
	"fmt"
	"strings"
)

// linesOfContext is how many unchanged lines stand around a change in a patch.
const linesOfContext = 3

// Unified returns the change from one file to another as a patch of lines that
// git apply and patch -p1 take: git's form of the unified diff, with three
// lines of context. old and new are the whole files, of any bytes; a carriage
// return belongs to its line, and a last line without a line end is marked as
// such. The result is "" where nothing changes.
//
// The names are relative paths with slashes, written as git writes them: quoted
// where they hold quotes, control characters or anything beyond ASCII. Whoever
// wants a patch of one file gives its name twice. From two different names
// comes a patch that renames as well, because git apply would otherwise take
// the old file away and overwrite what stands at the new name.
//
// It takes time in the size of the files times the number of lines that differ,
// and never more than a fixed number of steps beyond their size: where this
// does not suffice, the patch is larger than it need be, and still correct.
//
// Source: git-diff(1), "Generating patch text with -p"; POSIX diff, "Diff -u
// Output Format".
func Unified(oldName, newName, old, new string) string {
	if oldName == newName && old == new {
		return ""
	}
	from, to := patchName("a/"+oldName), patchName("b/"+newName)
	var p strings.Builder
	p.WriteString("diff --git " + from + " " + to + "\n")
	if oldName != newName {
		p.WriteString("rename from " + patchName(oldName) + "\nrename to " + patchName(newName) + "\n")
	}
	a, b := fileLines(old), fileLines(new)
	changes := lineChanges(a, b)
	if len(changes) > 0 {
		p.WriteString("--- " + from + nameEnd(oldName) + "\n+++ " + to + nameEnd(newName) + "\n")
	}
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].aLo-changes[n-1].aHi <= 2*linesOfContext {
			n++
		}
		writePatchHunk(&p, a, b, changes[:n])
		changes = changes[n:]
	}
	return p.String()
}

// fileLines cuts a file into lines with their line ends.
func fileLines(file string) []string {
	lines := strings.SplitAfter(file, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		return lines[:last]
	}
	return lines
}

// lineChanges returns what differs between two files, with at least one line
// between two changes.
func lineChanges(a, b []string) []tokenHunk {
	m := unmatched(len(a))
	w := work(exactWork)
	w.region(m, a, b, 0, 0)
	var changes []tokenHunk
	for i, j := 0, 0; i < len(a) || j < len(b); i, j = i+1, j+1 {
		h := tokenHunk{i, i, j, j}
		for h.aHi < len(a) && m[h.aHi] == none {
			h.aHi++
		}
		h.bHi = len(b)
		if h.aHi < len(a) {
			h.bHi = m[h.aHi]
		}
		if !h.inserts() || !h.deletes() {
			changes = append(changes, h)
		}
		i, j = h.aHi, h.bHi
	}
	return changes
}

// writePatchHunk writes changes that are close to one another as one hunk.
func writePatchHunk(p *strings.Builder, a, b []string, changes []tokenHunk) {
	first, last := changes[0], changes[len(changes)-1]
	before := min(linesOfContext, first.aLo)
	after := min(linesOfContext, len(a)-last.aHi)
	fmt.Fprintf(p, "@@ -%s +%s @@\n",
		patchRange(first.aLo-before, last.aHi+after), patchRange(first.bLo-before, last.bHi+after))
	at := first.aLo - before
	for _, h := range changes {
		writePatchLines(p, ' ', a[at:h.aLo])
		writePatchLines(p, '-', a[h.aLo:h.aHi])
		writePatchLines(p, '+', b[h.bLo:h.bHi])
		at = h.aHi
	}
	writePatchLines(p, ' ', a[at:last.aHi+after])
}

func writePatchLines(p *strings.Builder, mark byte, lines []string) {
	for _, line := range lines {
		p.WriteByte(mark)
		p.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			p.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// patchRange writes which lines a hunk is about: the first one, counted from 1,
// and how many, unless that is one. Of none, it is the line before them.
func patchRange(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

// patchName quotes a name as git does with core.quotePath, its default.
func patchName(name string) string {
	const escapes = "\a\b\t\n\v\f\r\"\\"
	var q strings.Builder
	for _, c := range []byte(name) {
		switch at := strings.IndexByte(escapes, c); {
		case at >= 0:
			q.WriteString(`\` + `abtnvfr"\`[at:at+1])
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&q, `\%03o`, c)
		default:
			q.WriteByte(c)
		}
	}
	if q.Len() == len(name) {
		return name
	}
	return `"` + q.String() + `"`
}

// nameEnd returns what shows patch where a name with spaces ends.
func nameEnd(name string) string {
	if strings.Contains(name, " ") {
		return "\t"
	}
	return ""
}
