package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"concord/negotiation"
)

// Faults of requests, besides those of the negotiation.
const (
	errMalformed        negotiation.Fault = "malformed"
	errNotUTF8          negotiation.Fault = "not-utf8"
	errUnauthorized     negotiation.Fault = "unauthorized"
	errCrossOrigin      negotiation.Fault = "cross-origin"
	errMisdirected      negotiation.Fault = "misdirected"
	errNotFound         negotiation.Fault = "not-found"
	errMethodNotAllowed negotiation.Fault = "method-not-allowed"
	errMediaType        negotiation.Fault = "unsupported-media-type"
	errSlow             negotiation.Fault = "slow"
	errBusy             negotiation.Fault = "busy"
	errDisk             negotiation.Fault = "disk"
	errInternal         negotiation.Fault = "internal"
)

const problemPrefix = "urn:concord:problem:"

// A problem is what went wrong with a request, in a person's words (RFC 9457).
type problem struct {
	Type      string                   `json:"type"`
	Title     string                   `json:"title"`
	Status    int                      `json:"status"`
	Detail    string                   `json:"detail"`
	Fault     negotiation.Fault        `json:"fault"`
	File      string                   `json:"file,omitempty"`      // where the fault is: a member of the request, or a file's name
	Line      int                      `json:"line,omitempty"`      // there, counted from 1
	Proposals []negotiation.ProposalID `json:"proposals,omitempty"` // that collide, or cannot be accepted
}

// problemOf maps an error to what a person is told. What is no fault of the
// request's is internal, and keeps its details to the log.
func problemOf(method string, err error) problem {
	fault, reason := faultOf(err)
	status, title, next := describe(fault)
	p := problem{Type: problemPrefix + string(fault), Title: title, Status: status, Fault: fault}
	if line := (*negotiation.LineError)(nil); errors.As(err, &line) {
		p.File, p.Line = line.File, line.Line
		reason = fmt.Sprintf("line %d of %s: %s", line.Line, line.File, line.Reason)
	}
	if collision := (*negotiation.Collision)(nil); errors.As(err, &collision) {
		p.Proposals = collision.Proposals
	}
	if untaken := (*untakenError)(nil); errors.As(err, &untaken) {
		p.Proposals = untaken.proposals
	}
	kept := ""
	switch {
	case method != http.MethodPost:
	case fault == errDisk: // which may have failed after all that matters was on it
		kept = "All that was acknowledged is kept; this was not acknowledged."
	case fault == errInternal: // likewise
		kept = "All that was acknowledged is kept; this was not acknowledged: look first whether it is in the record."
	default:
		kept = "Nothing was stored."
	}
	p.Detail = strings.Join(strings.Fields(sentence(reason)+" "+kept+" "+next), " ")
	return p
}

// faultOf returns the fault that err is, and the reason in words.
func faultOf(err error) (negotiation.Fault, string) {
	if fault, ok := negotiation.FaultOf(err); ok && fault != errInternal {
		return fault, err.Error()
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return faultOf(tooLarge())
	}
	if routing := (*echo.HTTPError)(nil); errors.As(err, &routing) {
		switch routing.Code {
		case http.StatusNotFound:
			return errNotFound, "there is nothing at this address"
		case http.StatusMethodNotAllowed:
			return errMethodNotAllowed, "this address does not take that method"
		}
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errDisk, "there is no room on this node's disk"
	case errors.Is(err, syscall.EROFS):
		return errDisk, "this node's disk cannot be written on"
	case errors.Is(err, syscall.EIO):
		return errDisk, "this node's disk does not read or write"
	}
	return errInternal, "something went wrong on this node"
}

func tooLarge() error {
	return negotiation.ErrTooLarge.Because("a request carries at most %d bytes", maxBody)
}

// sentence gives a reason a capital and a full stop.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.TrimRight(s[size:], ".") + "."
}

