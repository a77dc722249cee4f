package redline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/words"
	"pgregory.net/rapid"
)

// vocabulary is small, so that words repeat and changes can slide.
var vocabulary = []string{"States", "shall", "may", "the", "of", "of", "ICT", "peace", "сотрудничать", "合作", "ไทย", "é", "co-operate", "a", "b"}

var separators = []string{" ", " ", " ", ", ", ". ", "  ", "", "-"}

func genParagraph(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"", "", "1. ", "# ", "   - "}).Draw(t, "marker"))
	for range rapid.IntRange(0, 9).Draw(t, "words") {
		b.WriteString(rapid.SampledFrom(vocabulary).Draw(t, "word"))
		b.WriteString(rapid.SampledFrom(separators).Draw(t, "separator"))
	}
	return b.String()
}

func genText(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.Custom(genParagraph), 0, 8).Draw(t, "text")
}

// genRevised draws what somebody might make of a text.
func genRevised(t *rapid.T, base []string) []string {
	text := slices.Clone(base)
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		if len(text) == 0 {
			return append(text, genParagraph(t))
		}
		i := rapid.IntRange(0, len(text)-1).Draw(t, "paragraph")
		tokens := Tokens(text[i])
		at := rapid.IntRange(0, len(tokens)).Draw(t, "token")
		switch rapid.SampledFrom([]Kind{Change, Change, Change, Insert, Delete, Move, Split, Join}).Draw(t, "kind") {
		case Change:
			end := min(len(tokens), at+rapid.IntRange(0, 3).Draw(t, "deleted"))
			text[i] = strings.Join(tokens[:at], "") + genParagraph(t) + strings.Join(tokens[end:], "")
		case Insert:
			text = slices.Insert(text, i, genParagraph(t))
		case Delete:
			text = slices.Delete(text, i, i+1)
		case Move:
			p := text[i]
			text = slices.Delete(text, i, i+1)
			text = slices.Insert(text, rapid.IntRange(0, len(text)).Draw(t, "to"), p)
		case Split:
			text = slices.Replace(text, i, i+1, strings.Join(tokens[:at], ""), strings.Join(tokens[at:], ""))
		case Join:
			if i+1 < len(text) {
				text = slices.Replace(text, i, i+2, text[i]+" "+text[i+1])
			}
		}
	}
	return text
}

// genRedline draws a valid redline of base as some other software might have
// computed it: cut anywhere, and not minimal.
func genRedline(t *rapid.T, base []string) Redline {
	order := rapid.Permutation(seq(len(base))).Draw(t, "order")
	moved := map[int]bool{}
	var moves []int
	for _, i := range order {
		if rapid.IntRange(0, 5).Draw(t, "move") == 0 {
			moved[i] = true
			moves = append(moves, i)
		}
	}
	var r Redline
	for i := 0; i <= len(base); {
		for len(moves) > 0 && (i == len(base) || rapid.Bool().Draw(t, "here")) {
			from := moves[0]
			moves = moves[1:]
			r = append(r, Step{Move, from, from + 1, genRuns(t, base[from:from+1], 0)})
		}
		if rapid.IntRange(0, 4).Draw(t, "insert") == 0 {
			r = append(r, Step{Insert, 0, 0, appendRun(nil, Inserted, []string{genParagraph(t)})})
		}
		if i == len(base) || moved[i] {
			i++
			continue
		}
		s := Step{Kind: rapid.SampledFrom([]Kind{Keep, Change, Change, Delete, Split, Join}).Draw(t, "kind"), From: i, To: i + 1}
		switch s.Kind {
		case Change:
			s.Runs = genRuns(t, base[i:i+1], 0)
		case Delete:
			s.Runs = appendRun(nil, Deleted, []string{base[i]})
		case Split:
			s.Runs = genRuns(t, base[i:i+1], rapid.IntRange(1, 2).Draw(t, "breaks"))
		case Join:
			for s.To < len(base) && !moved[s.To] && s.To-s.From < 3 {
				s.To++
			}
			s.Runs = genRuns(t, base[s.From:s.To], 0)
		}
		if (Redline{{s.Kind, 0, s.To - s.From, s.Runs}}).invalid() {
			s = Step{Kind: Keep, From: i, To: i + 1}
		}
		i = s.To
		if n := len(r); n > 0 && s.Kind == Keep && r[n-1].Kind == Keep && r[n-1].To == s.From {
			r[n-1].To = s.To
			continue
		}
		r = append(r, s)
	}
	if r.invalid() {
		t.Skip("a drawn redline breaks a rule")
	}
	return r
}

