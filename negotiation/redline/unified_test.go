package redline

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// An archive holds pairs of files; <CR> is a carriage return and <end> stands
// where the last line has no line end.
func TestUnifiedCases(t *testing.T) {
	plain := strings.NewReplacer("<CR>", "\r", "<end>\n", "")
	eachCase(t, "unified", func(t *testing.T, files []file) string {
		old, new := plain.Replace(files[0].data), plain.Replace(files[1].data)
		patch := Unified(files[0].name, files[1].name, old, new)
		checkPatch(t, patch, old, new)
		return strings.ReplaceAll(patch, "\r", "<CR>")
	})
}

func checkPatch(t rapid.TB, patch, old, new string) {
	t.Helper()
	got, err := applyPatch(patch, old)
	if err != nil {
		t.Fatalf("%v\n%s", err, patch)
	}
	if got != new {
		t.Fatalf("gives %q, not %q\n%s", got, new, patch)
	}
}

// applyPatch follows a patch to the letter: every line number counts, and
// context is never looked for elsewhere.
func applyPatch(patch, old string) (string, error) {
	var out strings.Builder
	rest := fileLines(old)
	oldLine, newLine := 1, 1
	lines := fileLines(patch)
	for len(lines) > 0 && !strings.HasPrefix(lines[0], "@@ ") {
		lines = lines[1:]
	}
	for len(lines) > 0 {
		from, olds, to, news, err := hunkHeader(lines[0])
		if err != nil {
			return "", err
		}
		lines = lines[1:]
		for olds > 0 && oldLine < from || olds == 0 && oldLine <= from {
			out.WriteString(rest[0])
			rest, oldLine, newLine = rest[1:], oldLine+1, newLine+1
		}
		if news > 0 && newLine != to || news == 0 && newLine != to+1 {
			return "", fmt.Errorf("a hunk says line %d of the new file, which is line %d", to, newLine)
		}
		for olds+news > 0 {
			mark, line := lines[0][0], lines[0][1:]
			lines = lines[1:]
			if len(lines) > 0 && lines[0] == "\\ No newline at end of file\n" {
				line, lines = strings.TrimSuffix(line, "\n"), lines[1:]
			}
			if mark != '+' {
				if len(rest) == 0 || rest[0] != line {
					return "", fmt.Errorf("line %d of the old file is not %q", oldLine, line)
				}
				rest, oldLine, olds = rest[1:], oldLine+1, olds-1
			}
			if mark != '-' {
				out.WriteString(line)
				newLine, news = newLine+1, news-1
			}
		}
		if olds != 0 || news != 0 {
			return "", fmt.Errorf("a hunk has other lines than it says")
		}
	}
	return out.String() + strings.Join(rest, ""), nil
}

func hunkHeader(line string) (from, olds, to, news int, err error) {
	fields := strings.Fields(line)
	if len(fields) != 4 || fields[0] != "@@" || fields[3] != "@@" {
		return 0, 0, 0, 0, fmt.Errorf("%q is not the head of a hunk", line)
	}
	number := func(field, mark string) (int, int) {
		start, count, several := strings.Cut(strings.TrimPrefix(field, mark), ",")
		if !several {
			count = "1"
		}
		a, errA := strconv.Atoi(start)
		n, errN := strconv.Atoi(count)
		if errA != nil || errN != nil {
			err = fmt.Errorf("%q is not a range", field)
		}
		return a, n
	}
	from, olds = number(fields[1], "-")
	to, news = number(fields[2], "+")
	return from, olds, to, news, err
}

func TestUnifiedQuotesNamesAsGit(t *testing.T) {
	for name, want := range map[string]string{
		"draft.md":       `a/draft.md`,
		"a b.md":         `a/a b.md`,
		"«é».md":         `"a/\302\253\303\251\302\273.md"`,
		"a\"b\\c.md":     `"a/a\"b\\c.md"`,
		"\a\b\t\n\v\f\r": `"a/\a\b\t\n\v\f\r"`,
		"\x1f\x7f\xff":   `"a/\037\177\377"`,
	} {
		if got := patchName("a/" + name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// genLines draws a file of few different lines, some of them awkward.
func genLines(t *rapid.T) string {
	line := rapid.SampledFrom([]string{
		"States shall cooperate.", "a", "a", "b", "", "", " ", "-", "--- a/f", "+++ b/f", "@@ -1 +1 @@",
		"\\ No newline at end of file", "diff --git a/f b/f", "é", "\t", "a\r", "\r", "\x00", "\xff", "\v", "\u2028",
	})
	file := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "lines"), "\n")
	if file != "" && rapid.Bool().Draw(t, "line end") {
		file += "\n"
	}
	return file
}

func TestUnifiedLeadsToTheNewFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := genLines(t), genLines(t)
		patch := Unified("f", "f", old, new)
		checkPatch(t, patch, old, new)
		if (patch == "") != (old == new) {
			t.Fatalf("the patch is %q", patch)
		}
	})
}

func FuzzUnified(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nc")
	f.Add("", "\r\n\n")
	f.Fuzz(func(t *testing.T, old, new string) {
		checkPatch(t, Unified("f", "f", old, new), old, new)
	})
}

