package drafts

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestScriptClaim lets docs/audit.sh judge without its further checks, and demands that what
// it claims by itself holds all the same: it finds every act that is forged, moved, or has
// other files than were signed.
func TestScriptClaim(t *testing.T) {
	scriptOf(t)
	docs := t.TempDir()
	for _, part := range []string{"audit.sh", "audit-disk.sh", "audit-rules.awk", "audit-unicode.txt"} {
		if err := copyFile(filepath.Join("..", "docs", part), filepath.Join(docs, part)); err != nil {
			t.Fatal(err)
		}
	}
	rules, err := os.ReadFile(filepath.Join(docs, "audit-rules.awk"))
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(rules, []byte("\nfunction rules("))
	_, after, also := bytes.Cut(rest, []byte("\n}\n"))
	if !ok || !also {
		t.Fatal("audit-rules.awk has no rules()")
	}
	lay(t, filepath.Join(docs, "audit-rules.awk"), append(append(before, "\nfunction rules() {}\n"...), after...))
	lay(t, filepath.Join(docs, "audit-tags.sh"), nil)
	claimed := map[string]bool{}
	for _, name := range []string{
		"signature/none", "signature/of another key", "signature/of nobody's key", "signature/of something else", "signature/for another purpose",
		"signature/with a bit turned", "signature/of what was changed since",
		"place/in another negotiation", "place/behind a gap", "place/at a place far off", "place/after an act of another chain", "place/after an act of another place",
		"place/after nothing that is here", "place/about an act that is not here", "place/in another's record", "place/in another's name",
		"place/of the chair, with another's key", "place/joining twice", "place/joining with a thief's signature",
		"tree/a file more", "tree/a file of another name", "tree/a blob that is missing", "tree/another content than was signed",
		"key/a key that was rotated out", "key/a key between the first and the last", "key/a key that was recovered from", "key/the recovery key for something else",
		"key/recovering with the key itself", "key/recovering with another's recovery key", "key/the chair's key that was recovered from",
		"after handing over/the old chair in the new one's name",
	} {
		claimed[name] = true
	}
	judge := func(dir string) (string, bool) {
		out, err := exec.Command("bash", filepath.Join(docs, "audit.sh"), dir).CombinedOutput()
		return string(out), err == nil
	}
	for _, fam := range families() {
		s := fam.scene(t)
		if out, passed := judge(s.r.Dir()); !passed {
			t.Fatalf("%s: the scene itself\n%s", fam.name, out)
		}
		for _, c := range fam.cases(t, s) {
			if !claimed[fam.name+"/"+c.name] {
				continue
			}
			delete(claimed, fam.name+"/"+c.name)
			t.Run(fam.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				if out, passed := judge(smuggled(t, s.r, forge(t, s.r, s.borealia(c.f)))); passed {
					t.Errorf("docs/audit.sh by itself passes it\n%s", out)
				}
			})
		}
	}
	for name := range claimed {
		t.Errorf("the corpus has no case %q", name)
	}
}
