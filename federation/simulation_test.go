package federation

import (
	"flag"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"concord/negotiation"
)

var (
	seeds   = flag.Uint64("seeds", 12, "how many seeds TestSimulation tries")
	oneSeed = flag.Uint64("seed", 0, "the one seed that TestSimulation tries")
)

const (
	faultsLast   = 5 * time.Second // of the simulated time
	levelWithin  = 2 * time.Minute // after the faults
	toldWithin   = 3 * time.Second // after that
	actsMade     = 30
	floodFor     = 2 * time.Second
	replayedSeed = 10 // every so many seeds, one is played twice
)

// TestSimulation lets 28 nodes, and a copy of one with its key, do acts, and two observers
// watch, while the network, the broker, disks, clocks and members do all that is bad; then it lets them
// be. Whatever the seed, they come to hold the same.
func TestSimulation(t *testing.T) {
	begunNegotiation()
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	first, last := uint64(1), *seeds
	if *oneSeed > 0 {
		first, last = *oneSeed, *oneSeed
	}
	var begun atomic.Uint64
	var slowest atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for n := begun.Add(1) - 1; n < last-first+1; n = begun.Add(1) - 1 {
				seed := first + n
				trace, took, wrong := simulate(seed)
				if seed%replayedSeed == 0 || *oneSeed > 0 {
					if again, _, _ := simulate(seed); again != trace {
						t.Errorf("seed %d does not replay: %x, then %x", seed, trace, again)
					}
				}
				for _, w := range wrong {
					t.Errorf("seed %d: %s\n\tgo test ./federation -run '^TestSimulation$' -v -seed %d", seed, w, seed)
				}
				for old := slowest.Load(); int64(took) > old && !slowest.CompareAndSwap(old, int64(took)); old = slowest.Load() {
				}
				if *oneSeed > 0 {
					t.Logf("seed %d: trace %x, level %v after the faults", seed, trace, took)
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d seeds; the slowest was level %v after the faults", last-first+1, time.Duration(slowest.Load()))
}

// simulate plays a seed, and returns a hash of all that happened, how long after the
// faults the nodes were level, and what was wrong.
func simulate(seed uint64) (trace uint64, took time.Duration, wrong []string) {
	w := newWorld(seed, func(format string, values ...any) {
		if len(wrong) < 10 {
			wrong = append(wrong, fmt.Sprintf(format, values...))
		}
	})
	w.populate()
	w.trouble()
	w.run(faultsLast)
	w.calm()
	w.judgeDelivery(false)
	for took = 0; took < levelWithin && !w.level(); took += time.Second / 2 {
		w.run(w.now + time.Second/2)
	}
	w.judge()
	w.run(w.now + toldWithin)
	w.judgeDelivery(true)
	return w.trace.Sum64(), took, wrong
}

// populate starts the nodes, each with the begun negotiation, but for two that have
// nothing yet.
func (w *world) populate() {
	roles := w.rand.Perm(len(simulated) - 1) // the chair has none of these
	for i := range roles {
		roles[i]++
	}
	for i, code := range simulated {
		disk := begunNegotiation()
		if i == roles[0] || i == roles[1] {
			disk = nil
		}
		b := w.add(code, disk)
		b.offset = time.Duration(w.rand.Int64N(int64(time.Second)))
	}
	thief := w.add(simulated[roles[2]], begunNegotiation())
	w.nodes[roles[2]].forks, thief.forks = true, true
	w.add("", nil)
	w.add("", begunNegotiation())
	w.nodes[roles[3]].twice = true
	w.nodes[roles[4]].offset = []time.Duration{-24 * time.Hour, 24 * time.Hour}[w.rand.IntN(2)]
	w.nodes[roles[5]].slow = true
	for _, b := range w.nodes {
		w.after(w.between(0, time.Second), b.start)
	}
	for range actsMade {
		w.after(w.between(time.Second/2, faultsLast), w.nodes[w.rand.IntN(len(w.nodes))].act)
	}
	for _, b := range []*body{w.nodes[roles[2]], thief} {
		w.after(w.between(time.Second, faultsLast), b.act)
	}
	flooder := w.nodes[roles[6]]
	from := w.between(0, faultsLast-floodFor)
	for at := from; at < from+floodFor; at += 25 * time.Millisecond {
		w.after(at, func() { w.flood(flooder) })
	}
}

// trouble plans what goes wrong.
func (w *world) trouble() {
	w.faulty = true
	w.faults = faults{
		drop:    w.rand.Float64() * 0.3,
		double:  w.rand.Float64() * 0.1,
		slow:    w.rand.Float64() * 0.1,
		reorder: w.rand.Float64() * 0.2,
		garble:  w.rand.Float64() * 0.2,
		hole:    w.rand.Float64() * 0.3,
	}
	sometime := func(do func()) { w.after(w.between(0, faultsLast), do) }
	for range 3 {
		sometime(w.part)
		sometime(w.restart)
		sometime(func() { w.stream = make(stream) })
	}
	for range 12 {
		sometime(w.forge)
	}
	sometime(func() {
		w.faults.withheld = w.nodes[w.rand.IntN(len(w.nodes))].code
		w.after(w.between(0, 4*time.Second), func() { w.faults.withheld = "" })
	})
	sometime(func() {
		full := w.nodes[w.rand.IntN(len(w.nodes))]
		full.vault.full = true
		w.after(w.between(0, 3*time.Second), func() { full.vault.full = false })
	})
}

// part cuts some nodes from the others for a time, perhaps in one direction only.
func (w *world) part() {
	ways := w.rand.IntN(3)
	var inside []bool
	for range w.nodes {
		inside = append(inside, w.chance(0.3))
	}
	set := func(cut bool) {
		for i := range w.nodes {
			for j := range w.nodes {
				if inside[i] != inside[j] && (ways == 2 || inside[i] == (ways == 0)) {
					w.cut[i][j] = cut
				}
			}
		}
	}
	set(true)
	tells := w.chance(0.5) // the carrier notices
	w.after(w.between(time.Second, 4*time.Second), func() {
		set(false)
		for i, b := range w.nodes {
			if tells && inside[i] && b.alive {
				b.happens(arrived{true})
			}
		}
	})
}

// restart kills a node and starts it later with what was on its disk.
func (w *world) restart() {
	b := w.nodes[w.rand.IntN(len(w.nodes))]
	if !b.alive {
		return
	}
	b.kill()
	w.after(w.between(0, 3*time.Second), func() {
		if !b.alive {
			b.start()
		}
	})
}

// forge has the broker make up a message of somebody's, or send an old one again.
func (w *world) forge() {
	to, code := w.nodes[w.rand.IntN(len(w.nodes))], simulated[w.rand.IntN(len(simulated))]
	kept := w.old[code]
	if !to.alive || to.code == code || len(kept) == 0 {
		return
	}
	w.touched[[2]negotiation.Code{to.code, code}] = true
	message := kept[w.rand.IntN(len(kept))]
	switch w.rand.IntN(4) {
	case 0:
		message.message = []byte("concord-heads 3\nnonsense")
	case 1:
		message.message = slices.Clone(message.message)
		message.message[w.rand.IntN(len(message.message))] ^= 1
	case 2:
		message.message = huge
	}
	to.happens(message)
}

// flood has a member publish what is worth nothing.
func (w *world) flood(b *body) {
	if !b.alive {
		return
	}
	ends := b.vault.ledger.Tips()
	junk := begunNegotiation()[w.rand.IntN(len(simulated))].bytes
	if w.chance(0.5) {
		junk = slices.Clone(junk[:len(junk)-1])
	} else if w.chance(0.5) && len(ends) > 0 {
		u := negotiation.Unsigned{Act: negotiation.Act{
			Negotiation: b.cfg.Negotiation, Chain: record(b.code), Sequence: 1000, Previous: ends[0].Act, Author: b.code,
			Time: simulatedStart, Content: negotiation.Receipt{Place: 1, Of: b.cfg.Negotiation},
		}}
		junk = sign(u, b.key()).bytes // of far ahead
	}
	for _, to := range w.nodes {
		if to.code != b.code {
			w.touched[[2]negotiation.Code{to.code, b.code}] = true
			w.carry(b, to, func() { to.happens(heard{b.code, false, junk}) })
		}
	}
}

// calm ends all trouble.
func (w *world) calm() {
	w.faulty = false
	for i, b := range w.nodes {
		clear(w.cut[i])
		b.vault.full = false
		if !b.alive {
			b.start()
		}
	}
}

// level reports whether all nodes hold the same.
func (w *world) level() bool {
	for _, b := range w.nodes[1:] {
		if !slices.Equal(b.vault.Heads(), w.nodes[0].vault.Heads()) {
			return false
		}
	}
	return true
}

// judge says what is wrong with how it has ended.
func (w *world) judge() {
	want := w.forks()
	digest := ""
	for _, b := range w.nodes {
		for _, act := range w.acts {
			if !b.vault.Holds(act) {
				w.wrong("%s lacks act %d of %s, which was acknowledged", b.code, act.Sequence, act.Chain)
			}
		}
		state := negotiation.Fold(b.vault.ledger)
		if digest == "" {
			digest = state.Digest()
			w.trace.Write([]byte(digest))
		} else if state.Digest() != digest {
			w.wrong("%s comes to another state than %s", b.code, w.nodes[0].code)
		}
		var got []string
		for _, f := range state.Forks {
			got = append(got, fmt.Sprint(f.Chain, f.Place, f.Sides, f.Frozen()))
		}
		if !slices.Equal(got, want) {
			w.wrong("%s has forks %v, not %v", b.code, got, want)
		}
	}
}

// judgeDelivery says where a node takes another for a holder of what that does not hold,
// or at the end, when all hold the same, for none.
func (w *world) judgeDelivery(end bool) {
	holds := func(code negotiation.Code, act negotiation.Head) bool {
		return slices.ContainsFunc(w.nodes, func(b *body) bool { return b.code == code && b.vault.Holds(act) })
	}
	for _, b := range w.nodes {
		state := negotiation.Fold(b.vault.ledger)
		for _, act := range w.acts {
			for _, h := range b.core.delivery(act, func(tip negotiation.Head) bool { return state.Leads(act.Act, tip.Act) }) {
				if h.Holding != Holds {
					if end && h.Code != b.code {
						w.wrong("%s says of %s and act %d of %s: %s", b.code, h.Code, act.Sequence, act.Chain, h.Holding)
					}
					continue
				}
				if !holds(h.Code, act) {
					w.wrong("%s takes %s for a holder of act %d of %s, which it lacks", b.code, h.Code, act.Sequence, act.Chain)
				}
				if h.Since.After(b.time()) || !h.After.Before(h.Since) {
					w.wrong("%s has %s hold act %d of %s after %v, since %v", b.code, h.Code, act.Sequence, act.Chain, h.After, h.Since)
				}
			}
		}
	}
}

// forks are those that should be found: of each chain, the first place with two acts.
func (w *world) forks() (forks []string) {
	sides := make(map[negotiation.Chain]map[uint64][]negotiation.ActID)
	for _, act := range w.acts {
		if sides[act.Chain] == nil {
			sides[act.Chain] = make(map[uint64][]negotiation.ActID)
		}
		sides[act.Chain][act.Sequence] = append(sides[act.Chain][act.Sequence], act.Act)
	}
	for _, chain := range slices.SortedFunc(maps.Keys(sides), negotiation.CompareChains) {
		for _, place := range slices.Sorted(maps.Keys(sides[chain])) {
			if acts := sides[chain][place]; len(acts) > 1 {
				slices.SortFunc(acts, func(a, b negotiation.ActID) int { return slices.Compare(a[:], b[:]) })
				forks = append(forks, fmt.Sprint(chain, place, acts, true))
				break
			}
		}
	}
	return forks
}
