package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2"

	"concord/drafts"
	"concord/federation"
	"concord/negotiation"
)

// A refusal is an error in a person's words: what stands in the way, and what to
// do next. Nothing has been changed when a command returns one.
type refusal struct {
	reason string
	next   string // whole sentences
}

func (r *refusal) Error() string { return r.reason }

// refuse returns a refusal; the reason is formatted.
func refuse(next, reason string, args ...any) error {
	return &refusal{fmt.Sprintf(reason, args...), next}
}

const (
	startAgain  = "Correct that and try again."
	askTheChair = "Ask the chair for another invitation."
)

// asThingsStand are the faults of acts that were well meant and well said, and are not
// possible now.
var asThingsStand = []negotiation.Fault{
	negotiation.ErrForked, negotiation.ErrSignature, negotiation.ErrNotChair, negotiation.ErrNotParticipant,
	negotiation.ErrInadmissible,
}

// plain says to a person what happened and what to do next.
func plain(err error) string {
	if errors.Is(err, errUsage) {
		return strings.TrimPrefix(err.Error(), errUsage.Error()+": ")
	}
	if line := (*negotiation.LineError)(nil); errors.As(err, &line) {
		return fmt.Sprintf("%v\nNothing was changed. Correct that line and try again.", line)
	}
	if answer := (*said)(nil); errors.As(err, &answer) {
		return answer.words
	}
	if r := refusalOf(err); r != nil {
		return fmt.Sprintf("%s. Nothing was changed. %s", r.reason, r.next)
	}
	return fmt.Sprintf("%v. This is not foreseen. What was acknowledged before is kept. Try again, and report it when it stays.", rootOf(err))
}

// refusalOf puts into words what can be foreseen of files, ports and the rules of
// the negotiation; nil when err is none of these.
func refusalOf(err error) *refusal {
	var known *refusal
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, drafts.ErrNoRecord):
		return &refusal{"there is no record of a negotiation there", "Name a node's data directory, its repository.git, a clone of that, or a bundle."}
	case errors.Is(err, drafts.ErrInUse):
		return &refusal{"the data directory is in use by another process", "Stop that process, or name another --dir."}
	case errors.Is(err, federation.ErrPortBusy):
		return &refusal{"port busy: another program has the port for the others' connections", "Stop that program, or choose another address with --listen."}
	case errors.As(err, &path):
		return fileRefusal(path.Path, path.Err)
	case errors.As(err, &link):
		return fileRefusal(link.New, link.Err)
	}
	if errors.Is(err, drafts.ErrMissing) || errors.Is(err, drafts.ErrDamaged) {
		return &refusal{rootOf(err).Error(), mendNode}
	}
	if errors.Is(err, drafts.ErrFormat) {
		return &refusal{rootOf(err).Error(), "Clone it again with git clone --mirror --no-local. What borrows objects is whole after git repack -a -d, and needs that file no more."}
	}
	if errors.Is(err, negotiation.ErrKey) {
		return &refusal{rootOf(err).Error(), "Start the ssh-agent, or add the key to it with ssh-add. Then try again."}
	}
	if fault, ok := negotiation.FaultOf(err); ok {
		next := startAgain
		switch {
		case fault == negotiation.ErrBehind: // says itself what to do
			next = "Then try again."
		case slices.Contains(asThingsStand, fault):
			next = "Look at how things stand with concord status and concord log, and decide again."
		}
		return &refusal{rootOf(err).Error(), next}
	}
	return nil
}

// fileRefusal says what the file system has against a file or directory.
func fileRefusal(path string, err error) *refusal {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &refusal{"there is no " + path, "Check the name."}
	case errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ENOTEMPTY):
		return &refusal{path + " is already there", "Choose another name."}
	case errors.Is(err, fs.ErrPermission):
		return &refusal{"access to " + path + " is denied", "Change its permissions, or name another place."}
	case errors.Is(err, syscall.EROFS):
		return &refusal{filepath.Dir(path) + " is on a disk that cannot be written on", "Make it writable, or name another place."}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &refusal{"there is no room on the disk of " + filepath.Dir(path), "Make room, or name another place."}
	case errors.Is(err, syscall.EFBIG):
		return &refusal{"this user may not write files as large as one in " + filepath.Dir(path), "Raise that limit (ulimit -f), and try again."}
	case errors.Is(err, syscall.EIO):
		return &refusal{"the disk of " + filepath.Dir(path) + " does not read or write", "Look after the disk. What was acknowledged before is kept, as far as the disk keeps it."}
	case errors.Is(err, syscall.EISDIR):
		return &refusal{path + " is a directory, not a file", "Check the name."}
	case errors.Is(err, syscall.ENOTDIR):
		return &refusal{"a part of " + path + " is a file, not a directory", "Check the name."}
	}
	return &refusal{fmt.Sprintf("%s: %v", path, rootOf(err)), startAgain}
}

// tomlReason says what is wrong with a TOML file, and in which line.
func tomlReason(err error) string {
	if unknown := (*toml.StrictMissingError)(nil); errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return fmt.Sprintf("line %d: %q is not one of its keys", line, strings.Join(first.Key(), "."))
	}
	if wrong := (*toml.DecodeError)(nil); errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return fmt.Sprintf("line %d: %s", line, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return rootOf(err).Error()
}

// rootOf returns the error at the bottom of a chain, which for a fault of the
// negotiation is the one that says what broke the rule.
func rootOf(err error) error {
	for {
		var below error
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			below = e.Unwrap()
		case interface{ Unwrap() []error }:
			below = e.Unwrap()[0]
		}
		if _, rule := below.(negotiation.Fault); below == nil || rule {
			return err
		}
		err = below
	}
}
