package drafts

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
	"concord/negotiation/redline"
)

var mutations = flag.Int("mutations", 40, "how many altered acts Audit and docs/audit.sh are asked about")

// TestScriptAgrees alters acts at random, in their words and files, lets their author sign
// them all the same, and demands that Audit and docs/audit.sh say the same of each.
func TestScriptAgrees(t *testing.T) {
	script := scriptOf(t)
	random := rand.New(rand.NewPCG(5, uint64(*mutations)))
	scenes := []scene{staged(t), sceneOf(t, rekeyed(t)), handedOver(t, false)}
	acts := [][]forgery{ordinary(t, scenes[0]), ofKeys(scenes[1]), whilePassing(scenes[2])}
	var good atomic.Int64
	t.Cleanup(func() {
		if n := int(good.Load()); n == 0 || n == *mutations {
			t.Errorf("%d of %d acts are good, which shows nothing", n, *mutations)
		}
		t.Logf("%d of %d acts are good", good.Load(), *mutations)
	})
	for i := range *mutations {
		at := min(random.IntN(5), len(scenes)-1)
		if at > 0 {
			at = random.IntN(len(scenes))
		}
		s, f := scenes[at], acts[at][random.IntN(len(acts[at]))]
		f.files = maps.Clone(f.files)
		words := alterWords(random, s.r)
		if len(f.files) > 0 && random.IntN(2) == 0 {
			path := slices.Sorted(maps.Keys(f.files))[random.IntN(len(f.files))]
			f.files[path] = []byte(alterLines(random, string(f.files[path])))
			words = func(m string) string { return m }
		}
		if i%20 == 0 {
			words = func(m string) string { return m } // as it should be
		}
		forged := honestly(t, s.r, f, words)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			dir := smuggled(t, s.r, forged)
			report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
			if err != nil {
				t.Fatal(err)
			}
			if report.OK() {
				good.Add(1)
			}
			out, code := script(t, dir)
			if want := map[bool]int{true: 0, false: 1}[report.OK()]; code != want {
				t.Errorf("docs/audit.sh: exit code %d, want %d for the findings %v\n%s\nof\n%q", code, want, report.Findings, out, forged)
			}
		})
	}
}

// honestly forges an act whose message is altered, with the parents, author, date and tag
// that the altered message calls for.
func honestly(t testing.TB, r *Repository, f forgery, alter func(string) string) []byte {
	t.Helper()
	var altered *negotiation.Act
	f.message = alter
	f.commit = func(c *commit) {
		a, err := negotiation.ParseAct(c.message)
		if err != nil {
			return
		}
		altered = &a
		c.author, c.at = a.Author, a.Time
		if parents, err := r.parentsOf(a); err == nil {
			c.parents = parents
		}
		if tree, err := r.treeBefore(a); err == nil && len(a.Files) == 0 {
			c.tree = tree
		}
	}
	f.tag = func(name string, tag *object) {
		if altered == nil {
			return
		}
		commit, _, _ := strings.Cut(strings.TrimPrefix(string(tag.body), "object "), "\n")
		if now, ok := altered.Tag(); ok {
			raw := tagPayload(now, plumbing.NewHash(commit), *altered)
			tag.body = append(raw, signatureOf(t, f.by, raw)...)
		}
	}
	return forge(t, r, f)
}

