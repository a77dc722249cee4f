package federation

import "time"

// A Why is the reason for which a peer is not connected.
type Why string

const (
	WhyLine    Why = "line"    // this node's own way to the others is down
	WhyNever   Why = "never"   // nothing has ever been heard of it
	WhySilent  Why = "silent"  // nothing has been heard of it since it was seen last
	WhyKey     Why = "key"     // its heads come, signed with a key that is not known here
	WhyRefused Why = "refused" // what comes from it breaks a rule: Peer.LastFault
	WhyOld     Why = "old"     // its heads come dated no later than those before: its clock was put back, or a broker repeats what it has kept
	WhyFlood   Why = "flood"   // it sends so much that brings nothing that it has to wait
)

// came is when what a peer sent came last that does not count as a sign of life.
type came struct{ refused, unknown, old time.Time }

// why returns why a peer is not connected; nothing when it is.
func (c *core) why(p *peer) Why {
	recent := func(t time.Time) bool { return !t.IsZero() && c.now.Sub(t) < silentAfter*c.every() }
	switch {
	case !c.up:
		return WhyLine
	case recent(p.seen):
		return ""
	case !p.resumes.IsZero():
		return WhyFlood
	case recent(p.came.unknown) && !p.came.unknown.Before(p.came.refused):
		return WhyKey
	case recent(p.came.refused):
		return WhyRefused
	case recent(p.came.old):
		return WhyOld
	case p.shown.heard.IsZero():
		return WhyNever
	}
	return WhySilent
}

// whyUntil is when what p.was says ceases to be so, if nothing comes; zero for never.
func (c *core) whyUntil(p *peer) time.Time {
	since := time.Time{}
	switch p.was {
	case "":
		since = p.seen
	case WhyKey:
		since = p.came.unknown
	case WhyRefused:
		since = p.came.refused
	case WhyOld:
		since = p.came.old
	default:
		return since
	}
	return since.Add(silentAfter * c.every())
}

// clockOff is by how much the clock of a peer was ahead of this node's when its last
// heads came, in whole seconds; 0 when it was off by no more than clockError.
func (p *peer) clockOff() time.Duration {
	if p.heads == nil {
		return 0
	}
	off := p.heads.Time.Sub(p.seen).Round(time.Second)
	if off.Abs() <= clockError {
		return 0
	}
	return off
}
