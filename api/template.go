package api

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"concord/negotiation"
)

// templateFunctions returns what the templates can call: words for values, and
// what a shared part needs besides the frame.
func templateFunctions() template.FuncMap {
	return template.FuncMap{
		"date":        func(t time.Time) string { return t.UTC().Format("2 January 2006") },
		"moment":      moment,
		"machine":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"short":       func(id fmt.Stringer) string { return id.String()[:8] },
		"inc":         func(n uint64) uint64 { return n + 1 },
		"plural":      plural,
		"capital":     func(s string) string { return strings.TrimSuffix(sentence(s), ".") },
		"span":        span,
		"heldCount":   HeldCount,
		"statusName":  statusName,
		"typeWord":    typeWord,
		"stances":     stanceOptions,
		"paragraphID": paragraphID,
		"tab":         func(f *frame, path, text string) tab { return tab{path, text, f.In(path)} },
		"groups":      func(f *frame, groups []proposalGroup, top bool) groupsPart { return groupsPart{f, groups, top} },
		"decisions":   func(f *frame, list []negotiation.Decision) decisionsPart { return decisionsPart{f, list} },
		"receipts":    func(f *frame, list []receiptView) receiptsPart { return receiptsPart{f, list} },
	}
}

type (
	tab struct {
		Path, Text string
		Here       bool
	}
	groupsPart struct {
		Frame  *frame
		Groups []proposalGroup
		Top    bool // right under the page's heading
	}
	decisionsPart struct {
		Frame *frame
		List  []negotiation.Decision
	}
	receiptsPart struct {
		Frame *frame
		List  []receiptView
	}
)

// plural returns "1 proposal" or "3 proposals".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// span words a length of time in days, hours and minutes.
func span(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		noun   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / unit.length); n > 0 {
			parts = append(parts, plural(n, unit.noun))
			d %= unit.length
		}
	}
	return strings.Join(parts, " ")
}

func stanceOptions() []option {
	return []option{
		{Value: string(negotiation.For), Text: "for it"},
		{Value: string(negotiation.Against), Text: "against it"},
		{Value: string(negotiation.Reserve), Text: "under a scrutiny reservation: has yet to decide"},
		{Value: string(negotiation.Flexible), Text: "flexible: can go along with either outcome"},
		{Value: string(negotiation.None), Text: "without a position: takes an earlier one back"},
	}
}

// typeWord returns what people call a type of proposal.
func typeWord(t negotiation.ProposalType) string {
	switch t {
	case negotiation.Add:
		return "addition"
	case negotiation.Modify:
		return "modification"
	case negotiation.Delete:
		return "deletion"
	case negotiation.Move:
		return "move"
	case negotiation.Editorial:
		return "editorial"
	case negotiation.NoChange:
		return "no change"
	}
	return string(t)
}