// ordinary returns acts that are good at the next places of a scene.
func ordinary(t testing.TB, s scene) []forgery {
	t.Helper()
	third := negotiation.ProposalID{Author: borealia, Number: 3}
	fit := strings.Replace(string(s.base.Text().Bytes()), "every year", "each year", 1)
	files := map[string][]byte{"charter.toml": s.charter(), "statement.en.md": []byte(fit),
		"statement.en.redline": redline.Format(redline.Compare(s.base.Text().Paragraphs(), textOf(t, fit).Paragraphs()))}
	amendment := negotiation.Amendment{Headline: "Each", Type: negotiation.Modify, Base: s.text.Act}
	chair := forgery{by: aurelia, chain: negotiation.TextChain, author: aurelia}
	revise, amend, adopt := chair, chair, chair
	revise.content, revise.files = negotiation.Revise{Headline: "Third", Revision: 3, Decisions: []negotiation.Decision{
		{Ruling: negotiation.Accept, Proposal: s.withdraw.Proposal, Wording: s.withdraw.Wording, Reason: "Agreed."}}}, files
	amend.content = negotiation.Amend{Headline: "A group"}
	amend.files = map[string][]byte{"statement.en.md": s.base.Text().Bytes(),
		"charter.toml": []byte(string(s.charter()) + "[[group]]\ncode = \"AB\"\nname = \"Two\"\nmembers = [\"XAU\", \"XBO\"]\n")}
	adopt.content = negotiation.Unknown{Name: "adopt/1", Subject: "Adopt", Rest: []negotiation.Trailer{{Key: "Tag", Value: "adopted"}, {Key: "Note", Value: "act:" + s.text.Act.String()}}}
	because := s.borealia(forgery{act: explained("Reasons were given.\n\nДа, и ещё.")})
	return []forgery{
		revise, amend, adopt, because, s.borealia(forgery{content: s.withdraw}),
		s.borealia(forgery{content: negotiation.Propose{Proposal: third, Amendment: amendment}, files: files}),
		s.borealia(forgery{content: negotiation.Supersede{Proposal: s.withdraw.Proposal, Replaces: s.withdraw.Wording, Amendment: amendment}, files: files}),
		s.borealia(forgery{content: negotiation.TakePosition{On: negotiation.Subject{Proposal: s.withdraw.Proposal, Act: s.withdraw.Wording}, Stance: negotiation.Reserve}}),
		s.borealia(forgery{content: negotiation.TakePosition{On: negotiation.Subject{Paragraph: 2, Act: s.text.Act}, Stance: negotiation.For}}),
		s.borealia(forgery{content: negotiation.Unknown{Name: "share/2", Subject: "Share a paper"}, files: map[string][]byte{"papers/one.md": []byte("x\x00"), "two": {}}}),
		{by: aurelia, chain: negotiation.TextChain, author: aurelia, content: negotiation.HandOver{To: borealia, Key: publicOf(borealia), Joined: s.joined}},
		{by: cascadia, chain: negotiation.RecordOf(cascadia), author: cascadia, content: negotiation.Join{Charter: s.text.Act, Key: publicOf(cascadia), Recovery: publicOf("ZZZ")}},
	}
}

// ofKeys returns acts that change keys, or say who should have the chair, in [rekeyed].
func ofKeys(s scene) []forgery {
	established := func(code negotiation.Code) negotiation.ActID {
		acts := s.r.ledger.Chain(negotiation.RecordOf(code))
		for _, v := range slices.Backward(acts) {
			switch v.Act().Content.(type) {
			case negotiation.Join, negotiation.Rotate, negotiation.Recover:
				return v.ID()
			}
		}
		return negotiation.ActID{}
	}
	record := func(code, key negotiation.Code, c negotiation.Content) forgery {
		return forgery{by: key, chain: negotiation.RecordOf(code), author: code, content: c}
	}
	return []forgery{
		record(borealia, thirdXBO, negotiation.Rotate{Key: publicOf("XBO fourth")}),
		record(borealia, recoveryXBO, negotiation.Recover{Key: publicOf("XBO fourth")}),
		record(cascadia, recoveryTwo, negotiation.Recover{Key: publicOf("XCA fourth"), Recovery: publicOf("ZZZ")}),
		record(aurelia, aurelia, negotiation.Recognise{Successor: borealia, Text: s.r.ledger.Head(negotiation.TextChain).Act, Established: established(borealia)}),
		{by: secondXCA, chain: negotiation.TextChain, author: cascadia, content: negotiation.HandOver{To: borealia, Key: publicOf(thirdXBO), Joined: established(borealia)}},
	}
}

// whilePassing returns acts that can follow a hand-over to Borealia.
func whilePassing(s scene) []forgery {
	return []forgery{
		{by: borealia, chain: negotiation.TextChain, author: borealia, content: negotiation.TakeUp{}},
		s.borealia(forgery{}),
	}
}

