package negotiation

import (
	"strconv"
	"strings"

	"concord/negotiation/redline"
)

// A Blame is a text with the origin of each of its words.
type Blame struct {
	TextName   string            `json:"text"` // as [State.TextNamed] reads it
	Origins    []Origin          `json:"origins"`
	Paragraphs []BlamedParagraph `json:"paragraphs"`
}

// A BlamedParagraph is the words of one paragraph; those that stand, joined, are the
// paragraph.
type BlamedParagraph struct {
	Number int           `json:"number"` // in the text, counted from 1; 0 for one that was taken out
	Label  string        `json:"label"`  // in the text; of one that was taken out, its last
	Words  []BlamedWords `json:"words"`
}

// BlamedWords are a stretch of words with one origin.
type BlamedWords struct {
	Text   string `json:"text"`
	Origin int    `json:"origin"`          // index in [Blame.Origins], from 0
	Until  string `json:"until,omitempty"` // the name of the text that no longer has them; empty while they stand
}

// A NamedText is a text of the record: a revision, or the wording in force of a
// proposal.
type NamedText struct {
	Name     string // "rev-3" or "XCA/4"
	Act      ActID
	Revision uint64     // the revision, or the one that the wording amends
	Proposal ProposalID // zero for a revision
	Text     Text
	Labels   []string // of its paragraphs; of a proposal's, those that they would have
}

// TextNamed returns the text that a person calls "3", "rev-3" or "XCA/4"; the newest
// revision for "". The error is [ErrUnknownBase] or [ErrUnknownProposal].
func (s *State) TextNamed(name string) (NamedText, error) {
	if !s.Convened() {
		return NamedText{}, ErrUnknownBase.Because("there is no text yet")
	}
	if strings.Contains(name, "/") {
		return s.proposedText(name)
	}
	number := uint64(len(s.Revisions))
	if name != "" {
		n, err := parseNumber(strings.TrimPrefix(name, "rev-"))
		if err != nil {
			return NamedText{}, ErrUnknownBase.Because("%q is not the name of a text: rev-3 is that of a revision, XCA/4 that of a proposal", clip(name))
		}
		number = n
	}
	r, err := s.Revision(number)
	if err != nil {
		return NamedText{}, err
	}
	return NamedText{Name: revisionName(number), Act: r.Act, Revision: number, Text: r.Text, Labels: r.Labels}, nil
}

func revisionName(number uint64) string { return "rev-" + strconv.FormatUint(number, 10) }

func (s *State) proposedText(name string) (NamedText, error) {
	id, err := ParseProposalID(name)
	if err != nil {
		return NamedText{}, ErrUnknownProposal.Because("%v", err)
	}
	p, err := s.Proposal(id)
	if err != nil {
		return NamedText{}, err
	}
	base, r := s.Amended(p)
	text := s.act(p.Wording()).text
	return NamedText{
		Name: name, Act: p.Wording(), Revision: p.Base, Proposal: id, Text: text,
		Labels: Relabel(base.Labels, base.Text, text, r.Lineage()),
	}, nil
}

// Blame returns the origin of every word of a text, and with deleted also of what was
// taken out on the way to it. It takes time as [redline.History.Add] does for each
// revision up to the text; for the newest this is done once for a state.
func (s *State) Blame(text NamedText, deleted bool) Blame {
	t := s.tracingOf(text)
	b := Blame{TextName: text.Name, Origins: []Origin{}, Paragraphs: []BlamedParagraph{}}
	index := map[[2]int]int{}
	for _, place := range t.trace {
		p := BlamedParagraph{Label: s.labelOf(place, text.Labels), Words: []BlamedWords{}}
		switch {
		case place.Fate == redline.Keep:
			p.Number = 1 + place.Index[len(place.Index)-1]
		case place.Fate != redline.Delete || !deleted: // what was moved or joined stands elsewhere
			continue
		}
		for _, w := range place.Words {
			if w.Text == "" || w.Until > 0 && !deleted {
				continue
			}
			key := [2]int{w.Since, w.Part}
			at, ok := index[key]
			if !ok {
				at = len(b.Origins)
				index[key] = at
				b.Origins = append(b.Origins, t.origin(w))
			}
			until := ""
			switch {
			case w.Until == 0:
			case w.Until == t.steps():
				until = text.Name
			default:
				until = revisionName(uint64(w.Until + 1))
			}
			p.Words = append(p.Words, BlamedWords{w.Text, at, until})
		}
		b.Paragraphs = append(b.Paragraphs, p)
	}
	return b
}

// tracingOf returns the tracing of a text; a proposal's own words are those of its
// last step.
func (s *State) tracingOf(text NamedText) tracing {
	switch {
	case text.Proposal != ProposalID{}:
		t := s.retrace(int(text.Revision))
		wording, m, _ := s.amendment(text.Act)
		t.add(wording.redline)
		t.origins = append(t.origins, []Origin{{
			Source: FromProposal, Act: text.Act, Time: wording.act.Time,
			Contributors: []Contributor{{
				Participant: wording.act.Author, OnBehalfOf: m.OnBehalfOf, Proposal: text.Proposal,
				Wording: text.Act, Time: wording.act.Time,
			}},
		}})
		t.trace = t.history.Trace()
		return t
	case text.Revision == uint64(len(s.Revisions)):
		return s.traced()
	}
	return s.trace(int(text.Revision))
}

// labelOf returns the label of a paragraph in the last text of a tracing, whose labels
// are given, or else the last that it had.
func (s *State) labelOf(place redline.Traced, labels []string) string {
	for k := len(place.Index) - 1; k >= 0; k-- {
		i := place.Index[k]
		switch {
		case i < 0:
		case k == len(place.Index)-1:
			return labels[i]
		default:
			return s.Revisions[k].Labels[i]
		}
	}
	return ""
}
