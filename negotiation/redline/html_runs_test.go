package redline

import (
	"slices"
	"strings"
	"testing"
)

// runsOf reads runs from lines, each with the mark that the signed format has for
// it. A bar stands for the end of a line.
func runsOf(lines ...string) []Run {
	var runs []Run
	for _, line := range lines {
		run := parseRun(line)
		run.Text = strings.ReplaceAll(run.Text, "|", "\n")
		runs = append(runs, run)
	}
	return runs
}

func TestWithoutEnd(t *testing.T) {
	for _, c := range []struct {
		name       string
		runs, want []Run
	}{
		{"line ends", runsOf(" a||"), runsOf(" a")},
		{"other line ends", runsOf(" a", "-|", "+||"), runsOf(" a")},
		{"behind other words", runsOf(" a ", "-b||", "+c|"), runsOf(" a ", "-b", "+c")},
		{"the same line ends", runsOf("-a", "+b", " ||"), runsOf("-a", "+b")},
		{"behind words that go", runsOf(" a ", "-b||"), runsOf(" a ", "-b")},
		{"within one text", runsOf(" a ", "+b|"), runsOf(" a ", "+b")},
		{"within the words", runsOf(" a", "- ", " b"), runsOf(" a", "- ", " b")},
		{"a no-break space", runsOf(" a", "-\u00a0"), runsOf(" a", "-\u00a0")},
		{"at a break", runsOf(" a", "/+", "+||"), runsOf(" a", "/+")},
		{"nothing else", runsOf("-|"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := withoutEnd(c.runs); !slices.Equal(got, c.want) {
				t.Errorf("shown are %v, want %v", got, c.want)
			}
		})
	}
}

func TestBreaks(t *testing.T) {
	for _, c := range []struct {
		name       string
		runs, want []Run
	}{
		{"a numbered split", runsOf(" a.", "/+", "+1.", "  b"), runsOf(" a.", "/+", "  b")},
		{"a numbered join", runsOf(" a.", "/-", "-1.", "  b"), runsOf(" a.", "/-", "  b")},
		{"lines", runsOf(" a.", "- ", "+||", "/+", "+1. ", " b"), runsOf(" a.", "/+", " b")},
		{"lines joined", runsOf(" a.", "-||", "/-", "-1. ", "+ ", " b"), runsOf(" a.", "/-", " b")},
		{"other words", runsOf(" a", "-.", "/-", "-1. B", "+, and b", " c"), runsOf(" a", "-.", "+, and b", "/-", "-B", " c")},
		{"a dash that was there", runsOf(" a ", "/+", " - b"), runsOf(" a ", "/+", " - b")},
		{"in between", runsOf(" a.", "/+", "+- b", "/+", "+- c"), runsOf(" a.", "/+", "+b", "/+", "+c")},
		{"no break", runsOf(" a", "- ", "+1. ", " b"), runsOf(" a", "- ", "+1. ", " b")},
		{"at the end", runsOf(" a", "+ ", "/+"), runsOf(" a", "/+")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := bareBreaks(withoutBreakMarkers(c.runs)); !slices.Equal(got, c.want) {
				t.Errorf("shown are %v, want %v", got, c.want)
			}
		})
	}
}

func TestWithoutMarkers(t *testing.T) {
	for _, c := range []struct {
		name     string
		runs     []Run
		old, new int
		want     []Run // nil if the markers stay
	}{
		{"one marker", runsOf(" ## a", "+b"), 3, 3, runsOf(" a", "+b")},
		{"a level less", runsOf("-#", " ## a"), 4, 3, runsOf(" a")},
		{"a new marker", runsOf("+- ", " a"), 0, 2, runsOf(" a")},
		{"another marker", runsOf("-# ", "+- ", " a"), 2, 2, runsOf(" a")},
		{"a marker that was words", runsOf("-1", " . a"), 3, 0, nil},
		{"more than there is", runsOf(" a"), 2, 2, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := withoutMarkers(c.runs, c.old, c.new)
			if ok != (c.want != nil) || ok && !slices.Equal(got, c.want) {
				t.Errorf("shown are %v (%t), want %v", got, ok, c.want)
			}
		})
	}
}

func TestEvenRuns(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []Run
		want []Run // nil if nothing is to be done
	}{
		{"emphasis around a word", runsOf(" a ", "+*", " b", "+*", " c"), runsOf(" a ", " ", "-b", "+*b*", " c")},
		{"strong and its word", runsOf("+**", " b", "-c", "+d", " e", "+**"), runsOf(" ", "-bce", "+**bde**")},
		{"a space before", runsOf(" a", "+ *x", "  b", "+*"), runsOf(" a", "  ", "-b", "+*x b*")},
		{"emphasis within a change", runsOf(" a ", "-b", "+*b*", " c"), nil},
		{"never closed", runsOf(" a ", "+*", " b", "-c", " d"), nil},
		{"across a break", runsOf("+*", " a", "/+", "+b*"), nil},
		{"a link", runsOf("+[", " a", "+](https://x)"), runsOf(" ", "-a", "+[a](https://x)")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := evenRuns(c.runs)
			if ok != (c.want != nil) || ok && !slices.Equal(got, c.want) {
				t.Errorf("shown are %v (%t), want %v", got, ok, c.want)
			}
		})
	}
}
