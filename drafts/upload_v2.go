package drafts

import (
	"slices"
	"strings"
)

// maxPrefixes bounds the prefixes of refs that one request asks for.
const maxPrefixes = 4096

// command answers a request of version 2 (gitprotocol-v2), which is one command. It reports
// whether the pack is to follow.
func (u *upload) command() (send bool, err error) {
	name := ""
	for {
		kind, line, err := u.in.next()
		if err != nil {
			return false, err
		}
		word, value, _ := strings.Cut(line, "=")
		switch {
		case kind == endOfInput || kind == flushPacket && name == "":
			return false, nil // as git asks before it sends much, to see whether it may
		case kind == flushPacket || kind == delimPacket:
			return u.run(name, kind == delimPacket)
		case word == "command" && name == "":
			name = value
		case word == "agent" || line == "object-format=sha1":
		default:
			return false, ErrRequest.Because("a capability that was not offered")
		}
	}
}

// run runs a command; its arguments follow when there are any.
func (u *upload) run(name string, arguments bool) (send bool, err error) {
	switch name {
	case "ls-refs":
		return false, u.listRefs(arguments)
	case "fetch":
		return u.fetch(arguments)
	}
	return false, ErrRequest.Because("a command that was not offered")
}

// argument returns the next argument of a command; false behind the last.
func (u *upload) argument() (line string, more bool, err error) {
	kind, line, err := u.in.next()
	if err == nil && kind != dataPacket && kind != flushPacket {
		err = ErrRequest.Because("the request is broken off")
	}
	return line, kind == dataPacket, err
}

// listRefs answers ls-refs.
func (u *upload) listRefs(arguments bool) error {
	var prefixes []string
	var peel, symrefs bool
	for arguments {
		line, more, err := u.argument()
		if err != nil {
			return err
		}
		prefix, isPrefix := strings.CutPrefix(line, "ref-prefix ")
		if isPrefix {
			prefixes = append(prefixes, prefix)
		}
		if len(prefixes) > maxPrefixes {
			return ErrRequest.Because("more than %d prefixes", maxPrefixes)
		}
		peel, symrefs, arguments = peel || line == "peel", symrefs || line == "symrefs", more
	}
	asked := func(name string) bool {
		return len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	if head, ok := u.head(); ok && asked("HEAD") {
		target := ""
		if symrefs {
			target = " symref-target:" + headRef
		}
		u.out.line("%s HEAD%s", head, target)
	}
	for _, r := range u.refs {
		if !asked(r.name) {
			continue
		}
		peeled := ""
		if commit, tag := u.peeled[r.id]; tag && peel {
			peeled = " peeled:" + commit.String()
		}
		u.out.line("%s %s%s", r.id, r.name, peeled)
	}
	u.out.flush()
	return nil
}

// fetch answers fetch: it acknowledges what both have, or the pack follows when the client
// is done or has nothing. As in the older versions it is never ready by itself.
func (u *upload) fetch(arguments bool) (send bool, err error) {
	u.most = maxBand
	var common []string
	done, tried := false, false
	for arguments {
		line, more, err := u.argument()
		if err != nil {
			return false, err
		}
		arguments = more
		word, value, _ := strings.Cut(line, " ")
		switch {
		case !more:
		case word == "want":
			err = u.want(value)
		case word == "have":
			tried = true
			id, known, wrong := u.have(value)
			if err = wrong; known {
				common = append(common, id.String())
			}
		case line == "done":
			done = true
		case line == "include-tag":
			u.includeTag = true
		case line == "thin-pack" || line == "ofs-delta" || line == "no-progress":
		default:
			err = refuseLine(line)
		}
		if err != nil {
			return false, err
		}
	}
	switch {
	case len(u.wants) == 0:
		return false, nil
	case tried && !done:
		u.acknowledge(common)
		return false, nil
	}
	u.out.line("packfile")
	return true, nil
}

// acknowledge says what both have, and that the client is to go on.
func (u *upload) acknowledge(common []string) {
	u.out.line("acknowledgments")
	if len(common) == 0 {
		u.out.line("NAK")
	}
	for _, id := range common {
		u.out.line("ACK %s", id)
	}
	u.out.flush()
}
