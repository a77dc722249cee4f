package api

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"concord/negotiation"
)

// The number of acts on one page of the list.
const (
	usualActs = 100
	mostActs  = 500
)

type actsView struct {
	Acts  []negotiation.LoggedAct `json:"acts"`  // by their authors' time
	Total int                     `json:"total"` // on all pages
	Next  *string                 `json:"next"`  // address of the next page; null on the last
}

// An actQuery says which acts are asked for.
type actQuery struct {
	chain, author, kind string
	log                 negotiation.LogQuery
	limit, offset       int
}

func parseActQuery(r *http.Request) (actQuery, error) {
	q := actQuery{
		chain: r.FormValue("chain"), author: r.FormValue("author"), kind: r.FormValue("kind"),
		limit: usualActs,
	}
	if _, err := negotiation.ParseChain(q.chain); q.chain != "" && err != nil {
		return q, errMalformed.Because("chain is text or a record such as record/XCA, not %q", clip(q.chain))
	}
	if err := checkAuthor(q.author); err != nil {
		return q, err
	}
	q.log.Paragraph = r.FormValue("paragraph")
	if s := r.FormValue("since"); s != "" {
		var err error
		if q.log.Since, err = negotiation.ParseSince(s); err != nil {
			return q, errMalformed.Because("since is a time such as 2026-03-02T09:00:00Z, or a revision such as rev-2, not %q", clip(s))
		}
	}
	if err := readNumber(r, "limit", &q.limit, 1, mostActs); err != nil {
		return q, err
	}
	return q, readNumber(r, "offset", &q.offset, 0, math.MaxInt32)
}

// readNumber reads a parameter of the query that is a number of a range; n stays as
// it is when the parameter is left out.
func readNumber(r *http.Request, name string, n *int, least, most int64) error {
	s := r.FormValue(name)
	if s == "" {
		return nil
	}
	number, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return errMalformed.Because("%s is a number, not %q", name, clip(s))
	case err != nil || number < least || number > most:
		return errMalformed.Because("%s %s is out of range: it is %d to %d", name, clip(s), least, most)
	}
	*n = int(number)
	return nil
}

// checkAuthor refuses what is no participant's code; there may be none.
func checkAuthor(author string) error {
	if _, err := negotiation.ParseCode(author); author != "" && err != nil {
		return errMalformed.Because("author is a code such as XCA, not %q", clip(author))
	}
	return nil
}

// matches reports whether an act is asked for. A kind is named with or without its
// version.
func (q actQuery) matches(a negotiation.Act) bool {
	kind := a.Content.Kind()
	name, _, _ := strings.Cut(kind, "/")
	return (q.chain == "" || string(a.Chain) == q.chain) &&
		(q.author == "" || string(a.Author) == q.author) &&
		(q.kind == "" || q.kind == kind || q.kind == name)
}

func (s *server) acts(w http.ResponseWriter, r *http.Request) error {
	q, err := parseActQuery(r)
	if err != nil {
		return err
	}
	st := s.Node.State()
	log, err := st.LogOf(q.log)
	if err != nil {
		return err
	}
	logged := st.Logged()
	view := actsView{Acts: []negotiation.LoggedAct{}}
	for _, v := range log {
		if !q.matches(v.Act()) {
			continue
		}
		if view.Total >= q.offset && len(view.Acts) < q.limit {
			view.Acts = append(view.Acts, logged(v))
		}
		view.Total++
	}
	if end := q.offset + q.limit; end < view.Total {
		next := nextPage(r.URL.Query(), end, q.limit)
		view.Next = &next
		w.Header().Set("Link", "<"+next+`>; rel="next"`)
	}
	return writeJSON(w, http.StatusOK, view)
}

func nextPage(query url.Values, offset, limit int) string {
	query.Set("offset", strconv.Itoa(offset))
	query.Set("limit", strconv.Itoa(limit))
	return root + "/acts?" + query.Encode()
}

func (s *server) act(w http.ResponseWriter, r *http.Request) error {
	st := s.Node.State()
	v, err := namedAct(st, r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, st.Logged()(v))
}

// namedAct returns the act that the path of a request names.
func namedAct(st *negotiation.State, r *http.Request) (negotiation.Verified, error) {
	id, err := negotiation.ParseActID(r.PathValue("id"))
	v, ok := st.Act(id)
	if err != nil || !ok {
		return negotiation.Verified{}, negotiation.ErrUnknownAct.Because("there is no such act on this node")
	}
	return v, nil
}

// writeAct answers with an act that was just done.
func (s *server) writeAct(w http.ResponseWriter, v negotiation.Verified) error {
	w.Header().Set("Location", root+"/acts/"+v.ID().String())
	return writeJSON(w, http.StatusCreated, s.Node.State().Logged()(v))
}
