package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"concord/negotiation"
)

// actsPerPage is how many acts one page of the record lists.
const actsPerPage = 50

// A recordEntry is one act in the record's list.
type recordEntry struct {
	ID      negotiation.ActID
	Act     negotiation.Act
	Says    string
	Verdict verdict
	Reason  string // why it has no effect
}

// A verdict says whether an act took effect.
type verdict string

const (
	admitted      verdict = "in effect"
	rejected      verdict = "rejected"
	beside        verdict = "does not count"
	notUnderstood verdict = "not understood"
)

// A record finds the verdict on acts.
type record struct {
	frame    *frame
	rejected map[negotiation.ActID]negotiation.Rejection
}

func newRecord(f *frame) record {
	return record{f, f.State.WithoutEffect()}
}

func (r record) entry(v negotiation.Verified) recordEntry {
	e := recordEntry{ID: v.ID(), Act: v.Act(), Says: r.frame.says(v), Verdict: admitted}
	if rejection, ok := r.rejected[v.ID()]; ok {
		e.Verdict, e.Reason = rejected, sentence(rejection.Reason)
	}
	if _, unknown := v.Act().Content.(negotiation.Unknown); unknown {
		e.Verdict = notUnderstood
	}
	if !r.frame.State.Counts(v.ID()) {
		e.Verdict = beside
	}
	return e
}

// A recordContent is one page of the record, newest acts first.
type recordContent struct {
	Entries      []recordEntry
	Chains       []negotiation.Head
	Chain        negotiation.Chain // listed alone; empty for all
	Receipts     bool              // listed too
	Participants []option
	Paragraphs   []option
	Sinces       []option
	Total        int
	Page, Pages  int    // counted from 1
	Newer, Older string // where these pages are; empty for none
	Clone        string // where git finds the record; empty where it does not
	Closed       bool   // git needs the node's token there
}

func (s *site) recordPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	query := r.URL.Query()
	v := recordContent{Chains: f.State.Heads, Receipts: query.Get("receipts") == "yes"}
	if chain := query.Get("chain"); chain != "" {
		var err error
		if v.Chain, err = negotiation.ParseChain(chain); err != nil {
			return negotiation.ErrUnknownChain.Because("there is no record of that name")
		}
	}
	log, err := v.ask(f, query)
	if err != nil {
		return err
	}
	log = slices.DeleteFunc(log, func(a negotiation.Verified) bool {
		_, receipt := a.Act().Content.(negotiation.Receipt)
		return v.Chain != "" && a.Act().Chain != v.Chain || receipt && !v.Receipts
	})
	slices.Reverse(log)
	v.Total, v.Pages = len(log), max(1, (len(log)+actsPerPage-1)/actsPerPage)
	v.Page = pageNumber(query.Get("page"), v.Pages)
	at := func(page int) string {
		query.Set("page", strconv.Itoa(page))
		return "/record?" + query.Encode()
	}
	if v.Page > 1 {
		v.Newer = at(v.Page - 1)
	}
	if v.Page < v.Pages {
		v.Older = at(v.Page + 1)
	}
	if s.Git != nil {
		v.Clone, v.Closed = origin(r)+gitRoot, !f.State.Charter.Public
	}
	record := newRecord(f)
	start := (v.Page - 1) * actsPerPage
	for _, a := range log[start:min(len(log), start+actsPerPage)] {
		v.Entries = append(v.Entries, record.entry(a))
	}
	return s.show(w, f, http.StatusOK, "record", "Record of acts", v)
}

// ask returns the acts that a query asks for, and enters its choices.
func (v *recordContent) ask(f *frame, query url.Values) ([]negotiation.Verified, error) {
	q := negotiation.LogQuery{Participant: negotiation.Code(query.Get("participant")), Paragraph: query.Get("paragraph")}
	since := query.Get("since")
	if since != "" {
		var err error
		if q.Since, err = negotiation.ParseSince(since); err != nil {
			return nil, errMalformed.Because("%v", err)
		}
	}
	log, err := f.State.LogOf(q)
	if err != nil {
		return nil, err
	}
	for _, p := range f.State.Charter.Participants {
		v.Participants = append(v.Participants, option{string(p.Code), p.Name, p.Code == q.Participant})
	}
	if f.State.Convened() {
		for _, label := range f.State.Current().Labels {
			v.Paragraphs = append(v.Paragraphs, option{label, label, strings.EqualFold(label, q.Paragraph)})
		}
	}
	for _, r := range f.State.Revisions {
		name := fmt.Sprintf("rev-%d", r.Number)
		v.Sinces = append(v.Sinces, option{name, fmt.Sprintf("revision %d", r.Number), name == since})
	}
	v.Participants = withChosen(v.Participants, string(q.Participant))
	v.Paragraphs = withChosen(v.Paragraphs, q.Paragraph)
	v.Sinces = withChosen(v.Sinces, since)
	return log, nil
}

// withChosen adds what is chosen to options that lack it: a paragraph that is gone, say.
func withChosen(options []option, value string) []option {
	if value == "" || slices.ContainsFunc(options, func(o option) bool { return o.Chosen }) {
		return options
	}
	return append(options, option{value, value, true})
}

// pageNumber reads the number of a page, counted from 1; what is none is the nearest.
func pageNumber(s string, pages int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1
	}
	return min(max(n, 1), pages)
}