func (r Redline) invalid() bool { _, f := r.check(MaxParagraphs, MaxParagraphs); return f != nil }

// genRuns draws canonical runs over paragraphs, with some breaks inserted.
func genRuns(t *rapid.T, paragraphs []string, breaks int) []Run {
	var runs []Run
	flush := func(deleted, inserted []string) {
		runs = appendRun(runs, Deleted, deleted)
		runs = appendRun(runs, Inserted, inserted)
	}
	var deleted, inserted []string
	runes := []rune(strings.Join(paragraphs, Break))
	for i := 0; i <= len(runes); {
		if breaks > 0 && (i == len(runes) || rapid.IntRange(0, 9).Draw(t, "break") == 0) {
			inserted = append(inserted, Break)
			breaks--
			continue
		}
		if i == len(runes) {
			break
		}
		end := min(len(runes), i+rapid.IntRange(1, 12).Draw(t, "size"))
		if at := slices.Index(runes[i:end], '\u2029'); at == 0 {
			deleted = append(deleted, Break)
			i++
			continue
		} else if at > 0 {
			end = i + at
		}
		piece := string(runes[i:end])
		i = end
		switch rapid.IntRange(0, 5).Draw(t, "fate") {
		case 0:
			deleted = append(deleted, piece)
			continue
		case 1:
			inserted = append(inserted, rapid.SampledFrom(vocabulary).Draw(t, "word"))
		}
		flush(deleted, inserted)
		deleted, inserted = nil, nil
		if n := len(runs); n > 0 && runs[n-1].Op == Kept {
			runs[n-1].Text += piece
		} else {
			runs = append(runs, Run{Op: Kept, Text: piece})
		}
	}
	flush(deleted, inserted)
	return runs
}

func TestTokensJoinToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if got := strings.Join(Tokens(s), ""); got != s {
			t.Fatalf("%q comes back as %q", s, got)
		}
	})
}

// The words of UAX #29, from the library alone, are the referee of Tokens.
func TestTokensAreTheWordsOfUAX29(t *testing.T) {
	check := func(t rapid.TB, s string) {
		ends := map[int]bool{}
		for it := words.FromString(s); it.Next(); {
			ends[it.End()] = true
		}
		at := 0
		for _, token := range Tokens(s) {
			if at += len(token); !ends[at] {
				t.Fatalf("%q ends within a word of %q", token, s)
			}
			n := 0
			for it := words.FromString(token); it.Next(); {
				n++
			}
			run := strings.Trim(token, token[:1]) == "" || isBlank(token) || strings.Contains(token, khmerCoeng) || strings.ContainsAny(token, "เแโใไເແໂໃໄ")
			if n > 1 && !run {
				t.Fatalf("%q are %d words, in %q", token, n, s)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.String().Draw(t, "s"))
		check(t, strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"a", "Z", "ab", "é", "1", "23", "_", ".", ",", ":", "'", "\"", " ", "  ", "\u0301", "\u200d", "\u00a0", "\n", "\r", "-", "#", "合", "ไ", "ด", "א", "\u2019", ";", "🇰", "🇿",
		})).Draw(t, "pieces"), ""))
	})
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"States' ICTs, e.g. 3.5 km":  "States|'| |ICTs|,| |e.g|.| |3.5| |km",
		"well-known  \tcafe\u0301s.": "well|-|known|  \t|cafe\u0301s|.",
		"не применять":               "не| |применять",
		"ក្រុម":                      "ក្រុ|ម",
		"don't\u00a0stop":            "don't|\u00a0|stop",
		"مبادئ الأمن":                "مبادئ| |الأمن",
		"- [link](https://x.test)":   "-| |[|link|]|(|https|:|/|/|x.test|)",
		"1. States":                  "1|.| |States",
		"":                           "",
	} {
		if got := strings.Join(Tokens(text), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestCompareLeadsToTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		text := genRevised(t, base)
		if rapid.IntRange(0, 4).Draw(t, "unrelated") == 0 {
			text = genText(t)
		}
		r := Compare(base, text)
		checkRedline(t, r, base, text)
		if r.Empty() != slices.Equal(base, text) {
			t.Fatalf("empty is %v", r.Empty())
		}
	})
}