// A referee applies the patch in a folder.
type referee struct {
	name string
	args []string
}

var referees = []referee{
	{"git", []string{"apply", "--whitespace=nowarn"}},
	{"patch", []string{"-p1", "--silent", "--force", "--fuzz=0", "--no-backup-if-mismatch"}},
}

// apply returns the file by the new name after the referee has applied the
// patch to one by the old name.
func (r referee) apply(t rapid.TB, folder, oldName, newName, old, patch string) string {
	t.Helper()
	for _, name := range []string{oldName, newName} {
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, oldName), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(r.name, r.args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder), "LC_ALL=C")
	cmd.Stdin = strings.NewReader(patch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s\n%s", r.name, err, out, patch)
	}
	if oldName != newName {
		if _, err := os.Stat(filepath.Join(folder, oldName)); err == nil {
			t.Fatalf("%s leaves %s where it was", r.name, oldName)
		}
	}
	data, err := os.ReadFile(filepath.Join(folder, newName))
	if err != nil {
		t.Fatalf("%s: %v\n%s", r.name, err, patch)
	}
	return string(data)
}

func eachReferee(t *testing.T, check func(*testing.T, referee)) {
	for _, r := range referees {
		t.Run(r.name, func(t *testing.T) {
			if _, err := exec.LookPath(r.name); err != nil {
				t.Skip("no " + r.name)
			}
			check(t, r)
		})
	}
}

func TestOthersTakeUnified(t *testing.T) {
	eachReferee(t, func(t *testing.T, r referee) {
		folder := t.TempDir()
		rapid.Check(t, func(t *rapid.T) {
			name := rapid.SampledFrom([]string{"f", "a b/c d.md", "é \"q\"\t.md"}).Draw(t, "name")
			old, new := genLines(t), genLines(t)
			if old == new || r.name == "patch" && strings.Contains(old+new, "\x00") {
				t.Skip("nothing to apply")
			}
			if got := r.apply(t, folder, name, name, old, Unified(name, name, old, new)); got != new {
				t.Fatalf("%s makes %q of %q, not %q", r.name, got, old, new)
			}
		})
	})
}

func TestOthersRename(t *testing.T) {
	eachReferee(t, func(t *testing.T, r referee) {
		for _, c := range [][4]string{
			{"draft.md", "final.md", "a\nb\n", "a\nc\n"},
			{"draft.md", "final.md", "a\n", "a\n"},
			{"draft 1.md", "«final».md", "a\nb\n", "a\n"},
		} {
			if got := r.apply(t, t.TempDir(), c[0], c[1], c[2], Unified(c[0], c[1], c[2], c[3])); got != c[3] {
				t.Errorf("%s makes %q of %q", r.name, got, c[2])
			}
		}
	})
}

// mergedFiles returns the files of some of the real merges, where the corpus
// is at hand, by the names base, ours, theirs and merged.
func mergedFiles(t testing.TB, pattern string, every int) map[string]map[string]string {
	folders, _ := filepath.Glob("../../../shared/corpus/merges/" + pattern)
	if len(folders) == 0 {
		t.Skip("no corpus")
	}
	cases := map[string]map[string]string{}
	for i := 0; i < len(folders); i += every {
		files := map[string]string{}
		for _, name := range []string{"base", "ours", "theirs", "merged"} {
			data, err := os.ReadFile(filepath.Join(folders[i], name+".md"))
			if err != nil {
				continue // an index, not a case
			}
			files[name] = string(data)
		}
		cases[filepath.Base(folders[i])] = files
	}
	return cases
}

func TestOthersTakeUnifiedOfRealTexts(t *testing.T) {
	cases := mergedFiles(t, "*/*", 5)
	eachReferee(t, func(t *testing.T, r referee) {
		folder := t.TempDir()
		for name, files := range cases {
			for _, side := range []string{"ours", "theirs", "merged"} {
				base, text := files["base"], files[side]
				patch := Unified(name, name, base, text)
				checkPatch(t, patch, base, text)
				if patch != "" && r.apply(t, folder, name, name, base, patch) != text {
					t.Errorf("%s does not make %s of %s", r.name, side, name)
				}
			}
		}
	})
}

func TestUnifiedOfHostileFilesEnds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	lines := func(n, vocabulary int) string {
		var b bytes.Buffer
		for range n {
			fmt.Fprintf(&b, "%x\n", random.IntN(vocabulary))
		}
		return b.String()
	}
	for name, vocabulary := range map[string]int{"all different": 1 << 50, "once or twice": 1 << 17, "few": 9, "empty lines": 1} {
		t.Run(name, func(t *testing.T) {
			old, new := lines(100_000, vocabulary), lines(99_999, vocabulary)
			start := time.Now()
			patch := Unified("f", "f", old, new)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Logf("%v for %d bytes", took, len(patch))
			}
			checkPatch(t, patch, old, new)
		})
	}
}

func BenchmarkUnified(b *testing.B) {
	cases := mergedFiles(b, "quicwg/*", 1)
	size, n := 0, 0
	for _, files := range cases {
		size, n = size+len(files["base"]), n+1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, files := range cases {
			Unified("f", "f", files["base"], files["merged"])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/file")
}
