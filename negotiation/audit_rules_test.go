package negotiation

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"concord/negotiation/redline"
)

var mutations = flag.Int("mutations", 1500, "how many altered lines, texts, charters and redlines docs/audit-rules.awk is asked about")

// awkRules lets docs/audit-rules.awk judge what stands in files, and returns whether it
// passes each. The program has the pattern that runs for each of the lines of input.
func awkRules(t *testing.T, files map[string][]byte, program string, input []string) []bool {
	t.Helper()
	if _, err := exec.LookPath("awk"); err != nil {
		t.Skip("awk is not installed")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "text"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, "text", name), bytes.ReplaceAll(content, []byte{0}, []byte{1}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	driver := filepath.Join(dir, "driver.awk")
	const asTheScriptDoes = "function must(truth, why) { if (!truth) wrong++ }\nfunction bare(key) { sub(/^ssh-ed25519 /, \"\", key); return key }\n"
	if err := os.WriteFile(driver, []byte(asTheScriptDoes+program), 0o600); err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Abs("../docs")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("awk", "-v", "unicode="+filepath.Join(docs, "audit-unicode.txt"), "-f", filepath.Join(docs, "audit-rules.awk"), "-f", driver)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
	cmd.Stdin = strings.NewReader(strings.Join(input, "\n") + "\n")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	passed := make([]bool, 0, len(input))
	for line := range strings.Lines(string(out)) {
		passed = append(passed, line == "good\n")
	}
	if len(passed) != len(input) {
		t.Fatalf("%d answers to %d questions", len(passed), len(input))
	}
	return passed
}

// pieces are what is put into lines to make them wrong, or nearly so.
var pieces = []string{
	" ", "  ", "   ", "\t", "\r", "\x00", "\n", "#", "##", "# ", "- ", "* ", "1. ", "2. ", "1) ", "-", "=", "_", "***", ">", "|", "`", "``", "```", "~~~",
	"\\", "\\\\", "[", "]", "](", "](https://x.org)", "](mailto:a)", "](http://)", "](ftp://x)", "]:", "[a]:", "![", "!", "<", "<b>", "</", "<?", "&", "&amp;", "&#1;", "&#x1;", "&#;",
	"\"", "'", ",", "0", "1", "9", "A", "z", ".", "\u00a0", "\u2003", "\u3000", "\u00ad", "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2028", "\u2029", "\ufeff", "\ufffd", "\ufffc", "\u0378", "\U000e0001",
	"\u0301", "\u0323", "\u0308", "e\u0301", "\u00e9", "e\u0323\u0301", "\u1eb9\u0301", "\u0344", "\u212b", "\ufb1d", "\u0958", "\u2126", "\u1100\u1161", "\uac00", "\uac00\u11a8", "\u11a8", "\u1161", "\u115f",
	"\u0646\u200c\u0647", "\u0915\u094d\u200d\u0937", "\u0e01\u0e33", "\u0e49", "\u0648\u0651\u064e", "\u064e\u0651", "\u1820\u180b", "\u180b", "\u17b4", "\u0600", "\u06dd", "\u09c7\u09be", "\u09cb", "\u0cc6\u0cc2\u0cd5", "\u0dd9\u0dcf\u0dca",
	"й", "и\u0306", "中", "\uf900", "\U0002f800", "\U0001f600", "\U0001f468\u200d\U0001f469", "\ufe0f", "\U000e0100", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf",
}

// altered returns s with a few changes.
func altered(random *rand.Rand, s string) string {
	at := func() int { return random.IntN(len(s) + 1) }
	for range 1 + random.IntN(2) {
		lines := strings.SplitAfter(s, "\n")
		line := random.IntN(len(lines))
		switch random.IntN(7) {
		case 0, 1, 2:
			i := at()
			s = s[:i] + pieces[random.IntN(len(pieces))] + s[i:]
		case 3:
			if i := at(); i < len(s) {
				s = s[:i] + s[i+1:]
			}
		case 4:
			s = strings.Join(slices.Delete(lines, line, line+1), "")
		case 5:
			s = strings.Join(slices.Insert(lines, line, lines[random.IntN(len(lines))]), "")
		case 6:
			other := random.IntN(len(lines))
			lines[line], lines[other] = lines[other], lines[line]
			s = strings.Join(lines, "")
		}
	}
	return s
}

// disagree reports what the program and the script judge differently.
func disagree(t *testing.T, cases []string, program func(string) error, script []bool) {
	t.Helper()
	good := 0
	for i, c := range cases {
		err := program(c)
		if (err == nil) != script[i] {
			t.Errorf("the program says %v, docs/audit-rules.awk passes it: %t\n%q", err, script[i], c)
		}
		if script[i] {
			good++
		}
	}
	if good == 0 || good == len(cases) {
		t.Errorf("%d of %d are good, which shows nothing", good, len(cases))
	}
}

// TestScriptReadsLines: which lines people can read, and which are paragraphs.
func TestScriptReadsLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, uint64(*mutations)))
	lines := []string{"# Title", "## Heading", "Words of *a* [link](https://example.org/a?b=1) and `code  span`.", "1. States shall cooperate.", "   - An item.", "", "a"}
	for range 3 * *mutations {
		line := lines[random.IntN(7)]
		if random.IntN(3) == 0 {
			line = strings.Repeat(pieces[random.IntN(len(pieces))], random.IntN(45)) + line
		}
		for range random.IntN(4) {
			line += pieces[random.IntN(len(pieces))]
		}
		if line = altered(random, line); !strings.ContainsAny(line, "\n\x00") {
			lines = append(lines, line)
		}
	}
	readable := awkRules(t, nil, `{ print (unreadable($0) == "" ? "good" : "bad") }`, lines)
	disagree(t, lines, func(line string) error {
		if at := invalidUTF8([]byte(line)); at >= 0 {
			return errors.New(reasonNotUTF8)
		}
		if bad := invisible(line); bad != nil {
			return errors.New(bad.reason)
		}
		if !norm.NFC.IsNormalString(line) {
			return errors.New(reasonNotNFC)
		}
		return nil
	}, readable)
	paragraphs := awkRules(t, nil, `{ print (paragraph($0) !~ /^flawed/ ? "good" : "bad") }`, lines)
	disagree(t, lines, func(line string) error {
		if at := invalidUTF8([]byte(line)); at >= 0 {
			return errors.New(reasonNotUTF8)
		}
		if _, bad := parseBlock(line); bad != nil {
			return errors.New(bad.reason)
		}
		return nil
	}, paragraphs)
}

