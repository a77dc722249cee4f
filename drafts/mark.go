package drafts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

const (
	marksFile  = "concord.marks"
	marksMagic = "concord-marks 1"

	// noFileID stands where the system does not tell files apart.
	noFileID = "-"
)

// A mark is the newest act of a chain that was signed in this repository.
type mark struct {
	sequence uint64
	act      negotiation.ActID
	commit   plumbing.Hash
}

// marks are the high-water marks of a repository; see the package documentation.
type marks map[negotiation.Chain]mark

// placeMarks returns what puts the marks on disk.
func placeMarks(m marks) placing {
	return placing{marksFile, func(tmp string) ([]byte, error) {
		info, err := os.Stat(tmp)
		if err != nil {
			return nil, err
		}
		return m.format(fileID(info)), nil
	}}
}

func (m marks) format(file string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nfile %s\n", marksMagic, file)
	for _, chain := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s %d %s %s\n", chain, m[chain].sequence, m[chain].act, m[chain].commit)
	}
	return b.Bytes()
}

// parseMarks reads what format prints; false for anything else.
func parseMarks(raw []byte) (m marks, file string, ok bool) {
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if len(lines) < 2 || lines[0] != marksMagic {
		return nil, "", false
	}
	m, file = marks{}, strings.TrimPrefix(lines[1], "file ")
	for _, line := range lines[2:] {
		fields := strings.Split(line, " ")
		if len(fields) != 4 || !plumbing.IsHash(fields[3]) {
			return nil, "", false
		}
		chain, err := negotiation.ParseChain(fields[0])
		if err != nil {
			return nil, "", false
		}
		one := mark{commit: plumbing.NewHash(fields[3])}
		if one.sequence, err = strconv.ParseUint(fields[1], 10, 53); err != nil {
			return nil, "", false
		}
		if one.act, err = negotiation.ParseActID(fields[2]); err != nil {
			return nil, "", false
		}
		m[chain] = one
	}
	return m, file, bytes.Equal(m.format(file), raw)
}

// readMarks reads the marks, and whether this is the very file that was written, in
// its place. A file that is damaged is none: what it said is for the peers to say.
func (s *store) readMarks() (m marks, own bool, err error) {
	raw, err := readRegular(s.path(marksFile), maxSmallFile)
	if errors.Is(err, fs.ErrNotExist) {
		return marks{}, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("repository: reading the marks: %w", err)
	}
	info, err := os.Stat(s.path(marksFile))
	if err != nil {
		return nil, false, fmt.Errorf("repository: reading the marks: %w", err)
	}
	m, file, ok := parseMarks(raw)
	if !ok {
		return marks{}, false, nil
	}
	return m, file == fileID(info), nil
}

// maySign refuses an act at a place that may have been used before, of whose act
// this repository knows nothing or no more than that it was signed. The caller holds mu.
func (r *Repository) maySign(a negotiation.Act) error {
	if _, convenes := a.Content.(negotiation.Convene); !r.vouched && !convenes {
		return negotiation.ErrBehind.Because("this data directory was set up anew, copied or restored from a backup, and may lack acts that %s has signed: it signs nothing until another node has said how far its record goes. Connect it to the others; nothing else is to be done", a.Author)
	}
	m, ok := r.marks[a.Chain]
	if !ok {
		return nil
	}
	if _, held := r.ledger.Act(m.act); held || r.recovers(a) {
		// At a place that was used stands an act that settles, which a person has
		// asked for, or one that follows such an act.
		return nil
	}
	if a.Sequence > m.sequence {
		return negotiation.ErrSequence.Because("another act stands at place %d of %s than the one that this node has signed: somebody else signs with its key. Nothing more is signed there before the record is recovered with its recovery key", m.sequence, a.Chain)
	}
	return negotiation.ErrBehind.Because("this node has signed act %d of %s, and its disk has lost the acts from %d on: it signs nothing there until they have come back. Connect it to the others, or put back a newer copy of the data directory", m.sequence, a.Chain, a.Sequence)
}

// recovers reports whether an act goes on without what the key in force has signed: with
// the recovery key, or by a chair who has recovered its record or succeeds to it.
func (r *Repository) recovers(a negotiation.Act) bool {
	switch c := a.Content.(type) {
	case negotiation.Recover, negotiation.Succeed:
		return true
	case negotiation.Rekey:
		v, _ := r.ledger.Act(c.Established)
		_, recovered := v.Act().Content.(negotiation.Recover)
		return recovered
	}
	return false
}

// Vouched reports whether the repository is known to have every act of those who
// sign in it: it is where it has always been, or somebody has vouched for it.
// Otherwise its directory was set up anew, copied or restored, and [Repository.Sign]
// answers [negotiation.ErrBehind].
func (r *Repository) Vouched() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.vouched
}

// Vouch says, for good, that another node was asked, and holds no act of those who
// sign here that the repository lacks.
func (r *Repository) Vouch() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return err
	}
	if r.vouched {
		return nil
	}
	r.vouched = true
	r.next.signs = true
	return r.settle()
}

// raise adds the marked acts that no ref leads to, where all acts back to others or to
// the beginning are on disk: a crash came between the marks and the refs.
func (r *Repository) raise(tips map[negotiation.Chain][]plumbing.Hash) map[negotiation.Chain][]plumbing.Hash {
	raised := maps.Clone(tips)
	var known map[plumbing.Hash]bool
	for chain, m := range r.marks {
		if slices.Contains(tips[chain], m.commit) {
			continue
		}
		if known == nil {
			known = map[plumbing.Hash]bool{}
			for _, f := range walk(context.Background(), r.source, tips, func() {}) {
				known[f.id] = true
			}
		}
		if !known[m.commit] && r.leadsBack(m.commit, known) {
			raised[chain] = append(slices.Clone(tips[chain]), m.commit)
		}
	}
	return raised
}

// leadsBack reports whether whole acts on disk lead from a commit back to a known one,
// or to the beginning of its chain.
func (r *Repository) leadsBack(from plumbing.Hash, known map[plumbing.Hash]bool) bool {
	for !known[from] {
		in, err := r.readAct(from)
		if err != nil {
			return false
		}
		if len(in.act.Files) > 0 {
			if _, _, err := readTree(in.commit.tree, r.read); err != nil {
				return false
			}
		}
		if in.act.Sequence == 1 {
			return true
		}
		if len(in.commit.parents) == 0 {
			return false
		}
		from = in.commit.parents[0]
	}
	return true
}
