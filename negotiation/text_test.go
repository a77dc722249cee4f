package negotiation

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite what the cases in testdata expect")

// eachCase reads a txtar archive in pairs: the input of a case, case/in, and what is
// expected of it, case/want for the bytes of a result or case/error for line and
// reason of a refusal. It is run's to return what came out. An input called
// case/quoted is written with Go's escapes, line by line.
func eachCase(t *testing.T, path string, run func(t *testing.T, in string) (kind, got string)) {
	cases := readCases(t, path)
	for i := 0; i+1 < len(cases.Files); i += 2 {
		in, want := cases.Files[i], &cases.Files[i+1]
		name, _, _ := strings.Cut(in.Name, "/")
		t.Run(name, func(t *testing.T) {
			kind, got := run(t, inputOf(t, in))
			if *update {
				*want = txtar.File{Name: name + "/" + kind, Data: []byte(got)}
			}
			if head := name + "/" + kind; head != want.Name || got != string(want.Data) {
				t.Errorf("got -- %s --\n%s\nwant -- %s --\n%s", head, got, want.Name, want.Data)
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(cases), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readCases(t testing.TB, path string) *txtar.Archive {
	cases, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func inputOf(t testing.TB, in txtar.File) string {
	name, form, _ := strings.Cut(in.Name, "/")
	if form == "quoted" {
		return unquoted(t, name, string(in.Data))
	}
	return string(in.Data)
}

// refusal returns line and reason, as the cases state them.
func refusal(t *testing.T, err error, fault Fault) string {
	var line *LineError
	if !errors.As(err, &line) || !errors.Is(err, fault) {
		t.Fatalf("refused without a line or as another fault: %v", err)
	}
	return fmt.Sprintf("%d: %s\n", line.Line, line.Reason)
}

func unquoted(t testing.TB, file, data string) string {
	s, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.TrimSuffix(data, "\n"), "\n", `\n`) + `"`)
	if err != nil {
		t.Fatalf("%s: %q: %v", file, data, err)
	}
	return s
}

func TestCanonText(t *testing.T) {
	for _, path := range []string{"testdata/text/accept.txtar", "testdata/text/refuse.txtar"} {
		eachCase(t, path, func(t *testing.T, in string) (kind, got string) {
			text, err := CanonText("in.md", []byte(in))
			if err != nil {
				return "error", refusal(t, err, ErrText)
			}
			referee(t, text)
			return "want", string(text.Bytes())
		})
	}
}

func TestTextLimits(t *testing.T) {
	for name, raw := range map[string]string{
		"ten megabytes":      "# T\n\n" + strings.Repeat("a ", 5<<20),
		"a long paragraph":   "# T\n\n" + strings.Repeat("words ", MaxParagraph/6+1),
		"a long wrapped one": "# T\n\n" + strings.Repeat("a\n", MaxParagraph/2+1),
		"many paragraphs":    "# T\n\n" + strings.Repeat("a\n\n", MaxParagraphs),
		"many tight items":   "# T\n\n" + strings.Repeat("- a\n", MaxText/4-3),
	} {
		if _, err := CanonText("in.md", []byte(raw)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %v, want %v", name, err, ErrTooLarge)
		}
	}
	if _, err := CanonText("in.md", []byte("# T\n\n"+strings.Repeat("a\n\n", MaxParagraphs-1))); err != nil {
		t.Errorf("as many paragraphs as are allowed: %v", err)
	}
}

// TestUnicodeVersion is here because the repertoire of a text is part of its
// format: nodes whose tables differ would differ about which texts there are.
func TestUnicodeVersion(t *testing.T) {
	if unicode.Version != "15.0.0" || norm.Version != "15.0.0" {
		t.Errorf("tables of Unicode %s and, for NFC, %s: both must be 15.0.0", unicode.Version, norm.Version)
	}
}

func TestParseTextIsStrict(t *testing.T) {
	for reason, raw := range map[string]string{
		"no line feed at the end":  "# T\n\nWords.",
		"two line feeds":           "# T\n\nWords.\n\n",
		"a wrapped paragraph":      "# T\n\nWords\nwords.\n",
		"tight items":              "# T\n\n- a\n- b\n",
		"another bullet":           "# T\n\n* a\n",
		"another number":           "# T\n\n2. a\n",
		"another indentation":      "# T\n\n1. a\n\n  - b\n",
		"too deep a step":          "# T\n\n1. a\n\n      - b\n",
		"an item below a heading":  "# T\n\n   - b\n",
		"two spaces":               "# T\n\nWords  words.\n",
		"two spaces after #":       "#  T\n",
		"closing #":                "# T #\n",
		"not NFC":                  "# Cafe\u0301\n",
		"CR LF":                    "# T\r\n",
		"a byte order mark":        "\ufeff# T\n",
		"three line feeds between": "# T\n\n\nWords.\n",
		"an empty text":            "\n",
		"nothing":                  "",
	} {
		if _, err := ParseText("statement.en.md", []byte(raw)); !errors.Is(err, ErrText) {
			t.Errorf("%s: got %v, want a refusal", reason, err)
		}
	}
}

func TestTextParts(t *testing.T) {
	paragraphs := []string{"# Title", "## Part", "*Recalling* it,", "1. First:", "   1. a;", "      - b.", "- c"}
	got, err := TextOf(paragraphs)
	if err != nil {
		t.Fatal(err)
	}
	type part struct {
		kind  BlockKind
		depth int
		body  string
	}
	want := []part{{Title, 1, "Title"}, {Heading, 2, "Part"}, {Plain, 0, "*Recalling* it,"}, {Operative, 1, "First:"}, {Item, 2, "a;"}, {Item, 3, "b."}, {Item, 1, "c"}}
	for i, w := range want {
		if g := (part{got.Kind(i), got.Depth(i), got.Body(i)}); g != w {
			t.Errorf("paragraph %d is %v, want %v", i, g, w)
		}
	}
	if !slices.Equal(got.Paragraphs(), paragraphs) {
		t.Errorf("paragraphs %q, want %q", got.Paragraphs(), paragraphs)
	}
	for _, bad := range [][]string{nil, {""}, {"# T", ""}, {"# T\n"}, {"# T", "a\n\nb"}, {"# \xff"}} {
		if _, err := TextOf(bad); !errors.Is(err, ErrText) {
			t.Errorf("TextOf(%q): got %v, want a refusal", bad, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	text, err := TextOf([]string{"# Security", "Cо-operation of Stаtes, Казахстан and Ελλάδα.", "1. Alphα."})
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, w := range text.Warnings() {
		words = append(words, fmt.Sprintf("%d %s", w.Paragraph, w.Word))
	}
	if want := []string{"1 Cо", "1 Stаtes", "2 Alphα"}; !slices.Equal(words, want) {
		t.Errorf("warned of %q, want %q", words, want)
	}
}

// referee lets goldmark read the canonical bytes: it must find the same
// paragraphs, and nothing that a text does not have.
func referee(t testing.TB, got Text) {
	t.Helper()
	source := got.Bytes()
	if again, err := ParseText("out.md", source); err != nil || string(again.Bytes()) != string(source) {
		t.Fatalf("ParseText refuses what CanonText made: %v\n%q", err, source)
	}
	if again, err := CanonText("out.md", source); err != nil || string(again.Bytes()) != string(source) {
		t.Fatalf("CanonText changes what it made: %v\n%q\n%q", err, source, again.Bytes())
	}
	var want []found
	for i := range got.Len() {
		kind, depth := "item", got.Depth(i)
		switch got.Kind(i) {
		case Title, Heading:
			kind = "heading"
		case Plain:
			kind = "plain"
		}
		want = append(want, found{kind, depth, got.Body(i)})
	}
	if read, err := goldmarkReads(source); err != nil || !slices.Equal(want, read) {
		t.Fatalf("goldmark finds %v\n%+v\nnot\n%+v\nin %q", err, read, want, source)
	}
}

// A found is a paragraph as goldmark sees it.
type found struct {
	kind  string
	depth int
	body  string
}

// goldmarkReads returns the paragraphs of source, or the first thing that a
// text does not have.
func goldmarkReads(source []byte) (read []found, err error) {
	items := 0
	err = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		step := 1
		if !entering {
			step = -1
		}
		switch n := n.(type) {
		case *ast.ListItem:
			items += step
		case *ast.Heading:
			if entering {
				read = append(read, found{"heading", n.Level, string(n.Lines().Value(source))})
			}
		case *ast.Paragraph, *ast.TextBlock:
			if entering {
				f := found{"plain", items, strings.TrimSuffix(string(n.Lines().Value(source)), "\n")}
				if items > 0 {
					f.kind = "item"
				}
				read = append(read, f)
			}
		case *ast.Link:
			if d := string(n.Destination); entering && !strings.HasPrefix(d, "https://") && !strings.HasPrefix(d, "http://") && !strings.HasPrefix(d, "mailto:") {
				return ast.WalkStop, fmt.Errorf("a link to %q", d)
			}
		case *ast.Text:
			if n.HardLineBreak() || n.SoftLineBreak() {
				return ast.WalkStop, fmt.Errorf("a line break in %q", n.Segment.Value(source))
			}
		case *ast.Document, *ast.List, *ast.CodeSpan, *ast.Emphasis:
		default:
			return ast.WalkStop, fmt.Errorf("a %s", n.Kind())
		}
		return ast.WalkContinue, nil
	})
	return read, err
}

// TestCanonTextOfAnything joins what Markdown gives a meaning to in any order.
func TestCanonTextOfAnything(t *testing.T) {
	pieces := []string{
		"\n", "\n\n", "  \n", "\\\n", "\r\n", " ", "  ", "   ", "    ", "\t", "- ", "* ", "+ ", "0.", "1. ", "2) ", "14. ", "1986. ",
		"#", "# ", "## ", "=", "===", "---", "-", "***", "_", "*", "**", "`", "``", "```", "~~~", "[", "]", "(", ")", "](", "](https://x)", "[ ] ", "[x]: y",
		"!", "<", "<b>", "</b>", "<!-- ", ">", "> ", "\\", "|", ":", "&", "&amp;", "\"", "'", "{#id}", "http://x", "a", "b c", "é", "e\u0301", "م", "\u00a0", "\u3000",
	}
	rapid.Check(t, func(r *rapid.T) {
		raw := "# T\n\n" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 14).Draw(r, "pieces"), "")
		if got, err := CanonText("in.md", []byte(raw)); err == nil {
			referee(t, got)
		}
	})
}

func seed(f *testing.F, paths ...string) {
	for _, path := range paths {
		for _, file := range readCases(f, path).Files {
			f.Add([]byte(inputOf(f, file)))
		}
	}
}

func FuzzCanonText(f *testing.F) {
	seed(f, "testdata/text/accept.txtar", "testdata/text/refuse.txtar")
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := CanonText("in.md", raw)
		if err == nil {
			referee(t, got)
			return
		}
		refused(t, err, ErrText, raw)
		// Most of what a fuzzer makes has no title. Give it one.
		if got, err := CanonText("in.md", slices.Concat([]byte("# T\n\n"), raw)); err == nil {
			referee(t, got)
		}
	})
}

func FuzzParseText(f *testing.F) {
	seed(f, "testdata/text/accept.txtar", "testdata/text/refuse.txtar")
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := ParseText("in.md", raw)
		if err != nil {
			refused(t, err, ErrText, raw)
			return
		}
		if string(got.Bytes()) != string(raw) {
			t.Fatalf("read %q, which prints as %q", raw, got.Bytes())
		}
		referee(t, got)
	})
}

// refused fails the test unless err is what a person who sent raw can act on.
func refused(t *testing.T, err error, fault Fault, raw []byte) {
	t.Helper()
	if errors.Is(err, ErrTooLarge) {
		return
	}
	var line *LineError
	if !errors.As(err, &line) || line.Fault != fault || line.Reason == "" {
		t.Fatalf("refused without line and reason: %v", err)
	}
	breaks := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	if last := 1 + strings.Count(breaks.Replace(string(raw)), "\n"); line.Line < 1 || line.Line > last {
		t.Fatalf("refused line %d of %d of %q", line.Line, last, raw)
	}
}
