package negotiation

import (
	"fmt"
	"slices"

	"concord/negotiation/redline"
)

// Propose tables an amendment: its tree has the full amended text and the
// redline that leads to it from a revision, all else as in that revision.
type Propose struct {
	Proposal ProposalID // the next free number of its author
	Amendment
}

// An Amendment is what the first and every later wording of a proposal say.
type Amendment struct {
	Headline   string
	Type       ProposalType
	Base       ActID  // the revision that it amends
	OnBehalfOf string // a group of the charter's, or empty
}

// A ProposalType says what a proposal wants, in the terms of the ITU's
// "Guidelines for the working methods of conferences": ADD, MOD, SUP, NOC.
type ProposalType string

// The types. An editorial proposal says of itself that it changes no meaning; a
// no-change proposal insists, with its explanation, on the text as it is.
const (
	Add       ProposalType = "add"
	Modify    ProposalType = "modify"
	Delete    ProposalType = "delete"
	Move      ProposalType = "move"
	Editorial ProposalType = "editorial"
	NoChange  ProposalType = "no-change"
)

// soleKind returns what alone the redline of a proposal of this type does; false for
// types that are free.
func (t ProposalType) soleKind() (redline.Kind, bool) {
	switch t {
	case Add:
		return redline.Insert, true
	case Delete:
		return redline.Delete, true
	case Move:
		return redline.Move, true
	}
	return redline.Keep, false
}

const (
	keyProposal   = "Proposal"
	keyType       = "Type"
	keyBase       = "Base"
	keyOnBehalfOf = "On-Behalf-Of"
)

// Kind returns "propose/1".
func (Propose) Kind() string { return kindPropose }

func (Propose) bringsText() bool { return true }

func (c Propose) subject() string { return fmt.Sprintf("Propose %s: %s", c.Proposal, c.Headline) }

func (c Propose) trailers() []Trailer {
	return append([]Trailer{{keyProposal, c.Proposal.String()}}, c.Amendment.trailers()...)
}

func (m Amendment) trailers() []Trailer {
	t := []Trailer{{keyType, string(m.Type)}, {keyBase, reference(m.Base)}}
	if m.OnBehalfOf != "" {
		t = append(t, Trailer{keyOnBehalfOf, m.OnBehalfOf})
	}
	return t
}

func parsePropose(subject string, r *trailerReader) Content {
	c := Propose{Proposal: readField(r, keyProposal, ParseProposalID), Amendment: parseAmendment(r)}
	c.Headline = afterPrefix(subject, fmt.Sprintf("Propose %s: ", c.Proposal))
	return c
}

func parseAmendment(r *trailerReader) Amendment {
	m := Amendment{Type: readField(r, keyType, parseProposalType), Base: r.reference(keyBase)}
	if r.at(keyOnBehalfOf) {
		m.OnBehalfOf = r.next(keyOnBehalfOf)
	}
	return m
}

func parseProposalType(s string) (ProposalType, error) {
	t := ProposalType(s)
	if !slices.Contains([]ProposalType{Add, Modify, Delete, Move, Editorial, NoChange}, t) {
		return "", ErrNotCanonical.Because("%q is not a type of proposal", clip(s))
	}
	return t, nil
}

func (c Propose) verify(l *Ledger, v *Verified) error {
	if c.Proposal.Author != v.act.Author {
		return ErrNotAuthor.Because("%s numbers a proposal of %s", v.act.Author, c.Proposal.Author)
	}
	return c.Amendment.verify(l, v)
}

func (m Amendment) verify(l *Ledger, v *Verified) error {
	base := l.acts[m.Base]
	switch base.act.Content.(type) {
	case Convene, Revise:
	default:
		return ErrUnknownBase.Because("what the proposal amends is not a revision of the text")
	}
	if m.OnBehalfOf != "" && !speaksFor(base.charter, v.act.Author, m.OnBehalfOf) {
		return ErrNotParticipant.Because("the charter has no group %s with %s in it", m.OnBehalfOf, v.act.Author)
	}
	text := base.charter.TextFile()
	if err := v.carriesFrom(base, text, redlineFile(text)); err != nil {
		return err
	}
	if err := v.checkRedline(base.text); err != nil {
		return err
	}
	if v.redline.Empty() != (m.Type == NoChange) {
		return ErrEmptyRedline.Because("a proposal changes the text, unless its type is %s", NoChange)
	}
	if only, ok := m.Type.soleKind(); ok && !slices.Equal(v.redline.Kinds(), []redline.Kind{only}) {
		return ErrInadmissible.Because("the proposal says that its type is %s, and its redline does something else", m.Type)
	}
	if m.Type == NoChange && v.act.Explanation == "" {
		return ErrInadmissible.Because("a proposal to change nothing gives its reasons")
	}
	return nil
}

func speaksFor(charter Charter, author Code, group string) bool {
	return slices.ContainsFunc(charter.Groups, func(g Group) bool {
		return g.Code == group && slices.Contains(g.Members, author)
	})
}
