package api

import (
	"net/http"
	"slices"
	"strconv"

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
	Total        int
	Page, Pages  int    // counted from 1
	Newer, Older int    // pages; 0 for none
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
	log := slices.DeleteFunc(f.State.Log(), func(a negotiation.Verified) bool {
		_, receipt := a.Act().Content.(negotiation.Receipt)
		return v.Chain != "" && a.Act().Chain != v.Chain || receipt && !v.Receipts
	})
	slices.Reverse(log)
	v.Total, v.Pages = len(log), max(1, (len(log)+actsPerPage-1)/actsPerPage)
	v.Page = pageNumber(query.Get("page"), v.Pages)
	if v.Page > 1 {
		v.Newer = v.Page - 1
	}
	if v.Page < v.Pages {
		v.Older = v.Page + 1
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

// pageNumber reads the number of a page, counted from 1; what is none is the nearest.
func pageNumber(s string, pages int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1
	}
	return min(max(n, 1), pages)
}
