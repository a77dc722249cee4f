package drafts

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	pathpkg "path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// Where the refs of a negotiation stand; see the package documentation.
const (
	headsPrefix    = "refs/heads/"
	tagsPrefix     = "refs/tags/"
	evidencePrefix = "refs/evidence/"
	evidenceTags   = evidencePrefix + "tags/"
)

// evidenceRef names the ref of an act beside the line of a chain. Two acts with one
// name would cost whoever makes them 2^64 hashes.
func evidenceRef(c negotiation.Chain, id negotiation.ActID) string {
	return fmt.Sprintf("%s%s/%.32s", evidencePrefix, c, id)
}

// evidenceTag names the ref of the tag of such an act.
func evidenceTag(id negotiation.ActID) string { return fmt.Sprintf("%s%.32s", evidenceTags, id) }

// chainOf returns the chain whose acts a ref leads to. A branch that somebody made with
// stock git is none of ours.
func chainOf(ref string) (negotiation.Chain, bool) {
	name, ok := strings.CutPrefix(ref, headsPrefix)
	if !ok {
		if name, ok = strings.CutPrefix(pathpkg.Dir(ref), evidencePrefix); !ok {
			return "", false
		}
	}
	chain, err := negotiation.ParseChain(name)
	return chain, err == nil
}

// refsOf returns where the refs of chains are to point, with their tags.
func (r *Repository) refsOf(held *negotiation.Snapshot, chains ...negotiation.Chain) map[string]plumbing.Hash {
	want := map[string]plumbing.Hash{}
	ends := map[negotiation.Chain]negotiation.ActID{}
	for _, c := range chains {
		if ends[c] = held.End(c).Act; !ends[c].IsZero() {
			want[headsPrefix+string(c)] = r.commits[ends[c]].commit
		}
		for _, v := range held.Chain(c) {
			if name, ok := v.Act().Tag(); ok {
				want[tagsPrefix+name] = r.commits[v.ID()].tag
			}
		}
		for _, v := range slices.Concat(held.Chain(c), held.Beside(c)) {
			if k := r.commits[v.ID()]; k.bypassed {
				want[evidenceRef(c, v.ID())] = k.commit
			}
		}
		for _, v := range held.Beside(c) {
			if _, ok := v.Act().Tag(); ok {
				want[evidenceTag(v.ID())] = r.commits[v.ID()].tag
			}
		}
	}
	for _, tip := range held.Tips() {
		if end, asked := ends[tip.Chain]; asked && tip.Act != end {
			want[evidenceRef(tip.Chain, tip.Act)] = r.commits[tip.Act].commit
		}
	}
	return want
}

// makeRefDirs makes the directories of a round's refs.
func (s *store) makeRefDirs(w *round) error {
	for name := range w.tags {
		if err := s.makeDir(pathpkg.Dir(name)); err != nil {
			return err
		}
	}
	for _, refs := range w.refs {
		for name := range refs {
			if err := s.makeDir(pathpkg.Dir(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// align has the refs of some chains point where they are to, and removes what is
// then of no use. What is beside a line gets its ref before the line leaves it, so that
// at every instant refs lead to every act.
func (s *store) align(now, want map[string]plumbing.Hash, ofChain func(negotiation.Chain) bool) error {
	var evidence, rest stage
	for name, id := range want {
		if now[name] == id {
			continue
		}
		if err := s.makeDir(pathpkg.Dir(name)); err != nil {
			return err
		}
		if strings.HasPrefix(name, evidencePrefix) {
			evidence.files = append(evidence.files, placeRef(name, id))
		} else {
			rest.files = append(rest.files, placeRef(name, id))
		}
	}
	if len(evidence.files)+len(rest.files) > 0 {
		if err := s.put(evidence, rest); err != nil {
			return err
		}
	}
	return s.removeRefs(now, want, ofChain)
}

// removeRefs removes the refs of some chains, and of tags that are kept as evidence,
// that are not wanted. A packed one stays; it does no harm.
func (s *store) removeRefs(now, want map[string]plumbing.Hash, ofChain func(negotiation.Chain) bool) error {
	besides := map[plumbing.Hash]bool{}
	for name, id := range want {
		if strings.HasPrefix(name, evidenceTags) {
			besides[id] = true
		}
	}
	dirs := map[string]bool{}
	for name, id := range now {
		if _, stays := want[name]; stays {
			continue
		}
		chain, ours := chainOf(name)
		tag := strings.HasPrefix(name, tagsPrefix) && besides[id] || strings.HasPrefix(name, evidenceTags) && ofChain(negotiation.TextChain)
		if !tag && !(ours && ofChain(chain)) {
			continue
		}
		err := os.Remove(s.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("repository: removing ref %s: %w", name, err)
		}
		dirs[s.path(pathpkg.Dir(name))] = true
	}
	return s.disk.Sync(nil, slices.Sorted(maps.Keys(dirs)))
}
