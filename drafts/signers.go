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

// writeSigners writes the allowed_signers files that differ from what is there.
func (r *Repository) writeSigners() error {
	all := map[string]bool{}
	for _, head := range r.ledger.Heads() {
		lines := map[string]bool{}
		for _, v := range r.ledger.Chain(head.Chain) {
			line := fmt.Sprintf("%s namespaces=\"%s\" %s\n", address(v.Act().Author), negotiation.ActNamespace, v.SignedBy())
			lines[line], all[line] = true, true
		}
		name := signersFile + ".d/" + string(head.Chain)
		if err := r.writeSignersFile(name, lines); err != nil {
			return err
		}
	}
	return r.writeSignersFile(signersFile, all)
}

func (r *Repository) writeSignersFile(name string, lines map[string]bool) error {
	content := strings.Join(slices.Sorted(maps.Keys(lines)), "")
	if r.signers[name] == content {
		return nil
	}
	if err := r.store.replace(name, []byte(content)); err != nil {
		return err
	}
	r.signers[name] = content
	return nil
}
