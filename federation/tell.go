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

// tellRegularly tells own heads and looks who takes part, and sets when next.
func (c *core) tellRegularly() {
	every := c.headsEvery
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
	if !c.answer.IsZero() && !c.now.Before(c.answer) {
		c.answer = time.Time{}
		c.tell()
	}
}

// askToTell has own heads told soon, but for this reason no more often than four
// times in headsEvery.
func (c *core) askToTell() {
	if c.answer.IsZero() {
		c.answer = c.told.Add(c.headsEvery / 4)
	}
}

// tell has own heads told, one message at a time. An observer has none that anybody
// would believe.
func (c *core) tell() {
	c.told = c.now
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
