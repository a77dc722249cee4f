package drafts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"concord/negotiation"
)

// A trial is a short piece of work on a copy of one repository, during which the disk
// fails at some step.
type trial struct {
	*testing.T
	from  *Repository // that the copy is of
	r     *Repository
	acked []negotiation.Head                       // what r said is done
	seen  map[string]negotiation.ActID             // what r has shown or marked, by place
	works []func(*trial) (negotiation.Head, error) // in order
}

// inMemory returns a temporary directory on a file system in memory where there is
// one: hundreds of trials need hundreds of repositories, and the disk is simulated.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "concord-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// newTrial returns the beginning of all trials.
func newTrial(t *testing.T) *trial {
	t.Helper()
	from, _ := played(t)
	tr := &trial{T: t, from: from}
	elsewhere := tr.copyOf()
	if err := elsewhere.Vouch(); err != nil {
		t.Fatal(err)
	}
	begin := sequenceOf(elsewhere.Heads(), negotiation.RecordOf(aurelia)) + 1
	for _, s := range []negotiation.Stance{negotiation.Against, negotiation.Reserve} {
		act(t, elsewhere, aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.PositionOnProposal(negotiation.ProposalID{Author: borealia, Number: 1}, s, "")
		})
	}
	m, err := elsewhere.Acts(context.Background(), negotiation.RecordOf(aurelia), begin, negotiation.ActID{})
	if err != nil {
		t.Fatal(err)
	}
	received := elsewhere.ledger.Head(negotiation.RecordOf(aurelia))
	sign := func(c negotiation.Code, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) func(*trial) (negotiation.Head, error) {
		return func(tr *trial) (negotiation.Head, error) {
			v, _, err := tr.r.Sign(c, keyOf(c), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), compose)
			if err != nil {
				return negotiation.Head{}, err
			}
			return headOf(v), nil
		}
	}
	tr.works = []func(*trial) (negotiation.Head, error){
		sign(borealia, proposal(t, "Third", "every year", "each year")),
		func(tr *trial) (negotiation.Head, error) { return received, tr.r.Receive(context.Background(), m) },
		sign(aurelia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			text := textOf(t, strings.Replace(zeroDraft, "every year", "in spring", 1))
			return d.Revise(negotiation.Publication{Headline: "Second reading", Text: text})
		}),
		sign(borealia, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Receive(d.State().Current().Act)
		}),
	}
	return tr
}

func headOf(v negotiation.Verified) negotiation.Head {
	return negotiation.Head{Chain: v.Act().Chain, Sequence: v.Act().Sequence, Act: v.ID()}
}

// copyOf opens a copy of the repository that the trial begins with.
func (tr *trial) copyOf() *Repository {
	tr.Helper()
	dir := filepath.Join(inMemory(tr), "copy.git")
	if err := os.CopyFS(dir, os.DirFS(tr.from.Dir())); err != nil {
		tr.Fatal(err)
	}
	return open(tr, dir, tr.from.State().Negotiation)
}

// begin has the trial begin anew, on a copy.
func (tr *trial) begin() {
	tr.Helper()
	tr.r, tr.acked, tr.seen = tr.copyOf(), nil, map[string]negotiation.ActID{}
	if err := tr.r.Vouch(); err != nil {
		tr.Fatal(err)
	}
}

// work does the work over a disk; what fails is left out.
func (tr *trial) work(over disk) {
	tr.Helper()
	tr.r.store.disk = over
	for _, work := range tr.works {
		if head, err := work(tr); err == nil {
			tr.acked = append(tr.acked, head)
		}
		tr.look()
	}
}

// look notes what the repository shows: nothing may take the place of that later.
func (tr *trial) look() {
	tr.Helper()
	for _, v := range tr.r.State().Log() {
		place := fmt.Sprint(v.Act().Chain, " ", v.Act().Sequence)
		if before, ok := tr.seen[place]; ok && before != v.ID() {
			tr.Errorf("another act stands at %s than before", place)
		}
		tr.seen[place] = v.ID()
	}
}

// goesOn demands that everything acknowledged is there, and that another act can be
// done, now and after opening the repository again.
func (tr *trial) goesOn() {
	tr.Helper()
	if err := tr.r.Vouch(); err != nil {
		tr.Fatalf("with the disk as it should be: %v", err)
	}
	for again := range 2 {
		if again > 0 {
			tr.r = reopened(tr, tr.r)
		}
		if err := position(tr.r, len(tr.seen)); err != nil {
			tr.Fatalf("another act: %v", err)
		}
		tr.look()
		for _, head := range tr.acked {
			if !tr.r.Holds(head) {
				tr.Errorf("act %d of %s was acknowledged and is lost", head.Sequence, head.Chain)
			}
		}
	}
}

// failing returns a disk that fails at its step k, once or for good, and how many
// steps it has taken.
func failing(k int, with error, forGood bool) (disk, *int) {
	steps := 0
	return tapped{unsynced{}, func(string, string) error {
		steps++
		if steps == k || forGood && steps > k {
			return with
		}
		return nil
	}}, &steps
}

