package redline

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// An archive holds the revisions of a text, oldest first.
func TestBlameCases(t *testing.T) {
	eachCase(t, "blame", func(t *testing.T, files []file) string {
		var names []string
		var texts [][]string
		for _, f := range files {
			names = append(names, f.name)
			texts = append(texts, f.paragraphs())
		}
		h := blame(t, texts...)
		checkHistory(t, h, texts)
		return printed(t, h, names, true)
	})
}

func blame(t rapid.TB, texts ...[]string) *History {
	t.Helper()
	h, err := Blame(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// revision returns revision k as the doc of Trace says that it can be read.
func revision(trace []Traced, k int) []string {
	text := []string{}
	paragraph := ""
	for _, p := range trace {
		for _, w := range p.Words {
			switch here := w.Since <= k && w.Here <= k && (w.Until == 0 || k < w.Until); {
			case !here:
			case w.Break:
				text = append(text, paragraph)
				paragraph = ""
			default:
				paragraph += w.Text
			}
		}
	}
	if paragraph != "" {
		text = append(text, paragraph+" without a break")
	}
	return text
}

// checkHistory tests all that must hold of the history of texts.
func checkHistory(t rapid.TB, h *History, texts [][]string) {
	t.Helper()
	trace := h.Trace()
	for k, want := range texts {
		if got := revision(trace, k); !slices.Equal(got, want) {
			t.Fatalf("revision %d is %q, not %q", k, got, want)
		}
		checkIndex(t, trace, k, len(want))
	}
	last := len(texts) - 1
	if !slices.Equal(h.Text(), texts[last]) {
		t.Fatalf("the text is %q, not %q", h.Text(), texts[last])
	}
	var standing []string
	for _, p := range trace {
		if len(p.Index) != len(texts) {
			t.Fatalf("paragraph %d has an index in %d revisions of %d", p.ID, len(p.Index), len(texts))
		}
		checkPlace(t, p, last)
		if p.Fate == Keep {
			var b strings.Builder
			for _, w := range p.Words {
				if w.Until == 0 {
					b.WriteString(w.Text)
				}
			}
			standing = append(standing, b.String())
			if got := p.Index[last]; got != len(standing)-1 {
				t.Fatalf("paragraph %d stands at %d and says %d", p.ID, len(standing)-1, got)
			}
		}
	}
	if !slices.Equal(standing, texts[last]) {
		t.Fatalf("what stands is %q, not %q", standing, texts[last])
	}
}

// checkIndex tests that the paragraphs of revision k, n in number, each have
// one ID.
func checkIndex(t rapid.TB, trace []Traced, k, n int) {
	t.Helper()
	ids := map[int]int{}
	for _, p := range trace {
		if i := p.Index[k]; i != none {
			if id, ok := ids[i]; ok && id != p.ID {
				t.Fatalf("paragraph %d of revision %d has the IDs %d and %d", i, k, id, p.ID)
			}
			ids[i] = p.ID
		}
		if first := slices.IndexFunc(p.Index, func(i int) bool { return i != none }); first != p.Since {
			t.Fatalf("paragraph %d is there from revision %d and says %d", p.ID, first, p.Since)
		}
	}
	for i := range n {
		if ids[i] == 0 {
			t.Fatalf("paragraph %d of revision %d has no ID", i, k)
		}
	}
	if len(ids) != n {
		t.Fatalf("revision %d has %d paragraphs, not %d", k, len(ids), n)
	}
}

// checkPlace tests what must hold of the words of p by themselves.
func checkPlace(t rapid.TB, p Traced, last int) {
	t.Helper()
	if end := p.Words[len(p.Words)-1]; !end.Break || (end.Until == 0) != (p.Fate == Keep) {
		t.Fatalf("paragraph %d, %s, ends with %+v", p.ID, p.Fate, end)
	}
	if (p.Fate == Keep) != (p.Until == 0) || (p.Fate == Join) != (p.Into != 0) || p.Until > last {
		t.Fatalf("paragraph %d: %s until %d into %d", p.ID, p.Fate, p.Until, p.Into)
	}
	for i, w := range p.Words {
		switch {
		case w.Since > last, w.Here > last, w.Until > last, w.Until != 0 && w.Until <= w.Since:
			t.Fatalf("paragraph %d has words that came and went in no order: %+v", p.ID, w)
		case w.Break == (w.Text != ""):
			t.Fatalf("paragraph %d: %+v", p.ID, w)
		case w.Until != 0 && w.Until == p.Until && w.Moved != (p.Fate != Delete):
			t.Fatalf("paragraph %d, %s, has words that are gone: %+v", p.ID, p.Fate, w)
		case w.Moved && p.Fate != Move && p.Fate != Join:
			t.Fatalf("paragraph %d, %s, has words that are elsewhere: %+v", p.ID, p.Fate, w)
		case w.Until == 0 && p.Fate != Keep:
			t.Fatalf("paragraph %d is gone, and has words that stand: %+v", p.ID, w)
		case w.Until == 0 && w.Break && i != len(p.Words)-1:
			t.Fatalf("paragraph %d is two", p.ID)
		}
	}
}

// frequencies returns how often each word is in texts.
func frequencies(texts ...string) map[string]int {
	count := map[string]int{}
	for _, text := range texts {
		for _, token := range Tokens(text) {
			if isWord(token) {
				count[token]++
			}
		}
	}
	return count
}

// runsWith returns the words of the runs of a redline with the given fate.
func (r Redline) runsWith(op Op) (texts []string) {
	for _, s := range r {
		for _, run := range s.Runs {
			if run.Op == op {
				texts = append(texts, run.Text)
			}
		}
	}
	return texts
}

// checkSteps tests that no word is said to be brought in or taken out by a step
// whose redline did not do it, and that paragraphs are those that the lineage of
// the redlines says they are.
func checkSteps(t rapid.TB, h *History, steps []Redline) {
	t.Helper()
	trace := h.Trace()
	for i, r := range steps {
		k := i + 1
		var since, until []string
		ids := map[[2]int]Traced{}
		for _, p := range trace {
			for _, at := range []int{k - 1, k} {
				if p.Index[at] != none {
					ids[[2]int{at, p.Index[at]}] = p
				}
			}
			for _, w := range p.Words {
				if p.Fate == Move || p.Fate == Join {
					continue
				}
				if w.Since == k {
					since = append(since, w.Text)
				}
				if w.Until == k {
					until = append(until, w.Text)
				}
			}
		}
		for _, c := range []struct {
			got   []string
			op    Op
			doing string
		}{{since, Inserted, "bring in"}, {until, Deleted, "take out"}} {
			did := frequencies(r.runsWith(c.op)...)
			for word, n := range frequencies(c.got...) {
				if n > did[word] {
					t.Fatalf("step %d is said to %s %q %d times, and did so %d times\n%s", k, c.doing, word, n, did[word], Format(r))
				}
			}
		}
		for j, from := range r.Lineage() {
			p := ids[[2]int{k, j}]
			if from != none && ids[[2]int{k - 1, from}].ID != p.ID || from == none && p.Since != k {
				t.Fatalf("step %d: paragraph %d, which continues %d, is %+v\n%s", k, j, from, p, Format(r))
			}
		}
	}
}

func genRevisions(t *rapid.T) (texts [][]string) {
	texts = append(texts, genText(t))
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		last := texts[len(texts)-1]
		switch rapid.IntRange(0, 9).Draw(t, "how") {
		case 0:
			texts = append(texts, genText(t))
		case 1:
			texts = append(texts, texts[rapid.IntRange(0, len(texts)-1).Draw(t, "back")])
		default:
			texts = append(texts, genRevised(t, last))
		}
	}
	return texts
}

func stepsOf(texts [][]string) (steps []Redline) {
	for i, text := range texts[1:] {
		steps = append(steps, Compare(texts[i], text))
	}
	return steps
}

func TestEveryRevisionIsInItsHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := genRevisions(t)
		h := blame(t, texts...)
		checkHistory(t, h, texts)
		checkSteps(t, h, stepsOf(texts))
	})
}

