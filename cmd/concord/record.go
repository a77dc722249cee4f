package main

import (
	"strings"

	"concord/drafts"
	"concord/negotiation"
)

// readRecord returns what the acts come to in the directory that --dir names: a node's,
// whether it runs or not, or a bare repository, as a clone is that has all records. It
// changes nothing there.
func (c *call) readRecord() (*negotiation.State, error) {
	if err := c.need("dir"); err != nil {
		return nil, err
	}
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
		return nil, refuse("Let the node run until it has arrived.", "the record has not arrived yet")
	}
	state, err := drafts.Load(repository, name)
	if err != nil {
		return nil, err
	}
	if !state.Convened() {
		return nil, refuse("Let the node run until it has arrived.", "the record has not arrived yet")
	}
	return state, nil
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
