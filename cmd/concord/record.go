package main

import (
	"errors"
	"path/filepath"
	"strings"

	"concord/drafts"
	"concord/negotiation"
)

// readRecord returns what the acts come to in the directory that --dir names: a node's,
// whether it runs or not, or a bare repository, as a clone is that has all records. It
// changes nothing there.
func (c *call) readRecord() (*negotiation.State, error) {
	d, err := c.dir()
	if err != nil {
		return nil, err
	}
	repository, name := d.repository(), negotiation.ActID{}
	switch {
	case there(d.file(settingsFile)):
		id, err := d.identity()
		if err != nil {
			return nil, err
		}
		name = id.negotiation
	case there(d.file("HEAD")) && there(d.file("objects")):
		repository = string(d)
	default:
		return nil, refuse("Name a node's directory, or a clone made with git clone --mirror, which has all records.", "%s holds neither a node nor a bare repository", d)
	}
	if !there(repository) {
		return nil, errNoneYet
	}
	state, err := drafts.Load(repository, name)
	if err != nil {
		return nil, recordRefusal(err, repository)
	}
	if !state.Convened() {
		return nil, errNoneYet
	}
	return state, nil
}

const (
	mendNode  = "Stop the node if it runs. Have another node make a bundle with concord export, or take a clone of the record, and put this one right with concord import."
	mendClone = "Clone it anew from a node, or ask whoever gave it to you. What of it verifies, concord verify says."
)

// recordRefusal says of a record that is not as its acts say what to do about it: a node
// has its backups and its invitation, somebody who was given a clone has neither.
func recordRefusal(err error, repository string) error {
	if _, bad := negotiation.FaultOf(err); !bad || errors.Is(err, drafts.ErrFormat) {
		return err
	}
	next := mendClone
	if there(filepath.Join(filepath.Dir(repository), settingsFile)) {
		next = mendNode
	}
	return refuse(next, "the record in %s does not verify: %v", repository, rootOf(err))
}

var errNoneYet = refuse("Let the node run until it has arrived.", "the record has not arrived yet")

// load reads the acts that a node holds, whether it runs or not.
func (d dataDir) load(name negotiation.ActID) (*negotiation.State, error) {
	if !there(d.repository()) {
		return nil, errNoneYet
	}
	state, err := drafts.Load(d.repository(), name)
	return state, recordRefusal(err, d.repository())
}

// open opens the node's repository, to write in it.
func (d dataDir) open(name negotiation.ActID) (*drafts.Repository, error) {
	repository, err := drafts.Open(d.repository(), name)
	return repository, recordRefusal(err, d.repository())
}

// namedText returns a text of the record by the name that a person gave it.
func namedText(state *negotiation.State, name string) (negotiation.NamedText, error) {
	text, err := state.TextNamed(name)
	if err != nil {
		return text, refuse("concord log lists the revisions and proposals that there are.", "%v", err)
	}
	return text, nil
}

// enumerated returns "a", "a and b" or "a, b and c".
func enumerated(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
