package api

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

func FuzzAmendment(f *testing.F) {
	for _, seed := range []string{
		`{"headline":"h","changes":[{"paragraph":5,"text":"1. Words."},{"after":0,"text":"x\n\ny"},{"delete":9}]}`,
		`{"headline":"h","text":"# T\n\nWords.\n","base":1,"type":"editorial"}`,
		`{"headline":"h","type":"no-change","explanation":"e","onBehalfOf":"RIVERS"}`,
		`{"headline":"h","changes":[{"paragraph":-1,"text":"x"},{"delete":99999999999}]}`,
		`{"headline":"h","headline":"i"}`, `[[[[`, `null`, `{"changes":[{}]}`, `{"text":"\ud800"} {}`,
	} {
		f.Add([]byte(seed))
	}
	st := convene(f).State()
	f.Fuzz(func(t *testing.T, raw []byte) {
		var a amendment
		err := decodeJSON(raw, &a)
		if err == nil {
			var w negotiation.Wording
			if w, err = a.wording(st); err == nil {
				again, err := negotiation.TextOf(w.Text.Paragraphs())
				if err != nil || !slices.Equal(again.Paragraphs(), w.Text.Paragraphs()) {
					t.Fatalf("the text is not one: %v", err)
				}
				if w.Headline == "" {
					t.Fatal("a wording without a headline")
				}
				return
			}
		}
		fault, ok := negotiation.FaultOf(err)
		if !ok {
			t.Fatalf("an error that is no fault: %v", err)
		}
		if p := problemOf("POST", err); p.Status >= 500 {
			t.Fatalf("%s is taken for the node's own fault", fault)
		}
	})
}

// A line error names the change and the line of its own text, wherever in the
// assembled text it comes to stand.
func TestLineErrorNamesTheChange(t *testing.T) {
	base := []string{"# T", "One.", "Two."}
	n, after, first, good := 2, 3, "1. A\n\n1. B", "Fine."
	hidden := "Fine.\r\n\r\n1. One.\r\n\r\n1. Tw\u202eo."
	_, err := changed(base, []change{
		{After: &after, Text: &good},
		{After: &after, Text: &hidden},
		{Paragraph: &n, Text: &first},
	})
	var bad *negotiation.LineError
	if !errors.As(err, &bad) || bad.File != "changes[1].text" || bad.Line != 5 {
		t.Errorf("got %v, want the fifth line of changes[1].text", err)
	}
}

func TestChangesAreMadeInTheOrderOfTheText(t *testing.T) {
	base := []string{"# T", "One.", "Two.", "Three."}
	two, three, four, start, instead, more, end := 2, 3, 4, 1, "Two and\nmore.", "After one.", "Last.\n\nReally."
	text, err := changed(base, []change{
		{After: &four, Text: &end},
		{Delete: &two},
		{Paragraph: &three, Text: &instead},
		{After: &start, Text: &more},
	})
	want := []string{"# T", "After one.", "Two and more.", "Three.", "Last.", "Really."}
	if err != nil || !slices.Equal(text.Paragraphs(), want) {
		t.Errorf("got %q, %v, want %q", text.Paragraphs(), err, want)
	}
}

// A paragraph that is too long is named like any other fault of a change.
func TestTooLongParagraphNamesTheChange(t *testing.T) {
	n, short, long := 2, "Fine.", "Fine.\n\n"+strings.Repeat("a ", negotiation.MaxParagraph)
	last := 3
	_, err := changed([]string{"# T", "One.", "Two."}, []change{{Paragraph: &n, Text: &short}, {After: &last, Text: &long}})
	p := problemOf("POST", err)
	if p.Fault != negotiation.ErrTooLarge || p.File != "changes[1].text" || p.Line != 3 {
		t.Errorf("got %+v; want line 3 of changes[1].text", p)
	}
}
