package drafts

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Progress says how far an audit is. It may be read while the audit goes on.
type Progress struct {
	Found  atomic.Int64 // acts that were read and whose signature was checked
	Judged atomic.Int64 // of these, by the rules of their place
}

// Audit verifies every act that a record has, by every rule, and does not stop at the
// first that fails. The record is a repository, a node's own, a clone or a mirror, or a
// whole bundle; one that has only what came after another is [negotiation.ErrGap]. A
// repository must look as git makes it, and each of its objects be whole, whether an act
// needs it or not, which holds of a bundle as well; what else is in it (a person's branches, HEAD, config, logs, grafts,
// replacements, graphs of commits, working trees) is no part of a record, and not judged.
// A record of another negotiation than the one named does not verify; the zero name
// takes any. Nothing is written. The error says that the record cannot be read at all,
// or that the context has ended; [ErrNoRecord] when there is none.
func Audit(ctx context.Context, path string, name negotiation.ActID, progress *Progress) (Report, error) {
	from, done, err := openSource(ctx, path)
	if fault, _ := negotiation.FaultOf(err); !errors.Is(err, errNoBundle) && slices.Contains([]negotiation.Fault{ErrDamaged, ErrFormat, ErrBundle, negotiation.ErrTree}, fault) {
		return Report{Chains: []ChainReport{}, Forks: []negotiation.Fork{}, Findings: []Finding{}, OtherRefs: []string{},
			Damage: []Damage{{path, fault, innermost(err)}}}, nil
	}
	if err != nil {
		return Report{}, err
	}
	defer done()
	refs, damage, err := survey(ctx, from)
	if err != nil {
		return Report{}, err
	}
	a := audit{
		Repository: &Repository{source: from, refs: refs, ledger: negotiation.NewLedger(name), commits: map[negotiation.ActID]kept{}},
		bad:        map[plumbing.Hash]bool{},
		badNames:   map[negotiation.ActID]bool{},
		placed:     map[plumbing.Hash]stand{},
		diverges:   map[negotiation.Chain]uint64{},
		chains:     map[negotiation.Chain]*ChainReport{},
		findings:   []Finding{},
		others:     []string{},
		damage:     damage,
	}
	acts := walk(ctx, from, a.sort(refs), func() { progress.Found.Add(1) })
	a.replay(acts, func(f *found, err error) bool {
		progress.Judged.Add(1)
		if err != nil {
			a.fail(f, err)
		} else {
			a.placed[f.id] = stand{f.chain, f.act.Sequence}
			delete(a.bad, f.id) // it was only in the wrong chain, too
			delete(a.badNames, f.sealed.ID())
		}
		return ctx.Err() == nil
	})
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	return a.finish(), nil
}

// survey reads the refs, and says what in a repository is damaged. In a bundle nothing is,
// or it would not have been opened. The error is [ErrNoRecord] when no ref is a chain's, or the
// context's.
func survey(ctx context.Context, from source) (refs map[string]plumbing.Hash, damage []Damage, err error) {
	var loose []plumbing.Hash
	var odd, broken []Damage
	f, onDisk := from.(*folder)
	if !onDisk {
		refs, err = from.refs()
	} else if refs, damage, err = f.readRefs(); err == nil {
		loose, odd, err = f.list(ctx)
	} else if disk := (*fs.PathError)(nil); errors.As(err, &disk) {
		odd, err = []Damage{{disk.Path, ErrDamaged, fmt.Sprintf("%s cannot be read: %v", disk.Path, disk.Err)}}, nil
	}
	chain := func(name string) bool { _, ok := chainOfRef(name); return ok }
	if err == nil && len(damage)+len(odd) == 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(refs)), chain) {
		return nil, nil, ErrNoRecord
	}
	if err == nil && onDisk && len(odd) == 0 {
		broken, err = f.inspect(ctx, loose)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("repository: looking over: %w", err)
	}
	return refs, slices.Concat(damage, odd, broken), nil
}

// openSource opens the repository or the bundle at a path. Of a repository the error is
// what [checkLayout] finds, of a bundle that of [OpenBundle].
func openSource(ctx context.Context, path string) (from source, done func(), err error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		b, err := OpenBundle(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		if len(b.needs) > 0 {
			return nil, nil, errors.Join(errPartial, b.Close())
		}
		return &bundled{bundle: b}, func() { b.Close() }, nil // it was only read
	}
	dir, err := gitDir(path)
	if err != nil {
		return nil, nil, err
	}
	f, err := openFolder(dir)
	return f, func() {}, err
}

