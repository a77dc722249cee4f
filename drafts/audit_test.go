package drafts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// signed signs one act with a key that need not be its author's first.
func signed(t testing.TB, r *Repository, as, key negotiation.Code, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) negotiation.Verified {
	t.Helper()
	at := time.Date(2026, 5, 1, 9, len(r.State().Log()), 0, 0, time.UTC)
	v, _, err := r.Sign(as, keyOf(key), at, compose)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The keys that the participants of [rekeyed] come to have are those of these names.
const (
	secondXAU, secondXBO, thirdXBO, secondXCA          = "XAU second", "XBO second", "XBO third", "XCA second"
	recoveryXAU, recoveryXBO, recoveryXCA, recoveryTwo = "XAU recovery", "XBO recovery", "XCA recovery", "XCA recovery second"
)

// joinedByAll returns a negotiation of three who have joined with recovery keys.
func joinedByAll(t testing.TB) *Repository {
	t.Helper()
	r := open(t, t.TempDir(), negotiation.ActID{})
	act(t, r, aurelia, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charterWith(t, publicOf(cascadia)), textOf(t, zeroDraft), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	})
	for _, c := range []negotiation.Code{aurelia, borealia, cascadia} {
		act(t, r, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Join(publicOf(c), publicOf(c+" recovery"))
		})
	}
	act(t, r, borealia, proposal(t, "Voluntary basis", "shall cooperate", "should cooperate, on a voluntary basis"))
	act(t, r, borealia, proposal(t, "Twice", "every year", "twice a year"))
	return r
}

// rekeyed returns a negotiation in which every key has changed and the chair has been
// handed over to Borealia and then taken by succession, by Cascadia.
func rekeyed(t testing.TB) *Repository {
	t.Helper()
	r := joinedByAll(t)
	rotate := func(key negotiation.Code) func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Rotate(publicOf(key), "") }
	}
	receive := func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Receive(d.State().Current().Act)
	}
	signed(t, r, borealia, borealia, rotate(secondXBO))
	signed(t, r, borealia, secondXBO, receive)
	signed(t, r, aurelia, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.HandOver(borealia, "") })
	signed(t, r, borealia, secondXBO, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.TakeUp() })
	signed(t, r, borealia, secondXBO, rotate(thirdXBO))
	signed(t, r, borealia, thirdXBO, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Rekey(negotiation.ActID{}, "")
	})
	signed(t, r, borealia, thirdXBO, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Revise(negotiation.Publication{Headline: "Second", Text: textOf(t, strings.Replace(zeroDraft, "every", "each", 1))})
	})
	signed(t, r, cascadia, recoveryXCA, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Recover(publicOf(secondXCA), publicOf(recoveryTwo), negotiation.ActID{}, "Lost.")
	})
	for by, key := range map[negotiation.Code]negotiation.Code{aurelia: aurelia, cascadia: secondXCA} {
		signed(t, r, by, key, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recognise(cascadia, negotiation.ActID{}, "")
		})
	}
	signed(t, r, cascadia, secondXCA, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Succeed("") })
	signed(t, r, cascadia, secondXCA, receive)
	signed(t, r, borealia, thirdXBO, receive)
	return r
}

// TestAuditKeys: the report says whose key counted from which place on.
func TestAuditKeys(t *testing.T) {
	r := rekeyed(t)
	report := audited(t, r.Dir())
	if !report.OK() {
		t.Fatalf("findings %v, forks %v", report.Findings, report.Forks)
	}
	var keys []string
	for _, c := range report.Chains {
		for _, k := range c.Keys {
			name := slices.IndexFunc(keyNames, func(n negotiation.Code) bool { return publicOf(n) == k.Key })
			keys = append(keys, string(c.Chain)+" "+string(rune('0'+k.Since))+" "+string(k.Participant)+" "+k.Kind+" "+string(keyNames[name]))
		}
	}
	want := []string{
		"text 1 XAU convene/1 XAU",
		"text 3 XBO hand-over/1 XBO second",
		"text 4 XBO rekey/1 XBO third",
		"text 6 XCA succeed/1 XCA second",
		"record/XAU 1 XAU join/1 XAU",
		"record/XBO 1 XBO join/1 XBO",
		"record/XBO 5 XBO rotate/1 XBO second",
		"record/XBO 7 XBO rotate/1 XBO third",
		"record/XCA 1 XCA join/1 XCA",
		"record/XCA 3 XCA recover/1 XCA second",
	}
	if !slices.Equal(keys, want) {
		t.Errorf("the keys are\n%s\nwant\n%s", strings.Join(keys, "\n"), strings.Join(want, "\n"))
	}
	if report.StateDigest != r.State().Digest() {
		t.Error("the report's state digest is not the repository's")
	}
}