// TestScriptReadsKeys: which words are keys.
func TestScriptReadsKeys(t *testing.T) {
	random := rand.New(rand.NewPCG(4, uint64(*mutations)))
	var keys []string
	for _, key := range smallOrderKeys(t) {
		keys = append(keys, string(PublicKeyOf(key)))
		for range 10 {
			other := bytes.Clone(key)
			other[random.IntN(len(other))] ^= 1 << random.IntN(8)
			keys = append(keys, string(PublicKeyOf(other)))
			other[random.IntN(len(other))] = byte(random.Uint32())
			keys = append(keys, string(PublicKeyOf(other[:len(other)-random.IntN(2)])))
		}
	}
	disagree(t, keys, func(s string) error {
		_, err := ParsePublicKey(s)
		return err
	}, awkRules(t, nil, `{ print (is_key($0) ? "good" : "bad") }`, keys))
}

// asFiles names cases by their numbers.
func asFiles(cases []string) (files map[string][]byte, input []string) {
	files = map[string][]byte{}
	for i, c := range cases {
		files[fmt.Sprint(i)] = []byte(c)
		input = append(input, fmt.Sprint(i, " ", len(c)))
	}
	return files, input
}

// TestScriptReadsTexts: whole texts, in several scripts.
func TestScriptReadsTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(2, uint64(*mutations)))
	good := []string{
		string(DemoText()),
		"# T\n\n## H\n\nPlain.\n\n1. One.\n\n   - Two.\n\n      1. Three.\n\n         - Four.\n\n1. Five.\n",
		"# بيان بشأن الأمن\n\nإذ تلاحظ الدول أنّ التعاون ضروريّ،\n\n1. تتعاون الدول.\n",
		"# แถลงการณ์ว่าด้วยความมั่นคง\n\nรัฐพึงร่วมมือกัน ทั้งนี้ด้วยความสมัครใจ\n",
		"# सुरक्षा पर वक्तव्य\n\n1. राज्य सहयोग करेंगे। क्\u200dष\n\n   - हर वर्ष।\n",
		"# 보안에 관한 성명\n\n1. 국가들은 협력한다.\n", "# 关于安全的声明\n\n各国应当合作。\n", "# Заявление о безопасности\n\n1. Государства сотрудничают; каждый год, ещё и ещё.\n",
		"# Tuyên bố về an ninh\n\n1. Các quốc gia hợp tác.\n",
	}
	cases := slices.Clone(good)
	for range *mutations {
		cases = append(cases, altered(random, good[random.IntN(len(good))]))
	}
	files, input := asFiles(cases)
	passed := awkRules(t, files, `{ commit = id = $1; wrong = 0; blob[commit, "t"] = $1; size[commit, "t"] = $2; statement("t"); print (wrong ? "bad" : "good") }`, input)
	disagree(t, cases, func(s string) error { _, err := ParseText("t", []byte(s)); return err }, passed)
}

