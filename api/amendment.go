package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"concord/negotiation"
)

// An amendment is the body of a request that words a proposal.
type amendment struct {
	Base        *uint64  `json:"base"` // number of a revision; the newest if left out
	Headline    string   `json:"headline"`
	Explanation string   `json:"explanation"`
	Type        string   `json:"type"` // told from the redline if left out
	OnBehalfOf  string   `json:"onBehalfOf"`
	Text        *string  `json:"text"`    // either the whole text as it should read, in Markdown,
	Changes     []change `json:"changes"` // or what changes in the base
}

// A change is one of three: a paragraph of the base that is to read otherwise, new
// words after a paragraph, or a paragraph taken out. Paragraphs are counted from
// 1; to insert at the beginning is to insert after 0. Text has one or more
// paragraphs, with their markers.
type change struct {
	Paragraph *int    `json:"paragraph"`
	After     *int    `json:"after"`
	Delete    *int    `json:"delete"`
	Text      *string `json:"text"`
}

// wording returns what the amendment says, on a state. Errors are errMalformed,
// [negotiation.ErrUnknownBase], and those of [negotiation.CanonText].
func (a amendment) wording(st *negotiation.State) (negotiation.Wording, error) {
	base, err := newest(st)
	if err == nil && a.Base != nil {
		base, err = st.Revision(*a.Base)
	}
	if err != nil {
		return negotiation.Wording{}, err
	}
	headline, err := canonLine("headline", a.Headline)
	if err != nil {
		return negotiation.Wording{}, err
	}
	explanation, err := canonProse("explanation", a.Explanation)
	if err != nil {
		return negotiation.Wording{}, err
	}
	w := negotiation.Wording{
		Headline: headline, Explanation: explanation, Type: negotiation.ProposalType(a.Type),
		Base: base.Number, OnBehalfOf: a.OnBehalfOf,
	}
	switch {
	case a.Text != nil && a.Changes != nil:
		err = errMalformed.Because("a proposal has a text or changes, not both")
	case a.Text != nil:
		w.Text, err = negotiation.CanonText("text", []byte(*a.Text))
	case a.Changes != nil:
		w.Text, err = changed(base.Text.Paragraphs(), a.Changes)
	case w.Type == negotiation.NoChange:
		w.Text = base.Text
	default:
		err = errMalformed.Because("a proposal has a text, or changes")
	}
	return w, err
}

// A passage is a paragraph of the base, or the words of a change.
type passage struct {
	words  string
	change int // which change they are of, counted from 0; -1 for the base
}

// changed returns the text that the changes make of the paragraphs of a base. A
// [negotiation.LineError] names the change that has the line.
func changed(base []string, changes []change) (negotiation.Text, error) {
	instead := make(map[int]passage, len(changes)) // by paragraph
	after := make(map[int][]passage, len(changes))
	for i, c := range changes {
		if err := c.check(len(base)); err != nil {
			return negotiation.Text{}, err
		}
		if c.After != nil {
			after[*c.After] = append(after[*c.After], passage{unixLines(*c.Text), i})
			continue
		}
		p := passage{"", i}
		n := c.Delete
		if n == nil {
			n, p.words = c.Paragraph, unixLines(*c.Text)
		}
		if _, twice := instead[*n]; twice {
			return negotiation.Text{}, errMalformed.Because("changes: there are two of paragraph %d", *n)
		}
		instead[*n] = p
	}
	passages := slices.Clone(after[0])
	for i, words := range base {
		p, found := instead[i+1]
		if !found {
			p = passage{words, -1}
		}
		if p.words != "" {
			passages = append(passages, p)
		}
		passages = append(passages, after[i+1]...)
	}
	return join(passages)
}

// check demands that c is exactly one of the three, on a base of n paragraphs.
func (c change) check(n int) error {
	given, least, where := 0, 1, 0
	for _, p := range []*int{c.Paragraph, c.After, c.Delete} {
		if p != nil {
			given, where = given+1, *p
		}
	}
	if c.After != nil {
		least = 0
	}
	switch {
	case given != 1:
		return errMalformed.Because("changes: each names one of paragraph, after and delete")
	case c.Delete != nil && c.Text != nil:
		return errMalformed.Because("changes: to delete a paragraph takes no text")
	case c.Delete == nil && (c.Text == nil || strings.TrimSpace(*c.Text) == ""):
		return errMalformed.Because("changes: the text is missing; to take a paragraph out, name it under delete")
	case where < least || where > n:
		return negotiation.ErrUnknownBase.Because("the revision has %d paragraphs, and no paragraph %d", n, where)
	}
	return nil
}

// join makes a text of passages, with an empty line between two.
func join(passages []passage) (negotiation.Text, error) {
	const file = "changes"
	var raw strings.Builder
	for i, p := range passages {
		if i > 0 {
			raw.WriteString("\n\n")
		}
		raw.WriteString(p.words)
	}
	text, err := negotiation.CanonText(file, []byte(raw.String()))
	bad := (*negotiation.LineError)(nil)
	if !errors.As(err, &bad) {
		return text, err
	}
	line := bad.Line
	for _, p := range passages {
		lines := strings.Count(p.words, "\n") + 1
		if line >= 1 && line <= lines && p.change >= 0 {
			return text, &negotiation.LineError{Fault: bad.Fault, File: fmt.Sprintf("changes[%d].text", p.change), Line: line, Reason: bad.Reason}
		}
		line -= lines + 1
	}
	return text, err
}
