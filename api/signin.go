package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// staySignedIn is how long a browser stays signed in.
const staySignedIn = 30 * 24 * time.Hour

// cookieName names the cookie that says who is signed in. Cookies ignore ports,
// so it carries the participant's code, or the observer's name, and the negotiation: the
// nodes on one host do not log one another out.
func (s *server) cookieName() string {
	negotiation := s.Node.State().Negotiation.String()
	whose := strings.ToLower(string(s.Participant))
	if s.Observer != "" {
		whose = "observer-" + s.Observer
	}
	return "concord-" + whose + "-" + negotiation[:16]
}

// cookieValue is what only somebody who has the token could have been given.
func (s *server) cookieValue() string {
	mac := hmac.New(sha256.New, []byte(s.Token))
	mac.Write([]byte("concord sign-in " + s.cookieName()))
	return hex.EncodeToString(mac.Sum(nil))
}

// signedIn reports whether r carries the cookie of this node, in constant time.
func (s *server) signedIn(r *http.Request) bool {
	cookie, err := r.Cookie(s.cookieName())
	return err == nil && hmac.Equal([]byte(cookie.Value), []byte(s.cookieValue()))
}

// A signInContent is the form that asks for the token.
type signInContent struct {
	Next   string // the page to go on to
	Closed bool   // reading, too, needs signing in
	Error  string
}

// signInForm asks for the token. With one in the query, as in the link that the
// demonstration prints, it signs in.
func (s *site) signInForm(w http.ResponseWriter, r *http.Request) error {
	if token := r.URL.Query().Get("token"); token != "" {
		return s.follow(w, r, token)
	}
	return s.showSignIn(w, r, http.StatusOK, localPath(r.URL.Query().Get("next")), "")
}

// follow signs in whoever follows a link with the token. A browser does not send a
// strict cookie along with what a page of another site led to, redirects of it
// included, so the answer is a page of this site that goes on by itself.
func (s *site) follow(w http.ResponseWriter, r *http.Request, token string) error {
	if !s.isToken(strings.TrimSpace(token)) {
		return s.showSignIn(w, r, http.StatusUnauthorized, "/", wrongToken)
	}
	http.SetCookie(w, s.cookie(r, s.cookieValue(), int(staySignedIn.Seconds())))
	return s.write(w, http.StatusOK, "signed-in", "signed-in", nil)
}

// askToSignIn answers, on a node whose negotiation is not public, whoever has not
// signed in.
func (s *site) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	next := "/"
	if r.Method == http.MethodGet {
		next = localPath(r.URL.RequestURI())
	}
	return s.showSignIn(w, r, http.StatusUnauthorized, next, "")
}

func (s *site) showSignIn(w http.ResponseWriter, r *http.Request, status int, next, wrong string) error {
	f := s.frame(r)
	v := signInContent{Next: next, Closed: !s.mayRead(r, f.State), Error: wrong}
	return s.show(w, f, status, "sign-in", "Sign in", v)
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	return s.admit(w, r, r.PostForm.Get("token"), localPath(r.PostForm.Get("next")))
}

const wrongToken = "This is not the token of this node. The token is in the file “token” of the node's data directory; whoever runs the node can tell you."

// admit sets the cookie for the right token, and asks again for any other.
func (s *site) admit(w http.ResponseWriter, r *http.Request, token, next string) error {
	if !s.isToken(strings.TrimSpace(token)) {
		return s.showSignIn(w, r, http.StatusUnauthorized, next, wrongToken)
	}
	http.SetCookie(w, s.cookie(r, s.cookieValue(), int(staySignedIn.Seconds())))
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookie(r, "", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// cookie returns the cookie that signs in, or out. It is for encrypted connections
// alone when the request came over one, as a proxy in front says with
// X-Forwarded-Proto. Nobody but the visitor can set that header, and all that a
// false one does is that the visitor's own browser keeps the cookie to itself.
func (s *site) cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: overTLS(r),
	}
}

// overTLS reports whether a request came over an encrypted connection.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// origin returns where this node is, as whoever asks sees it.
func origin(r *http.Request) string {
	if overTLS(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// localPath returns a path of this site, "/" for anything else.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
