package federation

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"concord/negotiation"
)

// memory is a Store whose acts are lines "CHAIN SEQUENCE PREVIOUS WORD", with a
// fifth field when one cites another act: its name. PREVIOUS is the name of the act
// before it, "-" for none. A name is the first half of the act's. The word "forged" is a
// wrong signature, and "settles" makes a settling act, which outranks those with fewer
// of them before it, as recover/1 does. What has no room waits, without bounds.
type memory struct {
	mu     sync.Mutex
	chains map[negotiation.Chain]*tree
	batch  int             // acts in one message of Acts; 0 for all
	asked  int             // calls of Acts
	gate   <-chan struct{} // Acts waits until it is closed; nil for no wait
	heard  chan<- struct{} // takes one for each act received; nil for none
}

// A tree holds the acts of one chain.
type tree struct {
	acts map[string]*act   // by the first half of their names
	next map[string][]*act // those that follow an act
	tips map[string]bool   // those that no act follows
	line []*act

	waiting map[string]*act // for which there is no room, by name
}

type act struct {
	text     string
	head     negotiation.Head
	previous string
	settles  bool
	cites    string
}

func newMemory() *memory { return &memory{chains: make(map[negotiation.Chain]*tree)} }

func parseAct(text string) (*act, error) {
	a := &act{text: text, head: negotiation.Head{Act: sha256.Sum256([]byte(text))}}
	var word string
	n, _ := fmt.Sscanf(text, "%s %d %s %s %s", &a.head.Chain, &a.head.Sequence, &a.previous, &word, &a.cites)
	if n < 4 || (a.head.Sequence == 1) != (a.previous == "-") {
		return nil, negotiation.ErrNotCanonical
	}
	a.settles = word == "settles"
	if word == "forged" {
		return a, negotiation.ErrSignature
	}
	return a, nil
}

func (a *act) name() string { return a.head.Act.String()[:32] }

// follow is an act that follows another one; nil for none.
func follow(before *act, chain negotiation.Chain, word string, cites ...string) *act {
	previous, sequence := "-", uint64(1)
	if before != nil {
		previous, sequence = before.name(), before.head.Sequence+1
	}
	a, err := parseAct(strings.Join(append([]string{string(chain), fmt.Sprint(sequence), previous, word}, cites...), " "))
	if a == nil {
		panic(err)
	}
	return a
}

// write appends an act to a chain's line without telling anybody, and returns its
// message.
func (m *memory) write(chain negotiation.Chain, word string, cites ...string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := follow(m.tree(chain).end(), chain, word, cites...)
	m.tree(chain).add(a)
	return []byte(a.text + "\n")
}

func (m *memory) tree(chain negotiation.Chain) *tree {
	if m.chains[chain] == nil {
		m.chains[chain] = newTree()
	}
	return m.chains[chain]
}

func newTree() *tree {
	return &tree{acts: make(map[string]*act), next: make(map[string][]*act), tips: make(map[string]bool), waiting: make(map[string]*act)}
}

// end is the end of the line; nil when that is empty.
func (t *tree) end() *act {
	if len(t.line) == 0 {
		return nil
	}
	return t.line[len(t.line)-1]
}

func (t *tree) add(a *act) {
	t.acts[a.name()], t.tips[a.name()] = a, true
	delete(t.tips, a.previous)
	t.next[a.previous] = append(t.next[a.previous], a)
	if len(t.next[a.previous]) == 1 && (t.end() == nil && a.previous == "-" || t.end() != nil && a.previous == t.end().name()) {
		t.line = append(t.line, a)
		return
	}
	t.draw()
}

// draw draws the line.
func (t *tree) draw() {
	t.line = nil
	for previous := "-"; ; previous = t.end().name() {
		next, highest, level := t.next[previous], -1, true
		var follow *act
		for _, a := range next {
			switch rank := t.rank(a, 0); {
			case rank > highest:
				follow, highest, level = a, rank, false
			case rank == highest:
				level = true
			}
		}
		if follow == nil || level {
			return
		}
		t.line = append(t.line, follow)
	}
}

// rank is the highest rank of what settles among an act and those that follow it, where
// so many settle on the way to it; 0 when none does.
func (t *tree) rank(a *act, settled int) (highest int) {
	if a.settles {
		settled++
		highest = settled
	}
	for _, next := range t.next[a.name()] {
		highest = max(highest, t.rank(next, settled))
	}
	return highest
}

// with returns the tree with more acts.
func (t *tree) with(more ...*act) *tree {
	grown := newTree()
	for _, a := range slices.Concat(slices.Collect(maps.Values(t.acts)), more) {
		grown.acts[a.name()] = a
		grown.next[a.previous] = append(grown.next[a.previous], a)
	}
	grown.draw()
	return grown
}

// way returns the acts that wait and lead to one.
func (t *tree) way(a *act) (acts []*act) {
	for a = t.waiting[a.previous]; a != nil; a = t.waiting[a.previous] {
		acts = append(acts, a)
	}
	slices.Reverse(acts)
	return acts
}

// keep takes an act, and what waits and leads to it.
func (t *tree) keep(a *act) {
	for _, a := range append(t.way(a), a) {
		delete(t.waiting, a.name())
		t.add(a)
	}
}

