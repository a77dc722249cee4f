package negotiation

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const unicodeTable = "../docs/audit-unicode.txt"

// TestUnicodeTable: what docs/audit.sh knows of characters is what this package knows.
func TestUnicodeTable(t *testing.T) {
	want := characterTable()
	if *update {
		if err := os.WriteFile(unicodeTable, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(unicodeTable)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(raw); got != want {
		t.Errorf("%s is not what the tables of this program say; with -update it becomes\n%s", unicodeTable, want)
	}
}

// characterTable writes the tables that decide which characters a text may have, and
// how it is composed.
func characterTable() string {
	var b strings.Builder
	b.WriteString(`# The characters of Unicode 15.0, for audit-rules.awk: what decides whether a text can be read by people and is in the
# normal form C. It is written from the program's own tables (go test ./negotiation -run UnicodeTable -update).
#
# FIRST LAST CLASS WHAT: characters with a combining class other than 0, or of which one of these holds:
#   refused     no text may have it (a joiner or a variant selector where its script needs none)
#   mark        it stands on or beside the letter before
#   decomposes  it never stands in the normal form C
#   a script    it is a letter or mark of a script that joins letters
`)
	first, last, now := rune(-1), rune(-1), ""
	flush := func() {
		if now != "" {
			fmt.Fprintf(&b, "%04X %04X %s\n", first, last, now)
		}
	}
	var composed strings.Builder
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		properties := propertiesOf(r)
		if properties != now || r != last+1 {
			flush()
			first, now = r, properties
		}
		last = r
		if parts := norm.NFD.PropertiesString(string(r)).Decomposition(); parts != nil && norm.NFC.IsNormalString(string(r)) && !unicode.Is(unicode.Hangul, r) {
			second, size := utf8.DecodeLastRune(parts)
			begin, _ := utf8.DecodeRune(norm.NFC.Bytes(parts[:len(parts)-size]))
			fmt.Fprintf(&composed, "%04X = %04X %04X\n", r, begin, second)
		}
	}
	flush()
	b.WriteString("\n# COMPOSED = OF THESE TWO, but for syllables of Hangul.\n" + composed.String())
	return b.String()
}

func propertiesOf(r rune) string {
	class := norm.NFC.PropertiesString(string(r)).CCC()
	var what []string
	if refusedCharacter(r) != "" {
		what = append(what, "refused")
	}
	if unicode.Is(unicode.M, r) {
		what = append(what, "mark")
	}
	if !norm.NFC.IsNormalString(string(r)) {
		what = append(what, "decomposes")
	}
	if script := joiningScript(r); script != "" {
		what = append(what, script)
	}
	if class == 0 && len(what) == 0 {
		return ""
	}
	return strings.Join(append([]string{fmt.Sprint(class)}, what...), " ")
}
