package drafts

import (
	"slices"
	"strings"
)

// negotiate answers a request of version 0 or 1 (gitprotocol-pack), in the form without
// a state that HTTP has: wants, then in each round all haves of those before. It never
// says that it is ready before the client is done, for then the client would not say all
// that it has, and the pack would have some of it.
// It reports whether the pack is to follow.
func (u *upload) negotiate() (send bool, err error) {
	level, err := u.readWants()
	if err != nil || len(u.wants) == 0 {
		return false, err
	}
	last := ""
	for {
		kind, line, err := u.in.next()
		switch {
		case err != nil:
			return false, err
		case kind == endOfInput:
			return false, nil // another round comes, as another request
		case kind == flushPacket:
			if last == "" || level > 0 {
				u.out.line("NAK")
			}
			continue
		case line == "done":
			if last == "" {
				u.out.line("NAK")
			} else if level > 0 {
				u.out.line("ACK %s", last)
			}
			return true, nil
		}
		digits, ok := strings.CutPrefix(line, "have ")
		if kind != dataPacket || !ok {
			return false, refuseLine(line)
		}
		id, common, err := u.have(digits)
		if err != nil {
			return false, err
		}
		if !common {
			continue
		}
		switch {
		case level == 2:
			u.out.line("ACK %s common", id)
		case level == 1:
			u.out.line("ACK %s continue", id)
		case last == "":
			u.out.line("ACK %s", id)
		}
		last = id.String()
	}
}

// readWants reads what is wanted, up to the flush behind it. It returns how haves are to
// be acknowledged: 0 the first alone, 1 each (multi_ack), 2 each in detail.
func (u *upload) readWants() (level int, err error) {
	for first := true; ; first = false {
		kind, line, err := u.in.next()
		if err != nil {
			return 0, err
		}
		if kind == flushPacket || kind == endOfInput && first {
			return level, nil
		}
		digits, ok := strings.CutPrefix(line, "want ")
		if kind != dataPacket || !ok {
			return 0, refuseLine(line)
		}
		if first {
			var asked string
			digits, asked, _ = strings.Cut(digits, " ")
			level = u.takeCapabilities(strings.Fields(asked))
		}
		if err := u.want(digits); err != nil {
			return 0, err
		}
	}
}

// takeCapabilities takes down how the client wants to be answered.
func (u *upload) takeCapabilities(asked []string) (level int) {
	has := func(name string) bool { return slices.Contains(asked, name) }
	u.includeTag = has("include-tag")
	switch {
	case has("side-band-64k"):
		u.most = maxBand
	case has("side-band"):
		u.most = maxSmallBand
	}
	switch {
	case has("multi_ack_detailed"):
		return 2
	case has("multi_ack"):
		return 1
	}
	return 0
}
