package api

import (
	"fmt"
	"slices"
	"time"

	"concord/negotiation"
)

// A heldView says whether a state's node holds an act.
type heldView struct {
	State  negotiation.Code
	Holds  bool
	Says   string     // whether, without the instants
	At     *time.Time // of which Says speaks; nil for none
	Beyond string     // more about it; "" for nothing
	Since  *time.Time // of which Beyond speaks
}

// aboutAt is how much later than it got an act a node may be heard to hold it, for the
// one to be taken for the other.
const aboutAt = time.Minute

// heldBy returns which other states' nodes hold an act, by code, as a page shows it.
func (s *server) heldBy(st *negotiation.State, v negotiation.Verified) []heldView {
	var views []heldView
	for _, h := range s.holdersOf(v) {
		view := heldView{State: h.Code, Holds: h.Holding == holds}
		switch {
		case view.Holds && h.Code == v.Act().Author:
			view.Says = "signed it"
		case view.Holds:
			view.hold(h)
		case h.Holding == lacks:
			view.Says, view.At = "does not hold it yet; last heard", h.Heard
		case !slices.Contains(st.Joined, h.Code) && h.Heard == nil:
			view.Says = "has not joined"
		case h.Heard == nil:
			view.Says = "not known: its node has never been heard"
		default:
			view.Says, view.At = "not known: it holds acts that are not here yet; last heard", h.Heard
		}
		views = append(views, view)
	}
	return views
}

// hold words since when a node holds an act: since it was heard to, or by then at the latest.
func (v *heldView) hold(h Holder) {
	v.Says, v.At = "since", h.Since
	switch {
	case h.Since == nil: // it is not known
		v.Says = "holds it"
	case h.After == nil:
		v.Says = "by"
	case h.Since.Sub(*h.After) > aboutAt:
		v.Says, v.Beyond, v.Since = "by", "not yet", h.After
	}
	if v.Beyond == "" && h.Since != nil && h.Stated != nil && h.Since.Sub(*h.Stated).Abs() > aboutAt {
		v.Beyond, v.Since = "by its own clock", h.Stated
	}
}

// heldCount says how many other nodes hold an act, in a sentence.
func heldCount(views []heldView) string {
	n := 0
	for _, v := range views {
		if v.Holds {
			n++
		}
	}
	switch n {
	case 0:
		return "Besides this node, no other is known to hold it yet. It is kept here, and goes out by itself."
	case len(views):
		return "Every node has said that it holds it."
	}
	return fmt.Sprintf("Besides this node, %d of %s said that they hold it.", n, plural(len(views), "other node"))
}