func checkRedline(t rapid.TB, r Redline, base, text []string) {
	t.Helper()
	got, err := r.Apply(base)
	if err != nil {
		t.Fatalf("%v\n%s", err, Format(r))
	}
	if !slices.Equal(got, text) {
		t.Fatalf("leads to %q, not to %q\n%s", got, text, Format(r))
	}
	parsed, err := Parse(Format(r))
	if err != nil {
		t.Fatalf("%v\n%s", err, Format(r))
	}
	if string(Format(parsed)) != string(Format(r)) {
		t.Fatalf("parsed and formatted again it differs:\n%s", Format(parsed))
	}
}

func TestApplyRefusesAnotherBase(t *testing.T) {
	r := Compare([]string{"a b", "c"}, []string{"a x", "c"})
	for _, base := range [][]string{{"a b"}, {"a b", "c", "d"}, {"a y", "c"}, nil} {
		if text, err := r.Apply(base); err == nil {
			t.Errorf("%q: leads to %q", base, text)
		}
	}
}

func TestLineageFollowsEveryParagraph(t *testing.T) {
	base := []string{"# Title", "First one here. Second one there.", "This paragraph moves away.", "gone", "left half", "right half"}
	r := Redline{
		{Keep, 0, 1, nil},
		{Split, 1, 2, []Run{{Op: Kept, Text: "First one here."}, {Op: Deleted, Text: " "}, {Op: Inserted, Break: true}, {Op: Kept, Text: "Second one there."}}},
		{Delete, 3, 4, []Run{{Op: Deleted, Text: "gone"}}},
		{Insert, 0, 0, []Run{{Op: Inserted, Text: "new"}}},
		{Join, 4, 6, []Run{{Op: Kept, Text: "left half"}, {Op: Deleted, Break: true}, {Op: Inserted, Text: " "}, {Op: Kept, Text: "right half"}}},
		{Move, 2, 3, []Run{{Op: Kept, Text: "This paragraph moves away."}}},
	}
	if _, err := r.Apply(base); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(r.Lineage()), "[0 1 -1 -1 4 2]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(r.Kinds()), "[insert delete move split join]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("a b c\nd e f", "a c\nd x f")
	f.Add("One. Two.\nThree", "Three\nOne.\nTwo.")
	f.Add("\n\n", "\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 1000 {
			t.Skip()
		}
		base, text := strings.Split(strings.ToValidUTF8(a, "?"), "\n"), strings.Split(strings.ToValidUTF8(b, "?"), "\n")
		r := Compare(base, text)
		checkRedline(t, r, base, text)
		edits, err := r.Edits(base)
		if err != nil {
			t.Fatal(err)
		}
		if got := edits.Apply(base); !slices.Equal(got, text) {
			t.Fatalf("the edits give %q, not %q\n%s", got, text, Format(r))
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("concord-redline 1\nkeep 1 4\nchange 5\n a\n-b\n+c\ninsert\n+x\ndelete 6\n-d\nmove 9\n e\nsplit 7\n f\n/+\n g\njoin 8 9\n h\n/-\n i\n"))
	f.Add([]byte("concord-redline 1\nchange 1\n-a\n+b\n|\n+c\n d\n-e\n|\n-f\n"))
	f.Add([]byte("concord-redline 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			return
		}
		if got := Format(r); string(got) != string(data) {
			t.Fatalf("%q was accepted, and is %q", data, got)
		}
	})
}
