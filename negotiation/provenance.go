package negotiation

import (
	"slices"
	"strings"

	"concord/negotiation/redline"
)

// A Provenance says of every paragraph of the newest revision where its words come
// from: who contributed which, from which act, how they came into the text, and why
// the chair decided so. The words of all rows are the text.
type Provenance struct {
	Revision uint64          `json:"revision"`
	Act      ActID           `json:"act"`
	Rows     []ProvenanceRow `json:"rows"` // by paragraph; in one, in the order in which the origins occur
}

// A ProvenanceRow is what one origin contributed to one paragraph.
type ProvenanceRow struct {
	Number   int      `json:"number"` // of the paragraph, counted from 1
	Label    string   `json:"label"`
	Origin   Origin   `json:"origin"`
	Approach Approach `json:"approach"`
	Reason   string   `json:"reason,omitempty"` // the chair's: of the decisions or, where they have none, of the revision
	Words    int      `json:"words"`
	Text     []string `json:"text"` // the words, stretches of Markdown in their order; white space by itself goes with the words before it
}

// An Approach is how words came into the text.
type Approach string

// The approaches.
const (
	InZeroDraft    Approach = "zero draft"
	Accepted       Approach = "proposal accepted"
	AcceptedInPart Approach = "proposal accepted in part"
	ChairsWording  Approach = "chair's own wording"
)

func approachOf(o Origin) Approach {
	switch {
	case o.Source == ZeroDraft:
		return InZeroDraft
	case o.Source == ChairsOwn:
		return ChairsWording
	case slices.ContainsFunc(o.Contributors, func(c Contributor) bool { return !c.InPart }):
		return Accepted
	}
	return AcceptedInPart
}

// Provenance returns the provenance of the newest revision; of none, no rows. It takes
// the time of [State.Blame].
func (s *State) Provenance() Provenance {
	if !s.Convened() {
		return Provenance{Rows: []ProvenanceRow{}}
	}
	text := s.Current()
	out := Provenance{Revision: text.Number, Act: text.Act, Rows: []ProvenanceRow{}}
	t := s.traced()
	number := 0
	for _, place := range t.trace {
		if place.Fate != redline.Keep {
			continue
		}
		rows := map[[2]int]int{} // by step and part
		last := -1               // the row of the words before
		for _, w := range place.Words {
			if w.Until > 0 || w.Text == "" {
				continue
			}
			key := [2]int{w.Since, w.Part}
			at, ok := rows[key]
			switch {
			case last >= 0 && strings.TrimSpace(w.Text) == "":
				at = last
			case !ok:
				at = len(out.Rows)
				rows[key] = at
				o := t.origin(w)
				out.Rows = append(out.Rows, ProvenanceRow{
					Number: number + 1, Label: text.Labels[number], Origin: o, Approach: approachOf(o), Reason: s.reasonFor(o),
				})
			}
			last = at
			out.Rows[at].Text = append(out.Rows[at].Text, w.Text)
			out.Rows[at].Words += redline.CountWords(w.Text)
		}
		number++
	}
	return out
}

// reasonFor returns why the chair let words into the text.
func (s *State) reasonFor(o Origin) string {
	r := s.Revisions[o.Revision-1]
	var reasons []string
	for _, d := range r.Decisions {
		if d.Reason != "" && !slices.Contains(reasons, d.Reason) && o.follows(d) {
			reasons = append(reasons, d.Reason)
		}
	}
	if len(reasons) == 0 {
		return r.Reason
	}
	return strings.Join(reasons, " ")
}
