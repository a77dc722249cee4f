package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"concord/negotiation"
)

// writeJSON answers with a value.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("api: encoding a %T: %w", value, err)
	}
	return write(w, status, "application/json", append(body, '\n'))
}

func write(w http.ResponseWriter, status int, mediaType string, body []byte) error {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	w.Write(body) // the client is all that could fail
	return nil
}

// readBody returns the body of a request, which is UTF-8 and of one of the given
// media types.
func readBody(r *http.Request, mediaTypes ...string) ([]byte, error) {
	got, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || !slices.Contains(mediaTypes, got) || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, errMediaType.Because("this address reads %s in UTF-8", strings.Join(mediaTypes, " or "))
	}
	raw, err := io.ReadAll(r.Body)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, err
	} else if err != nil {
		return nil, errMalformed.Because("the request broke off")
	}
	if !utf8.Valid(raw) {
		valid := bytes.ToValidUTF8(raw, nil)
		at := 0
		for at < len(valid) && raw[at] == valid[at] {
			at++
		}
		return nil, lineError(errNotUTF8, raw, at, "what stands here is not UTF-8")
	}
	return raw, nil
}

const bodyName = "request"

func lineError(fault negotiation.Fault, raw []byte, offset int, reason string) error {
	line := 1 + bytes.Count(raw[:min(offset, len(raw))], []byte("\n"))
	return &negotiation.LineError{Fault: fault, File: bodyName, Line: line, Reason: reason}
}

// readJSON reads a request's body: one JSON object of exactly the members that T
// has, each at most once.
func readJSON[T any](r *http.Request) (T, error) {
	var value T
	raw, err := readBody(r, "application/json")
	if err != nil {
		return value, err
	}
	return value, decodeJSON(raw, &value)
}

func decodeJSON(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return jsonError(raw, d, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return lineError(errMalformed, raw, int(d.InputOffset()), "something follows the JSON")
	}
	return checkMembers(raw, into)
}

func jsonError(raw []byte, d *json.Decoder, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return lineError(errMalformed, raw, int(syntax.Offset), "the JSON is broken here")
	case errors.As(err, &kind) && kind.Field != "":
		return lineError(errMalformed, raw, int(kind.Offset), kind.Field+" is not of the right type")
	case errors.As(err, &kind):
		return lineError(errMalformed, raw, int(kind.Offset), "a JSON object belongs here")
	}
	return lineError(errMalformed, raw, int(d.InputOffset()), "the JSON ends too early")
}

// A jsonLevel is an object or an array that has begun and not ended.
type jsonLevel struct {
	members map[string]reflect.Type // of an object; nil for an array
	names   map[string]bool         // of those that have come
	of      reflect.Type            // the value that comes next; nil while a name comes before it
}

// checkMembers refuses objects that have a member twice, or one that the Go value
// has not at that place, in these very letters: encoding/json would take the last, and
// any case, and pass over what it does not know.
func checkMembers(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	levels := []jsonLevel{{of: reflect.TypeOf(into)}}
	for {
		token, err := d.Token()
		if err != nil {
			return nil // the end: all of raw has been decoded before
		}
		top := &levels[len(levels)-1]
		if name, ok := token.(string); ok && top.of == nil {
			member, known := top.members[name]
			if !known || top.names[name] {
				return lineError(errMalformed, raw, int(d.InputOffset()), fmt.Sprintf("the member %q is unknown, or there twice", clip(name)))
			}
			top.names[name], top.of = true, member
			continue
		}
		of := top.of
		if top.members != nil {
			top.of = nil
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, jsonLevel{members: membersOf(of), names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, jsonLevel{of: pointed(of).Elem()})
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:len(levels)-1]
		}
	}
}

// membersOf returns the members of an object that is decoded into t.
func membersOf(t reflect.Type) map[string]reflect.Type {
	members := map[string]reflect.Type{}
	for field := range pointed(t).Fields() {
		members[field.Tag.Get("json")] = field.Type
	}
	return members
}

// pointed returns what t is, or points to.
func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// clip shortens what somebody sent for use in a problem.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
