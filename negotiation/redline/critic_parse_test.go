package redline

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The forms of the published syntax, in words of our own: an addition and a
// deletion with the space that goes with the word, a paragraph break added or
// taken out, words that give way to a break, a highlight with its comment.
func TestParseCriticReadsThePublishedSyntax(t *testing.T) {
	for _, c := range []struct{ marked, old, new string }{
		{"They met{++ again++} today.", "They met today.", "They met again today."},
		{"They met{-- twice--} today.", "They met twice today.", "They met today."},
		{"They {~~met~>meet~~} today.", "They met today.", "They meet today."},
		{"The first ends here.{++\n\n++}The second begins.", "The first ends here.The second begins.", "The first ends here.\n\nThe second begins."},
		{"The first ends here.{--\n\n--}The second begins.", "The first ends here.\n\nThe second begins.", "The first ends here.The second begins."},
		{"One. {~~It ends.~>\n\n~~}Two.", "One. It ends.Two.", "One. \n\nTwo."},
		{"Begun.{~~ ~>\n\n~~}Then{~~\n\n~> ~~}done.", "Begun. Then\n\ndone.", "Begun.\n\nThen done."},
		{"They agreed.{>>Did they?<<}", "They agreed.", "They agreed."},
		{"{==They agreed==}{>>all\nof them<<}, and left.", "They agreed, and left.", "They agreed, and left."},
		{"{--*all*--}{++**all**++} of them", "*all* of them", "**all** of them"},
		{"{++++}{----}{~~~>~~}{====}{>><<}", "", ""},
		{"{++\n\n* one\n* two\n\n++}", "", "\n\n* one\n* two\n\n"},
	} {
		old, new, err := ParseCritic(c.marked)
		if err != nil || old != c.old || new != c.new {
			t.Errorf("%q: got %q, %q, %v", c.marked, old, new, err)
		}
	}
}

