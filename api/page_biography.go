package api

import (
	"net/http"
	"net/url"
	"strings"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A biographyContent is the biography of a paragraph as a page shows it.
type biographyContent struct {
	negotiation.Biography
	Newest    uint64
	Acts      string // where the acts are that touched it
	Stages    []stageContent
	Proposals []proposalPart
	Positions []positionPart
}

// A stageContent is what one revision made of the paragraph.
type stageContent struct {
	negotiation.Stage
	Did     string       // with the paragraph
	Words   []redlined   // what changed or, where nothing did, how it stands
	Sources []sourcePart // of the words that came in
}

// A proposalPart is a proposal that is part of a biography.
type proposalPart struct {
	negotiation.ProposalForIt
	Wordings []wordingPart
}

type wordingPart struct {
	negotiation.Asked
	Words []redlined
}

type positionPart struct {
	negotiation.PositionTaken
	Took string // "supports", and so on
}

func (s *site) biographyPage(w http.ResponseWriter, r *http.Request) error {
	f := s.frame(r)
	b, err := f.State.Biography(r.URL.Query().Get("paragraph"))
	if err != nil {
		return err
	}
	v := biographyContent{Biography: b, Newest: f.State.Current().Number, Acts: "/record?paragraph=" + url.QueryEscape(b.Label)}
	for _, stage := range b.Stages {
		content := stageContent{Stage: stage, Words: s.changed(stage.Changes), Did: did(stage)}
		if len(stage.Changes) == 0 {
			for _, wording := range stage.Wordings {
				kept := []redline.Run{{Op: redline.Kept, Text: wording.Markdown}}
				content.Words = append(content.Words, s.step(redline.Keep, kept, wording.Label))
			}
		}
		if stage.Revision > 1 {
			for _, o := range stage.Origins {
				content.Sources = append(content.Sources, f.source(o))
			}
		}
		v.Stages = append(v.Stages, content)
	}
	for _, p := range b.Proposals {
		part := proposalPart{ProposalForIt: p}
		for _, asked := range p.Wordings {
			part.Wordings = append(part.Wordings, wordingPart{asked, s.changed(asked.Changes)})
		}
		v.Proposals = append(v.Proposals, part)
	}
	for _, p := range b.Positions {
		v.Positions = append(v.Positions, positionPart{p, p.Stance.Says()})
	}
	return s.show(w, f, http.StatusOK, "biography", "Biography of "+b.Label, v)
}

// did says what a revision did with a paragraph.
func did(stage negotiation.Stage) string {
	var all []string
	for _, change := range stage.Changes {
		word := redlined{Step: change.Kind}.Did()
		if change.Kind == redline.Change {
			word = "reworded"
		}
		all = append(all, word)
	}
	switch {
	case stage.Revision == 1:
		return "zero draft"
	case len(all) == 0:
		return "stands as before"
	}
	return strings.Join(all, ", ")
}

// changed shows steps of redlines.
func (s *site) changed(changes []negotiation.SignedChange) []redlined {
	var out []redlined
	for _, c := range changes {
		marks := redline.Step{Kind: c.Kind, Runs: c.Runs}.Marks()
		out = append(out, s.step(c.Kind, marks, ""))
	}
	return out
}

// step shows one step of a redline.
func (s *site) step(kind redline.Kind, marks []redline.Run, label string) redlined {
	base := 0
	if kind == redline.Insert {
		base = -1
	}
	shown := s.html.Step(redline.Marked{Kind: kind, Base: base, Runs: marks}, redline.Names{Block: blockOf})
	step := redlined{Step: kind, paragraph: paragraph{Label: label, Words: shown.Words, Dir: shown.Dir, Notes: shown.Notes}}
	step.Kind, step.Depth, _ = kindOf(shown.Text)
	return step
}

// biographyPath returns where the biography of a paragraph is.
func biographyPath(label string) string { return "/biography?paragraph=" + url.QueryEscape(label) }