// TestScriptReadsCharters: as they may be written, and nothing else.
func TestScriptReadsCharters(t *testing.T) {
	random := rand.New(rand.NewPCG(3, uint64(*mutations)))
	good := []string{
		string(mustCharter(t, "cica").Raw()), string(mustCharter(t, "demo").Raw()),
		fmt.Sprintf("# Ours.\ntitle = \"Заявление\" # one\nlanguages = [ # three\n  \"en\", 'zh-Hans',\n\n  \"ar\", # and\n]\nchair='XBO'\npublic = true\n [ rules ]\nshortest_silence = \"1h30m\"\n"+
			"[[ participant ]]#\ncode = \"XAU\"\nname = \"Aurelia\"\nkey = \"\"\n[[participant]]\n  name = 'Borealia \"the northern\"'\ncode = \"XBO\"\nkey = \" %s  the ministry's\"\n"+
			"[[group]]\ncode = \"AB\"\nname = \"Both\"\nmembers = [\"XBO\", \"XAU\"]", testKey(1)),
	}
	tokens := []string{"\"", "'", "\\", "\\n", "\\u0041", "\"\"\"", "'''", "[", "]", "[[", "]]", ",", "#", "=", "title = \"x\"", "public = false", "[rules]", "[[group]]", "[participant]", "\"en\"", "\"XAU\"", "XAU", "true", "1", "0h", "h", "s", "5s", "\n\n", "\n#\n", "# \n"}
	cases := slices.Clone(good)
	for range *mutations {
		c := altered(random, good[min(random.IntN(9), 2)])
		if random.IntN(2) == 0 {
			i := random.IntN(len(c))
			c = c[:i] + tokens[random.IntN(len(tokens))] + c[i:]
		}
		cases = append(cases, c)
	}
	files, input := asFiles(cases)
	passed := awkRules(t, files, `{ kind = "convene/1"; commit = id = $1; wrong = 0; blob[commit, "charter.toml"] = $1; size[commit, "charter.toml"] = $2; charter(); print (wrong ? "bad" : "good") }`, input)
	disagree(t, cases, func(s string) error { _, err := ParseCharter("charter.toml", []byte(s)); return err }, passed)
}

