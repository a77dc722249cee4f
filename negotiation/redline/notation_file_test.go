package redline

import "testing"

func TestBracketsAroundParagraphEndBeforeItsBlankLines(t *testing.T) {
	const base = "1. States report.\n\n2. States meet.\n"
	d := rollingOf(base, "2. States meet.\n", "1. States report twice.\n\n2. States meet.\n")
	const want = "1. [States report [twice – B].][no text – A]\n\n2. States meet.\n"
	if got := Paste(d.Markdown()); got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}
