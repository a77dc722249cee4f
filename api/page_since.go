package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"concord/negotiation"
)

// A sinceContent is what passed the participant by in one outage.
type sinceContent struct {
	absenceView
	Heading string
	Own     []proposalNews
	Sent    []recordEntry
	Come    []recordEntry
	Others  []Outage // newest first
}

// proposalNews is what happened to one proposal of the participant's own.
type proposalNews struct {
	negotiation.ProposalNews
	Now negotiation.Status // as it stands today
}

// A notice tells of an outage that is over.
type notice struct {
	Outage
	Sum   string   // what came and went out, in a sentence without a full stop
	Says  []string // what matters most of it, in sentences
	Count int      // how many there would be more
}

// mostNoticed is how many sentences a notice has.
const mostNoticed = 4

func (s *site) sincePage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	query := r.URL.Query()
	if len(f.Link.Outages) == 0 && query.Get("heads") == "" && query.Get("time") == "" {
		return s.show(w, f, http.StatusOK, "since", "While the line was down", sinceContent{Heading: "While the line was down"})
	}
	v, err := s.absenceOf(query.Get("outage"), query.Get("heads"), query.Get("time"))
	if err != nil {
		return err
	}
	c := sinceContent{absenceView: v, Heading: "What has come since"}
	if v.Outage != nil {
		c.Heading = v.Outage.Title()
	}
	record := newRecord(f)
	for _, id := range v.Absence.Sent {
		if act, ok := f.State.Act(id); ok {
			c.Sent = append(c.Sent, record.entry(act))
		}
	}
	for _, id := range v.Acts {
		if act, ok := f.State.Act(id); ok {
			c.Come = append(c.Come, record.entry(act))
		}
	}
	for _, p := range v.Proposals {
		now, err := f.State.Proposal(p.ID)
		if err != nil { // its record has been frozen since
			continue
		}
		c.Own = append(c.Own, proposalNews{p, now.Status})
	}
	for _, o := range slices.Backward(f.Link.Outages) {
		if v.Outage == nil || o.Number != v.Outage.Number {
			c.Others = append(c.Others, o)
		}
	}
	return s.show(w, f, http.StatusOK, "since", c.Heading, c)
}

// Title says what kind of time it was.
func (o Outage) Title() string {
	switch {
	case o.Off:
		return "While this node was off"
	case o.Back == nil:
		return "Since no other node is heard"
	}
	return "While the line was down"
}

// Span says from when to when, in UTC.
func (o Outage) Span() string {
	from := moment(o.Since)
	switch {
	case o.Back == nil:
		return from + " – now"
	case o.Since.Format(time.DateOnly) == o.Back.Format(time.DateOnly):
		return strings.TrimSuffix(from, " UTC") + " – " + o.Back.Format("15:04 UTC")
	}
	return from + " – " + moment(*o.Back)
}

func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// notice returns what whoever is signed in has not seen yet of the newest outage.
func (s *site) notice(f *frame, r *http.Request) *notice {
	ended := slices.DeleteFunc(slices.Clone(f.Link.Outages), func(o Outage) bool { return !o.Ended() })
	if len(ended) == 0 || !f.SignedIn || f.Hidden || f.In("/since") {
		return nil
	}
	last := ended[len(ended)-1]
	if cookie, err := r.Cookie(s.seenName()); err == nil && cookie.Value >= seenValue(last) {
		return nil
	}
	a, err := s.absences.of(f.State, last, s.Participant)
	if err != nil {
		return nil
	}
	n := &notice{Outage: last, Sum: arrived(len(a.Acts))}
	if sent := len(a.Sent); sent > 0 {
		n.Sum += fmt.Sprintf("; %s of yours went out", plural(sent, "act"))
		if late := len(slices.DeleteFunc(slices.Clone(a.Sent), func(id negotiation.ActID) bool { return !f.NotSent(id) })); late > 0 {
			n.Sum += fmt.Sprintf(", but for %d", late)
		}
	}
	for _, p := range a.Proposals {
		for _, h := range p.Happened {
			if h.What != negotiation.CarriedOver {
				n.Says = append(n.Says, h.Says)
			}
		}
	}
	for _, h := range slices.Concat(a.Own, a.Procedure) {
		n.Says = append(n.Says, h.Says)
	}
	n.Count = max(0, len(n.Says)-mostNoticed)
	n.Says = n.Says[:len(n.Says)-n.Count]
	return n
}

// arrived says how many acts came.
func arrived(n int) string {
	if n == 0 {
		return "nothing arrived"
	}
	return plural(n, "act") + " arrived"
}

// seenName names the cookie that says which outage's notice somebody has put away.
func (s *site) seenName() string { return s.cookieName() + "-seen" }

// seenValue returns what stands for an outage that is over; of later ones it sorts after it.
func seenValue(o Outage) string { return o.Back.UTC().Format(time.RFC3339) }

// sinceSeen puts a notice away, in this browser.
func (s *site) sinceSeen(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	number, outages := r.PostForm.Get("outage"), s.Node.Link().Outages
	i := slices.IndexFunc(outages, func(o Outage) bool { return strconv.FormatUint(o.Number, 10) == number && o.Ended() })
	if i < 0 {
		return errNotFound.Because("there is no such note any more")
	}
	cookie := s.cookie(r, seenValue(outages[i]), int(staySignedIn.Seconds()))
	cookie.Name = s.seenName()
	http.SetCookie(w, cookie)
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
	return nil
}

// NotSent reports whether an act of this node's participant is with no other node yet, as
// far as these have told.
func (f *frame) NotSent(act negotiation.ActID) bool { return slices.Contains(f.Link.Unsent, act) }

// Waits reports whether an act on a proposal of one's own, that words it or withdraws it,
// is not sent yet.
func (f *frame) Waits(p negotiation.Proposal) bool {
	return p.Author == f.Me && slices.ContainsFunc(f.Link.Unsent, func(id negotiation.ActID) bool {
		v, _ := f.State.Act(id)
		switch c := v.Act().Content.(type) {
		case negotiation.Propose:
			return c.Proposal == p.ID
		case negotiation.Supersede:
			return c.Proposal == p.ID
		case negotiation.Withdraw:
			return c.Proposal == p.ID
		}
		return false
	})
}

// DownSince returns since when no other node is heard, while the link is down.
func (f *frame) DownSince() time.Time { return f.Link.Outages[len(f.Link.Outages)-1].Since }
