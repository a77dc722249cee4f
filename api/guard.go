package api

import (
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"concord/negotiation"
)

// maxBody is the most that a request may carry, in bytes: a text or a charter with
// all that JSON and forms need to escape in it.
const maxBody = 1 << 20

const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard puts before every route what holds for all of them.
func (s *server) guard(next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	sites.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errCrossOrigin.Because("a page of another site asked for this"))
	}))
	next = plainPath(headAsGet(s.limitBody(s.checkReader(s.keepReadOnly(next)))))
	return s.recoverPanics(secure(s.checkHost(sites.Handler(next))))
}

// recoverPanics answers for a handler that panics, and logs what it was.
func (s *server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); {
			case p == nil:
			case p == http.ErrAbortHandler:
				panic(p)
			default:
				s.Logger.ErrorContext(r.Context(), "api: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				s.answer(w, r, problemOf(r.Method, errInternal))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that keep a browser from doing what no page here needs.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurity)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// checkHost refuses names that are not this node's, so that no foreign name which
// is made to lead here (DNS rebinding) lets its pages read or write.
func (s *server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.isOwnHost(r.Host) {
			s.fail(w, r, errMisdirected.Because("this node does not go by that name"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) isOwnHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil && addr.Unmap().IsLoopback() {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(s.Hosts, func(own string) bool { return strings.EqualFold(own, host) })
}

// checkReader keeps a negotiation whose charter does not make it public to those
// who have the token. What shows nothing of it stays open.
func (s *server) checkReader(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isOpen(r.URL.Path) || asksToPush(r) || s.mayRead(r, s.Node.State()) {
			next.ServeHTTP(w, r)
			return
		}
		if isGit(r.URL.Path) {
			w.Header().Set("WWW-Authenticate", `Basic realm="concord"`)
			s.fail(w, r, errUnauthorized.Because("this negotiation is not public: git gives the token of this node as the password, with any name"))
			return
		}
		askForToken(w)
		if isAPI(r.URL.Path) {
			s.fail(w, r, errUnauthorized.Because("this negotiation is not public: reading, too, needs the token of this node, as in “Authorization: Bearer …”"))
			return
		}
		if err := s.site.askToSignIn(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// mayRead reports whether whoever asks may see the negotiation.
func (s *server) mayRead(r *http.Request, st *negotiation.State) bool {
	return !st.Convened() || st.Charter.Public || s.authorised(r)
}

// keepReadOnly refuses, on an observer's node, what acts or is there to prepare an act.
func (s *server) keepReadOnly(next http.Handler) http.Handler {
	if s.Observer == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signs := r.URL.Path == "/sign-in" || r.URL.Path == "/sign-out" // in or out
		writes := r.Method == http.MethodPost && !signs && !isGit(r.URL.Path)
		if writes || r.URL.Path == "/propose" || r.URL.Path == "/consolidate" {
			s.fail(w, r, errReadOnly.Because("this is an observer's node, a read-only replica of the record, on which nobody acts"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOpen reports whether an address says nothing of a negotiation's content.
func isOpen(path string) bool {
	return path == "/sign-in" || path == "/favicon.ico" || strings.HasPrefix(path, "/static/") ||
		path == root+"/openapi.json" || path == root+"/status"
}

// limitBody refuses a body that says it is too large before any of it is read,
// and ends the reading of one that turns out so.
func (s *server) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > maxBody {
			w.Header().Set("Connection", "close")
			s.fail(w, r, tooLarge())
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// headAsGet lets whatever answers GET answer HEAD; net/http leaves out the body.
// The event stream, which would not end, has an answer of its own.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && r.URL.Path != root+eventsPath {
			r = r.WithContext(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// plainPath routes by the decoded path, so that XCA%2F4 is XCA/4.
func plainPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawPath != "" {
			u := *r.URL
			u.RawPath = ""
			r = r.WithContext(r.Context())
			r.URL = &u
		}
		next.ServeHTTP(w, r)
	})
}
