package redline

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the stylesheet
	"encoding/base64"
	"fmt"
	"html/template"
	"regexp"
	"strings"
)

//go:embed html.css
var stylesheet string

// A Page is what a page of its own says about the text on it.
type Page struct {
	Title string // as "Draft of 3 May, and as amended"; if empty, what kind of page it is
	Lang  string // of the text, as in BCP 47; en if empty or no such tag. The page's own words are English
}

// RedlinePage returns [HTML.Redline] as a whole page in UTF-8, with title,
// legend and style. It loads nothing and runs nothing, and its policy lets
// browsers do neither. The error is that of [Redline.Apply].
func (h *HTML) RedlinePage(p Page, base []string, r Redline) ([]byte, error) {
	w, err := h.redline(base, r)
	if err != nil {
		return nil, err
	}
	return p.render("Redline", w.summary(), redlineLegend, w.html()), nil
}

// RollingPage returns [HTML.Rolling] as a whole page, as [HTML.RedlinePage] does.
func (h *HTML) RollingPage(p Page, d Document) []byte {
	shown := h.Paragraphs(d, Names{})
	return p.render("Rolling text", summaryOf(shown), rollingLegend, h.rolling(d, shown))
}

const (
	redlineLegend = `<li><ins>inserted</ins></li>
<li><del>deleted</del></li>
<li><ins class="break">¶</ins> paragraph split</li>
<li><del class="break">¶</del> paragraphs joined</li>
<li>at the side: the paragraph’s number in the old text</li>
`
	rollingLegend = `<li><span class="alternative standing"><span class="bracket">[</span>words<span class="bracket">]</span></span> as in the text</li>
<li><span class="alternative"><span class="bracket">[</span>words<span class="parties"> – A, B</span><span class="bracket">]</span></span> as A and B propose</li>
<li>at the side: the paragraph’s number in the text</li>
`
)

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{.Policy}}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{{.Title}}</title>
{{.Style}}
</head>
<body>
<header>
<h1 dir="auto">{{.Title}}</h1>
<p>{{.Summary}}</p>
<ul class="legend" aria-label="Legend">
{{.Legend}}</ul>
</header>
<main lang="{{.Lang}}">
{{.Text}}</main>
</body>
</html>
`))

var (
	pageStyle  = template.HTML("<style>\n" + stylesheet + "</style>")
	pagePolicy = policy("\n" + stylesheet)
	languages  = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$`)
)

// policy returns a Content Security Policy by which a page has one style element
// and nothing else (CSP Level 3, section 6.7.2.3).
func policy(style string) string {
	hash := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
}

// render returns a page of a kind.
func (p Page) render(kind, summary, legend string, text template.HTML) []byte {
	title, lang := saneText(p.Title), p.Lang
	if strings.TrimSpace(title) == "" {
		title = kind
	}
	if !languages.MatchString(lang) {
		lang = "en"
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, map[string]any{
		"Policy": pagePolicy, "Style": pageStyle, "Title": title, "Lang": lang,
		"Summary": kind + ": " + summary, "Legend": template.HTML(legend), "Text": text,
	})
	if err != nil { // the template is a constant, and all fields are there
		panic(err)
	}
	return b.Bytes()
}

// summary counts what is done with paragraphs.
func (w *redlineWriter) summary() string {
	var said []string
	for k := Change; k <= Join; k++ {
		n := w.counts[k]
		if n == 0 {
			continue
		}
		noun := ""
		if len(said) == 0 {
			noun = " paragraphs"
			if n == 1 {
				noun = " paragraph"
			}
		}
		said = append(said, fmt.Sprintf("%d%s %s", n, noun, did[k]))
	}
	switch {
	case len(said) > 0:
		return strings.Join(said, ", ")
	case w.counts[Keep] > 0:
		return "no differences but in how lines are wrapped"
	}
	return "no differences"
}

var did = map[Kind]string{Change: "changed", Insert: "added", Delete: "deleted", Move: "moved", Split: "split", Join: "joined with others"}

// summaryOf counts what is in dispute.
func summaryOf(shown []Shown) string {
	places, paragraphs := 0, 0
	for _, s := range shown {
		if s.places > 0 {
			places, paragraphs = places+s.places, paragraphs+1
		}
	}
	switch {
	case places == 0:
		return "nothing is in dispute"
	case places == 1:
		return "one place in dispute"
	}
	return fmt.Sprintf("%d places in dispute, in %d of %d paragraphs", places, paragraphs, len(shown))
}