// describe returns the status and the title of a fault, and what to do about it.
func describe(f negotiation.Fault) (status int, title, next string) {
	switch f {
	case errMalformed:
		return http.StatusBadRequest, "The request is malformed", "The document at " + root + "/openapi.json says what is expected."
	case errNotUTF8:
		return http.StatusBadRequest, "The request is not UTF-8", "Save it as UTF-8 and send it again."
	case errUnauthorized:
		return http.StatusUnauthorized, "Not signed in", "Whoever runs this node has the token."
	case errCrossOrigin:
		return http.StatusForbidden, "From another site", "Open this node's own page and try there."
	case errMisdirected:
		return http.StatusMisdirectedRequest, "Not this node's name", "Use the address that the node prints when it starts, or start it with --hosts and this name."
	case errNotFound:
		return http.StatusNotFound, "Nothing here", "Check the address."
	case errMethodNotAllowed:
		return http.StatusMethodNotAllowed, "Not with this method", "The Allow header lists those that it takes."
	case errMediaType:
		return http.StatusUnsupportedMediaType, "Not a type that is read here", "Set the Content-Type header to it."
	case errSlow:
		return http.StatusRequestTimeout, "Too slow", "Try again."
	case errBusy:
		return http.StatusServiceUnavailable, "Too many at a time", "Close one, or try again later."
	case errDisk:
		return http.StatusServiceUnavailable, "The disk fails", "Whoever runs this node has to see to the disk; then look whether it is in the record, and send it again if not."
	case errReadOnly:
		return http.StatusForbidden, "Read only", "To act, use the pages or the API of the state's own node."
	case errInternal:
		return http.StatusInternalServerError, "Something went wrong here", "Try again; if it stays so, whoever runs this node finds the cause in its log."
	}
	return describeRule(f)
}

// describeRule is describe for the faults of the negotiation.
func describeRule(f negotiation.Fault) (status int, title, next string) {
	switch f {
	case negotiation.ErrTooLarge:
		return http.StatusRequestEntityTooLarge, "Too large", "Send less."
	case negotiation.ErrNotChair:
		return http.StatusForbidden, "Only the chair may do this", "Ask the chair."
	case negotiation.ErrNotAuthor:
		return http.StatusForbidden, "Another state's proposal", "Table a proposal of your own, or take a position on it."
	case negotiation.ErrNotParticipant:
		return http.StatusForbidden, "Not a participant", "The chair can amend the charter."
	case negotiation.ErrUnknownBase:
		return http.StatusNotFound, "No such revision or paragraph", "See " + root + "/text for the newest."
	case negotiation.ErrUnknownAct:
		return http.StatusNotFound, "No such act", "It may still arrive; see " + root + "/acts for those that are here."
	case negotiation.ErrUnknownProposal:
		return http.StatusNotFound, "No such proposal", "It may still arrive; see " + root + "/proposals for those that are here."
	case negotiation.ErrText:
		return http.StatusUnprocessableEntity, "The text cannot be accepted", "Correct it there and send it again."
	case negotiation.ErrCharter:
		return http.StatusUnprocessableEntity, "The charter cannot be accepted", "Correct it there and send it again."
	case negotiation.ErrRedline:
		return http.StatusUnprocessableEntity, "The redline does not fit", "Send it again on the newest revision."
	case negotiation.ErrEmptyRedline:
		return http.StatusUnprocessableEntity, "Nothing is changed", "Change something; a proposal can instead be of type no-change and give its reasons."
	case negotiation.ErrNotCanonical:
		return http.StatusUnprocessableEntity, "Not in the form that is expected", "Correct it and send it again."
	case negotiation.ErrWithdrawn:
		return http.StatusConflict, "The proposal has been withdrawn", "It can be tabled again under a new number."
	case negotiation.ErrSuperseded:
		return http.StatusConflict, "There is a newer wording", "Read that one and decide again."
	case negotiation.ErrCollision:
		return http.StatusConflict, "The proposals collide", "Accept one of them, or send the text as it should read."
	case negotiation.ErrForked:
		return http.StatusConflict, "Frozen by a fork", "See " + root + "/forks for what stands at that place."
	case negotiation.ErrBehind:
		return http.StatusConflict, "This node lacks acts of its own", "Wait until it has caught up, then try again; see " + root + "/status."
	case negotiation.ErrKey:
		return http.StatusServiceUnavailable, "The key that signs is not at hand", "Whoever runs this node can start the ssh-agent again, or add the key to it; then try again."
	case negotiation.ErrInadmissible:
		return http.StatusConflict, "Not possible as things stand", "Look at how things stand now, and decide again."
	}
	return http.StatusConflict, "The record does not allow it", "Look at how things stand now, and try again."
}

// fail answers with what went wrong, and logs what is this node's own fault.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r.Method, err)
	if allow := w.Header().Get("Allow"); p.Fault == errMethodNotAllowed && strings.Contains(allow, http.MethodGet) {
		w.Header().Set("Allow", allow+", "+http.MethodHead)
	}
	if p.Fault == errInternal || p.Fault == errDisk {
		s.Logger.ErrorContext(r.Context(), "api: request", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	s.answer(w, r, p)
}

func isAPI(path string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// answer sends a problem: as a document from the API, as a line that git shows, as a page
// elsewhere.
func (s *server) answer(w http.ResponseWriter, r *http.Request, p problem) {
	if isGit(r.URL.Path) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(p.Status)
		io.WriteString(w, p.Detail+"\n") // the client is all that could fail
		return
	}
	if !isAPI(r.URL.Path) {
		s.errorPage(w, r, p)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // the client is all that could fail
}
