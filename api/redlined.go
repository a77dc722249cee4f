package api

import (
	"fmt"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// A redlined step is a changed paragraph as a page shows it, or a stretch of
// paragraphs that stand unchanged.
type redlined struct {
	paragraph
	Step      redline.Kind
	Unchanged int // how many paragraphs stand unchanged here; 0 for a change
}

// Did says what the step does with the paragraph.
func (r redlined) Did() string {
	switch r.Step {
	case redline.Insert:
		return "new paragraph"
	case redline.Delete:
		return "paragraph deleted"
	case redline.Move:
		return "moved here"
	case redline.Split:
		return "split"
	case redline.Join:
		return "joined with the next"
	}
	return ""
}

// redlined shows a redline of a text whose paragraphs have labels. With all, the
// unchanged paragraphs are shown, too; otherwise they are counted.
func (s *site) redlined(base negotiation.Text, labels []string, r redline.Redline, all bool) ([]redlined, error) {
	marked, err := r.Marked(base.Paragraphs())
	if err != nil {
		return nil, fmt.Errorf("api: showing a redline: %w", err)
	}
	var out []redlined
	for _, m := range marked {
		if m.Kind == redline.Keep && !all {
			if n := len(out); n > 0 && out[n-1].Unchanged > 0 {
				out[n-1].Unchanged++
			} else {
				out = append(out, redlined{Unchanged: 1})
			}
			continue
		}
		step := redlined{Step: m.Kind, paragraph: paragraph{Label: "new"}}
		if m.Base >= 0 {
			step.Label, step.Number = labels[m.Base], m.Base+1
		}
		shown := s.html.Step(m, redline.Names{Block: blockOf})
		step.Words, step.Dir, step.Notes = shown.Words, shown.Dir, shown.Notes
		step.Kind, step.Depth, _ = kindOf(shown.Text)
		out = append(out, step)
	}
	return out, nil
}

// touches names the paragraphs that a redline changes, as people cite them.
func touches(labels []string, r redline.Redline) string {
	const most = 4
	var names []string
	added := 0
	for _, step := range r {
		switch step.Kind {
		case redline.Keep:
		case redline.Insert:
			added++
		default:
			names = append(names, labels[step.From:step.To]...)
		}
	}
	if len(names) > most {
		names = append(names[:most:most], fmt.Sprintf("%d more", len(names)-most))
	}
	switch {
	case added == 1:
		names = append(names, "a new paragraph")
	case added > 1:
		names = append(names, fmt.Sprintf("%d new paragraphs", added))
	}
	return enumerate(names)
}