func TestParseCriticTakesDelimitersThatDelimitNothing(t *testing.T) {
	for _, text := range []string{
		"i++} --} ==} <<} ~~} a ~> b", `{+ {\ {- \{x\} {} \~ +\+ \`, "{+ +}", "{{{", "{", `\`,
	} {
		old, new, err := ParseCritic(text)
		if err != nil || old != text || new != text {
			t.Errorf("%q: got %q, %q, %v", text, old, new, err)
		}
	}
	for _, c := range []struct{ marked, old, new string }{
		{"{++a--}b==}c~>d++}", "", "a--}b==}c~>d"},
		{"{~~a++}~>b~>c--}~~}", "a++}", "b~>c--}"},
		{"{>>a --} ~> b<<}", "", ""},
		{"{++a+++}}", "}", "a+}"},
		{"{~~~~>~~~~}", "~", "~~"},
	} {
		old, new, err := ParseCritic(c.marked)
		if err != nil || old != c.old || new != c.new {
			t.Errorf("%q: got %q, %q, %v", c.marked, old, new, err)
		}
	}
}

func TestCriticEscapes(t *testing.T) {
	for _, c := range []struct{ text, escaped string }{
		{"{++a++}", `{\++a++\}`},
		{"{--a--}", `{\--a--\}`},
		{"{~~a~>b~~}", `{\~~a~\>b~~\}`},
		{"{==a==}{>>b<<}", `{\==a==\}{\>>b<<\}`},
		{`{\++ {\\++ ++\\} ~\>`, `{\\++ {\\\++ ++\\\} ~\\>`},
		{`\{++ \\n ~\~ {+ \`, `\{\++ \\n ~\~ {+ \`},
		{"{++}", `{\++\}`},
	} {
		var b strings.Builder
		writeEscaped(&b, c.text, "")
		if b.String() != c.escaped {
			t.Errorf("%q: got %q, want %q", c.text, b.String(), c.escaped)
		}
	}
	for _, c := range []struct{ text, next, escaped string }{
		{"a{", "++}", `a{\`}, {"a{+", "++}", `a{\+`}, {`a{\`, "--}", `a{\\`}, {"{~", "~>", `{\~`}, {"{", "~>", "{"}, {"+", "++}", "+"},
	} {
		var b strings.Builder
		writeEscaped(&b, c.text, c.next)
		if b.String() != c.escaped {
			t.Errorf("%q before %s: got %q, want %q", c.text, c.next, b.String(), c.escaped)
		}
	}
}

func TestParseCriticRefuses(t *testing.T) {
	for _, c := range []struct{ marked, want string }{
		{"one\ntwo {++three", "redline: line 2: column 5: the mark does not end"},
		{"é {--a++}", "redline: line 1: column 3: the mark does not end"},
		{"{~~a~>b", "redline: line 1: column 1: the mark does not end"},
		{`{++a++\}`, "redline: line 1: column 1: the mark does not end"},
		{"{>>a", "redline: line 1: column 1: the mark does not end"},
		{"a\n\n{~~b~~} ~>", "redline: line 3: column 1: the substitution has no ~>"},
		{`{~~b~\>c~~}`, "redline: line 1: column 1: the substitution has no ~>"},
		{"a {++b\nc {--d--}++}", "redline: line 2: column 3: a mark begins inside another, which begins at line 1, column 3"},
		{"{==a {>>b<<}==}", "redline: line 1: column 6: a mark begins inside another, which begins at line 1, column 1"},
		{"{++{++}", "redline: line 1: column 4: a mark begins inside another, which begins at line 1, column 1"},
		{strings.Repeat("a\n", MaxCritic/2) + "b", "redline: line 8388609: column 1: goes beyond 16777216 bytes"},
	} {
		old, new, err := ParseCritic(c.marked)
		if err == nil || err.Error() != c.want || old != "" || new != "" {
			t.Errorf("%.40q: got %q, %q, %v", c.marked, old, new, err)
		}
	}
}

// readSimply reads CriticMarkup one character at a time, the simplest way that
// there is; ok is whether it is well formed.
func readSimply(text string) (old, new string, ok bool) {
	mark := ""
	for text != "" {
		if r, n := unescaped(text); n > 0 {
			old, new = put(mark, old, new, r)
			text = text[n:]
			continue
		}
		two := func(s string) bool { return strings.HasPrefix(text, s) }
		switch {
		case two("{++"), two("{--"), two("{~~"), two("{=="), two("{>>"):
			if mark != "" {
				return "", "", false
			}
			mark, text = text[1:3], text[3:]
		case mark == "~~" && two("~>"):
			mark, text = "~>", text[2:]
		case mark == "~~" && two("~~}"):
			return "", "", false
		case mark == "~>" && two("~~}"), mark == ">>" && two("<<}"), mark != "" && strings.Contains("++--==", mark) && two(mark+"}"):
			mark, text = "", text[3:]
		default:
			old, new = put(mark, old, new, text[:1])
			text = text[1:]
		}
	}
	return old, new, mark == ""
}

// unescaped returns what an escape at the beginning of text stands for, up to
// where its last part begins, and the length of it.
func unescaped(text string) (string, int) {
	for _, parts := range [][2]string{
		{"{", "++"}, {"{", "--"}, {"{", "~~"}, {"{", "=="}, {"{", ">>"},
		{"++", "}"}, {"--", "}"}, {"~~", "}"}, {"==", "}"}, {"<<", "}"}, {"~", ">"},
	} {
		rest, ok := strings.CutPrefix(text, parts[0]+`\`)
		if ok && strings.HasPrefix(strings.TrimLeft(rest, `\`), parts[1]) {
			slashes := len(rest) - len(strings.TrimLeft(rest, `\`))
			return parts[0] + strings.Repeat(`\`, slashes), len(parts[0]) + 1 + slashes
		}
	}
	return "", 0
}

func put(mark, old, new, s string) (string, string) {
	if mark == "" || mark == "==" || mark == "--" || mark == "~~" {
		old += s
	}
	if mark == "" || mark == "==" || mark == "++" || mark == "~>" {
		new += s
	}
	return old, new
}

func checkParseCritic(t rapid.TB, marked string) {
	t.Helper()
	old, new, err := ParseCritic(marked)
	wantOld, wantNew, ok := readSimply(marked)
	switch {
	case ok != (err == nil):
		t.Fatalf("%q: read simply: %v; got %v", marked, ok, err)
	case ok && (old != wantOld || new != wantNew):
		t.Fatalf("%q: read simply: %q and %q; got %q and %q", marked, wantOld, wantNew, old, new)
	}
}

func TestParseCriticAgreesWithASimpleReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkParseCritic(t, genMarkup(t)) })
}

func TestEscapedTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		text := genMarkup(t)
		next := rapid.SampledFrom([]string{"++}", "--}", "==}"}).Draw(t, "next")
		writeEscaped(&b, text, next)
		old, new, err := ParseCritic("{" + next[:2] + b.String() + next + "{++++}")
		if err != nil || max(old, new) != text {
			t.Fatalf("%q comes back as %q and %q: %v", text, old, new, err)
		}
	})
}

func FuzzParseCritic(f *testing.F) {
	f.Add(`a {++b++} {--c--} {~~d~>e~~} {==f==}{>>g<<} {\++ ++\} ~\>`)
	f.Add("{~~~>~~}")
	f.Fuzz(func(t *testing.T, marked string) {
		if len(marked) > 1000 {
			t.Skip()
		}
		checkParseCritic(t, marked)
		if !utf8.ValidString(marked) {
			return
		}
		var b strings.Builder
		writeEscaped(&b, marked, "")
		if old, new, err := ParseCritic(b.String()); err != nil || old != marked || new != marked {
			t.Fatalf("%q, escaped, comes back as %q and %q: %v", marked, old, new, err)
		}
	})
}

func TestParseCriticOfHostileTextEnds(t *testing.T) {
	for _, piece := range []string{`\`, `{\`, `~~\`, "{+", "++", "{++a++}", "~>", "{", `{\++`} {
		marked := strings.Repeat(piece, MaxCritic/len(piece))
		start := time.Now()
		_, _, err := ParseCritic(marked)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%q: took %v", piece, took)
		} else if err != nil {
			t.Errorf("%q: %v", piece, err)
		}
	}
}
