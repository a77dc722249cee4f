package bracket

import (
	"cmp"
	"slices"
	"strings"
)

// fences are the lines of a text that close fenced blocks, in its order. One
// that does not close is no fence, lest a slip of the pen hides what follows.
type fences []fence

type fence struct {
	at      int    // the offset of its line
	longest [2]int // of the runs of ` and of ~ from here to the end of the text
}

func findFences(text string) fences {
	var all fences
	if !strings.Contains(text, "```") && !strings.Contains(text, "~~~") {
		return nil
	}
	for at := 0; at < len(text); at = lineEnd(text, at) {
		if kind, n := closingFence(text[at:lineEnd(text, at)]); n > 0 {
			f := fence{at: at}
			f.longest[kind] = n
			all = append(all, f)
		}
	}
	for i := len(all) - 2; i >= 0; i-- {
		for kind, n := range all[i+1].longest {
			all[i].longest[kind] = max(all[i].longest[kind], n)
		}
	}
	return all
}

// closingFence returns the kind of the run of ` (0) or ~ (1) that a line
// consists of, behind the marker of a quotation, and its length; 0 if the line
// is another.
func closingFence(line string) (kind, n int) {
	line = strings.TrimLeft(strings.TrimSpace(line), "> \t")
	n = fenceLen(line)
	if n < len(line) || n == 0 {
		return 0, 0
	}
	if line[0] == '~' {
		kind = 1
	}
	return kind, n
}

// fenceLen returns the length of the run of ` or ~ that opens or closes a
// fenced block at the beginning of s; 0 if there is none.
func fenceLen(s string) int {
	if s == "" || s[0] != '`' && s[0] != '~' {
		return 0
	}
	n := len(s) - len(strings.TrimLeft(s, s[:1]))
	if n < 3 {
		return 0
	}
	return n
}

// close reports whether a line from offset at on closes the block that opens
// with a line.
func (fs fences) close(opening string, at int) bool {
	i, _ := slices.BinarySearchFunc(fs, at, func(f fence, at int) int { return cmp.Compare(f.at, at) })
	kind := 0
	if opening[0] == '~' {
		kind = 1
	}
	return i < len(fs) && fs[i].longest[kind] >= fenceLen(opening)
}

// end returns the offset behind the line that closes the fenced block whose
// fence stands at offset opens and whose second line at offset at.
func (fs fences) end(text string, opens, at int) int {
	kind := 0
	if text[opens] == '~' {
		kind = 1
	}
	least := fenceLen(text[opens:])
	for at < len(text) {
		end := lineEnd(text, at)
		if k, n := closingFence(text[at:end]); k == kind && n >= least {
			return end
		}
		at = end
	}
	return at
}