// TestDiskFails: whichever step of writing fails, on a full disk, one that has become
// read-only, or one that is broken, nothing that was acknowledged is lost, and the
// repository goes on when the disk is right again. Stock git looks at some.
func TestDiskFails(t *testing.T) {
	tr := newTrial(t)
	whole, steps := failing(0, nil, false)
	tr.begin()
	tr.work(whole)
	if len(tr.acked) != len(tr.works) {
		t.Fatalf("with a disk that works, %d of %d acts are done", len(tr.acked), len(tr.works))
	}
	for k := 1; k <= *steps; k++ {
		for _, forGood := range []bool{false, true} {
			with := []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO}[k%3]
			t.Run(fmt.Sprintf("%d %v %t", k, with, forGood), func(t *testing.T) {
				tr := *tr
				tr.T = t
				tr.diskFails(k, with, forGood)
				if k%16 == 0 {
					needGit(t)
					if out := stockGit(t, tr.r.Dir(), "fsck", "--strict", "--no-dangling"); out != "" {
						t.Errorf("git fsck --strict: %s", out)
					}
				}
			})
		}
	}
}

func (tr *trial) diskFails(k int, with error, forGood bool) {
	broken, _ := failing(k, with, forGood)
	tr.begin()
	tr.work(broken)
	if len(tr.acked) == len(tr.works) && forGood {
		tr.Error("all acts are acknowledged though the disk fails")
	}
	marked, _, err := tr.r.store.readMarks()
	if err != nil {
		tr.Fatal(err)
	}
	for chain, m := range marked { // nothing may take the place of these
		tr.seen[fmt.Sprint(chain, " ", m.sequence)] = m.act
	}
	tr.r.store.disk = unsynced{}
	tr.goesOn()
}

// errPower is what a step comes to when there is no power any more.
var errPower = errors.New("no power")

// A lossy disk knows what would be left of its files if the power failed at step
// dies: what was synced, and of the rest as much as chance has it.
type lossy struct {
	systemDisk
	dir   string
	steps int
	dies  int
	names map[string]*inode // as programs see them
	safe  map[string]*inode // as they are after a loss of power; directories are nil
}

type inode struct {
	content []byte
	synced  bool
}

func newLossy(t *testing.T, dir string, dies int) *lossy {
	t.Helper()
	l := &lossy{dir: dir, dies: dies, names: map[string]*inode{}}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			l.names[name] = nil
			return nil
		}
		content, err := os.ReadFile(name)
		l.names[name] = &inode{content, true}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.safe = maps.Clone(l.names)
	return l
}

func (l *lossy) step() error {
	if l.steps++; l.dies > 0 && l.steps >= l.dies {
		return errPower
	}
	return nil
}

type lossyFile struct {
	file
	disk *lossy
	node *inode
}

func (f lossyFile) Write(content []byte) (int, error) {
	if err := f.disk.step(); err != nil {
		return 0, err
	}
	f.node.content, f.node.synced = append(f.node.content, content...), false
	return f.file.Write(content)
}

func (l *lossy) Create(name string) (file, error) {
	if err := l.step(); err != nil {
		return nil, err
	}
	f, err := l.systemDisk.Create(name)
	l.names[name] = &inode{}
	return lossyFile{f, l, l.names[name]}, err
}

func (l *lossy) Mkdir(name string) error {
	if err := l.step(); err != nil {
		return err
	}
	l.names[name] = nil
	return l.systemDisk.Mkdir(name)
}

func (l *lossy) Rename(from, to string) error {
	if err := l.step(); err != nil {
		return err
	}
	l.names[to] = l.names[from]
	delete(l.names, from)
	return l.systemDisk.Rename(from, to)
}

func (l *lossy) Sync(files []file, dirs []string) error {
	for _, f := range files {
		if err := l.step(); err != nil {
			return err
		}
		f.(lossyFile).node.synced = true
	}
	for _, dir := range dirs {
		if err := l.step(); err != nil {
			return err
		}
		for name, node := range l.names {
			if filepath.Dir(name) == dir {
				l.safe[name] = node
			}
		}
	}
	return nil
}

// remains writes what is left after a loss of power into a new directory.
func (l *lossy) remains(t *testing.T, chance *rand.Rand) string {
	t.Helper()
	to := filepath.Join(inMemory(t), "remains.git")
	names := slices.Sorted(maps.Keys(l.names))
	for name := range l.safe {
		if _, ok := l.names[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names) // a directory before what is in it
	for _, name := range names {
		node, there := l.safe[name]
		if later, ok := l.names[name]; ok && (!there || later != node) && chance.IntN(2) == 0 {
			node, there = later, true
		}
		path := to + strings.TrimPrefix(name, l.dir)
		if _, err := os.Stat(filepath.Dir(path)); !there || err != nil && name != l.dir {
			continue
		}
		if node == nil {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		content := node.content
		if !node.synced {
			content = content[:len(content)*chance.IntN(3)/2]
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestPowerFails: whenever the power fails, whatever of what was not synced is left,
// and torn, everything that was acknowledged is there, and the repository goes on.
func TestPowerFails(t *testing.T) {
	const seed = 20260301
	chance := rand.New(rand.NewPCG(seed, 0))
	tr := newTrial(t)
	tr.begin()
	dry := newLossy(t, tr.r.Dir(), 0)
	tr.work(dry)
	for dies := 1; dies <= dry.steps+1; dies++ {
		t.Run(fmt.Sprint(dies), func(t *testing.T) {
			tr := *tr
			tr.T = t
			tr.begin()
			dying := newLossy(t, tr.r.Dir(), dies)
			tr.work(dying)
			if err := tr.r.Close(); err != nil {
				t.Fatal(err)
			}
			tr.r = open(t, dying.remains(t, chance), tr.from.State().Negotiation)
			tr.r.store.disk = unsynced{}
			tr.look()
			tr.goesOn()
		})
	}
}
