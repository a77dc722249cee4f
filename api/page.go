package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"concord/negotiation"
	"concord/negotiation/redline"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// A site is the pages of one node. They work without scripts, and need nothing
// from elsewhere.
type site struct {
	*server
	templates map[string]*template.Template // by name, without .html
	html      *redline.HTML
}

// newSite reads the embedded templates: each page with the frame around it and
// the parts that several pages share.
func newSite(s *server) *site {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil { // the pattern is a constant
		panic(err)
	}
	base := template.Must(template.New("frame").Funcs(templateFunctions()).
		ParseFS(templateFiles, "templates/frame.html", "templates/parts.html"))
	pages := map[string]*template.Template{}
	for _, name := range names {
		page := template.Must(base.Clone())
		pages[strings.TrimSuffix(path.Base(name), ".html")] = template.Must(page.ParseFS(templateFiles, name))
	}
	return &site{server: s, templates: pages, html: redline.NewHTML()}
}

// pages adds the routes of the pages.
func (s *server) pages(e *echo.Echo) {
	s.site = newSite(s)
	p := s.site
	for path, h := range map[string]handler{
		"/":                          p.rollingText,
		"/proposals":                 p.proposalList,
		"/proposals/:author/:number": p.proposalPage,
		"/propose":                   p.proposeForm,
		"/consolidate":               p.consolidateForm,
		"/revisions/:number":         p.revisionPage,
		"/biography":                 p.biographyPage,
		"/provenance":                p.provenancePage,
		"/blame":                     p.blamePage,
		"/diff":                      p.diffPage,
		"/record":                    p.recordPage,
		"/acts/:id":                  p.actPage,
		"/charter":                   p.charterPage,
		"/status":                    p.statusPage,
		"/since":                     p.sincePage,
		"/sign-in":                   p.signInForm,
		gitRoot:                      to("/record"),
		"/static/:file":              staticFile,
		"/favicon.ico":               icon,
		// Addresses that forms are sent to lead, when opened, to the page of the form.
		"/proposals/:author/:number/withdraw": toProposal,
		"/proposals/:author/:number/position": toProposal,
		"/preview":                            to("/propose"),
		"/chair/hand-over":                    to("/consolidate"),
		"/chair/take-up":                      to("/consolidate"),
		"/sign-out":                           to("/"),
	} {
		e.GET(path, h.echo)
	}
	for path, h := range map[string]handler{
		"/sign-in":                            p.signIn,
		"/sign-out":                           p.signOut,
		"/since":                              p.sinceSeen,
		"/propose":                            p.proposeSubmit,
		"/preview":                            p.preview,
		"/proposals/:author/:number/withdraw": p.withdrawSubmit,
		"/proposals/:author/:number/position": p.positionSubmit,
		"/consolidate":                        p.consolidateSubmit,
		"/charter":                            p.charterSubmit,
		"/chair/hand-over":                    p.handOverSubmit,
		"/chair/take-up":                      p.takeUpSubmit,
	} {
		e.POST(path, h.echo)
	}
}

// A frame is what every page has around its content.
type frame struct {
	Title    string
	Path     string // with the query, to come back to
	State    *negotiation.State
	Link     Link
	Me       negotiation.Code
	Observer string // whose node this is, if not a participant's
	SignedIn bool
	Posted   bool // the page answers a form, whose address is not Path
	Hidden   bool // nothing of the negotiation may be shown
	Latest   []latestAct
	Notice   *notice // of an outage that is over; nil for none
	Page     any

	names map[negotiation.Code]string
}

// A latestAct is one of the newest acts, as announced to those who listen.
type latestAct struct {
	ID     negotiation.ActID
	Says   string
	Beside bool // does not count
	Time   time.Time
}

// mostLatest is how many of the newest acts a page announces.
const mostLatest = 5