// odd are words that stand in places of others.
var odd = []string{" ", "  ", "\n", "\n\n", "\t", "\r", "0", "1", "2", "9", "-", ":", ": ", "/", "a", "Z", "é", "e\u0301", "\u200b", "\u200d", "\u0378", "\xff", "\ufeff",
	"act:", "for", "against", "accept", "decline", "add", "delete", "move", "editorial", "no-change", "XAU", "XBO", "XCA", "text", "record/XAU", "rev-9", "adopted", "Tag: x2\n", "Reason: Why.\n", "Recovery-Key: ", "On-Behalf-Of: AB\n",
	"receipt/1", "receipt/2", "withdraw/1", "Extra: x\n", "File: x ", "Sequence: x\n", "Author: x\n", "Previous: x\n", "Concord-Act: x\n"}

// alterWords returns a change of an act's message.
func alterWords(random *rand.Rand, r *Repository) func(string) string {
	return func(m string) string {
		lines := strings.SplitAfter(m, "\n")
		at := random.IntN(len(lines) - 1)
		switch random.IntN(8) {
		case 0, 1:
			return alterLines(random, m)
		case 2: // what a trailer says is replaced by what another says
			key, _, ok := strings.Cut(lines[at], ": ")
			_, value, also := strings.Cut(lines[random.IntN(len(lines)-1)], ": ")
			if ok && also {
				lines[at] = key + ": " + value
			}
		case 3: // one act by another
			heads := r.ledger.Heads()
			acts := r.ledger.Chain(heads[random.IntN(len(heads))].Chain)
			if i := strings.Index(lines[at], "act:"); i >= 0 {
				lines[at] = lines[at][:i] + "act:" + acts[random.IntN(len(acts))].ID().String() + "\n"
			}
		case 4: // one word by another, wherever it stands
			words := strings.Fields(lines[at])
			if len(words) > 0 {
				return strings.ReplaceAll(m, words[random.IntN(len(words))], odd[random.IntN(len(odd))])
			}
		case 5:
			words := strings.Split(strings.TrimSuffix(lines[at], "\n"), " ")
			words[random.IntN(len(words))] = odd[random.IntN(len(odd))]
			lines[at] = strings.Join(words, " ") + "\n"
		case 6:
			digits := "0123456789"
			if i := strings.LastIndexAny(lines[at], digits); i >= 0 {
				lines[at] = lines[at][:i] + string(digits[random.IntN(10)]) + lines[at][i+1:]
			}
		case 7: // an explanation
			lines[1] = "\n  " + odd[random.IntN(len(odd))] + "Why" + odd[random.IntN(len(odd))] + "\n\n"
		}
		return strings.Join(lines, "")
	}
}

// alterLines changes some bytes or lines.
func alterLines(random *rand.Rand, s string) string {
	lines := strings.SplitAfter(s, "\n")
	at, other := random.IntN(len(lines)), random.IntN(len(lines))
	switch random.IntN(6) {
	case 0:
		return strings.Join(slices.Delete(lines, at, at+1), "")
	case 1:
		return strings.Join(slices.Insert(lines, at, lines[other]), "")
	case 2:
		lines[at], lines[other] = lines[other], lines[at]
		return strings.Join(lines, "")
	case 3:
		if i := random.IntN(len(s) + 1); i < len(s) {
			return s[:i] + s[i+1:]
		}
	}
	i := random.IntN(len(s) + 1)
	return s[:i] + odd[random.IntN(len(odd))] + s[i:]
}

// TestScriptAlone: without each of what stands beside it the script passes nothing.
func TestScriptAlone(t *testing.T) {
	scriptOf(t)
	parts := []string{"audit-disk.sh", "audit-rules.awk", "audit-tags.sh", "audit-unicode.txt"}
	for _, lacking := range parts {
		dir := t.TempDir()
		for _, part := range append(parts, "audit.sh") {
			if part == lacking {
				continue
			}
			if err := copyFile(filepath.Join("..", "docs", part), filepath.Join(dir, part)); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command("bash", filepath.Join(dir, "audit.sh"), staged(t).r.Dir()).CombinedOutput()
		if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || failed.ExitCode() != 3 || !strings.Contains(string(out), lacking) {
			t.Errorf("without %s: %v: %s", lacking, err, out)
		}
	}
}
