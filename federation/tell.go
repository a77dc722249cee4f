package federation

import (
	"fmt"
	"time"

	"concord/negotiation"
)

// settleAfter is when heads are told once more to who has just arrived: what is
// published in the moment of a new connection may be ahead of the other side's
// subscriptions.
const settleAfter = 150 * time.Millisecond

const (
	// actsWithin is the part of headsEvery after which heads tell of an act of this
	// node's own, and of all that have come until then: the act itself goes out at once.
	actsWithin = 10

	// underWay is how long an act may be on its way to some when it has come to others.
	underWay = 500 * time.Millisecond

	// answerSpread is the time, for each peer, over which nodes spread their answers to
	// one that lacks something, so that the first few of them suffice.
	answerSpread = 10 * time.Millisecond

	// headsRate is how many bytes of regular heads a node gets from all others in a
	// second, and headBytes what one head takes in them.
	headsRate = 64 << 10
	headBytes = 92
)

// every is how often each node tells its heads: the more nodes there are, the less often,
// for whoever has heard any that is level knows what to fetch.
func (c *core) every() time.Duration {
	n := len(c.peers)
	return max(c.headsEvery, time.Duration(n*(n+1)*headBytes)*time.Second/headsRate)
}

// tellRegularly tells own heads and looks who takes part, and sets when next.
func (c *core) tellRegularly() {
	every := c.every()
	c.regular = c.now.Add(every - every/10 + time.Duration(c.rand.Int64N(int64(every/5)+1)))
	c.do(rollCall{})
	c.tell()
}

func (c *core) tellInTime() {
	if !c.now.Before(c.regular) {
		c.tellRegularly()
	}
	if !c.again.IsZero() && !c.now.Before(c.again) {
		c.again = time.Time{}
		c.tell()
		c.challengeAll()
	}
	if at := earlier(c.news, c.answer); !at.IsZero() && !c.now.Before(at) {
		c.tell()
	}
}

// tellOfActs has own heads told soon after an act of this node's own, but where there
// are many nodes hardly more often than anyway.
func (c *core) tellOfActs() {
	soon, next := c.now.Add(c.headsEvery/actsWithin), c.told.Add(c.every()-c.headsEvery*3/4)
	if soon.Before(next) {
		soon = next
	}
	c.news = earlier(c.news, soon)
}

// askToTell has own heads told soon to a peer that lacks something, but for this reason
// at most four times as often as anyway; and not when something has come here of late,
// which may be what is under way to the peer, too.
func (c *core) askToTell() {
	if !c.answer.IsZero() || c.now.Sub(c.grown) < min(underWay, c.headsEvery/4) {
		return
	}
	c.answer = c.told.Add(c.every() / 4)
	if c.answer.Before(c.now) {
		c.answer = c.now
	}
	c.answer = c.answer.Add(time.Duration(c.rand.Int64N(int64(answerSpread) * int64(len(c.peers)))))
}

// tell has own heads told, one message at a time. An observer has none that anybody
// would believe.
func (c *core) tell() {
	c.told, c.news, c.answer = c.now, time.Time{}, time.Time{}
	if c.code == "" {
		return
	}
	if c.telling {
		c.untold = true
		return
	}
	c.telling, c.untold = true, false
	c.do(tell{c.tips})
}

func (c *core) hasTold() {
	c.telling = false
	if c.untold {
		c.tell()
	}
}

// signedHeads returns the heads message of a node that holds these tips: one that
// answers a challenge, or with the zero nonce one to be published.
func (c Config) signedHeads(tips []negotiation.Head, now time.Time, answers Nonce) ([]byte, error) {
	h := Heads{
		Negotiation: c.Negotiation,
		Node:        c.Code,
		Time:        now.UTC().Truncate(time.Second),
		Answers:     answers,
	}
	h.Tips = fitting(tips, maxHeadsSize-maxSignature-len(h.SignedText())-1)
	var err error
	if h.Signature, err = c.Sign(h.SignedText()); err != nil {
		return nil, fmt.Errorf("heads: %w", err)
	}
	message, err := FormatHeads(h)
	if err != nil {
		return nil, fmt.Errorf("heads: formatting: %w", err)
	}
	return message, nil
}
