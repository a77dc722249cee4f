package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

const (
	root     = "/api/v1"
	minToken = 20 // characters
)

// A Server answers the requests for one node. It is safe for concurrent use.
type Server struct {
	http.Handler
	done chan struct{}
	once sync.Once
}

// Close ends the event streams and clones, which would otherwise keep [http.Server.Shutdown]
// waiting: register it with [http.Server.RegisterOnShutdown].
func (s *Server) Close() { s.once.Do(func() { close(s.done) }) }

// server is what the routes stand on.
type server struct {
	Config
	streams  chan struct{}   // holds one entry for each event stream that is open
	bodies   *turns          // of those whose requests of git's are being read, or wait for a pack
	packs    *turns          // of those that are being answered
	done     <-chan struct{} // closed when the streams are to end
	site     *site           // the pages
	absences absences
}

// New returns the server of a node. The error says what is wrong with the
// configuration.
func New(c Config) (*Server, error) {
	switch {
	case c.Node == nil || c.Logger == nil:
		return nil, errors.New("api: the configuration has no node or no logger")
	case (c.Participant == "") == (c.Observer == ""):
		return nil, errors.New("api: the node is not either a participant's or an observer's")
	case len(c.Token) < minToken:
		return nil, fmt.Errorf("api: the token has %d characters; it needs at least %d", len(c.Token), minToken)
	}
	done := make(chan struct{})
	s := &server{Config: c, streams: make(chan struct{}, maxStreams), bodies: newTurns(maxBodies, maxBodiesOfOne, done), packs: newTurns(maxPacks, maxPacksOfOne, done), done: done}
	return &Server{Handler: s.guard(s.routes()), done: done}, nil
}

// routes returns the router. HEAD requests come as GET.
func (s *server) routes() *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if !c.Response().Committed {
			s.fail(c.Response(), c.Request(), err)
		}
	}
	get := func(path string, h handler) { e.GET(root+path, onceEach(h).echo) }
	post := func(path string, h handler) { e.POST(root+path, s.authenticated(onceEach(h)).echo) }
	get("/negotiation", s.negotiation)
	get("/text", s.text)
	get("/text/rolling", s.rolling)
	get("/text/blame", s.blame)
	get("/text/biography", s.biography)
	get("/text/diff", s.diff)
	get("/text/provenance", s.provenance)
	get("/proposals", s.proposals)
	get("/proposals/:participant/:number", s.proposal)
	get("/acts", s.acts)
	get("/acts/:id", s.act)
	get("/acts/:id/delivery", s.delivery)
	get("/forks", s.forks)
	get("/link", s.link)
	get("/since", s.since)
	get("/status", s.status)
	get(eventsPath, s.events)
	e.HEAD(root+eventsPath, handler(s.eventsHead).echo)
	get("/openapi.json", s.openAPI)
	post("/proposals", s.propose)
	post("/proposals/:participant/:number/wordings", s.supersede)
	post("/proposals/:participant/:number/withdraw", s.withdraw)
	post("/positions", s.takePosition)
	post("/revisions", s.revise)
	post("/charter", s.amend)
	post("/chair", s.handOver)
	post("/chair/take-up", s.takeUp)
	post("/chair/rekey", s.rekey)
	post("/chair/recognise", s.recognise)
	post("/chair/succeed", s.succeed)
	if s.Git != nil {
		e.GET(gitRoot+"/info/refs", onceEach(s.advertise).echo)
		e.POST(gitRoot+"/"+uploadPack, handler(s.uploadPack).echo)
		e.POST(gitRoot+"/"+receivePack, handler(refusePush).echo)
	}
	s.pages(e)
	return e
}

// A handler answers one request of the JSON API. An error that it returns before
// it has written anything becomes a problem document.
type handler func(http.ResponseWriter, *http.Request) error

// echo makes h a handler of the router's; the parameters of the path are the
// request's path values.
func (h handler) echo(c echo.Context) error {
	for _, name := range c.ParamNames() {
		c.Request().SetPathValue(name, c.Param(name))
	}
	return h(c.Response(), c.Request())
}

// onceEach refuses queries that cannot be read, or name a parameter twice.
func onceEach(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return errMalformed.Because("the query is not encoded as queries are")
		}
		for name, values := range query {
			if len(values) > 1 {
				return errMalformed.Because("the parameter %q is there %d times; it belongs there once", clip(name), len(values))
			}
		}
		return h(w, r)
	}
}

// authenticated lets only those through who may write.
func (s *server) authenticated(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.authorised(r) {
			askForToken(w)
			return errUnauthorized.Because("writing needs the token of this node, as in “Authorization: Bearer …”; there was none, or another")
		}
		return h(w, r)
	}
}

func askForToken(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", `Bearer realm="concord"`) }

// authorised reports whether r carries this node's token, or a signed-in cookie.
func (s *server) authorised(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	bearer := strings.EqualFold(scheme, "Bearer") && s.isToken(strings.TrimSpace(token))
	return bearer || s.carriesTokenForGit(r) || s.signedIn(r)
}

// isToken compares in a time that says nothing of where, or whether, token differs
// from this node's.
func (s *server) isToken(token string) bool {
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.Token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
