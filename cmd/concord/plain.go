package main

import (
	"errors"
	"fmt"
	"strings"

	"concord/drafts"
	"concord/federation"
	"concord/negotiation"
)

// plain says to a person what happened and what to do next.
func plain(err error) string {
	line := new(negotiation.LineError)
	switch {
	case errors.Is(err, errUsage):
		return strings.TrimPrefix(err.Error(), errUsage.Error()+": ")
	case errors.Is(err, drafts.ErrInUse):
		return "the data directory is in use by another process. Nothing was changed. Stop that process, or name another --dir."
	case errors.Is(err, federation.ErrPortBusy):
		return fmt.Sprintf("port busy: %v. Nothing was changed. Stop that program, or choose another address with --listen.", err)
	case errors.As(err, &line):
		return fmt.Sprintf("%v\nNothing was changed. Correct that line and try again.", line)
	}
	return err.Error()
}