var keyNames = []negotiation.Code{aurelia, borealia, cascadia, secondXAU, secondXBO, thirdXBO, secondXCA}

func audited(t testing.TB, dir string) Report {
	t.Helper()
	report, err := Audit(t.Context(), dir, negotiation.ActID{}, new(Progress))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestAuditGood: Audit and docs/audit.sh find nothing in records where nothing is
// wrong, nor in what stock git makes of them.
func TestAuditGood(t *testing.T) {
	script := scriptOf(t)
	short, _ := played(t)
	long, _ := generated(t, 120)
	for name, dir := range map[string]string{
		"a short negotiation":     short.Dir(),
		"a longer one":            long,
		"keys and chairs changed": rekeyed(t).Dir(),
		"a newer kind of act":     newer(t),
		"written at length":       atLength(t),
		"settled by recovery":     forkedRecord(t, true),
		"settled by succession":   forkedText(t, true),
		"recovered once more":     recoveredTwice(t, true),
		"rekeyed once more":       rekeyedTwice(t, true),
		"recognised anew":         succeededTwice(t, true),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mirror, clone := filepath.Join(t.TempDir(), "mirror.git"), filepath.Join(t.TempDir(), "clone")
			stockGit(t, ".", "clone", "--quiet", "--mirror", dir, mirror)
			stockGit(t, mirror, "gc", "--quiet")
			stockGit(t, ".", "clone", "--quiet", dir, clone)
			for _, dir := range []string{dir, mirror, clone} {
				report := audited(t, dir)
				if !report.OK() || len(report.OtherRefs) > 0 {
					t.Errorf("%s: findings %v, damage %v, forks %v, other refs %v", dir, report.Findings, report.Damage, report.Forks, report.OtherRefs)
				}
				out, code := script(t, dir)
				if code != 0 {
					t.Errorf("docs/audit.sh %s: exit code %d\n%s", dir, code, out)
				}
				for _, c := range report.Chains {
					end := c.Chain + ": the last act is "
					if strings.Count(out, string(end)) > 1 {
						end = c.Chain + ": was forked, which is settled; what counts ends with act "
					}
					_, rest, _ := strings.Cut(out, string(end))
					line, _, _ := strings.Cut(rest, "\n")
					if c.Last != nil && !(strings.HasPrefix(line, fmt.Sprint(c.Acts, ", ")) && strings.HasSuffix(line, c.Last.Act.String())) {
						t.Errorf("docs/audit.sh %s: %s ends elsewhere than at act %s\n%s", dir, c.Chain, c.Last.Act, out)
					}
				}
			}
		})
	}
}

// atLength returns a record with an explanation in as many lines as there can be, and a
// charter that is written in other ways than ours are.
func atLength(t *testing.T) string {
	t.Helper()
	raw := string(charterOf(t).Raw())
	raw = strings.Replace(raw, `languages = ["en"]`, "languages = [ # the first is negotiated\n  \"en\",\n  'fr',\n]", 1)
	raw = strings.ReplaceAll(raw, "[[participant]]", "[[ participant ]] # a state")
	lines := strings.Split(raw, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "key = ") { // before the code
			lines[i], lines[i-2] = lines[i-2], line
		}
	}
	charter, err := negotiation.ParseCharter("charter.toml", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	r := convened(t, charter)
	act(t, r, borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(1, 1, negotiation.For, strings.TrimSpace(strings.Repeat("ten bytes\n", 3270)))
	})
	return r.Dir()
}

// newer returns a record with acts of a kind that is not known here, and others that
// are about them.
func newer(t *testing.T) string {
	t.Helper()
	s := staged(t)
	receive := func(f forgery) {
		t.Helper()
		if err := s.r.Receive(t.Context(), forge(t, s.r, f)); err != nil {
			t.Fatal(err)
		}
	}
	receive(s.borealia(forgery{content: negotiation.Unknown{Name: "endorse/1", Subject: "Endorse"}}))
	endorse := s.r.ledger.Head(negotiation.RecordOf(borealia)).Act
	receive(s.borealia(forgery{}))
	receive(s.borealia(forgery{content: negotiation.TakePosition{On: negotiation.Subject{Paragraph: 400, Act: endorse}, Stance: negotiation.For}}))
	receive(forgery{by: aurelia, chain: negotiation.TextChain, author: aurelia,
		content: negotiation.Unknown{Name: "adopt/1", Subject: "Adopt", Rest: []negotiation.Trailer{{Key: "Tag", Value: "adopted"}}}})
	return s.r.Dir()
}

