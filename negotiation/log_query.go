package negotiation

import (
	"slices"
	"strings"
	"time"
)

// A LogQuery says which acts of the log are asked for; the zero LogQuery asks for all.
type LogQuery struct {
	Participant Code   // only those that it did
	Paragraph   string // only those that touched the paragraph of this label; see [State.LogOf]
	Since       Since
}

// A Since is where in the log to begin: at a revision or at an instant.
type Since struct {
	Revision uint64    // from its publication on; 0 for none
	Time     time.Time // acts of this instant, by their authors' clocks, and later
}

// ParseSince reads "rev-3", an instant as RFC 3339 has it, or a date, which begins at
// midnight UTC. Anything else is [ErrNotCanonical].
func ParseSince(s string) (Since, error) {
	if digits, ok := strings.CutPrefix(s, "rev-"); ok {
		if n, err := parseNumber(digits); err == nil && n > 0 {
			return Since{Revision: n}, nil
		}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return Since{Time: t}, nil
		}
	}
	return Since{}, ErrNotCanonical.Because("%q is neither a revision, as rev-3 is, nor a date or an instant, as 2026-03-02 and 2026-03-02T09:00:00Z are", clip(s))
}

// LogOf returns the acts of [State.Log] that are asked for, in its order. A paragraph is
// touched by the revisions that changed it or what it came from, by all acts on the
// proposals that change it or whose words it has or had, by the chair's decisions on
// these, and by positions on it. Acts without effect touch nothing. The error is
// [ErrUnknownBase] when there is no such revision or paragraph, and [ErrNotParticipant] when
// the charter names no such participant and none has acted. It takes time in the number of
// acts, and for a paragraph that of [State.Blame].
func (s *State) LogOf(q LogQuery) ([]Verified, error) {
	log := s.log()
	if _, named := s.Charter.Participant(q.Participant); q.Participant != "" && !named &&
		!slices.ContainsFunc(log, func(v Verified) bool { return v.act.Author == q.Participant }) {
		return nil, ErrNotParticipant.Because("the charter names no participant %s", q.Participant)
	}
	if q.Since.Revision > 0 {
		r, err := s.Revision(q.Since.Revision)
		if err != nil {
			return nil, err
		}
		log = log[slices.IndexFunc(log, func(v Verified) bool { return v.id == r.Act }):]
	}
	touches := func(Verified) bool { return true }
	if q.Paragraph != "" {
		d, err := s.descentOf(q.Paragraph)
		if err != nil {
			return nil, err
		}
		proposals, effective := s.touching(d), s.effective()
		touches = func(v Verified) bool { return effective(v) && s.touches(v, d, proposals) }
	}
	var found []Verified
	for _, v := range log {
		if (q.Participant == "" || v.act.Author == q.Participant) && !v.act.Time.Before(q.Since.Time) && touches(v) {
			found = append(found, v)
		}
	}
	return found, nil
}

// WithoutEffect returns the acts that are understood and have no effect, by name, each
// with the rule that is the reason: those of [State.Rejections], and those that stand
// beside the line of a forked chain.
func (s *State) WithoutEffect() map[ActID]Rejection {
	without := make(map[ActID]Rejection, len(s.Rejections)+len(s.beside))
	for _, r := range s.Rejections {
		without[r.Act] = r
	}
	for id := range s.beside {
		without[id] = Rejection{id, ErrForked, "it does not count, for " + string(s.act(id).act.Chain) + " is forked before it"}
	}
	return without
}

// effective returns whether an act has been understood and has an effect.
func (s *State) effective() func(Verified) bool {
	without := s.WithoutEffect()
	return func(v Verified) bool {
		_, none := without[v.id]
		return !v.beyond && !none
	}
}

// touches reports whether an act is about the paragraphs of a descent, or one of the
// proposals that touch it. Acts of kinds that are about neither are not.
func (s *State) touches(v Verified, d descent, proposals map[ProposalID]bool) bool {
	switch c := v.act.Content.(type) {
	case Convene:
		return len(d.places[0]) > 0
	case Revise:
		decides := func(d Decision) bool { return proposals[d.Proposal] }
		return len(d.changes(c.Revision, v.redline)) > 0 || slices.ContainsFunc(c.Decisions, decides)
	case Propose:
		return proposals[c.Proposal]
	case Supersede:
		return proposals[c.Proposal]
	case Withdraw:
		return proposals[c.Proposal]
	case TakePosition:
		if c.On.Paragraph == 0 {
			return proposals[c.On.Proposal]
		}
		revision := s.revisionOf(c.On.Act)
		return revision > 0 && d.has(revision, int(c.On.Paragraph)-1)
	}
	return false
}
