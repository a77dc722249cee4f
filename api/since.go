package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"concord/negotiation"
)

// mostHeads is how many acts a request may name: two of each chain that there can be.
const mostHeads = 512

// absenceView is what passed this node's participant by.
type absenceView struct {
	Outage *Outage `json:"outage,omitempty"` // nil where heads or an instant were asked for
	negotiation.Absence
}

// since answers with what passed the participant by in an outage, or since it held certain
// acts, or since an instant.
func (s *server) since(w http.ResponseWriter, r *http.Request) error {
	v, err := s.absenceOf(r.FormValue("outage"), r.FormValue("heads"), r.FormValue("time"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, v)
}

// absenceOf reads what is asked for; nothing asks for the newest outage.
func (s *server) absenceOf(number, heads, instant string) (absenceView, error) {
	st := s.Node.State()
	asked := slices.DeleteFunc([]string{number, heads, instant}, func(s string) bool { return s == "" })
	switch {
	case len(asked) > 1:
		return absenceView{}, errMalformed.Because("outage, heads and time do not go together")
	case heads != "":
		var known []negotiation.ActID
		for name := range strings.SplitSeq(heads, ",") {
			id, err := negotiation.ParseActID(name)
			if err != nil || len(known) == mostHeads {
				return absenceView{}, errMalformed.Because("heads are names of acts, %d at most, separated by commas", mostHeads)
			}
			known = append(known, id)
		}
		a, err := st.Absence(known, nil, s.Participant)
		return absenceView{nil, a}, err
	case instant != "":
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			return absenceView{}, errMalformed.Because("time is an instant such as 2026-03-02T09:00:00Z, not %q", clip(instant))
		}
		news := st.NewsSince(st.AsOfTime(at, s.Participant), s.Participant)
		return absenceView{nil, negotiation.Absence{Sent: []negotiation.ActID{}, News: news}}, nil
	}
	outages := s.Node.Link().Outages
	if number == "" && len(outages) > 0 {
		number = strconv.FormatUint(outages[len(outages)-1].Number, 10)
	}
	i := slices.IndexFunc(outages, func(o Outage) bool { return strconv.FormatUint(o.Number, 10) == number })
	if i < 0 {
		return absenceView{}, errNotFound.Because("this node knows of no such time in which it heard no other")
	}
	a, err := s.absences.of(st, outages[i], s.Participant)
	return absenceView{&outages[i], a}, err
}

// absences remembers what passed by in the outage that pages were shown for last. Once it
// has ended that does not change.
type absences struct {
	mu      sync.Mutex // guards what follows
	number  uint64
	absence negotiation.Absence
}

func (a *absences) of(st *negotiation.State, o Outage, code negotiation.Code) (negotiation.Absence, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.number == o.Number && o.Ended() {
		return a.absence, nil
	}
	found, err := st.Absence(o.Before, o.After, code)
	if err == nil && o.Ended() {
		a.number, a.absence = o.Number, found
	}
	return found, err
}