// What others computed and signed is followed as it is.
func TestHistoryOfAnyRedlines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := [][]string{genText(t)}
		h := NewHistory(texts[0])
		for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
			r := genRedline(t, texts[i])
			if err := h.Add(r); err != nil {
				t.Fatal(err)
			}
			text, err := r.Apply(texts[i])
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
		checkHistory(t, h, texts)
		printed(t, h, nil, true)
	})
}

func TestHistoryOfSignedRedlinesIsThatOfTheTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := genRevisions(t)
		h := NewHistory(texts[0])
		for _, r := range stepsOf(texts) {
			signed, err := Parse(Format(r))
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Add(signed); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := h.Trace(), blame(t, texts...).Trace(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestHistoryOfOneText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genText(t)
		for i, p := range blame(t, text).Trace() {
			want := Traced{ID: i + 1, Index: []int{i}, Words: []Words{{Text: text[i]}, {Break: true}}}
			if text[i] == "" {
				want.Words = want.Words[1:]
			}
			if !reflect.DeepEqual(p, want) {
				t.Fatalf("got %+v, want %+v", p, want)
			}
		}
	})
}

func TestStepThatChangesNothingLeavesTheWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := genRevisions(t)
		h := blame(t, texts...)
		before := h.Trace()
		last := texts[len(texts)-1]
		if err := h.Add(Compare(last, last)); err != nil {
			t.Fatal(err)
		}
		after := h.Trace()
		for i := range after {
			n := len(after[i].Index) - 1
			if after[i].Fate == Keep && after[i].Index[n] != after[i].Index[n-1] {
				t.Fatalf("paragraph %d is moved", after[i].ID)
			}
			after[i].Index = after[i].Index[:n]
		}
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("before %+v\nafter  %+v", before, after)
		}
	})
}

func TestWhiteSpaceMakesNoWordNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := "States", "States"
		for range rapid.IntRange(0, 12).Draw(t, "words") {
			white := rapid.SampledFrom([]string{" ", "  ", "\t", "\u00a0"})
			word := rapid.SampledFrom(vocabulary).Draw(t, "word")
			old += white.Draw(t, "old") + word
			new += white.Draw(t, "new") + word
		}
		h := blame(t, []string{old}, []string{new})
		checkHistory(t, h, [][]string{{old}, {new}})
		for _, p := range h.Trace() {
			for _, w := range p.Words {
				if !isBlank(w.Text) && (w.Since != 0 || w.Until != 0) {
					t.Fatalf("%+v", p.Words)
				}
			}
		}
	})
}

func TestTracedThroughMoveSplitAndJoin(t *testing.T) {
	h := NewHistory([]string{"One. Two.", "gone", "three and more", "four"})
	for _, r := range []Redline{
		{
			{Move, 3, 4, []Run{{Op: Kept, Text: "four"}}},
			{Split, 0, 1, []Run{{Op: Kept, Text: "One."}, {Op: Deleted, Text: " "}, {Op: Inserted, Break: true}, {Op: Kept, Text: "Two."}}},
			{Delete, 1, 2, []Run{{Op: Deleted, Text: "gone"}}},
			{Keep, 2, 3, nil},
		},
		{
			{Keep, 0, 2, nil},
			{Join, 2, 4, []Run{{Op: Kept, Text: "Two."}, {Op: Deleted, Break: true}, {Op: Inserted, Text: " "}, {Op: Kept, Text: "three and more"}}},
		},
	} {
		if err := h.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	for _, p := range h.Trace() {
		fmt.Fprintf(&b, "%d since %d from %d %v %s %d into %d:", p.ID, p.Since, p.From, p.Index, p.Fate, p.Until, p.Into)
		for _, w := range p.Words {
			fmt.Fprintf(&b, " %q %d-%d", w.Text, w.Since, w.Until)
			if w.Here != 0 {
				fmt.Fprintf(&b, " here %d", w.Here)
			}
		}
		b.WriteByte('\n')
	}
	const want = `4 since 0 from 0 [3 0 0] keep 0 into 0: "four" 0-0 here 1 "" 0-0 here 1
1 since 0 from 0 [0 1 1] keep 0 into 0: "One." 0-0 " " 0-1 "" 1-0
5 since 1 from 1 [-1 2 -1] join 2 into 3: "Two." 0-2 "" 0-2
2 since 0 from 0 [1 -1 -1] delete 1 into 0: "gone" 0-1 "" 0-1
3 since 0 from 0 [2 3 2] keep 0 into 0: "Two." 0-0 here 2 "" 0-2 here 2 " " 2-0 "three and more" 0-0 "" 0-0
4 since 0 from 0 [3 0 0] move 1 into 0: "four" 0-1 "" 0-1
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestAddOfAnotherBaseLeavesTheHistory(t *testing.T) {
	h := blame(t, []string{"a b", "c"}, []string{"a x", "c"})
	before := h.Trace()
	if err := h.Add(Compare([]string{"a b", "c"}, []string{"d"})); err == nil {
		t.Error("no error")
	}
	if !reflect.DeepEqual(h.Trace(), before) {
		t.Error("the history is another")
	}
	if _, err := Blame([]string{"a"}, []string{"a b"}, []string{"a \xff \u2029"}); err == nil || !strings.HasPrefix(err.Error(), "text 3: ") {
		t.Errorf("got %v", err)
	}
}

// Every text of a set is a step after the one before it.
func TestHistoriesOfRealTexts(t *testing.T) {
	for name, texts := range parallel(t) {
		t.Run(name, func(t *testing.T) {
			h := blame(t, texts...)
			checkHistory(t, h, texts)
			checkSteps(t, h, stepsOf(texts))
			printed(t, h, nil, true)
		})
	}
}

func TestHistoriesOfRealMerges(t *testing.T) {
	bases, _ := filepath.Glob("../../../shared/corpus/merges/*/*/base.md")
	if len(bases) == 0 {
		t.Skip("no corpus")
	}
	for _, base := range bases {
		folder := filepath.Dir(base)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			for _, side := range []string{"ours.md", "theirs.md"} {
				var texts [][]string
				for _, name := range []string{"base.md", side, "merged.md"} {
					texts = append(texts, markdown(t, filepath.Join(folder, name)))
				}
				h := blame(t, texts...)
				checkHistory(t, h, texts)
				checkSteps(t, h, stepsOf(texts))
			}
		})
	}
}

func TestHostileHistoriesEnd(t *testing.T) {
	for name, texts := range hostile() {
		t.Run(name, func(t *testing.T) {
			r := Compare(texts[0], texts[1])
			h := NewHistory(texts[0])
			if err := h.Add(r); err != nil {
				t.Fatal(err)
			}
			if err := h.Print(new(bytes.Buffer), nil, true); err != nil {
				t.Fatal(err)
			}
			checkHistory(t, h, texts[:])
		})
	}
}

func FuzzBlame(f *testing.F) {
	f.Add("a b c\nd e f", "a c\nd x f", "d x f\na  c")
	f.Add("One. Two.\nThree", "Three\nOne.\nTwo.", "Three One.\nTwo.")
	f.Add("\n\n", "\n", "🇦🇧🇨🇩")
	f.Add("ក្រុម a", "ក្ រុម", "\xff")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if len(a)+len(b)+len(c) > 1000 {
			t.Skip()
		}
		var texts [][]string
		for _, s := range []string{a, b, c} {
			texts = append(texts, strings.Split(s, "\n"))
		}
		h, err := Blame(texts...)
		if err != nil {
			for i := range texts {
				for j := range texts[i] {
					texts[i][j] = strings.ReplaceAll(strings.ToValidUTF8(texts[i][j], "?"), "\u2029", "?")
				}
			}
			h = blame(t, texts...)
		}
		checkHistory(t, h, texts)
		var out bytes.Buffer
		if err := h.Print(&out, nil, true); err != nil {
			t.Fatal(err)
		}
	})
}

// 200 paragraphs of 60 words, and 100 steps that each change ten of them.
func BenchmarkBlame(b *testing.B) {
	text := statement(200, 60)
	var steps []Redline
	base := text
	for k := range 100 {
		next := amended(text, 10, uint64(k))
		steps = append(steps, Compare(text, next))
		text = next
	}
	b.Run("add", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h := NewHistory(base)
			for _, r := range steps {
				if err := h.Add(r); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	h := NewHistory(base)
	for _, r := range steps {
		if err := h.Add(r); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("print", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := h.Print(new(bytes.Buffer), nil, true); err != nil {
				b.Fatal(err)
			}
		}
	})
}
