package api

import (
	"bytes"
	"fmt"
	"net/http"

	"concord/negotiation"
	"concord/negotiation/redline"
)

const csvType = "text/csv; charset=utf-8"

// blame answers with the origin of every word of a text.
func (s *server) blame(w http.ResponseWriter, r *http.Request) error {
	st := s.Node.State()
	deleted := r.FormValue("deleted")
	if deleted != "" && deleted != "true" && deleted != "false" {
		return errMalformed.Because("deleted is true or false, not %q", clip(deleted))
	}
	text, err := st.TextNamed(r.FormValue("text"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, st.Blame(text, deleted == "true"))
}

// biography answers with all that the record has on one paragraph.
func (s *server) biography(w http.ResponseWriter, r *http.Request) error {
	label := r.FormValue("paragraph")
	if label == "" {
		return errMalformed.Because("paragraph is missing; it is the label of one, such as OP3")
	}
	b, err := s.Node.State().Biography(label)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, b)
}

// provenance answers with where the words of the newest revision come from.
func (s *server) provenance(w http.ResponseWriter, r *http.Request) error {
	st := s.Node.State()
	if _, err := newest(st); err != nil {
		return err
	}
	p := st.Provenance()
	var b bytes.Buffer
	switch format := r.FormValue("format"); format {
	case "", "json":
		return writeJSON(w, http.StatusOK, p)
	case "markdown":
		if err := p.Markdown(&b); err != nil {
			return fmt.Errorf("api: provenance: %w", err)
		}
		return write(w, http.StatusOK, markdownType, b.Bytes())
	case "csv":
		if err := p.CSV(&b); err != nil {
			return fmt.Errorf("api: provenance: %w", err)
		}
		w.Header().Set("Content-Disposition", `attachment; filename="provenance.csv"`)
		return write(w, http.StatusOK, csvType, b.Bytes())
	default:
		return errMalformed.Because("format is json, markdown or csv, not %q", clip(format))
	}
}

// diffView is the redline from one text of the record to another.
type diffView struct {
	From       string      `json:"from"`
	To         string      `json:"to"`
	Paragraphs []string    `json:"paragraphs"` // of the one that the redline is of
	Redline    redlineView `json:"redline"`
}

func (s *server) diff(w http.ResponseWriter, r *http.Request) error {
	st := s.Node.State()
	var texts [2]negotiation.NamedText
	for i, name := range []string{"from", "to"} {
		var err error
		if texts[i], err = st.TextNamed(r.FormValue(name)); err != nil {
			return err
		}
	}
	base := texts[0].Text.Paragraphs()
	lines := st.Diff(texts[0], texts[1])
	switch format := r.FormValue("format"); format {
	case "", "json":
		return writeJSON(w, http.StatusOK, diffView{texts[0].Name, texts[1].Name, base, viewRedline(lines)})
	case "html":
		steps, err := s.site.redlined(texts[0].Text, texts[0].Labels, lines, true)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := s.site.templates["revision"].ExecuteTemplate(&b, "redline", steps); err != nil {
			return fmt.Errorf("api: diff: %w", err)
		}
		b.WriteByte('\n')
		return write(w, http.StatusOK, htmlType, b.Bytes())
	case "unified":
		name := st.Charter.TextFile()
		return write(w, http.StatusOK, "text/x-diff; charset=utf-8",
			[]byte(redline.Unified(name, name, string(texts[0].Text.Bytes()), string(texts[1].Text.Bytes()))))
	default:
		return errMalformed.Because("format is json, html or unified, not %q", clip(format))
	}
}
