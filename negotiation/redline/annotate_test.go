package redline

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// printed returns what Print writes, every line of which fits.
func printed(t rapid.TB, h *History, names []string, deleted bool) string {
	t.Helper()
	var b strings.Builder
	if err := h.Print(&b, names, deleted); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if columns(line) > lineWidth && len(strings.Fields(line)) > 2 {
			t.Errorf("%d columns: %s", columns(line), line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("white space at the end: %q", line)
		}
	}
	return b.String()
}

// A text without a past is printed as it is, but for its lines.
func TestPrintShowsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genText(t)
		var want []string
		for i, p := range text {
			want = append(want, strconv.Itoa(i+1)+"⁰")
			want = append(want, strings.Fields(p)...)
		}
		out := printed(t, blame(t, text), nil, false)
		_, body, _ := strings.Cut(out, "\n\n")
		if got := strings.Fields(body); !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestPrintWithoutWhatIsGone(t *testing.T) {
	base := []string{
		"# Statement",
		"   - States shall cooperate.",
		"States report every year.",
		"Done in Almaty.",
	}
	text := []string{
		"# Statement",
		"   - States should cooperate, on a voluntary basis, and in full respect of what each of them has promised, \x1b[31mred\x1b[0m.",
		"Done in Almaty.",
	}
	want := strings.ReplaceAll(`⁰ base         6 words
¹ revision 1  18 words

1⁰  # Statement
2¹     [- States]⁰ should [cooperate]⁰, on a voluntary basis, and in full
       respect of what each of them has promised, �[31mred�[0m[.]⁰
3⁰  Done in Almaty.
`, `\ufffd`, "\ufffd")
	if got := printed(t, blame(t, base, text), []string{"base"}, false); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestOfEqualStepsTheFirstIsInTheMargin(t *testing.T) {
	for range 100 {
		if got := mainStep([]Words{{Text: "abcd", Since: 2}, {Text: " efg", Since: 1}, {Break: true}}); got != 1 {
			t.Fatalf("got %d", got)
		}
	}
}

func TestPrintReturnsTheErrorOfItsWriter(t *testing.T) {
	if err := blame(t, []string{"a"}).Print(broken{}, nil, false); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }
