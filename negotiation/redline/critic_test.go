package redline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// <CR> is a carriage return and <end> stands where the last line has no line end.
var plainFile = strings.NewReplacer("<CR>", "\r", "<end>\n", "")

func TestCriticCases(t *testing.T) {
	eachCase(t, "critic", func(t *testing.T, files []file) string {
		old, new := plainFile.Replace(files[0].data), plainFile.Replace(files[1].data)
		got := checkCritic(t, old, new)
		return strings.ReplaceAll(got, "\r", "<CR>")
	})
}

func checkCritic(t rapid.TB, old, new string) string {
	t.Helper()
	base, text := Cut(old), Cut(new)
	marked := Compare(base, text).Critic(base)
	rejected, accepted, err := ParseCritic(marked)
	if err != nil {
		t.Fatalf("%v\n%s", err, marked)
	}
	if unwrapped(rejected) != unwrapped(old) {
		t.Fatalf("rejecting all gives %q, not %q\n%s", rejected, old, marked)
	}
	if accepted != new {
		t.Fatalf("accepting all gives %q, not %q\n%s", accepted, new, marked)
	}
	return marked
}

// genMarkup draws a text that is full of delimiters and what is nearly one.
func genMarkup(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
		"{++", "++}", "{--", "--}", "{~~", "~>", "~~}", "{==", "==}", "{>>", "<<}", "{", "}", "+", "-", "~", ">", "=", "<",
		`\`, `\`, `\\`, "\n", "\n\n", "\r\n", " ", " ", "a", "b", "é", "States ", "- ", "moved here",
	}), 0, 16).Draw(t, "markup"), "")
}

func TestCriticIsLosslessForAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := genMarkup(t)
		new := genMarkup(t)
		if rapid.Bool().Draw(t, "revised") {
			cut := rapid.IntRange(0, len(old)).Draw(t, "cut")
			end := rapid.IntRange(cut, len(old)).Draw(t, "end")
			new = strings.ToValidUTF8(old[:cut], "") + new + strings.ToValidUTF8(old[end:], "")
		}
		checkCritic(t, old, new)
	})
}

// A file of paragraphs as they are written, and what somebody makes of it.
func genFiles(t *rapid.T) (old, new string) {
	base := genText(t)
	text := genRevised(t, base)
	ends := rapid.SampledFrom([]string{"\n\n", "\n\n", "\n", "\r\n\r\n", "\n\n\n"})
	file := func(paragraphs []string) string {
		var b strings.Builder
		for _, p := range paragraphs {
			b.WriteString(strings.ReplaceAll(p, ". ", ".\n"))
			b.WriteString(ends.Draw(t, "line ends"))
		}
		if rapid.IntRange(0, 3).Draw(t, "end") == 0 {
			return strings.TrimRight(b.String(), "\r\n")
		}
		return b.String()
	}
	return file(base), file(text)
}

func TestCriticIsLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := genFiles(t)
		checkCritic(t, old, new)
	})
}

// No mark begins or ends between two letters of one word of either file.
func TestCriticMarksWholeWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := genFiles(t)
		base, text := Cut(old), Cut(new)
		pieces := settleLineEnds(coalesced(Compare(base, text).pieces(base)))
		for _, side := range []Op{Deleted, Inserted} {
			file := ""
			for _, p := range pieces {
				if p.op == Kept || p.op == side {
					file += p.text
				}
			}
			borders := map[int]bool{0: true}
			at := 0
			for _, token := range Tokens(file) {
				at += len(token)
				borders[at] = true
			}
			at = 0
			for _, p := range pieces {
				if p.op != Kept && p.op != side {
					continue
				}
				if !borders[at] && lettersMeet(file, at) {
					t.Fatalf("a mark at byte %d of %q", at, file)
				}
				at += len(p.text)
			}
		}
	})
}

func lettersMeet(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at:])
	return unicode.IsLetter(before) && unicode.IsLetter(after)
}

// A redline that other software made, with words cut anywhere.
func TestCriticOfAnyRedlineIsLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genText(t)
		r := genRedline(t, base)
		text, err := r.Apply(base)
		if err != nil {
			t.Fatal(err)
		}
		marked := r.Critic(base)
		old, new, err := ParseCritic(marked)
		if err != nil {
			t.Fatalf("%v\n%s", err, marked)
		}
		if old != strings.Join(base, "") || new != strings.Join(text, "") {
			t.Fatalf("comes back as %q and %q\n%s\n%s", old, new, marked, Format(r))
		}
	})
}

func TestCriticOfRealTextsIsLossless(t *testing.T) {
	for name, files := range mergedFiles(t, "*/*", 5) {
		t.Run(name, func(t *testing.T) {
			checkCritic(t, files["base"], files["merged"])
		})
	}
}

func FuzzCritic(f *testing.F) {
	f.Add("a {++ b\n\nc", "a {\\++ d\n\nb\n\nc")
	f.Add("One.\n\nTwo.\n\nThree words here and more.\n", "Three words here and more.\n\nOne {.\n")
	f.Fuzz(func(t *testing.T, old, new string) {
		if len(old)+len(new) > 1000 || !utf8.ValidString(old) || !utf8.ValidString(new) || strings.Contains(old+new, "\v") {
			t.Skip()
		}
		checkCritic(t, old, new)
	})
}

func TestCriticOfManyParagraphsEnds(t *testing.T) {
	var base, text []string
	for i := range 100_000 {
		base = append(base, fmt.Sprintf("%x\n", i))
		text = append(text, fmt.Sprintf("%x {\n", 2*i+1))
	}
	r := Redline{}
	for i := range base {
		r = append(r, Step{Delete, i, i + 1, []Run{{Op: Deleted, Text: base[i]}}}, Step{Insert, 0, 0, []Run{{Op: Inserted, Text: text[i]}}})
	}
	old, new, err := ParseCritic(r.Critic(base))
	if err != nil || old != strings.Join(base, "") || new != strings.Join(text, "") {
		t.Fatalf("does not come back: %v", err)
	}
}

// PyMdown's reader, which knows no escapes, rejects and accepts what we mark as
// ours does.
func TestOthersReadCritic(t *testing.T) {
	const script = `
import json, sys, pymdownx.critic as critic
reader = critic.CriticViewPreprocessor(None)
def read(mode, text):
    reader.config = {"mode": mode}
    return "\n".join(reader.run(text.split("\n")))
json.dump([[read("reject", t), read("accept", t)] for t in json.load(sys.stdin)], sys.stdout)`
	pythons := []string{"python3", "/usr/bin/python3"}
	i := slices.IndexFunc(pythons, func(p string) bool { return exec.Command(p, "-c", "import pymdownx.critic").Run() == nil })
	if i < 0 {
		t.Skip("no python3 with pymdownx")
	}
	var marked []string
	var want [][2]string
	add := func(old, new string) string {
		m := checkCritic(t, old, new)
		if !strings.Contains(m, `\`) {
			marked, want = append(marked, m), append(want, [2]string{old, new})
		}
		return strings.ReplaceAll(m, "\r", "<CR>")
	}
	eachCase(t, "critic", func(t *testing.T, files []file) string {
		return add(plainFile.Replace(files[0].data), plainFile.Replace(files[1].data))
	})
	folders, _ := filepath.Glob("../../../shared/corpus/merges/*/*/base.md")
	if len(folders) > 0 {
		for _, files := range mergedFiles(t, "*/*", 9) {
			add(files["base"], files["merged"])
		}
	}
	input, err := json.Marshal(marked)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(pythons[i], "-c", script)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]string
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(want) {
		t.Fatalf("%d texts come back, not %d: %v", len(got), len(want), err)
	}
	for i, files := range want {
		if unwrapped(got[i][0]) != unwrapped(files[0]) || got[i][1] != files[1] {
			t.Errorf("reads %q, not %q, from\n%s", got[i], files, marked[i])
		}
	}
}

// unwrapped returns the words of a file without regard to how its lines are wrapped.
func unwrapped(file string) string { return strings.Join(strings.Fields(file), " ") }
