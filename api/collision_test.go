package api

import (
	"net/url"
	"strings"
	"testing"

	"concord/negotiation"
)

// A draft that has only some of its words from another proposal is not said to have
// the same ones.
func TestCollisionsTellPartFromWhole(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	for words, want := range map[string]string{
		"1. States should cooperate in good faith to prevent harm.":         "OP1: the same words as XAU/1 and XBO/1.",
		"1. States should cooperate in good faith to prevent grave danger.": "OP1: in part the same words as XAU/1 and XBO/1.",
	} {
		_, part := v.post("/preview", url.Values{"base": {"1"}, "action": {"modify"}, "paragraph": {"5"}, "words": {words}})
		if !strings.Contains(part, want) {
			t.Errorf("of %q it is not said: %s\n%s", words, want, part)
		}
	}
}

// A draft is told what becomes of it beside those who take out, move, split or join
// the same paragraphs.
func TestCollisionsAroundAParagraph(t *testing.T) {
	tb := scene(t)
	v := tb.seat("XCA").visit(t)
	whole := func(pairs ...string) url.Values {
		return url.Values{"base": {"1"}, "whole": {"yes"}, "text": {strings.NewReplacer(pairs...).Replace(sceneText)}}
	}
	const yearly = "1. States shall report on these measures every year.\n\n"
	for want, form := range map[string]url.Values{
		"OP4: XBO/2 would take it out.": whole("every year", "every month"),
		"OP4: the same as XBO/2.":       whole(yearly, ""),
		"OP1: taken out, where XAU/1, XBO/1 and XCA/1 would amend or move it.": whole("1. States shall cooperate in good faith to prevent harm.\n\n", ""),
		"OP3(a): split or joined, which does not go together with XCA/2.":      whole("energy networks;\n\n   - hospitals", "energy networks; hospitals"),
	} {
		_, part := v.post("/preview", form)
		if !strings.Contains(part, want) {
			t.Errorf("it is not said: %s\n%s", want, part)
		}
	}
	if _, part := v.post("/preview", whole(yearly, "", "## Commitments\n\n", "## Commitments\n\n"+yearly)); !strings.Contains(part, "OP4: XBO/2 would take it out.") {
		t.Errorf("of a move it is not said that another takes the paragraph out\n%s", part)
	}
}

// The chair is told when what it accepts takes out what it amends, and what the text
// makes of it.
func TestConsolidateOutAndAmended(t *testing.T) {
	tb := scene(t)
	tb.seat("XCA").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Propose(negotiation.Wording{
			Headline: "More often", Base: 1, Text: textOf(t, strings.Replace(sceneText, "every year", "every month", 1)),
		})
	})
	v := tb.seat("XAU").visit(t)
	form := url.Values{"base": {"1"}, "do": {"text"}, "ruling XBO/2": {"accept"}, "ruling XCA/5": {"accept"}}
	_, page := v.post("/consolidate", form)
	const want = "OP4: the paragraph is taken out by XBO/2, and amended or moved by XCA/5. The text below does as XBO/2 asks"
	if !strings.Contains(page, want) {
		t.Errorf("it is not said: %s\n%s", want, page)
	}
	if strings.Contains(page, "report on these measures every month") {
		t.Error("the text has the amended paragraph all the same")
	}
}
