package federation

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"concord/negotiation"
)

// A document is an act as a vault keeps it and messages carry it.
type document struct {
	payload, signature []byte
	files              map[string][]byte
	head               negotiation.Head
	bytes              []byte // all of that but the head
}

// A vault is a Store over a real ledger: nothing gets in that does not verify. It keeps
// its acts in memory; what it holds is what a disk would.
type vault struct {
	ledger *negotiation.Ledger
	seals  *seals
	disk   []*document // in the order in which they were verified
	held   map[negotiation.ActID]*document
	batch  int                // acts in one message of Acts
	tips   []negotiation.Head // nil when they may have changed
	full   bool
}

func newVault(name negotiation.ActID, s *seals, disk []*document, batch int) *vault {
	v := &vault{ledger: negotiation.NewLedger(name), seals: s, held: make(map[negotiation.ActID]*document), batch: batch}
	for _, d := range disk {
		if err := v.take(d); err != nil {
			panic("what was on disk does not verify: " + err.Error())
		}
	}
	return v
}

func (v *vault) take(d *document) error {
	sealed, err := v.seals.unseal(d)
	if err != nil {
		return err
	}
	act, err := v.ledger.Verify(sealed, d.files)
	if err != nil {
		return err
	}
	if err := v.ledger.Append(act); err != nil {
		return err
	}
	if d.head.Chain == "" { // or it is one that all simulations share, and has it
		d.head = negotiation.Head{Chain: act.Act().Chain, Sequence: act.Act().Sequence, Act: act.ID()}
	}
	v.disk = append(v.disk, d)
	v.held[act.ID()] = d
	v.tips = nil
	return nil
}

func (v *vault) Heads() []negotiation.Head {
	if v.tips == nil {
		v.tips = v.ledger.Tips()
	}
	return v.tips
}

// key is the one that code's node signs its heads with, if that has joined.
func (v *vault) key(code negotiation.Code) (negotiation.PublicKey, bool) {
	line := v.ledger.Chain(negotiation.RecordOf(code))
	for _, act := range slices.Backward(line) {
		switch content := act.Act().Content.(type) {
		case negotiation.Join:
			return content.Key, true
		case negotiation.Rotate:
			return content.Key, true
		case negotiation.Recover:
			return content.Key, true
		}
	}
	return "", false
}

func (v *vault) Holds(head negotiation.Head) bool {
	d := v.held[head.Act]
	return d != nil && d.head == head
}

func (v *vault) Acts(_ context.Context, chain negotiation.Chain, from uint64, to negotiation.ActID) ([]byte, error) {
	if to.IsZero() {
		to = v.ledger.Head(chain).Act
	}
	var path []*document
	for d := v.held[to]; d != nil && d.head.Chain == chain && d.head.Sequence >= from; {
		path = append(path, d)
		act, _ := v.ledger.Act(d.head.Act)
		d = v.held[act.Act().Previous]
	}
	slices.Reverse(path)
	return bundle(path[:min(v.batch, len(path))]...), nil
}

var errDiskFull = errors.New("no space left on device")

func (v *vault) Receive(_ context.Context, message []byte) error {
	for len(message) > 0 {
		d, rest, err := parseDocument(message)
		if err != nil {
			return err
		}
		if message = rest; v.full {
			return errDiskFull
		}
		if err := v.take(d); err != nil && !errors.Is(err, negotiation.ErrSequence) {
			return err
		}
	}
	return nil
}

func bundle(documents ...*document) (message []byte) {
	for _, d := range documents {
		message = append(message, d.bytes...)
	}
	return message
}

// A document is a count of parts, and the parts, each after its length: payload,
// signature, and the paths and contents of files.
func newDocument(payload, signature []byte, files map[string][]byte, paths []string) *document {
	parts := [][]byte{payload, signature}
	for _, path := range paths {
		parts = append(parts, []byte(path), files[path])
	}
	encoded := binary.AppendUvarint(nil, uint64(len(parts)))
	for _, part := range parts {
		encoded = append(binary.AppendUvarint(encoded, uint64(len(part))), part...)
	}
	return &document{payload: payload, signature: signature, files: files, bytes: encoded}
}

func parseDocument(message []byte) (d *document, rest []byte, err error) {
	count, n := binary.Uvarint(message)
	if n <= 0 || count < 2 || count > 20 || count%2 > 0 {
		return nil, nil, negotiation.ErrNotCanonical
	}
	rest = message[n:]
	parts := make([][]byte, count)
	for i := range parts {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, nil, negotiation.ErrNotCanonical
		}
		parts[i], rest = rest[n:n+int(size)], rest[n+int(size):]
	}
	d = &document{payload: parts[0], signature: parts[1], bytes: message[:len(message)-len(rest)]}
	if count > 2 {
		d.files = make(map[string][]byte)
	}
	for i := 2; i < len(parts); i += 2 {
		d.files[string(parts[i])] = parts[i+1]
	}
	return d, rest, nil
}

// seals remembers what was found of acts and heads: the same bytes, and the same key,
// have the same answer.
type seals struct {
	acts  map[string]sealing
	heads map[headsSeen]reading
}

// headsSeen names a heads message by where it is kept: nothing is changed in place.
type headsSeen struct {
	message *byte
	size    int
	code    negotiation.Code
	key     negotiation.PublicKey
}

type sealing struct {
	sealed negotiation.Sealed
	err    error
}

type reading struct {
	heads Heads
	err   error
}

func newSeals() *seals { return &seals{make(map[string]sealing), make(map[headsSeen]reading)} }

func (s *seals) unseal(d *document) (negotiation.Sealed, error) {
	id := string(d.payload) + string(d.signature)
	known, ok := s.acts[id]
	if !ok {
		known.sealed, known.err = negotiation.Unseal(d.payload, d.signature)
		s.acts[id] = known
	}
	return known.sealed, known.err
}

// readHeads is cfg's, for a node at which code has that key; empty for none.
func (s *seals) readHeads(cfg Config, code negotiation.Code, key negotiation.PublicKey, message []byte) (Heads, error) {
	id := headsSeen{&message[0], len(message), code, key}
	known, ok := s.heads[id]
	if !ok {
		known.heads, known.err = cfg.readHeads(code, message)
		s.heads[id] = known
	}
	return known.heads, known.err
}
