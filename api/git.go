package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"concord/negotiation"
)

// Git gives the record to stock git, in git's pack protocol of version 0, 1 or 2. What is
// private is not among what it gives, whatever is asked for.
type Git interface {
	// Advertise writes the answer to a GET of info/refs?service=git-upload-pack.
	Advertise(ctx context.Context, version int, w io.Writer) error
	// UploadPack writes the answer to a POST to git-upload-pack. It has read the request
	// before it writes; an error in reading is passed on.
	UploadPack(ctx context.Context, version int, request io.Reader, w io.Writer) error
}

const (
	gitRoot     = "/record.git"
	uploadPack  = "git-upload-pack"
	receivePack = "git-receive-pack"
)

const errReadOnly negotiation.Fault = "read-only"

func isGit(path string) bool { return strings.HasPrefix(path, gitRoot+"/") }

// asksToPush reports whether a request is one of git push, which is refused to everybody
// alike.
func asksToPush(r *http.Request) bool {
	return r.URL.Path == gitRoot+"/"+receivePack ||
		r.URL.Path == gitRoot+"/info/refs" && r.URL.Query().Get("service") == receivePack
}

// carriesTokenForGit reports whether r has this node's token as the password of HTTP's
// basic authentication, which is what git sends and no page here asks for.
func (s *server) carriesTokenForGit(r *http.Request) bool {
	_, password, ok := r.BasicAuth()
	return ok && isGit(r.URL.Path) && s.isToken(password)
}

// advertise answers what git asks first.
func (s *server) advertise(w http.ResponseWriter, r *http.Request) error {
	switch r.URL.Query().Get("service") {
	case uploadPack:
		return s.give(w, r, "advertisement", func(out io.Writer) error {
			return s.Git.Advertise(r.Context(), gitVersion(r), out)
		})
	case receivePack:
		return refusePush(w, r)
	}
	return errMalformed.Because("this address speaks with git 1.6.6 or newer, which asks for the service %s", uploadPack)
}

// uploadPack answers what git asks then: for refs, or for what it lacks. A client gets a
// turn only when all that it asks has come, so that one which is slow to say it keeps
// nobody waiting.
func (s *server) uploadPack(w http.ResponseWriter, r *http.Request) error {
	if kind := r.Header.Get("Content-Type"); kind != "application/x-"+uploadPack+"-request" {
		return errMediaType.Because("git sends application/x-%s-request", uploadPack)
	}
	asked, leave, err := s.hear(w, r)
	if err != nil {
		return err
	}
	ended, ok := s.packs.enter(r.Context(), network(r.RemoteAddr))
	leave()
	if !ok {
		return tooBusy(w)
	}
	defer ended()
	var body io.Reader = bytes.NewReader(asked)
	switch coding := r.Header.Get("Content-Encoding"); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return gzipError(err)
		}
		body = gzipBody{unpacked}
	default:
		return errMediaType.Because("the body is encoded in a way that is not read here")
	}
	return s.give(w, r, "result", func(out io.Writer) error {
		return s.Git.UploadPack(r.Context(), gitVersion(r), body, out)
	})
}

// refusePush says that nothing can be pushed.
func refusePush(http.ResponseWriter, *http.Request) error {
	return errReadOnly.Because("the record is read with git, not written")
}

// give lets write answer, and ends the connection when it fails half-way, so that nobody
// takes half an answer for a whole one.
func (s *server) give(w http.ResponseWriter, r *http.Request, kind string, write func(io.Writer) error) error {
	out := &paced{control: http.NewResponseController(w), w: w, done: s.done, left: halting}
	w.Header().Set("Content-Type", "application/x-"+uploadPack+"-"+kind)
	w.Header().Set("Cache-Control", "no-store")
	err := write(out)
	switch {
	case err == nil || out.failed || r.Context().Err() != nil:
		return nil // all is said, or the client is gone
	case !out.began:
		return err
	}
	s.Logger.ErrorContext(r.Context(), "api: git", "path", r.URL.Path, "error", err)
	panic(http.ErrAbortHandler)
}

// gitVersion returns which version of the protocol git would like best.
func gitVersion(r *http.Request) int {
	best := 0
	for _, key := range strings.Split(r.Header.Get("Git-Protocol"), ":") {
		digits, ok := strings.CutPrefix(key, "version=")
		if version, err := strconv.Atoi(digits); ok && err == nil && version <= 2 {
			best = max(best, version)
		}
	}
	return best
}

// A paced writer goes on as long as the client takes what it is given, and not slower than
// [slowest], however long the whole takes; the server's deadlines are for requests that end
// soon. What the client takes faster than it must is a reserve for when it halts, of at most
// [halting].
type paced struct {
	control *http.ResponseController
	w       io.Writer
	done    <-chan struct{} // closed when the server closes
	left    time.Duration   // that the client may halt
	began   bool
	failed  bool // the client takes nothing more, or the server closes
}

// Write implements [io.Writer].
func (p *paced) Write(b []byte) (n int, err error) {
	defer func() { p.failed = p.failed || err != nil }()
	select {
	case <-p.done:
		return 0, http.ErrServerClosed
	default:
	}
	if !p.began {
		p.began = true
		if err := p.control.SetReadDeadline(time.Time{}); err != nil {
			return 0, err
		}
	}
	for second := range slices.Chunk(b, slowest) {
		var taken int
		taken, err = p.write(second)
		if n += taken; err != nil {
			return n, err
		}
	}
	return n, nil
}

// write writes at most what a client has a second for.
func (p *paced) write(b []byte) (int, error) {
	start := time.Now()
	due := p.left + time.Duration(len(b))*time.Second/slowest
	if err := p.control.SetWriteDeadline(start.Add(due)); err != nil {
		return 0, err
	}
	n, err := p.w.Write(b)
	p.left = min(halting, due-time.Since(start))
	return n, err
}

// A gzipBody is a compressed body as it was before; how much of it is read is for the
// reader to bound.
type gzipBody struct{ unpacked *gzip.Reader }

// Read implements [io.Reader].
func (b gzipBody) Read(p []byte) (int, error) {
	n, err := b.unpacked.Read(p)
	return n, gzipError(err)
}

// gzipError tells what is wrong with the body from how it comes.
func gzipError(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return errMalformed.Because("the body is not compressed as it says")
}
