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
		runs := m.Runs
		step.Kind, step.Depth, runs = withoutMarker(runs)
		pieces := make([]piece, len(runs))
		for i, run := range runs {
			pieces[i] = runPiece(run)
		}
		step.Words, step.Dir = s.markdown.words(pieces...), direction(pieces...)
		out = append(out, step)
	}
	return out, nil
}

// withoutMarker takes the paragraph's marker off its first run. A marker that
// changes itself stays, to be seen.
func withoutMarker(runs []redline.Run) (negotiation.BlockKind, int, []redline.Run) {
	if len(runs) == 0 {
		return negotiation.Plain, 0, nil
	}
	first := runs[0]
	kind, depth, n := kindOf(first.Text)
	whole := first.Op == redline.Kept || len(runs) == 1
	if n == 0 || !whole {
		return negotiation.Plain, 0, runs
	}
	first.Text = first.Text[n:]
	if first.Text == "" {
		return kind, depth, runs[1:]
	}
	return kind, depth, append([]redline.Run{first}, runs[1:]...)
}

// runPiece marks what is inserted or deleted. Screen readers pass over ins and
// del, so hidden words say where they begin and end.
func runPiece(run redline.Run) piece {
	text := run.Text
	if run.Break {
		text = "¶"
	}
	switch run.Op {
	case redline.Inserted:
		return piece{text, `<ins><span class="vh"> [insertion: </span><bdi>`, `</bdi><span class="vh"> end of insertion] </span></ins>`}
	case redline.Deleted:
		return piece{text, `<del><span class="vh"> [deletion: </span><bdi>`, `</bdi><span class="vh"> end of deletion] </span></del>`}
	}
	return piece{text: text}
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