var errPartial = negotiation.ErrGap.Because("the bundle has only what came after another")

// bundled is a bundle as a source.
type bundled struct {
	mu     sync.Mutex // guards bundle, which is for one at a time
	bundle *Bundle
}

func (b *bundled) object(id plumbing.Hash) (object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, found, err := b.bundle.find(id)
	if err == nil && !found {
		err = ErrMissing.Because("object %s is not there", id)
	}
	return o, err
}

func (b *bundled) refs() (map[string]plumbing.Hash, error) {
	refs := map[string]plumbing.Hash{}
	for _, ref := range b.bundle.refs {
		if strings.HasPrefix(ref.name, "refs/") {
			refs[ref.name] = ref.id
		}
	}
	return refs, nil
}

// gitDir returns where git keeps its things: a bare repository, or what .git in a working
// tree is or names, over what commondir names there. The error is [ErrNoRecord],
// [ErrDamaged], or the disk's.
func gitDir(path string) (dir string, err error) {
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("repository: opening: %w", err)
	}
	if dir, err = folderAt(path, ""); err != nil {
		return "", err
	}
	dot := filepath.Join(dir, ".git")
	if info, err := os.Lstat(dot); err == nil && info.IsDir() {
		dir = dot
	} else if err == nil {
		if dir, err = followed(dir, ".git", "gitdir: "); err != nil {
			return "", err
		}
	}
	if there(filepath.Join(dir, "commondir")) {
		return followed(dir, "commondir", "")
	}
	return dir, nil
}

