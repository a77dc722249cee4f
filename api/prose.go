package api

import (
	"strings"

	"concord/negotiation"
)

// canonProse brings into canonical form what a person wrote in a member of a
// request. The error names the member and the line.
func canonProse(name, s string) (string, error) {
	prose, err := negotiation.CanonProse(s)
	if err == nil {
		return prose, nil
	}
	number := 1
	for line := range strings.SplitSeq(unixLines(s), "\n") {
		if _, bad := negotiation.CanonProse(line); bad != nil {
			break
		}
		number++
	}
	return "", &negotiation.LineError{Fault: negotiation.ErrText, File: name, Line: number, Reason: err.Error()}
}

// canonLine is canonProse for what has exactly one line.
func canonLine(name, s string) (string, error) {
	line, err := canonProse(name, s)
	switch {
	case err != nil:
		return "", err
	case line == "":
		return "", errMalformed.Because("the %s is missing", name)
	case strings.Contains(line, "\n"):
		return "", errMalformed.Because("the %s has one line, and no more", name)
	}
	return line, nil
}

func unixLines(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}
