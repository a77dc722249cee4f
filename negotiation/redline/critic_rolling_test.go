package redline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// rollingOf lays files beside one another, whose parties are A, B and so on.
func rollingOf(base string, files ...string) Document {
	var proposals []Proposal
	paragraphs := Cut(base)
	for i, file := range files {
		e, err := Compare(paragraphs, Cut(file)).Edits(paragraphs)
		if err != nil {
			panic(err)
		}
		party := string(rune('A' + i))
		proposals = append(proposals, Proposal{party, []string{party}, e})
	}
	return Rolling(paragraphs, proposals)
}

func TestRollingCritic(t *testing.T) {
	const base = "# Statement\n\n1. States shall cooperate.\n\n2. States shall report every year.\n\nDone in Almaty.\n"
	for _, test := range []struct {
		name, want string
		files      []string
	}{
		{"one change", "# Statement\n\n1. States {~~shall~>should~~}{>>A<<} cooperate.\n\n2. States shall report every year.\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, "shall coop", "should coop", 1)}},
		{"three wordings", "# Statement\n\n1. States {~~shall~>should~~}{>>A, B; or [may – C]<<} cooperate.\n\n2. States shall report every year.\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, "shall coop", "should coop", 1), strings.Replace(base, "shall coop", "should coop", 1), strings.Replace(base, "shall coop", "may coop", 1)}},
		{"words added", "# Statement\n\n1. States shall cooperate{++ fully++}{>>A<<}.\n\n2. States shall report every year.\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, "cooperate", "cooperate fully", 1)}},
		{"words that some want out", "# Statement\n\n1. States shall cooperate.\n\n2. States shall report{-- every year--}{>>A; or [every two years – B]<<}.\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, " every year", "", 1), strings.Replace(base, "every year", "every two years", 1)}},
		{"a paragraph that is moved, or changed", "# Statement{--\n\n1. States shall cooperate.--}{>>A; moved down; or [1. States [shall][should – B] cooperate.]<<}\n\n2. States shall report every year.{++\n\n1. States shall cooperate.++}{>>A; moved here<<}\n\nDone in Almaty.\n",
			[]string{"# Statement\n\n2. States shall report every year.\n\n1. States shall cooperate.\n\nDone in Almaty.\n", strings.Replace(base, "shall coop", "should coop", 1)}},
		{"a paragraph that is out", "# Statement\n\n1. States shall cooperate.{--\n\n2. States shall report every year.--}{>>A<<}\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, "2. States shall report every year.\n\n", "", 1)}},
		{"a paragraph that is out, or changed", "# Statement\n\n1. States shall cooperate.\n\n2. States shall report every {~~year~>month~~}{>>B; the whole paragraph: [no text – A]<<}.\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, "2. States shall report every year.\n\n", "", 1), strings.Replace(base, "year", "month", 1)}},
		{"a new paragraph", "# Statement\n\n1. States shall cooperate.\n\n2. States shall report every year.{++\n\n3. They meet.++}{>>A<<}\n\nDone in Almaty.\n",
			[]string{strings.Replace(base, "Done", "3. They meet.\n\nDone", 1)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := rollingOf(base, test.files...).Critic(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestRollingCriticRejectedIsTheBase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genFile(t)
		var files []string
		for range rapid.IntRange(0, 4).Draw(t, "parties") {
			files = append(files, genOther(t, base))
		}
		written := rollingOf(base, files...).Critic()
		old, new, err := ParseCritic(written)
		if err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		if old != base {
			t.Fatalf("base %q\nfiles %q\n%q\nrejected gives %q", base, files, written, old)
		}
		if len(files) == 1 && unwrapped(new) != unwrapped(files[0]) {
			t.Fatalf("base %q\nfile %q\n%q\naccepted gives %q", base, files[0], written, new)
		}
	})
}

func TestRollingCriticOfParallelProposals(t *testing.T) {
	folders, _ := filepath.Glob("../../../shared/corpus/parallel/*/*")
	if len(folders) == 0 {
		t.Skip("no corpus")
	}
	for _, folder := range folders {
		names, _ := filepath.Glob(filepath.Join(folder, "pr-*.md"))
		var files []string
		for _, name := range append([]string{filepath.Join(folder, "base.md")}, names...) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, string(data))
		}
		old, _, err := ParseCritic(rollingOf(files[0], files[1:]...).Critic())
		if err != nil || old != files[0] {
			t.Errorf("%s: rejecting all does not give the base (%v)", folder, err)
		}
	}
}

func ExampleDocument_Critic() {
	fmt.Print(rollingOf("States shall cooperate.\n", "States should cooperate.\n", "States should cooperate.\n", "States may cooperate fully.\n").Critic())
	// Output:
	// States {~~shall~>should~~}{>>A, B; or [may – C]<<} cooperate{++ fully++}{>>C<<}.
}
