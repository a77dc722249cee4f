package api

import (
	"net/http"
	"slices"
	"time"

	"concord/negotiation"
)

// A statusContent is how this node stands: what it holds, and with whom.
type statusContent struct {
	Digest   string
	Received []receiptView
	Peers    []Peer
}

// A receiptView says whether a state's node has a revision.
type receiptView struct {
	State  negotiation.Code
	Chairs bool // wrote it itself
	Joined bool
	At     *time.Time // of the receipt; nil when there is none
}

func (s *site) statusPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	v := statusContent{Digest: f.State.Digest(), Peers: f.Link.Peers}
	if f.State.Convened() {
		v.Received = receiptsOf(f, f.State.Current())
	}
	return s.show(w, f, http.StatusOK, "status", "This node", v)
}

// receiptsOf returns which states' nodes have received a revision, in the order of
// the charter.
func receiptsOf(f *frame, revision negotiation.Revision) []receiptView {
	var views []receiptView
	for _, p := range f.State.Charter.Participants {
		v := receiptView{State: p.Code, Chairs: p.Code == revision.Chair, Joined: slices.Contains(f.State.Joined, p.Code)}
		for _, receipt := range f.State.Receipts {
			if receipt.Of == revision.Act && receipt.State == p.Code {
				v.At = &receipt.Time
			}
		}
		views = append(views, v)
	}
	return views
}
