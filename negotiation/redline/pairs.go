package redline

import (
	"strings"
)

// wellPaired reports whether emphasis, code, brackets and quotation marks of a
// paragraph are paired and nested: what opens closes, and within what it was opened
// in. Marks with white space on both sides, such as the marker of an item, are no
// pairs, nor is what stands behind a backslash.
func wellPaired(paragraph string) bool {
	var open []string
	tokens := Tokens(paragraph)
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t == `\` {
			i++
			continue
		}
		blankBefore := i == 0 || isBlank(tokens[i-1])
		blankAfter := i+1 == len(tokens) || isBlank(tokens[i+1])
		last := len(open) - 1
		switch partner := partners[t]; {
		case strings.Trim(t, "*") == "" || strings.Trim(t, "`") == "" || strings.Trim(t, "_") == "" || t == "~~":
			switch {
			case blankBefore && blankAfter:
			case last >= 0 && open[last] == t:
				open = open[:last]
			default:
				open = append(open, t)
			}
		case partner != "":
			if last < 0 || open[last] != partner {
				return false
			}
			open = open[:last]
		case partnered[t]:
			open = append(open, t)
		}
		if len(open) > 256 {
			return false
		}
	}
	return len(open) == 0
}

var (
	partners  = map[string]string{")": "(", "]": "[", "}": "{", "”": "“", "»": "«", "」": "「", "』": "『"}
	partnered = map[string]bool{"(": true, "[": true, "{": true, "“": true, "«": true, "「": true, "『": true}
)
