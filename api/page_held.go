package api

import (
	"fmt"
	"slices"
	"time"

	"concord/negotiation"
)

// Held is whether a state's node holds an act, in a person's words.
type Held struct {
	Says  string
	At    *time.Time // of which Says speaks; nil for none
	More  string     // about it; "" for nothing
	Since *time.Time // of which More speaks
}

// aboutAt is how much later than it got an act a node may be heard to hold it, for the
// one to be taken for the other.
const aboutAt = time.Minute

// Words says whether a node holds an act of an author, and since when no more exactly than it is known:
// since an instant, or by one at the latest.
func (h Holder) Words(st *negotiation.State, author negotiation.Code) (w Held) {
	switch {
	case h.Holding == holds && h.Code == author:
		return Held{Says: "signed it"}
	case h.Holding == lacks && h.Connected:
		return Held{Says: "does not hold it yet; last heard", At: h.Heard}
	case h.Holding == lacks:
		return Held{Says: "was not known to hold it when last heard,", At: h.Heard}
	case h.Holding != holds && h.Heard != nil:
		return Held{Says: "not known: it holds acts that are not here yet; last heard", At: h.Heard}
	case h.Holding != holds && !slices.Contains(st.Joined, h.Code):
		return Held{Says: "has not joined"}
	case h.Holding != holds:
		return Held{Says: "not known: its node has never been heard"}
	case h.Since == nil:
		return Held{Says: "holds it"}
	case h.After == nil:
		w.Says, w.At = "by", h.Since
	case h.Since.Sub(*h.After) > aboutAt:
		return Held{"by", h.Since, "not yet", h.After}
	default:
		w.Says, w.At = "since", h.Since
	}
	if h.Stated != nil && h.Since.Sub(*h.Stated).Abs() > aboutAt {
		w.More, w.Since = "by its own clock", h.Stated
	}
	return w
}

// HeldCount says how many of the other nodes hold an act, in a sentence.
func HeldCount(holders []Holder) string {
	n := 0
	for _, h := range holders {
		if h.Holding == holds {
			n++
		}
	}
	switch n {
	case 0:
		return "Besides this node, no other is known to hold it yet. It is kept here, and goes out by itself."
	case len(holders):
		return "Every node has said that it holds it."
	}
	return fmt.Sprintf("Besides this node, %d of %s said that they hold it.", n, plural(len(holders), "other node"))
}