// leadingTo returns the acts that lead to one, and it.
func (t *tree) leadingTo(to negotiation.ActID) (acts []*act) {
	for a := t.acts[to.String()[:32]]; a != nil; a = t.acts[a.previous] {
		acts = append(acts, a)
	}
	slices.Reverse(acts)
	return acts
}

func (t *tree) filled(place uint64) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(t.acts)), func(a *act) bool { return a.head.Sequence == place })
}

func (m *memory) Heads() []negotiation.Head {
	m.mu.Lock()
	defer m.mu.Unlock()
	var heads []negotiation.Head
	for _, chain := range slices.SortedFunc(maps.Keys(m.chains), negotiation.CompareChains) {
		t := m.chains[chain]
		end := t.end()
		if end != nil && t.tips[end.name()] {
			heads = append(heads, end.head)
		}
		first := len(heads)
		for name := range t.tips {
			if a := t.acts[name]; a != end {
				heads = append(heads, a.head)
			}
		}
		slices.SortFunc(heads[first:], compareTips)
	}
	return heads
}

func (m *memory) Acts(ctx context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error) {
	m.mu.Lock()
	m.asked++
	gate := m.gate
	m.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	acts := m.tree(chain).line
	if !to.IsZero() {
		acts = m.tree(chain).leadingTo(to)
	}
	if from > uint64(len(acts)) {
		return nil, nil
	}
	acts = acts[from-1:]
	if m.batch > 0 && len(acts) > m.batch {
		acts = acts[:m.batch]
	}
	return message(acts...), nil
}

func message(acts ...*act) []byte {
	var b []byte
	for _, a := range acts {
		b = append(append(b, a.text...), '\n')
	}
	return b
}

func (m *memory) Receive(_ context.Context, message []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var waits error
	for line := range strings.Lines(string(message)) {
		switch err := m.receive(strings.TrimSuffix(line, "\n")); {
		case err == negotiation.ErrForked:
			waits = err
		case err != nil:
			return err
		}
	}
	return waits
}

// mostSides is how many ends a chain keeps though nothing needs them.
const mostSides = 64

// named returns the act of that name, whether it waits or not, and its chain.
func (m *memory) named(name string) (*act, *tree) {
	for _, t := range m.chains {
		if a := cmp.Or(t.acts[name], t.waiting[name]); a != nil {
			return a, t
		}
	}
	return nil, nil
}

// at names an act at a place, for one that cites it; it is empty where there is none.
func (m *memory) at(chain negotiation.Chain, place int) (cites []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, a := range m.tree(chain).acts {
		if a.head.Sequence == uint64(place) {
			return []string{name}
		}
	}
	return nil
}

func (m *memory) receive(line string) error {
	a, err := parseAct(line)
	if a == nil {
		return err
	}
	t := m.tree(a.head.Chain)
	if t.acts[a.name()] != nil || t.waiting[a.name()] != nil {
		return nil
	}
	before := cmp.Or(t.acts[a.previous], t.waiting[a.previous])
	switch {
	case a.previous == "-":
	case before == nil && t.filled(a.head.Sequence-1):
		return negotiation.ErrPredecessor
	case before == nil:
		return negotiation.ErrGap
	case before.head.Sequence+1 != a.head.Sequence:
		return negotiation.ErrNotCanonical
	}
	cited, where := m.named(a.cites)
	if a.cites != "" && cited == nil {
		return negotiation.ErrGap
	}
	if err != nil {
		return err
	}
	way := t.way(a)
	if room := len(t.tips) < mostSides || t.tips[a.previous]; !room && t.with(append(way, a)...).end() == t.end() {
		t.waiting[a.name()] = a
		return negotiation.ErrForked
	}
	if cited != nil && where.waiting[a.cites] != nil {
		where.keep(cited)
	}
	t.keep(a)
	if m.heard != nil {
		m.heard <- struct{}{}
	}
	return nil
}

func (m *memory) Holds(head negotiation.Head) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, _ := m.named(head.Act.String()[:32])
	return a != nil && a.head == head
}

func (m *memory) held(chain negotiation.Chain) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.tree(chain).acts)
}

func (m *memory) fetches() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// state is everything held, for comparison.
func (m *memory) state() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var acts []*act
	for _, t := range m.chains {
		acts = slices.AppendSeq(acts, maps.Values(t.acts))
	}
	slices.SortFunc(acts, func(a, b *act) int { return compareTips(a.head, b.head) })
	return string(message(acts...))
}

// line is what counts of a chain.
func (m *memory) line(chain negotiation.Chain) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(message(m.tree(chain).line...))
}

// seal and unseal stand in for the keys of nodes, which are the caller's.
func seal(code negotiation.Code, message []byte) []byte {
	mac := hmac.New(sha256.New, []byte("key of "+code))
	mac.Write(message)
	return []byte(armourBegin + hex.EncodeToString(mac.Sum(nil)) + armourEnd)
}

func unseal(code negotiation.Code, message, signature []byte) error {
	if !hmac.Equal(seal(code, message), signature) {
		return negotiation.ErrSignature
	}
	return nil
}
