package federation

import (
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

// memory is a Store whose acts are lines "CHAIN SEQUENCE WORD", with a fourth
// field "CHAIN:SEQUENCE" when one cites another act. The word "forged" is a
// wrong signature.
type memory struct {
	mu     sync.Mutex
	chains map[negotiation.Chain][]string
	batch  int             // acts in one message of Acts; 0 for all
	asked  int             // calls of Acts
	gate   <-chan struct{} // Acts waits until it is closed; nil for no wait
	heard  chan<- struct{} // takes one for each act received; nil for none
}

func newMemory() *memory { return &memory{chains: make(map[negotiation.Chain][]string)} }

// write appends an act without telling anybody, and returns its message.
func (m *memory) write(chain negotiation.Chain, word string, cites ...string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	line := strings.Join(append([]string{string(chain), fmt.Sprint(len(m.chains[chain]) + 1), word}, cites...), " ")
	m.chains[chain] = append(m.chains[chain], line)
	return []byte(line + "\n")
}

func (m *memory) Heads() []negotiation.Head {
	m.mu.Lock()
	defer m.mu.Unlock()
	var heads []negotiation.Head
	for chain, acts := range m.chains {
		heads = append(heads, negotiation.Head{
			Chain: chain, Sequence: uint64(len(acts)), Act: sha256.Sum256([]byte(acts[len(acts)-1])),
		})
	}
	return heads
}

func (m *memory) Acts(ctx context.Context, chain negotiation.Chain, from uint64) ([]byte, error) {
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
	acts := m.chains[chain]
	if from > uint64(len(acts)) {
		return nil, nil
	}
	acts = acts[from-1:]
	if m.batch > 0 && len(acts) > m.batch {
		acts = acts[:m.batch]
	}
	return []byte(strings.Join(acts, "\n") + "\n"), nil
}

func (m *memory) Receive(_ context.Context, message []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for line := range strings.Lines(string(message)) {
		if err := m.receive(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) receive(line string) error {
	var chain negotiation.Chain
	var sequence int
	var word, cites string
	if n, _ := fmt.Sscanf(line, "%s %d %s %s", &chain, &sequence, &word, &cites); n < 3 {
		return negotiation.ErrNotCanonical
	}
	if word == "forged" {
		return negotiation.ErrSignature
	}
	acts := m.chains[chain]
	switch {
	case sequence <= len(acts) && acts[sequence-1] == line:
		return nil
	case sequence <= len(acts):
		return negotiation.ErrSequence
	case sequence > len(acts)+1:
		return negotiation.ErrGap
	}
	if other, number, ok := strings.Cut(cites, ":"); ok {
		var needed int
		fmt.Sscan(number, &needed)
		if len(m.chains[negotiation.Chain(other)]) < needed {
			return negotiation.ErrGap
		}
	}
	m.chains[chain] = append(acts, line)
	if m.heard != nil {
		m.heard <- struct{}{}
	}
	return nil
}

func (m *memory) Holds(head negotiation.Head) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	acts := m.chains[head.Chain]
	return head.Sequence <= uint64(len(acts)) && sha256.Sum256([]byte(acts[head.Sequence-1])) == head.Act
}

func (m *memory) held(chain negotiation.Chain) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.chains[chain])
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
	var b strings.Builder
	for _, chain := range slices.Sorted(maps.Keys(m.chains)) {
		b.WriteString(strings.Join(m.chains[chain], "\n") + "\n")
	}
	return b.String()
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
