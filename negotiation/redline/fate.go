package redline

import "slices"

// A fate is what some want to become of a paragraph, other than that it stands.
type fate struct {
	Alternative
	way way
}

// A way is where a paragraph goes.
type way uint8

const (
	out  way = iota // there shall be no such paragraph
	up              // it shall stand higher up
	down            // it shall stand further down
	away            // it shall stand elsewhere, and the document does not say where
)

// A move is what one proposal does with a paragraph of the base.
type move struct {
	from     int
	proposal string
}

// destinations says where paragraphs come to stand that are moved.
type destinations map[move]arrival

// An arrival is a new paragraph of the document that some move to its place, and
// others may insert there in the same words.
type arrival struct {
	at      int
	parties []string
}

func (d Document) destinations() destinations {
	to := destinations{}
	for i, p := range d.Paragraphs {
		if p.Base != none {
			continue
		}
		a := p.Segments[0].Dispute.Alternatives[1]
		for _, w := range a.wishes {
			if w.insertion.From != none {
				to[move{w.insertion.From, w.proposal}] = arrival{i, a.Parties}
			}
		}
	}
	return to
}

// fates returns what shall become of paragraph i of a document, each with those
// who want it.
func (p Paragraph) fates(i int, to destinations) []fate {
	if p.Fate == nil {
		return nil
	}
	var fates []fate
	for _, a := range p.Fate.Alternatives[1:] {
		if !a.Moved {
			fates = append(fates, fate{a, out})
			continue
		}
		var going [away + 1][]string // proposals
		for _, id := range a.Proposals {
			w := up
			switch arrival, ok := to[move{p.Base, id}]; {
			case !ok:
				w = away
			case arrival.at > i:
				w = down
			}
			going[w] = append(going[w], id)
		}
		for w, proposals := range going {
			if len(proposals) > 0 {
				f := fate{a, way(w)}
				f.Proposals, f.Parties = proposals, to.parties(p.Base, a, proposals)
				fates = append(fates, f)
			}
		}
	}
	return fates
}

// parties returns who is behind some of the proposals of an alternative that moves
// a paragraph.
func (to destinations) parties(paragraph int, a Alternative, proposals []string) []string {
	if len(proposals) == len(a.Proposals) {
		return a.Parties
	}
	var parties []string
	counted := map[int]bool{}
	for _, id := range proposals {
		arrival, ok := to[move{paragraph, id}]
		if !ok {
			return a.Parties
		}
		if counted[arrival.at] {
			continue
		}
		counted[arrival.at] = true
		for _, party := range arrival.parties {
			if _, moves := slices.BinarySearch(a.Parties, party); moves {
				parties = append(parties, party)
			}
		}
	}
	slices.Sort(parties)
	return slices.Compact(parties)
}
