package api

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"concord/negotiation"
	"concord/negotiation/redline"
)

const (
	markdownType = "text/markdown; charset=utf-8"
	htmlType     = "text/html; charset=utf-8"
)

type textView struct {
	Revision   uint64                 `json:"revision"`
	Act        negotiation.ActID      `json:"act"`
	Time       time.Time              `json:"time"`
	Chair      negotiation.Code       `json:"chair"` // who published it
	Headline   string                 `json:"headline"`
	Reason     string                 `json:"reason"`
	Decisions  []negotiation.Decision `json:"decisions"`
	Paragraphs []paragraphView        `json:"paragraphs"`
}

type paragraphView struct {
	Number   int    `json:"number"` // counted from 1
	Label    string `json:"label"`
	Kind     string `json:"kind"`
	Markdown string `json:"markdown"`
}

// text answers with one revision.
func (s *server) text(w http.ResponseWriter, r *http.Request) error {
	rev, err := s.revisionOf(r)
	if err != nil {
		return err
	}
	switch format := r.FormValue("format"); format {
	case "", "json":
		return writeJSON(w, http.StatusOK, viewText(rev))
	case "markdown":
		return write(w, http.StatusOK, markdownType, rev.Text.Bytes())
	case "html":
		return s.site.fragment(w, s.site.paragraphs(rev))
	default:
		return unknownFormat(format)
	}
}

// revisionOf returns the revision that a request asks for, or else the newest.
func (s *server) revisionOf(r *http.Request) (negotiation.Revision, error) {
	st := s.Node.State()
	asked := r.FormValue("rev")
	if asked == "" {
		return newest(st)
	}
	number, err := strconv.ParseUint(asked, 10, 53)
	if err != nil {
		return negotiation.Revision{}, errMalformed.Because("rev is the number of a revision, not %q", clip(asked))
	}
	return st.Revision(number)
}

func newest(st *negotiation.State) (negotiation.Revision, error) {
	if !st.Convened() {
		return negotiation.Revision{}, negotiation.ErrUnknownBase.Because("there is no text on this node yet")
	}
	return st.Current(), nil
}

func unknownFormat(format string) error {
	return errMalformed.Because("format is json, markdown or html, not %q", clip(format))
}

func viewText(rev negotiation.Revision) textView {
	view := textView{
		Revision: rev.Number, Act: rev.Act, Time: rev.Time, Chair: rev.Chair, Headline: rev.Headline, Reason: rev.Reason,
		Decisions: list(rev.Decisions), Paragraphs: []paragraphView{},
	}
	for i, markdown := range rev.Text.Paragraphs() {
		view.Paragraphs = append(view.Paragraphs, paragraphView{i + 1, rev.Labels[i], rev.Text.Kind(i).String(), markdown})
	}
	return view
}

type rollingTextView struct {
	Revision   uint64                 `json:"revision"`
	Digest     string                 `json:"stateDigest"` // of the state that it was computed from
	Paragraphs []rollingParagraphView `json:"paragraphs"`
}

type rollingParagraphView struct {
	Number   int               `json:"number"` // in the revision, counted from 1; 0 for a new one
	Label    string            `json:"label"`  // empty for a new one
	Markdown string            `json:"markdown"`
	Segments []redline.Segment `json:"segments"`
	Fate     *redline.Dispute  `json:"fate,omitempty"` // where somebody wants the paragraph out
}

// rolling answers with the newest revision and all live proposals.
func (s *server) rolling(w http.ResponseWriter, r *http.Request) error {
	st := s.Node.State()
	rev, err := newest(st)
	if err != nil {
		return err
	}
	switch format := r.FormValue("format"); format {
	case "", "json":
		return writeJSON(w, http.StatusOK, viewRolling(st, rev))
	case "markdown":
		return write(w, http.StatusOK, markdownType, []byte(strings.Join(st.Rolling.Markdown(), "\n\n")+"\n"))
	case "html":
		return s.site.fragment(w, s.site.rollingParagraphs(s.site.frame(r)))
	default:
		return unknownFormat(format)
	}
}

// fragment answers with paragraphs as the pages show them, without a page around them.
func (s *site) fragment(w http.ResponseWriter, paragraphs []paragraph) error {
	var b bytes.Buffer
	for _, p := range paragraphs {
		if err := s.templates["text"].ExecuteTemplate(&b, "paragraph", p); err != nil {
			return fmt.Errorf("api: paragraph %s: %w", p.Label, err)
		}
		b.WriteByte('\n')
	}
	return write(w, http.StatusOK, htmlType, b.Bytes())
}

func viewRolling(st *negotiation.State, rev negotiation.Revision) rollingTextView {
	lines := st.Rolling.Markdown()
	view := rollingTextView{Revision: rev.Number, Digest: st.Digest(), Paragraphs: []rollingParagraphView{}}
	for i, p := range st.Rolling.Paragraphs {
		paragraph := rollingParagraphView{Markdown: lines[i], Segments: list(p.Segments), Fate: p.Fate}
		if p.Base >= 0 {
			paragraph.Number, paragraph.Label = p.Base+1, rev.Labels[p.Base]
		}
		view.Paragraphs = append(view.Paragraphs, paragraph)
	}
	return view
}
