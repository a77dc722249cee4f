package api

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A draft is an amendment that somebody is writing: what the form on the page
// has, sent with every button. Nothing of it is kept on the node.
type draft struct {
	Base        uint64 // number of the revision that it amends
	Reword      string // the proposal that it gives a new wording; empty for a new one
	Whole       bool   // the text is written whole, in Text
	Text        string
	Changes     []edit
	Headline    string
	Explanation string
	Type        negotiation.ProposalType // empty: told from the redline
	OnBehalfOf  string

	Errors map[string]string // by field
}

// An edit is what a draft does with one paragraph.
type edit struct {
	Action    string // modify, delete, or add (after the paragraph)
	Paragraph int    // of the base, counted from 1
	Text      string // Markdown
	Error     string
}

const (
	modifyParagraph = "modify"
	deleteParagraph = "delete"
	addParagraph    = "add"
)

// maxChanges is how many paragraphs one form changes; more is written as a whole text.
const maxChanges = 100

// readDraft reads the form. Wrong numbers come out as 0.
func readDraft(form url.Values) draft {
	d := draft{
		Base: uint64(number(form.Get("base"))), Reword: form.Get("reword"),
		Whole: form.Get("whole") == "yes", Text: lines(form.Get("text")),
		Headline: form.Get("headline"), Explanation: form.Get("explanation"),
		Type: negotiation.ProposalType(form.Get("type")), OnBehalfOf: form.Get("on-behalf-of"),
		Errors: map[string]string{},
	}
	paragraphs, texts := form["paragraph"], form["words"]
	for i, action := range form["action"][:min(len(form["action"]), maxChanges)] {
		if i < len(paragraphs) && i < len(texts) {
			d.Changes = append(d.Changes, edit{Action: action, Paragraph: number(paragraphs[i]), Text: lines(texts[i])})
		}
	}
	return d
}

// lines gives what a form sent the ends of lines that the text has.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// change begins another change; the words are those that stand there now.
func (d *draft) change(action string, paragraph int, base negotiation.Text) {
	if paragraph < 1 || paragraph > base.Len() || len(d.Changes) >= maxChanges {
		return
	}
	again := func(c edit) bool { return c.Paragraph == paragraph && c.Action != addParagraph }
	if action != addParagraph && slices.ContainsFunc(d.Changes, again) {
		return
	}
	c := edit{Action: action, Paragraph: paragraph}
	line := base.Paragraphs()[paragraph-1]
	switch action {
	case modifyParagraph:
		c.Text = line
	case addParagraph:
		if kind, _, n := kindOf(line); kind == negotiation.Operative || kind == negotiation.Item {
			c.Text = line[:n]
		}
	case deleteParagraph:
	default:
		return
	}
	d.Changes = append(d.Changes, c)
}

// A stretch of the text in the making, and the change that wrote it; -1 for the base.
type stretch struct {
	text   string
	change int
}

// amended returns the text that the draft asks for. When it cannot be accepted it
// is false, and the error stands beside the field that has it.
func (d *draft) amended(base negotiation.Text) (negotiation.Text, bool) {
	if d.Whole {
		text, err := negotiation.CanonText("text", []byte(d.Text))
		if err != nil {
			d.Errors["text"] = reasonIn(err, 0)
		}
		return text, err == nil
	}
	stretches, ok := d.stretches(base)
	if !ok {
		return negotiation.Text{}, false
	}
	var raw strings.Builder
	line := 1
	starts := make([]int, len(stretches))
	for i, s := range stretches {
		starts[i] = line
		raw.WriteString(s.text + "\n\n")
		line += strings.Count(s.text, "\n") + 2
	}
	text, err := negotiation.CanonText("text", []byte(raw.String()))
	if err == nil {
		return text, true
	}
	d.blame(err, stretches, starts)
	return negotiation.Text{}, false
}

func (d *draft) stretches(base negotiation.Text) ([]stretch, bool) {
	instead, after := map[int]int{}, map[int][]int{}
	ok := true
	for i := range d.Changes {
		c := &d.Changes[i]
		_, taken := instead[c.Paragraph]
		switch {
		case c.Paragraph < 1 || c.Paragraph > base.Len():
			c.Error, ok = "There is no such paragraph in this revision.", false
		case c.Action != deleteParagraph && strings.TrimSpace(c.Text) == "":
			c.Error, ok = "There are no words here. Write some, or leave this paragraph out.", false
		case c.Action == addParagraph:
			after[c.Paragraph] = append(after[c.Paragraph], i)
		case taken:
			c.Error, ok = "This paragraph is changed twice.", false
		default:
			instead[c.Paragraph] = i
		}
	}
	var out []stretch
	for n, line := range base.Paragraphs() {
		if i, changed := instead[n+1]; !changed {
			out = append(out, stretch{line, -1})
		} else if d.Changes[i].Action == modifyParagraph {
			out = append(out, stretch{strings.Trim(d.Changes[i].Text, "\n"), i})
		}
		for _, i := range after[n+1] {
			out = append(out, stretch{strings.Trim(d.Changes[i].Text, "\n"), i})
		}
	}
	return out, ok
}

// blame puts an error beside the change that wrote its line.
func (d *draft) blame(err error, stretches []stretch, starts []int) {
	var at *negotiation.LineError
	if errors.As(err, &at) {
		i, _ := slices.BinarySearch(starts, at.Line+1)
		if i--; i >= 0 && stretches[i].change >= 0 {
			d.Changes[stretches[i].change].Error = reasonIn(err, starts[i]-1)
			return
		}
	}
	d.Errors["text"] = reasonIn(err, 0)
}

// reasonIn words an error for a field that begins after so many lines of the text.
func reasonIn(err error, before int) string {
	var at *negotiation.LineError
	if !errors.As(err, &at) {
		return sentence(err.Error())
	}
	if line := at.Line - before; line > 1 {
		return fmt.Sprintf("Line %d: %s", line, sentence(at.Reason))
	}
	return sentence(at.Reason)
}

// changesOf returns the changes by which a text differs from its base; false when
// there are some that paragraphs alone do not tell, as when one is moved.
func changesOf(base, text negotiation.Text) ([]edit, bool) {
	var changes []edit
	before, after := base.Paragraphs(), text.Paragraphs()
	reached, at := 0, 0
	for _, step := range redline.Compare(before, after) {
		switch step.Kind {
		case redline.Keep:
			reached, at = step.To, at+step.To-step.From
		case redline.Change:
			changes = append(changes, edit{Action: modifyParagraph, Paragraph: step.To, Text: after[at]})
			reached, at = step.To, at+1
		case redline.Delete:
			changes = append(changes, edit{Action: deleteParagraph, Paragraph: step.To})
			reached = step.To
		case redline.Insert:
			changes = append(changes, edit{Action: addParagraph, Paragraph: reached, Text: after[at]})
			at++
		default:
			return nil, false
		}
	}
	return changes, len(changes) <= maxChanges
}
