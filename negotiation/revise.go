package negotiation

import (
	"fmt"
	"slices"
	"strings"
)

// Revise is the chair's act that publishes the next revision of the text. Its
// tree has the text, the redline from the revision before it, and all else
// unchanged. What each decision says of a proposal is the chair's word; whether
// the text has the proposal's words is computed.
type Revise struct {
	Headline  string
	Revision  uint64     // the zero draft is revision 1
	Decisions []Decision // in the chair's order, each proposal once
}

// A Decision is what the chair decided on one wording of a proposal.
type Decision struct {
	Ruling   Ruling     `json:"ruling"`
	Proposal ProposalID `json:"proposal"`
	Wording  ActID      `json:"wording"`
	Reason   string     `json:"reason,omitempty"` // one line
}

// A Ruling is how a decision goes.
type Ruling string

// The rulings.
const (
	Accept  Ruling = "accept"
	Decline Ruling = "decline"
)

const (
	keyRevision = "Revision"
	keyDecision = "Decision"
)

// Kind returns "revise/1".
func (Revise) Kind() string { return kindRevise }

func (Revise) bringsText() bool { return true }

func (c Revise) subject() string {
	return fmt.Sprintf("Publish revision %d: %s", c.Revision, c.Headline)
}

func (c Revise) trailers() []Trailer {
	t := []Trailer{{keyRevision, fmt.Sprint(c.Revision)}}
	for _, d := range c.Decisions {
		t = append(t, Trailer{keyDecision, fmt.Sprintf("%s %s %s", d.Ruling, d.Proposal, reference(d.Wording))})
		if d.Reason != "" {
			t = append(t, Trailer{keyReason, d.Reason})
		}
	}
	return t
}

func parseRevise(subject string, r *trailerReader) Content {
	c := Revise{Revision: r.number(keyRevision)}
	c.Headline = afterPrefix(subject, fmt.Sprintf("Publish revision %d: ", c.Revision))
	for r.at(keyDecision) && r.err == nil {
		d := readField(r, keyDecision, parseDecision)
		if r.at(keyReason) {
			d.Reason = r.next(keyReason)
		}
		c.Decisions = append(c.Decisions, d)
	}
	return c
}

func parseDecision(s string) (Decision, error) {
	fields := strings.Split(s, " ")
	if len(fields) != 3 || !slices.Contains([]Ruling{Accept, Decline}, Ruling(fields[0])) {
		return Decision{}, ErrNotCanonical.Because("%q is not a decision on a proposal", clip(s))
	}
	proposal, err := ParseProposalID(fields[1])
	if err != nil {
		return Decision{}, err
	}
	wording, err := parseReference(fields[2])
	return Decision{Ruling: Ruling(fields[0]), Proposal: proposal, Wording: wording}, err
}

func (c Revise) verify(l *Ledger, v *Verified) error {
	if want := l.before(v.act).revision + 1; c.Revision != want {
		return ErrNumber.Because("the next revision is %d, not %d", want, c.Revision)
	}
	seen := map[ProposalID]bool{}
	for _, d := range c.Decisions {
		if seen[d.Proposal] {
			return ErrNotCanonical.Because("two decisions on proposal %s", d.Proposal)
		}
		seen[d.Proposal] = true
		if err := l.checkWording(d.Proposal, d.Wording); err != nil {
			return err
		}
	}
	before := l.textBefore(v.act)
	text := before.charter.TextFile()
	if err := v.carriesFrom(before, text, redlineFile(text)); err != nil {
		return err
	}
	if len(c.Decisions) == 0 && v.redline.Empty() {
		return ErrEmptyRedline.Because("a revision changes the text, or decides on a proposal")
	}
	return v.checkRedline(before.text)
}
