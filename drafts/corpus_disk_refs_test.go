package drafts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"concord/negotiation"
)

func damagedRefs(r *Repository) map[string]laid {
	nowhere := strings.Repeat("1", 40) + "\n"
	head := r.commits[r.ledger.Head(negotiation.TextChain).Act].commit.String()
	bad := func(name, content string) laid { return byHand(1, map[string]string{name: content}) }
	good := func(name, content string) laid { return byHand(0, map[string]string{name: content}) }
	packed := func(lines string) laid { return bad("packed-refs", lines) }
	const header = "# pack-refs with: peeled fully-peeled sorted \n"
	at := func(name string) string { return head + " " + name + "\n" }
	return map[string]laid{
		"a torn ref":                bad("refs/heads/mine", head[:12]),
		"an empty ref":              bad("refs/heads/mine", ""),
		"a ref to zeros":            bad("refs/heads/mine", strings.Repeat("0", 40)+"\n"),
		"a ref in capitals":         bad("refs/heads/mine", strings.Repeat("A", 40)+"\n"),
		"a ref named by SHA-256":    bad("refs/heads/mine", strings.Repeat("1", 64)+"\n"),
		"a ref of 3 MB":             bad("refs/heads/mine", head+strings.Repeat("\n", 3<<20)),
		"a ref of two lines":        bad("refs/heads/mine", head+"\n"+head+"\n"),
		"a ref with a return":       bad("refs/heads/mine", head+"\r\n"),
		"a zero behind the digits":  bad("refs/heads/mine", head+"\x00"),
		"a space before the digits": bad("refs/heads/mine", " "+head+"\n"),
		"words behind the digits":   bad("refs/heads/mine", head+" and more\n"),
		"a ref without a line feed": good("refs/heads/mine", head),
		"a ref to nothing":          good("refs/private/mine", nowhere),
		"a ref to a tree":           {do: func(t *testing.T, dir string) string { pointed(t, dir, "text^{tree}"); return "" }},
		"a tag that is a tree":      byGit(0, "update-ref", "refs/tags/mine", "text^{tree}"),
		"a ref beside the folders":  good("refs/stash", head+"\n"),
		"a ref in another alphabet": good("refs/heads/größe", head+"\n"),
		"a ref with an equals sign": good("refs/heads/a=b", head+"\n"),
		"a name that git refuses":   bad("refs/heads/a..b", head+"\n"),
		"a name with a space":       bad("refs/heads/a b", head+"\n"),
		"a name with a line feed":   bad("refs/heads/a\nb", head+"\n"),
		"a name of two words":       bad("refs/heads/a ref:", head+"\n"),
		"a name with a glob":        bad("refs/heads/a*", head+"\n"),
		"a dot at the end":          bad("refs/heads/a.", head+"\n"),
		"a name for a time":         bad("refs/heads/a@{1}", head+"\n"),
		"a file of the desktop":     good("refs/heads/.DS_Store", strings.Repeat("\x00", 6148)),
		"a folder with a dot":       good("refs/.x/heads/text", "torn"),
		"a lock with content":       good("refs/heads/text.lock", head[:12]),
		"a folder that is locked":   good("refs/heads.lock/text", "torn"),

		"a chain's ref torn":          bad("refs/heads/record/XBO", head[:12]),
		"a chain's ref empty":         bad("refs/heads/record/XBO", ""),
		"a chain's ref, symbolic":     bad("refs/heads/record/XBO", "ref: refs/heads/text\n"),
		"a chain's ref to nothing":    bad("refs/heads/record/XBO", nowhere),
		"evidence that names another": bad("refs/evidence/text/1", "ref: refs/heads/text\n"),
		"a chain's ref is a folder": {want: 1, do: func(t *testing.T, dir string) string {
			removed(t, dir, "refs/heads/record/XBO")
			lay(t, filepath.Join(dir, "refs/heads/record/XBO/x"), []byte(head))
			return ""
		}},
		"a ref that names nothing":          good("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/text\n"),
		"a ref that names HEAD":             bad("refs/heads/mine", "ref: HEAD\n"),
		"a ref that names in haste":         bad("refs/heads/mine", "ref:refs/heads/text\n"),
		"a remote's record, elsewhere":      byGit(1, "update-ref", "refs/remotes/mine/text", "refs/heads/record/XBO"),
		"a remote's name for another chain": byGit(0, "symbolic-ref", "refs/remotes/mine/text", "refs/heads/record/XBO"),
		"a name for a packed one": {do: func(t *testing.T, dir string) string {
			stockGit(t, dir, "update-ref", "refs/remotes/mine/text", "refs/heads/record/XBO")
			stockGit(t, dir, "pack-refs", "--all")
			lay(t, filepath.Join(dir, "refs/remotes/mine/text"), []byte("ref: refs/heads/text\n"))
			return ""
		}},

		"packed refs that are empty":        good("packed-refs", ""),
		"packed refs without a head":        good("packed-refs", at("refs/heads/x")+at("refs/tags/x")),
		"packed refs, peeled":               good("packed-refs", header+at("refs/heads/x")+"^"+head+"\n"),
		"packed refs, older than loose":     good("packed-refs", header+nowhere[:40]+" refs/heads/text\n"),
		"packed refs broken off":            packed(header + at("refs/heads/x") + head[:12]),
		"packed refs without the last feed": packed(header + at("refs/heads/x") + head + " refs/heads/y"),
		"packed refs out of order":          packed(header + at("refs/tags/x") + at("refs/heads/x")),
		"packed refs out of order, unsaid":  packed(at("refs/tags/x") + at("refs/heads/x")),
		"a packed ref twice":                packed(header + at("refs/heads/x") + at("refs/heads/x")),
		"a packed name git refuses":         packed(header + at("refs/heads/a..b")),
		"a packed name of a lock":           packed(header + at("refs/heads/a.lock")),
		"a packed name elsewhere":           packed(header + at("heads/a")),
		"a packed name of nothing":          packed(header + at("")),
		"packed refs with a zero":           packed(header + at("refs/heads/a\x00b")),
		"packed refs with returns":          packed("# pack-refs with: peeled\r\n" + head + " refs/heads/x\r\n"),
		"packed refs with another head":     packed("# packed\n" + at("refs/heads/x")),
		"packed refs with a head amidst":    packed(at("refs/heads/x") + header),
		"packed refs peeled at first":       packed("^" + head + "\n" + at("refs/heads/x")),
		"packed refs with a name first":     packed("refs/heads/x " + head + "\n"),
		"packed refs with an odd line":      packed("loose refs/heads/x " + head + "\n"),
		"packed refs with an empty line":    packed(at("refs/heads/x") + "\n"),
		"more refs than are read": {want: 1, do: func(t *testing.T, dir string) string {
			var lines strings.Builder
			for i := range maxRefs {
				fmt.Fprintf(&lines, "%s refs/x/%06x\n", head, i)
			}
			lay(t, filepath.Join(dir, "packed-refs"), []byte(lines.String()))
			return ""
		}},
		"more refs than 20,000": {do: func(t *testing.T, dir string) string {
			var lines strings.Builder
			for i := range 25000 {
				fmt.Fprintf(&lines, "%s refs/remotes/r%06x/text\n", head, i)
			}
			lay(t, filepath.Join(dir, "packed-refs"), []byte(lines.String()))
			return ""
		}},
		"a tag of the record is gone": {want: 1, do: func(t *testing.T, dir string) string { removed(t, dir, "refs/tags/rev-1"); return "" }},
	}
}

func pointed(t *testing.T, dir, at string) {
	t.Helper()
	lay(t, filepath.Join(dir, "refs/heads/mine"), []byte(stockGit(t, dir, "rev-parse", at)))
}

func removed(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
}
