package drafts

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// long returns a repository with a text of many paragraphs and as many proposals as are
// asked for, each of which changes one.
func long(t testing.TB, proposals int) *Repository {
	t.Helper()
	const paragraphs = 40
	draft := strings.Builder{}
	draft.WriteString("# A statement\n\n*Mindful* of threats,\n")
	for i := range paragraphs {
		fmt.Fprintf(&draft, "\n1. States shall cooperate on matter %d in good faith, and report on it to one another every year.\n", i)
	}
	r := open(t, t.TempDir(), negotiation.ActID{})
	act(t, r, aurelia, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charterOf(t), textOf(t, draft.String()), actTime(0))
	})
	for _, c := range []negotiation.Code{aurelia, borealia} {
		act(t, r, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(c), "") })
	}
	for i := range proposals {
		matter := fmt.Sprintf("matter %d in good faith", i%paragraphs)
		act(t, r, borealia, proposal(t, fmt.Sprintf("Proposal %d", i), matter, fmt.Sprintf("%s and in form %d", matter, i)))
	}
	return r
}

// bundleOf writes a bundle whose pack stock git makes with options of its own.
func bundleOf(t testing.TB, r *Repository, options string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "test.bundle")
	script := `(printf '# v2 git bundle\n'; git show-ref; echo; git rev-list --all --objects | cut -d' ' -f1 | git pack-objects -q --stdout ` + options + `) > ` + out
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = r.Dir()
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return out
}