// forkedRecord returns a repository whose record of Borealia has two acts at one place;
// settled by the recovery key if that is asked for.
func forkedRecord(t *testing.T, settled bool) string {
	t.Helper()
	r := joinedByAll(t)
	position := negotiation.TakePosition{On: negotiation.Subject{Paragraph: 2, Act: r.State().Current().Act}, Stance: negotiation.Against}
	other := forge(t, r, forgery{by: borealia, chain: negotiation.RecordOf(borealia), author: borealia, content: position})
	signed(t, r, borealia, borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnParagraph(1, 2, negotiation.For, "")
	})
	if err := r.Receive(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if settled {
		signed(t, r, borealia, recoveryXBO, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recover(publicOf(secondXBO), "", negotiation.ActID{}, "Stolen.")
		})
	}
	return r.Dir()
}

// forkedText returns a repository in which Aurelia, in the chair, has published two
// second revisions; settled by succession if that is asked for.
func forkedText(t *testing.T, settled bool) string {
	t.Helper()
	r := joinedByAll(t)
	text := strings.Replace(zeroDraft, "every", "no", 1)
	other := forge(t, r, forgery{by: aurelia, chain: negotiation.TextChain, author: aurelia,
		content: negotiation.Revise{Headline: "Another second", Revision: 2},
		files: map[string][]byte{"charter.toml": r.State().Charter.Raw(), "statement.en.md": []byte(text),
			"statement.en.redline": redline.Format(redline.Compare(textOf(t, zeroDraft).Paragraphs(), textOf(t, text).Paragraphs()))}})
	signed(t, r, aurelia, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Revise(negotiation.Publication{Headline: "Second", Text: textOf(t, strings.Replace(zeroDraft, "every", "each", 1))})
	})
	if err := r.Receive(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if settled {
		for _, c := range []negotiation.Code{borealia, cascadia} {
			signed(t, r, c, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
				return d.Recognise(cascadia, negotiation.ActID{}, "")
			})
		}
		signed(t, r, cascadia, cascadia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Succeed("") })
	}
	return r.Dir()
}

// recoveredTwice returns a repository whose record of Borealia was recovered on two
// sides; and once more on one of them if it is to be settled.
func recoveredTwice(t *testing.T, settled bool) string {
	t.Helper()
	r := joinedByAll(t)
	recover := func(key negotiation.Code, after negotiation.ActID) negotiation.Verified {
		return signed(t, r, borealia, recoveryXBO, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recover(publicOf(key), "", after, "")
		})
	}
	other := forge(t, r, forgery{by: recoveryXBO, chain: negotiation.RecordOf(borealia), author: borealia, content: negotiation.Recover{Key: publicOf(secondXBO)}})
	mine := recover(thirdXBO, negotiation.ActID{})
	receive(t, r, other)
	if settled {
		recover("XBO fourth", mine.ID())
	}
	return r.Dir()
}

// rekeyedTwice returns a repository whose text was signed on two sides with the key that
// Aurelia, in the chair, has by a recovery; and with that of another recovery if it is
// to be settled.
func rekeyedTwice(t *testing.T, settled bool) string {
	t.Helper()
	r := joinedByAll(t)
	recover := func(key negotiation.Code) negotiation.Verified {
		return signed(t, r, aurelia, recoveryXAU, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recover(publicOf(key), "", negotiation.ActID{}, "")
		})
	}
	rekey := func(key negotiation.Code, after negotiation.ActID) negotiation.Verified {
		return signed(t, r, aurelia, key, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Rekey(after, "") })
	}
	first := recover(secondXAU)
	other := forge(t, r, forgery{by: secondXAU, chain: negotiation.TextChain, author: aurelia,
		content: negotiation.Rekey{Key: publicOf(secondXAU), Established: first.ID()}})
	mine := rekey(secondXAU, negotiation.ActID{})
	receive(t, r, other)
	if settled {
		recover("XAU third")
		rekey("XAU third", mine.ID())
	}
	return r.Dir()
}

// succeededTwice returns a repository in which both Borealia and Cascadia have succeeded
// to the chair; and Cascadia again, recognised anew, if it is to be settled.
func succeededTwice(t *testing.T, settled bool) string {
	t.Helper()
	r := joinedByAll(t)
	start := r.ledger.Head(negotiation.TextChain).Act
	recognise := func(by, successor negotiation.Code) negotiation.ActID {
		return signed(t, r, by, by, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recognise(successor, start, "")
		}).ID()
	}
	succeed := func(c negotiation.Code, by ...negotiation.ActID) []byte {
		return forge(t, r, forgery{by: c, chain: negotiation.TextChain, author: c, content: negotiation.Succeed{
			Key: publicOf(c), Established: r.ledger.Chain(negotiation.RecordOf(c))[0].ID(), Recognised: by}})
	}
	first, second := recognise(aurelia, cascadia), recognise(borealia, borealia)
	third, fourth := recognise(aurelia, borealia), recognise(borealia, cascadia)
	one, other := succeed(cascadia, first, fourth), succeed(borealia, third, second)
	receive(t, r, one)
	receive(t, r, other)
	if settled {
		recognise(aurelia, cascadia)
		recognise(borealia, cascadia)
		signed(t, r, cascadia, cascadia, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Succeed("") })
	}
	return r.Dir()
}

