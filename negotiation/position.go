package negotiation

import (
	"fmt"
	"slices"
	"strings"
)

// TakePosition says where its author stands on one wording of a proposal or on a
// paragraph of a revision. The latest of a state counts; [None] takes it back.
type TakePosition struct {
	On     Subject
	Stance Stance
}

// A Subject is what a position is on: a wording of a proposal, or a paragraph of
// a revision, counted from 1.
type Subject struct {
	Proposal  ProposalID // zero when it is a paragraph
	Paragraph uint64     // zero when it is a proposal
	Act       ActID      // the wording, or the revision
}

// String returns "proposal XCA/4" or "paragraph 5".
func (s Subject) String() string {
	if s.Paragraph > 0 {
		return fmt.Sprintf("paragraph %d", s.Paragraph)
	}
	return fmt.Sprintf("proposal %s", s.Proposal)
}

// A Stance is where a state stands.
type Stance string

// The stances. Reserve is a scrutiny reservation: the state has yet to decide.
// Flexible says that the state can go along with either outcome.
const (
	For      Stance = "for"
	Against  Stance = "against"
	Reserve  Stance = "reserve"
	Flexible Stance = "flexible"
	None     Stance = "none"
)

// Says words a stance as what somebody does with what it is on: "supports", "reserves
// its position on".
func (s Stance) Says() string {
	switch s {
	case For:
		return "supports"
	case Against:
		return "opposes"
	case Reserve:
		return "reserves its position on"
	case Flexible:
		return "is flexible on"
	}
	return "no longer takes a position on"
}

const (
	keyOn     = "On"
	keyStance = "Stance"
)

// Kind returns "position/1".
func (TakePosition) Kind() string { return kindPosition }

func (TakePosition) bringsText() bool { return false }

func (c TakePosition) subject() string { return fmt.Sprintf("Position on %s: %s", c.On, c.Stance) }

func (c TakePosition) trailers() []Trailer {
	return []Trailer{{keyOn, c.On.String() + " " + reference(c.On.Act)}, {keyStance, string(c.Stance)}}
}

func parsePosition(r *trailerReader) Content {
	return TakePosition{
		On:     readField(r, keyOn, parseSubject),
		Stance: readField(r, keyStance, ParseStance),
	}
}

func parseSubject(s string) (Subject, error) {
	fields := strings.Split(s, " ")
	if len(fields) != 3 {
		return Subject{}, ErrNotCanonical.Because("%q is not what a position can be on", clip(s))
	}
	var on Subject
	var err, refErr error
	switch fields[0] {
	case "proposal":
		on.Proposal, err = ParseProposalID(fields[1])
	case "paragraph":
		if on.Paragraph, err = parseNumber(fields[1]); on.Paragraph == 0 {
			err = ErrNotCanonical.Because("paragraphs are counted from 1")
		}
	default:
		err = ErrNotCanonical.Because("%q is not what a position can be on", clip(s))
	}
	on.Act, refErr = parseReference(fields[2])
	return on, firstError(err, refErr)
}

// ParseStance reads a stance. Anything else is [ErrNotCanonical].
func ParseStance(s string) (Stance, error) {
	if !slices.Contains([]Stance{For, Against, Reserve, Flexible, None}, Stance(s)) {
		return "", ErrNotCanonical.Because("%q is not a stance: for, against, reserve, flexible or none", clip(s))
	}
	return Stance(s), nil
}

func (c TakePosition) verify(l *Ledger, v *Verified) error {
	if c.On.Paragraph == 0 {
		return l.checkWording(c.On.Proposal, c.On.Act)
	}
	revision := l.acts[c.On.Act]
	switch revision.act.Content.(type) {
	case Convene, Revise:
	default:
		return ErrUnknownBase.Because("the paragraph is not one of a revision of the text")
	}
	if n := len(revision.text.Paragraphs()); c.On.Paragraph > uint64(n) {
		return ErrUnknownBase.Because("the revision has %d paragraphs, not %d", n, c.On.Paragraph)
	}
	return nil
}