// followed returns the folder that the first line of a file names behind a prefix.
func followed(dir, name, prefix string) (string, error) {
	file, err := openRegular(filepath.Join(dir, name))
	if err != nil {
		return "", fmt.Errorf("repository: opening: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxPath))
	if err != nil {
		return "", fmt.Errorf("repository: opening: %w", err)
	}
	if end := bytes.IndexAny(raw, "\n\x00"); end >= 0 {
		raw = raw[:end]
	}
	to, ok := bytes.CutPrefix(raw, []byte(prefix))
	if !ok {
		return "", fmt.Errorf("%s: %w", dir, ErrNoRecord)
	}
	return folderAt(dir, string(to))
}

// maxPath bounds the name of a folder in bytes.
const maxPath = 4096

// folderAt returns the folder that one names.
func folderAt(dir, to string) (string, error) {
	if !filepath.IsAbs(to) {
		to = dir + string(filepath.Separator) + to // what .. is depends on links
	}
	real, err := filepath.EvalSymlinks(to)
	if info, statErr := os.Stat(real); err != nil || statErr != nil || !info.IsDir() {
		return "", fmt.Errorf("%s: %w", to, ErrNoRecord)
	}
	return real, nil
}

// An audit is a reading of a record that goes on where [Open] would give up.
type audit struct {
	*Repository
	bad      map[plumbing.Hash]bool // commits of acts that were not entered
	badNames map[negotiation.ActID]bool
	placed   map[plumbing.Hash]stand      // commits of those that were
	diverges map[negotiation.Chain]uint64 // where those first do that do not verify; 0 while no act before tells
	chains   map[negotiation.Chain]*ChainReport
	findings []Finding
	others   []string
	damage   []Damage
}

// A stand is where an act stands.
type stand struct {
	chain    negotiation.Chain
	sequence uint64
}

// sort tells the chains' refs from those that are no part of a record. In a clone the
// chains stand below refs/remotes/origin/.
func (a *audit) sort(refs map[string]plumbing.Hash) map[negotiation.Chain][]plumbing.Hash {
	tips := map[negotiation.Chain][]plumbing.Hash{}
	for name, id := range refs {
		if chain, ok := chainOfRef(name); ok {
			tips[chain] = append(tips[chain], id)
			a.chains[chain] = &ChainReport{Chain: chain, Keys: []KeyPeriod{}}
		} else if !isTag(name) && !strings.HasPrefix(name, "refs/private/") {
			a.others = append(a.others, name)
		}
	}
	for _, ids := range tips {
		slices.SortFunc(ids, func(x, y plumbing.Hash) int { return strings.Compare(x.String(), y.String()) })
	}
	return tips
}

// chainOfRef is chainOf for clones too, which keep what they fetched below
// refs/remotes/NAME/.
func chainOfRef(name string) (negotiation.Chain, bool) { return chainOf(ofClone(name)) }

// fail notes that an act was not entered: for a reason of its own, or because it
// builds on another which was not.
func (a *audit) fail(f *found, err error) {
	report := a.chains[f.chain]
	if f.sealed == nil {
		a.bad[f.id] = true
	} else if _, entered := a.ledger.Act(f.sealed.ID()); !entered {
		a.bad[f.id], a.badNames[f.sealed.ID()] = true, true
	}
	at := a.diverges[f.chain]
	for _, parent := range f.commit.parents {
		// What the act claims itself proves nothing of where it stands.
		if before, ok := a.placed[parent]; ok && before.chain == f.chain && (at == 0 || before.sequence+1 < at) {
			at = before.sequence + 1
		}
	}
	a.diverges[f.chain] = at
	if f.err == nil && a.depends(f) {
		report.Depending++
		return
	}
	finding := Finding{Chain: f.chain, Place: f.act.Sequence, Commit: f.id.String(), Fault: ErrDamaged, Reason: innermost(err)}
	if fault, ok := negotiation.FaultOf(err); ok {
		finding.Fault = fault
	}
	if f.sealed != nil {
		name := f.sealed.ID()
		finding.Act = &name
	}
	a.findings = append(a.findings, finding)
}

func (a *audit) depends(f *found) bool {
	return slices.ContainsFunc(f.commit.parents, func(id plumbing.Hash) bool { return a.bad[id] }) ||
		slices.ContainsFunc(append(f.act.References(), f.act.Previous), func(id negotiation.ActID) bool { return a.badNames[id] })
}

// innermost returns the words of the error that says what broke the rule.
func innermost(err error) string {
	for {
		below := errors.Unwrap(err)
		if _, rule := below.(negotiation.Fault); below == nil || rule {
			return err.Error()
		}
		err = below
	}
}

// finish says of each chain what stands in it.
func (a *audit) finish() Report {
	state := negotiation.Fold(a.ledger)
	r := Report{
		Negotiation: a.ledger.Negotiation(), Title: state.Charter.Title, StateDigest: state.Digest(),
		Forks: append([]negotiation.Fork{}, state.Forks...), Findings: a.findings, Damage: sortedDamage(a.damage), OtherRefs: a.others,
	}
	for chain, report := range a.chains {
		acts := a.ledger.Chain(chain)
		report.Beside = len(a.ledger.Beside(chain))
		if at, ok := a.diverges[chain]; ok {
			report.DivergesAt = cmp.Or(at, uint64(len(acts))+1)
		}
		r.Acts += len(acts) + report.Beside
		if report.Acts = len(acts); report.Acts > 0 {
			report.First, report.Last = pointOf(acts[0]), pointOf(acts[len(acts)-1])
			report.Keys = keysOf(acts)
		}
		r.Chains = append(r.Chains, *report)
	}
	slices.SortFunc(r.Chains, func(x, y ChainReport) int { return negotiation.CompareChains(x.Chain, y.Chain) })
	slices.SortStableFunc(r.Findings, func(x, y Finding) int {
		return cmp.Or(negotiation.CompareChains(x.Chain, y.Chain), cmp.Compare(x.Place, y.Place), strings.Compare(x.Commit, y.Commit))
	})
	slices.Sort(r.OtherRefs)
	return r
}

func pointOf(v negotiation.Verified) *Point {
	return &Point{v.Act().Sequence, v.ID(), v.Act().Time}
}

// keysOf returns whose key counted from which place on.
func keysOf(acts []negotiation.Verified) []KeyPeriod {
	var keys []KeyPeriod
	for _, v := range acts {
		a, since := v.Act(), v.Act().Sequence
		now := KeyPeriod{Participant: a.Author, Key: v.SignedBy(), By: v.ID(), Kind: a.Content.Kind()}
		switch c := a.Content.(type) {
		case negotiation.Convene, negotiation.Join, negotiation.Rekey, negotiation.Succeed:
		case negotiation.HandOver:
			now.Participant, now.Key, since = c.To, c.Key, since+1
		case negotiation.Rotate:
			now.Key, since = c.Key, since+1
		case negotiation.Recover:
			now.Key, since = c.Key, since+1
		default:
			continue
		}
		now.Since = since
		keys = append(keys, now)
	}
	return keys
}