// TestBundleOfStockGit: every object of a bundle that stock git made is found as it is,
// whichever way its deltas are written.
func TestBundleOfStockGit(t *testing.T) {
	needGit(t)
	r := long(t, 60)
	plain := filepath.Join(t.TempDir(), "plain.bundle")
	stockGit(t, r.Dir(), "bundle", "create", "--quiet", plain, "--all")
	for name, path := range map[string]string{
		"git bundle":       plain,
		"offset deltas":    bundleOf(t, r, "--delta-base-offset --window=50 --depth=200"),
		"reference deltas": bundleOf(t, r, "--window=50 --depth=200"),
	} {
		b, err := OpenBundle(t.Context(), path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer b.Close()
		want := strings.Split(strings.TrimSpace(stockGit(t, r.Dir(), "cat-file", "--batch-all-objects", "--batch-check")), "\n")
		if len(b.pack.index) != len(want) {
			t.Errorf("%s: %d objects, git has %d", name, len(b.pack.index), len(want))
		}
		deltas := 0
		for _, e := range b.pack.entries {
			deltas = max(deltas, e.depth)
		}
		if deltas < 2 {
			t.Errorf("%s: no delta stands on another, so that nothing was tried", name)
		}
		for _, line := range want {
			var id, kind string
			var size int
			fmt.Sscan(line, &id, &kind, &size)
			o, found, err := b.find(plumbing.NewHash(id))
			if err != nil || !found || o.kind.String() != kind || len(o.body) != size {
				t.Errorf("%s: %s: found %v, a %s of %d bytes, %v", name, line, found, o.kind, len(o.body), err)
			}
		}
		if head, ok := b.ref("refs/heads/text"); !ok || head.String() != strings.TrimSpace(stockGit(t, r.Dir(), "rev-parse", "text")) {
			t.Errorf("%s: text leads to %s", name, head)
		}
	}
}

// TestDamagedBundle: a file that begins as a bundle and is broken off, or has another byte
// in its pack, does not verify; one that does not begin so is no bundle.
func TestDamagedBundle(t *testing.T) {
	needGit(t)
	path := bundleOf(t, convened(t, charterOf(t)), "")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pack := bytes.Index(whole, []byte("\n\nPACK")) + 2
	for at := len(bundleMagic); at < len(whole); at += 7 {
		cases := map[string][]byte{"broken off": whole[:at]}
		if at >= pack {
			cases["another byte"] = bytes.Clone(whole)
			cases["another byte"][at] ^= 1
		}
		for name, raw := range cases {
			lay(t, path, raw)
			report, err := Audit(t.Context(), path, negotiation.ActID{}, new(Progress))
			if err != nil || report.OK() || len(report.Damage) != 1 || report.Damage[0].Fault != ErrBundle {
				t.Errorf("%s at byte %d of %d: damage %v, error %v", name, at, len(whole), report.Damage, err)
			}
		}
	}
	for _, raw := range [][]byte{nil, whole[:len(bundleMagic)-1], []byte("# v3 git bundle\n"), bytes.Repeat([]byte("x"), 5000)} {
		lay(t, path, raw)
		if _, err := Audit(t.Context(), path, negotiation.ActID{}, new(Progress)); !errors.Is(err, ErrBundle) {
			t.Errorf("%.20q: %v", raw, err)
		}
	}
}

// TestThinBundle: deltas for objects that only the receiver has need the receiver.
func TestThinBundle(t *testing.T) {
	needGit(t)
	r := long(t, 10)
	thin := filepath.Join(t.TempDir(), "thin.bundle")
	stockGit(t, r.Dir(), "bundle", "create", "--quiet", thin, "record/XBO", "^record/XBO~3")
	if _, err := OpenBundle(t.Context(), thin); !errors.Is(err, negotiation.ErrGap) {
		t.Errorf("alone: %v, want ErrGap", err)
	}
	b, err := openBundle(t.Context(), thin, func(id plumbing.Hash) (object, bool) {
		o, err := r.source.object(id)
		return o, err == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if id := strings.TrimSpace(stockGit(t, r.Dir(), "rev-parse", "record/XBO:statement.en.md")); len(b.needs) == 0 {
		t.Error("it needs nothing")
	} else if o, found, err := b.find(plumbing.NewHash(id)); err != nil || !found || !bytes.Contains(o.body, []byte("in form 9")) {
		t.Errorf("the text: %v, %v, %q", found, err, o.body)
	}
}

// A forger makes packs.
type forger struct {
	bytes.Buffer
	count  uint32
	starts []int
}

// put adds an entry: its head says size, and body is compressed behind what base says.
func (f *forger) put(kind byte, size int, base, body []byte) {
	f.starts = append(f.starts, f.Len()+packHeader)
	f.count++
	b := kind<<4 | byte(size&0x0f)
	for size >>= 4; size > 0; size >>= 7 {
		f.WriteByte(b | 0x80)
		b = byte(size & 0x7f)
	}
	f.WriteByte(b)
	f.Write(base)
	z := zlib.NewWriter(&f.Buffer)
	z.Write(body)
	z.Close()
}

// bundle returns the whole bundle, with the sums that it should have.
func (f *forger) bundle() []byte { return f.claiming(f.count) }

func (f *forger) claiming(count uint32) []byte {
	pack := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), count)
	pack = append(pack, f.Bytes()...)
	sum := sha1.Sum(pack)
	return append([]byte(bundleMagic+"\n"), append(pack, sum[:]...)...)
}

func sizes(n ...uint64) (out []byte) {
	for _, v := range n {
		out = binary.AppendUvarint(out, v)
	}
	return out
}

// TestHostilePacks: packs made to mislead or exhaust the reader are refused by name, and
// cost little memory.
func TestHostilePacks(t *testing.T) {
	blob := bytes.Repeat([]byte("x"), 1000)
	one := func(put func(f *forger)) []byte {
		f := &forger{}
		f.put(3, len(blob), nil, blob)
		put(f)
		return f.bundle()
	}
	missing := bytes.Repeat([]byte{0x11}, 20)
	// Each delta copies all of the one before; the last ones make a megabyte of it.
	var tower forger
	tower.put(3, len(blob), nil, blob)
	for range maxDeltaDepth + 1 {
		copyAll := append(sizes(1000, 1000), 0x80|0x30, 1000&0xff, 1000>>8)
		tower.put(offsetDelta, len(copyAll), []byte{byte(tower.Len() + packHeader - tower.starts[len(tower.starts)-1])}, copyAll)
	}
	mega := bytes.Repeat([]byte("x"), maxObject)
	cases := map[string]struct {
		raw  []byte
		want negotiation.Fault
	}{
		"empty":                 {nil, ErrBundle},
		"no bundle":             {[]byte("PACK"), ErrBundle},
		"only a head":           {[]byte(bundleMagic + "\n"), ErrBundle},
		"a long line":           {[]byte(bundleMagic + strings.Repeat("a", 1<<20)), ErrBundle},
		"many refs":             {[]byte(bundleMagic + strings.Repeat("-"+strings.Repeat("1", 40)+"\n", maxBundleRefs+1)), ErrBundle},
		"a ref twice":           {[]byte(bundleMagic + strings.Repeat(strings.Repeat("1", 40)+" HEAD\n", 2)), ErrBundle},
		"SHA-256 names":         {[]byte(bundleMagic + strings.Repeat("1", 64) + " HEAD\n\n"), ErrBundle},
		"many objects":          {(&forger{}).claiming(1 << 31), ErrBundle},
		"more objects than fit": {one(func(f *forger) { f.count++ }), ErrBundle},
		"a wrong sum":           {append(one(func(*forger) {}), 0), ErrBundle},
		"a huge object":         {one(func(f *forger) { f.put(3, 3<<30, nil, nil) }), ErrBundle},
		"larger than it says":   {one(func(f *forger) { f.put(3, 10, nil, mega) }), ErrBundle},
		"smaller than it says":  {one(func(f *forger) { f.put(3, 1000, nil, []byte("x")) }), ErrBundle},
		"no type":               {one(func(f *forger) { f.put(5, 1, nil, []byte("x")) }), ErrBundle},
		"a base before all":     {one(func(f *forger) { f.put(offsetDelta, 2, []byte{0x7f}, sizes(1, 1)) }), ErrBundle},
		"a base far before all": {one(func(f *forger) {
			f.put(offsetDelta, 2, bytes.Repeat([]byte{0xff}, 12), sizes(1, 1))
		}), ErrBundle},
		"its own base":       {one(func(f *forger) { f.put(offsetDelta, 2, []byte{0}, sizes(1, 1)) }), ErrBundle},
		"a base that is not": {one(func(f *forger) { f.put(referenceDelta, 2, missing, sizes(1, 1)) }), negotiation.ErrGap},
		"a delta of 2 GB": {one(func(f *forger) {
			delta := append(sizes(1000, 2<<30), 0x90, 0xff)
			f.put(offsetDelta, len(delta), []byte{byte(f.Len() + packHeader - f.starts[0])}, delta)
		}), ErrBundle},
		"another base's delta": {one(func(f *forger) {
			f.put(offsetDelta, 5, []byte{byte(f.Len())}, append(sizes(999, 1), 1, 'x'))
		}), ErrBundle},
		"a tower of deltas": {tower.bundle(), ErrBundle},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hostile.bundle")
			if err := os.WriteFile(path, c.raw, 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			b, err := OpenBundle(t.Context(), path)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if b != nil {
				b.Close()
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("%d bytes were taken to refuse %d", grown, len(c.raw))
			}
		})
	}
}