// TestScriptReadsRedlines: they lead from one text to another, in the one form.
func TestScriptReadsRedlines(t *testing.T) {
	random := rand.New(rand.NewPCG(4, uint64(*mutations)))
	base := "# T\n\nOne two three.\n\n10\n\nФour five six seven.\n\n1. Eight nine.\n\n1. Ten.\n\n- Eleven.\n\nTwelve thirteen fourteen.\n"
	texts := []string{
		base, "# T\n\nOne 2 three.\n\n1. Eight nine.\n\n1. Ten.\n\nФour five six seven.\n\n- Eleven.\n\nTwelve thirteen.\n\nFourteen.\n",
		"# T\n\nOne two three. 10\n\nФour, fivé six sevén.\n\n1. Eight nine.\n\nNew.\n\n1. Ten.\n\n- Eleven.\n\nTwelve thirteen fourteen.\n", "# T\n\nTwelve thirteen fourteen.\n",
	}
	types := []ProposalType{Add, Modify, Delete, Move, Editorial, NoChange, "revise", "decides"}
	lines := []string{"|\n", "/-\n", "/+\n", " \n", "+x\n", "-x\n", "keep 1\n", "keep 1 2\n", "keep 3\n", "insert\n", "delete 3\n", "change 2\n", "move 2\n", "split 2\n", "join 2 3\n", "+ \n", "- \n"}
	type trial struct {
		text, redline string
		kind          ProposalType
	}
	var trials []trial
	files := map[string][]byte{"base": []byte(base)}
	var cases, input []string
	for i := range *mutations {
		text := texts[random.IntN(len(texts))]
		r := redline.Compare(paragraphsOf(base), paragraphsOf(text))
		written := string(redline.Format(r))
		if i > 100 {
			if random.IntN(3) > 0 {
				written = altered(random, written)
			} else {
				all := strings.SplitAfter(written, "\n")
				written = strings.Join(slices.Insert(all, 1+random.IntN(len(all)-1), lines[random.IntN(len(lines))]), "")
			}
		}
		trials = append(trials, trial{text, written, types[random.IntN(len(types))]})
		files[fmt.Sprint("text", i)], files[fmt.Sprint("redline", i)] = []byte(text), []byte(written)
		cases = append(cases, fmt.Sprint(i))
		input = append(input, fmt.Sprint(i, " ", trials[i].kind, " ", len(text), " ", len(written)))
	}
	passed := awkRules(t, files, `{ commit = id = $1; wrong = 0; F["t.redline"] = blobIn["base", "t.md"] = "base"; sizeIn["base", "t.md"] = `+fmt.Sprint(len(base))+`
		blob[commit, "t.md"] = "text" $1; size[commit, "t.md"] = $3; blob[commit, "t.redline"] = "redline" $1; size[commit, "t.redline"] = $4
		redline("base", "t.md", $2); print (wrong ? "bad" : "good") }`, input)
	at := 0
	disagree(t, cases, func(string) error {
		c := trials[at]
		at++
		err := checksOut(c.redline, base, c.text, c.kind)
		if (err == nil) != passed[at-1] {
			t.Logf("%s leads to %q:\n%s", c.kind, c.text, c.redline)
		}
		return err
	}, passed)
}

func paragraphsOf(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n\n")
}

// checksOut judges a redline as the acts that carry one do.
func checksOut(written, base, text string, kind ProposalType) error {
	r, err := redline.Parse([]byte(written))
	if err != nil {
		return err
	}
	got, err := r.Apply(paragraphsOf(base))
	if err != nil {
		return err
	}
	if !slices.Equal(got, paragraphsOf(text)) {
		return errors.New("it leads elsewhere")
	}
	if kind != "decides" && r.Empty() != (kind == NoChange) {
		return errors.New("it is empty")
	}
	if only, ok := kind.soleKind(); ok && !slices.Equal(r.Kinds(), []redline.Kind{only}) {
		return errors.New("it does something else")
	}
	return nil
}