func (s *site) frame(r *http.Request) *frame {
	f := &frame{
		Path:     r.URL.RequestURI(),
		State:    s.Node.State(),
		Link:     s.Node.Link(),
		Me:       s.Participant,
		Observer: s.Observer,
		SignedIn: s.authorised(r),
		Posted:   r.Method == http.MethodPost,
		names:    map[negotiation.Code]string{},
	}
	f.Hidden = !s.isOwnHost(r.Host) || !s.mayRead(r, f.State)
	for _, p := range f.State.Charter.Participants {
		f.names[p.Code] = p.Name
	}
	if f.Hidden {
		return f
	}
	f.Notice = s.notice(f, r)
	for _, v := range slices.Backward(f.State.Log()) {
		if _, receipt := v.Act().Content.(negotiation.Receipt); receipt {
			continue
		}
		if f.Latest = append(f.Latest, latestAct{v.ID(), f.says(v), !f.State.Counts(v.ID()), v.Act().Time}); len(f.Latest) == mostLatest {
			break
		}
	}
	return f
}

// Name returns what the charter calls a participant, or the code itself.
func (f *frame) Name(code negotiation.Code) string {
	if name, ok := f.names[code]; ok {
		return name
	}
	return string(code)
}

// Node says whose node this is.
func (f *frame) Node() string {
	if f.Observer != "" {
		return "Observer – read-only replica"
	}
	return f.Name(f.Me)
}

// Acts reports whether whoever looks at the page may act for the participant.
func (f *frame) Acts() bool { return f.SignedIn && f.Observer == "" }

// Chairs reports whether whoever looks at the page may act for the chair.
func (f *frame) Chairs() bool { return f.Acts() && f.Me == f.State.Chair }

// Lang returns the negotiating language.
func (f *frame) Lang() string {
	if len(f.State.Charter.Languages) == 0 {
		return "en"
	}
	return f.State.Charter.Languages[0]
}

// In reports whether the page is at a path, for the navigation.
func (f *frame) In(path string) bool {
	here, _, _ := strings.Cut(f.Path, "?")
	return here == path || path != "/" && strings.HasPrefix(here, path+"/")
}

// show writes a page: a template's name, the page's title and its content.
func (s *site) show(w http.ResponseWriter, f *frame, status int, name, title string, content any) error {
	f.Title, f.Page = title, content
	if !f.State.Convened() && name != "sign-in" && name != "error" && name != "status" {
		name = "waiting"
	}
	return s.write(w, status, name, "frame", f)
}

// write executes one definition of a page's template and sends it.
func (s *site) write(w http.ResponseWriter, status int, name, definition string, data any) error {
	var b bytes.Buffer
	if err := s.templates[name].ExecuteTemplate(&b, definition, data); err != nil {
		return fmt.Errorf("api: page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", htmlType)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(b.Bytes()) // the client is all that could fail
	return nil
}

// errorPage says what went wrong, in the frame of all pages.
func (s *server) errorPage(w http.ResponseWriter, r *http.Request, p problem) {
	f := s.site.frame(r)
	if err := s.site.show(w, f, p.Status, "error", p.Title, p); err != nil {
		s.Logger.ErrorContext(r.Context(), "api: error page", "error", err)
		http.Error(w, p.Detail, p.Status)
	}
}

// icon serves the pages' icon where browsers look for one without being told.
func icon(w http.ResponseWriter, r *http.Request) error {
	r.SetPathValue("file", "icon.svg")
	return staticFile(w, r)
}

// to leads to another page.
func to(path string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, path, http.StatusSeeOther)
		return nil
	}
}

// toProposal leads to the page of the proposal that the path is about.
func toProposal(w http.ResponseWriter, r *http.Request) error {
	return to((&url.URL{Path: "/proposals/" + r.PathValue("author") + "/" + r.PathValue("number")}).String())(w, r)
}

// staticFile serves what a page links to.
func staticFile(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	content, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return errNotFound.Because("there is no such file")
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(content))))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	return nil
}
