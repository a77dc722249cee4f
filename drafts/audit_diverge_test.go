package drafts

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// TestAuditSaysWhereAChainDiverges: after the last act that verifies, whatever stands there
// and whatever follows it.
func TestAuditSaysWhereAChainDiverges(t *testing.T) {
	s := staged(t)
	chain := negotiation.RecordOf(borealia)
	acts := s.r.ledger.Chain(chain)
	last := s.r.commits[acts[len(acts)-1].ID()]
	nonsense := objects{}
	bad, err := nonsense.add(object{plumbing.CommitObject, fmt.Appendf(nil, "tree %s\nparent %s\nauthor x <x> 1 +0000\ncommitter x <x> 1 +0000\n\nno act\n", last.tree, last.commit)})
	if err != nil {
		t.Fatal(err)
	}
	farther := s.borealia(forgery{act: func(a *negotiation.Act) { a.Sequence = 40 }})
	next := uint64(len(acts) + 1)
	for name, c := range map[string]struct {
		lay  func() string
		want uint64
	}{
		"an act that cannot be read": {func() string {
			dir := copied(t, s.r.Dir())
			layDown(t, dir, nonsense)
			pointRef(t, dir, headsPrefix+string(chain), bad)
			return dir
		}, next},
		"an act that claims another place": {func() string { return smuggled(t, s.r, forge(t, s.r, farther)) }, next},
		"an act that is gone": {func() string {
			dir := copied(t, s.r.Dir())
			hex := last.commit.String()
			if err := os.Remove(filepath.Join(dir, "objects", hex[:2], hex[2:])); err != nil {
				t.Fatal(err)
			}
			return dir
		}, 1},
	} {
		report := audited(t, c.lay())
		i := slices.IndexFunc(report.Chains, func(r ChainReport) bool { return r.Chain == chain })
		if got := report.Chains[i].DivergesAt; got != c.want {
			t.Errorf("%s: diverges at %d, want %d; findings %v", name, got, c.want, report.Findings)
		}
	}
}