func receive(t testing.TB, r *Repository, message []byte) {
	t.Helper()
	if err := r.Receive(t.Context(), message); err != nil {
		t.Fatal(err)
	}
}

// TestAuditForked: two acts at one place are evidence, and no act of itself is bad.
func TestAuditForked(t *testing.T) {
	script := scriptOf(t)
	for name, dir := range map[string]string{
		"a record":               forkedRecord(t, false),
		"the text":               forkedText(t, false),
		"a record, recovered":    recoveredTwice(t, false),
		"the text, rekeyed":      rekeyedTwice(t, false),
		"the text, succeeded to": succeededTwice(t, false),
	} {
		report := audited(t, dir)
		if report.OK() || len(report.Findings) != 0 || len(report.Forks) != 1 || !report.Forks[0].Frozen() || len(report.Forks[0].Sides) != 2 {
			t.Errorf("%s: findings %v, forks %v", name, report.Findings, report.Forks)
		}
		if out, code := script(t, dir); code != 1 || strings.Count(out, "forked") != 1 {
			t.Errorf("%s: docs/audit.sh: exit code %d\n%s", name, code, out)
		}
	}
	if report := audited(t, forkedRecord(t, true)); len(report.Forks) != 1 || report.Forks[0].Frozen() {
		t.Errorf("settled: forks %v", report.Forks)
	}
}

// TestAuditDamage: what a disk or a hand did to the files is found, whatever it was.
func TestAuditDamage(t *testing.T) {
	script := scriptOf(t)
	object := func(dir string, id plumbing.Hash) string {
		hex := id.String()
		return filepath.Join(dir, "objects", hex[:2], hex[2:])
	}
	r, _ := played(t)
	chain := negotiation.RecordOf(borealia)
	acts := r.ledger.Chain(chain)
	second := r.commits[acts[1].ID()]
	overwrite := func(path string, content []byte) error {
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.WriteFile(path, content, 0o600)
	}
	for name, c := range map[string]struct {
		damage func(dir string) error
		want   negotiation.Fault
		place  uint64
	}{
		"a commit that is gone":    {func(dir string) error { return os.Remove(object(dir, second.commit)) }, ErrMissing, 0},
		"a commit without content": {func(dir string) error { return overwrite(object(dir, second.commit), nil) }, ErrDamaged, 0},
		"a commit that is another": {func(dir string) error {
			return copyFile(object(dir, r.commits[acts[0].ID()].commit), object(dir, second.commit))
		}, ErrDamaged, 0},
		"a tree that is gone": {func(dir string) error { return os.Remove(object(dir, second.tree)) }, negotiation.ErrTree, 2},
		"a tag that is gone":  {func(dir string) error { return os.Remove(filepath.Join(dir, "refs", "tags", "rev-2")) }, ErrMissing, 2},
		"a ref to another's record": {func(dir string) error {
			return copyFile(filepath.Join(dir, "refs/heads/record/XAU"), filepath.Join(dir, "refs/heads/record/XBO"))
		}, negotiation.ErrForeignChain, 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "copy.git")
			if err := os.CopyFS(dir, os.DirFS(r.Dir())); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			report := audited(t, dir)
			found := slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Fault == c.want && f.Place == c.place })
			if !found || report.OK() {
				t.Errorf("findings %v, want %q at place %d", report.Findings, c.want, c.place)
			}
			if out, code := script(t, dir); code != 1 {
				t.Errorf("docs/audit.sh: exit code %d\n%s", code, out)
			}
		})
	}
}

func copyFile(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(to, raw, 0o600)
}

// TestAuditDepends: what builds on a bad act is not accused of anything.
func TestAuditDepends(t *testing.T) {
	r, _ := played(t)
	dir := filepath.Join(t.TempDir(), "copy.git")
	if err := os.CopyFS(dir, os.DirFS(r.Dir())); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "refs", "tags", "rev-1")); err != nil {
		t.Fatal(err)
	}
	report := audited(t, dir)
	if len(report.Findings) != 1 || report.Findings[0].Chain != negotiation.TextChain || report.Findings[0].Place != 1 {
		t.Errorf("findings %v", report.Findings)
	}
	depending := 0
	for _, c := range report.Chains {
		depending += c.Depending
	}
	if depending != len(r.State().Log())-1 {
		t.Errorf("%d acts depend on the first, of %d", depending, len(r.State().Log()))
	}
}
