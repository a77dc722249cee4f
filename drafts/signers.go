package drafts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"concord/negotiation"
)

// signersFile lists, for stock git, every key that has signed an act; beside
// it signersFile + ".d/" has one such file per chain, with that chain's keys alone.
const signersFile = "allowed_signers"

// signers are the lines of each file of keys, by its path.
type signers map[string]map[string]bool

// add enters who signed an act, and returns the files that this changes.
func (s signers) add(v negotiation.Verified) (changed []string) {
	line := signerLine(v)
	for _, path := range []string{signersFile, signersFile + ".d/" + string(v.Act().Chain)} {
		if s[path] == nil {
			s[path] = map[string]bool{}
		}
		if !s[path][line] {
			s[path][line] = true
			changed = append(changed, path)
		}
	}
	return changed
}

// signerLine says in git's form who signed an act.
func signerLine(v negotiation.Verified) string {
	return fmt.Sprintf("%s namespaces=\"%s\" %s\n", address(v.Act().Author), negotiation.ActNamespace, v.SignedBy())
}

func (s signers) content(path string) []byte {
	return []byte(strings.Join(slices.Sorted(maps.Keys(s[path])), ""))
}

// noteSigner has the next round write the files of keys that an act changes.
func (r *Repository) noteSigner(v negotiation.Verified) {
	for _, path := range r.signers.add(v) {
		r.next.signers[path] = r.signers.content(path)
	}
}

// restoreSigners sets the files of keys right.
func (r *Repository) restoreSigners() error {
	r.signers = signers{}
	held := r.ledger.Snapshot()
	for _, c := range held.Chains() {
		for _, v := range slices.Concat(held.Chain(c), held.Beside(c)) {
			r.signers.add(v)
		}
	}
	for path := range r.signers {
		content := r.signers.content(path)
		if now, err := readRegular(r.store.path(path), maxSmallFile); err == nil && string(now) == string(content) {
			continue
		}
		if err := r.store.replace(path, content); err != nil {
			return err
		}
	}
	return nil
}
