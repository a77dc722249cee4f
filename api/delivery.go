package api

import (
	"net/http"
	"slices"
	"time"

	"concord/negotiation"
)

// A Holder is another participant's node, and what it has attested of one act.
type Holder struct {
	Code    negotiation.Code `json:"code"`
	Holding string           `json:"holding"` // holds, lacks or unknown
	Since   *time.Time       `json:"since"`   // when it was heard, here, to hold it; null unless it does
	Stated  *time.Time       `json:"stated"`  // what its own clock said then
	After   *time.Time       `json:"after"`   // when it was heard last before that, without it; null when that is not known
	Heard   *time.Time       `json:"heard"`   // when it was heard last; null for never

	// Connected says that it is heard now. Of one that is not, lacks tells what was so when
	// it was heard last: others may have brought it the act since.
	Connected bool `json:"connected"`
}

// The values of Holder.Holding.
const (
	holds   = "holds"
	lacks   = "lacks"
	unknown = "unknown" // never heard, or it tells of acts that are not here
)

// A Delivery says where an act is.
type Delivery struct {
	Act      negotiation.ActID `json:"act"`
	Chain    negotiation.Chain `json:"chain"`
	Sequence uint64            `json:"sequence"`
	Sent     bool              `json:"sent"` // another node holds it
	Holders  []Holder          `json:"holders"`
}

func (s *server) delivery(w http.ResponseWriter, r *http.Request) error {
	v, err := namedAct(s.Node.State(), r)
	if err != nil {
		return err
	}
	holders := s.holdersOf(v)
	sent := slices.ContainsFunc(holders, func(h Holder) bool { return h.Holding == holds })
	return writeJSON(w, http.StatusOK, Delivery{v.ID(), v.Act().Chain, v.Act().Sequence, sent, holders})
}

// holdersOf returns which other nodes hold an act, by code.
func (s *server) holdersOf(v negotiation.Verified) []Holder {
	if s.Delivery == nil {
		return []Holder{}
	}
	return list(s.Delivery(v))
}
