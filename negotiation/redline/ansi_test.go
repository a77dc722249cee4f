package redline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// An archive may hold a file "context" with the number of paragraphs around a
// change. The escape sequences are shown by the names of their pens.
func TestANSICases(t *testing.T) {
	names := strings.NewReplacer("\x1b[9;38;5;166m", "<del>", "\x1b[4;38;5;32m", "<ins>", "\x1b[2m", "<note>", "\x1b[0m", "</>")
	eachCase(t, "ansi", func(t *testing.T, files []file) string {
		context := -1
		if len(files) > 2 {
			context, _ = strconv.Atoi(strings.TrimSpace(files[2].data))
		}
		base, text := Cut(plainFile.Replace(files[0].data)), Cut(plainFile.Replace(files[1].data))
		r := Compare(base, text)
		return r.Plain(base, context) + "== in colours ==\n" + names.Replace(r.ANSI(base, context))
	})
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"a\tb é 合作":             "a\tb é 合作",
		"\x1b[31mred\x07\x00\r": "␛[31mred␇␀␍",
		"\x7f\u009b31m\u0085":   "␡␛[31m␛E",
		"\xff\x9b":              "\ufffd\ufffd",
		"\u202eabc\u2066":       "<U+202E>abc<U+2066>",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

var escapes = regexp.MustCompile("\x1b\\[(9;38;5;166|4;38;5;32|2|0)m")

// genControlled draws a file with control characters.
func genControlled(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
		"States ", "shall ", "may ", "peace ", "\n", "\n\n", "\n\n", "\r\n", "- ", "\x1b[2J", "\x1b", "\u009b", "\x00", "\u202e", "\r", "\x7f", "\t",
	}), 0, 20).Draw(t, "words"), "")
}

func TestNoControlCharacterReachesTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, text := Cut(genControlled(t)), Cut(genControlled(t))
		context := rapid.IntRange(-1, 2).Draw(t, "context")
		r := Compare(base, text)
		for _, out := range []string{r.Plain(base, context), escapes.ReplaceAllString(r.ANSI(base, context), "")} {
			for _, c := range out {
				if unicode.IsControl(c) && c != '\n' && c != '\t' || c == '\u202e' {
					t.Fatalf("%q has %U", out, c)
				}
			}
		}
	})
}

// Every pen is lifted before the line ends.
func TestPensEndWithTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := genFiles(t)
		base := Cut(old)
		out := Compare(base, Cut(new)).ANSI(base, -1)
		for line := range strings.Lines(out) {
			down := false
			for _, e := range escapes.FindAllString(line, -1) {
				if down != (e == "\x1b[0m") {
					t.Fatalf("%q", line)
				}
				down = !down
			}
			if down || !strings.HasSuffix(line, "\n") {
				t.Fatalf("%q", line)
			}
		}
	})
}

// What is not marked as deleted is the new text, but for white space: a line
// end among deleted words is one for the terminal too.
func TestPlainShowsTheNewText(t *testing.T) {
	deleted := regexp.MustCompile(`(?s)\[-.*?-\]`)
	rapid.Check(t, func(t *rapid.T) {
		old, new := genFiles(t)
		base := Cut(old)
		r := Compare(base, Cut(new))
		var shown strings.Builder
		for line := range strings.Lines(r.Plain(base, -1)) {
			if !strings.HasPrefix(line, "… moved") {
				shown.WriteString(line)
			}
		}
		words := strings.NewReplacer("{+", "", "+}", "", "¶", "", "↵", "").Replace(deleted.ReplaceAllString(shown.String(), ""))
		if got, want := strings.Join(strings.Fields(words), ""), strings.Join(strings.Fields(new), ""); got != want {
			t.Fatalf("shows %q, not %q", got, want)
		}
	})
}

func TestContext(t *testing.T) {
	base := strings.SplitAfter("One goes here.\n\nTwo goes there.\n\nThree comes today.\n\nFour stays.\n\nFive leaves.\n\nSix comes late.\n\n", "\n\n")[:6]
	text := slices.Clone(base)
	text[2], text[5] = "Three comes tomorrow.\n\n", "Six comes early.\n\n"
	r := Compare(base, text)
	for context, want := range map[int][]string{
		-1: {"One goes here.", "Two goes there.", "Three comes [-today-]{+tomorrow+}.", "Four stays.", "Five leaves.", "Six comes [-late-]{+early+}."},
		0:  {"… 2 paragraphs unchanged", "Three comes [-today-]{+tomorrow+}.", "… 2 paragraphs unchanged", "Six comes [-late-]{+early+}."},
		1:  {"… 1 paragraph unchanged", "Two goes there.", "Three comes [-today-]{+tomorrow+}.", "Four stays.", "Five leaves.", "Six comes [-late-]{+early+}."},
		9:  {"One goes here.", "Two goes there.", "Three comes [-today-]{+tomorrow+}.", "Four stays.", "Five leaves.", "Six comes [-late-]{+early+}."},
	} {
		if got, want := r.Plain(base, context), strings.Join(want, "\n\n")+"\n\n"; got != want {
			t.Errorf("%d: got\n%s\nwant\n%s", context, got, want)
		}
	}
	if got, want := (Redline{{Kind: Keep, To: 6}}).Plain(base, 3), "… 6 paragraphs unchanged\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Redline{}).Plain(nil, 3); got != "" {
		t.Errorf("got %q", got)
	}
}