// TestBombOfDeltas: what takes a few bytes an object, a megabyte each, is made as far as the
// bound, holds little of it, and passes when the bound allows it.
func TestBombOfDeltas(t *testing.T) {
	var bomb forger
	mega := bytes.Repeat([]byte("x"), maxObject)
	bomb.put(3, maxObject, nil, mega)
	id, err := object{plumbing.BlobObject, mega}.id()
	if err != nil {
		t.Fatal(err)
	}
	copyMega := sizes(maxObject, maxObject)
	for at := 0; at < maxObject; at += 0x800000 >> 3 {
		copyMega = append(copyMega, 0x80|0x04|0x40, byte(at>>16), 0x10)
	}
	const objects = 192
	for range objects - 1 {
		bomb.put(referenceDelta, len(copyMega), id[:], copyMega)
	}
	raw := bomb.bundle()[len(bundleMagic)+1:]
	const needs = objects * maxObject // and some bases twice
	for bound, want := range map[int64]error{2 * needs: nil, needs - 1: ErrBundle} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := readPack(t.Context(), bytes.NewReader(raw), 0, int64(len(raw)), bound, nil)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, want) {
			t.Errorf("at least %d bytes with a bound of %d: %v, want %v", needs, bound, err, want)
		}
		if held := int64(after.HeapSys) - int64(before.HeapSys); held > 64<<20 {
			t.Errorf("the heap grew by %d bytes", held)
		}
	}
}

// TestBundleStops: who gives up does not wait for the end.
func TestBundleStops(t *testing.T) {
	var f forger
	f.put(3, 1, nil, []byte("x"))
	path := filepath.Join(t.TempDir(), "one.bundle")
	if err := os.WriteFile(path, f.bundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenBundle(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("reading on after it was given up: %v", err)
	}
}

func FuzzOpenBundle(f *testing.F) {
	var p forger
	p.put(3, 4, nil, []byte("text"))
	delta := append(sizes(4, 5), 0x90, 4, 1, '.')
	p.put(offsetDelta, len(delta), []byte{byte(p.Len())}, delta)
	f.Add(p.bundle())
	id, err := object{plumbing.BlobObject, []byte("text")}.id()
	if err != nil {
		f.Fatal(err)
	}
	p.put(referenceDelta, len(delta), id[:], delta)
	f.Add(p.bundle())
	f.Add([]byte(bundleMagic + "-" + id.String() + " cause\n" + id.String() + " refs/heads/text\n\nPACK"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		// The sum at the end keeps chance from getting anywhere: right it.
		if at := bytes.Index(raw, []byte("\n\n")); at >= 0 && len(raw) >= at+2+packTrailer {
			sum := sha1.Sum(raw[at+2 : len(raw)-packTrailer])
			raw = append(raw[:len(raw)-packTrailer:len(raw)-packTrailer], sum[:]...)
		}
		path := filepath.Join(t.TempDir(), "fuzz.bundle")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := OpenBundle(t.Context(), path)
		if err != nil {
			if _, named := negotiation.FaultOf(err); !named {
				t.Errorf("an error without a name: %v", err)
			}
			return
		}
		defer b.Close()
		for id := range b.pack.index {
			o, found, err := b.find(id)
			if err != nil || !found {
				t.Fatalf("%s: %v, %v", id, found, err)
			}
			if is, err := o.id(); err != nil || is != id {
				t.Errorf("%s comes out as %s: %v", id, is, err)
			}
		}
	})
}
