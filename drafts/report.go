package drafts

import (
	"slices"
	"time"

	"concord/negotiation"
)

// A Report is what [Audit] found in a record.
type Report struct {
	Negotiation negotiation.ActID  `json:"negotiation"`
	Title       string             `json:"title"`       // of the charter in force; "" when nothing convenes
	StateDigest string             `json:"stateDigest"` // of what the acts that verify come to
	Acts        int                `json:"acts"`        // that verify
	Chains      []ChainReport      `json:"chains"`      // the text chain first, then the records by name
	Forks       []negotiation.Fork `json:"forks"`       // places where more than one act stands
	Findings    []Finding          `json:"findings"`    // what does not verify, chain by chain
	Damage      []Damage           `json:"damage"`      // of what lies in the repository, whether an act needs it or not
	OtherRefs   []string           `json:"otherRefs"`   // refs that are no part of a record, which proves nothing
}

// OK reports whether everything verifies, nothing is damaged and no chain is frozen by a
// fork.
func (r Report) OK() bool {
	return r.Acts > 0 && len(r.Findings)+len(r.Damage) == 0 && !slices.ContainsFunc(r.Forks, negotiation.Fork.Frozen)
}

// A ChainReport says what verifies of one chain.
type ChainReport struct {
	Chain negotiation.Chain `json:"chain"`
	Acts  int               `json:"acts"`  // that count
	First *Point            `json:"first"` // null when no act verifies
	Last  *Point            `json:"last"`
	Keys  []KeyPeriod       `json:"keys"`
	// Beside is how many acts verify and do not count, because the chain is forked.
	Beside int `json:"beside"`
	// Depending is how many acts, genuine or not, were not judged, because they build on one
	// that does not verify.
	Depending int `json:"depending"`
	// DivergesAt is the first place from which on the chain does not verify: the one after
	// the last act that verifies on the way from the first, whatever place what stands there
	// claims. It is 0 when all of the chain verifies.
	DivergesAt uint64 `json:"divergesAt"`
}

// A Point is one act's place in its chain.
type Point struct {
	Place uint64            `json:"place"`
	Act   negotiation.ActID `json:"act"`
	Time  time.Time         `json:"time"` // as its author says
}

// A KeyPeriod says whose key counts in a chain from a place on.
type KeyPeriod struct {
	Participant negotiation.Code      `json:"participant"`
	Key         negotiation.PublicKey `json:"key"`
	Since       uint64                `json:"since"` // place in the chain
	By          negotiation.ActID     `json:"by"`    // the act that says so
	Kind        string                `json:"kind"`  // of that act
}

// A Finding is one act that does not verify, for a reason of its own.
type Finding struct {
	Chain  negotiation.Chain  `json:"chain"`         // whose refs lead to it
	Place  uint64             `json:"place"`         // that it claims; 0 when it cannot be read
	Act    *negotiation.ActID `json:"act,omitempty"` // its name; null when it has none
	Commit string             `json:"commit"`        // its name in git
	Fault  negotiation.Fault  `json:"fault"`         // the rule that it breaks
	Reason string             `json:"reason"`
}
