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
// so it carries the participant's code and the negotiation: the nodes on one host
// do not log one another out.
func (s *server) cookieName() string {
	negotiation := s.Node.State().Negotiation.String()
	return "concord-" + strings.ToLower(string(s.Participant)) + "-" + negotiation[:16]
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
	Next  string // the page to go on to
	Error string
}

// signInForm asks for the token. With one in the query, as in the link that the
// demonstration prints, it signs in.
func (s *site) signInForm(w http.ResponseWriter, r *http.Request) error {
	if token := r.URL.Query().Get("token"); token != "" {
		return s.admit(w, r, token, "/")
	}
	return s.show(w, s.frame(r), http.StatusOK, "sign-in", "Sign in", signInContent{Next: localPath(r.URL.Query().Get("next"))})
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	return s.admit(w, r, r.PostForm.Get("token"), localPath(r.PostForm.Get("next")))
}

// admit sets the cookie for the right token, and asks again for any other.
func (s *site) admit(w http.ResponseWriter, r *http.Request, token, next string) error {
	if !s.isToken(strings.TrimSpace(token)) {
		v := signInContent{next, "This is not the token of this node. It was printed when the node was set up; whoever runs the node can tell you."}
		return s.show(w, s.frame(r), http.StatusUnauthorized, "sign-in", "Sign in", v)
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

func (s *site) cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// localPath returns a path of this site, "/" for anything else.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
