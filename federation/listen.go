package federation

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// A listener hands what a peer's node publishes to the core. Both subjects feed one
// queue, so that it is taken in its order. While the core has no room for more of it, the
// queue fills, and drops what comes then; and a subject of which too much was dropped is
// not subscribed to for a while. Then the broker does not send it either: so a flood
// takes little of this node's line and of its time, and what was worth something in it
// is fetched.
type listener struct {
	link     *Link
	code     negotiation.Code
	messages chan *nats.Msg
	ears     [2]ear
}

// An ear is a subject to which a listener is subscribed, or will be again.
type ear struct {
	subject string
	heads   bool
	most    int                // how many messages may be dropped
	sub     *nats.Subscription // nil for a while
	deaf    patience           // how long that is
}

func newListener(l *Link, code negotiation.Code) (*listener, error) {
	n := &listener{link: l, code: code, messages: make(chan *nats.Msg, peerQueue)}
	n.ears[0] = ear{subject: l.subjects.acts(code)}
	// Of heads the last is enough, and all that fits in the queue may come before it.
	n.ears[1] = ear{subject: l.subjects.heads(code), heads: true, most: peerQueue}
	for i := range n.ears {
		if err := n.ears[i].listen(n); err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	return n, nil
}

func (e *ear) listen(n *listener) (err error) {
	e.sub, err = n.link.nc.ChanSubscribe(e.subject, n.messages)
	return err
}

func (n *listener) close() (err error) {
	for _, e := range n.ears {
		if e.sub != nil {
			err = errors.Join(err, e.sub.Unsubscribe())
		}
	}
	return err
}

// run listens until the link is closed.
func (n *listener) run() {
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		now := time.Now()
		again, queue := n.mind(now), n.messages
		n.link.mu.Lock()
		full := n.link.core.full(n.code, now)
		n.link.mu.Unlock()
		if full {
			queue, again = nil, earlier(again, now.Add(fullFor))
		}
		if !again.IsZero() {
			look.Reset(again.Sub(now))
		}
		select {
		case <-n.link.ctx.Done():
			return
		case <-look.C:
		case msg := <-queue:
			n.link.step(heard{n.code, msg.Subject == n.ears[1].subject, msg.Data})
		}
	}
}

// mind stops listening to a subject of which too much was dropped, and begins again
// later. It returns when it has to look again, the zero time for not before the next
// message.
func (n *listener) mind(now time.Time) (again time.Time) {
	for i := range n.ears {
		e := &n.ears[i]
		if e.sub == nil && !now.Before(e.deaf.until) {
			if err := e.listen(n); err != nil {
				n.link.noteTrouble(err)
				e.deaf.lose(n.link.cfg.HeadsEvery, now)
			}
		}
		if e.sub != nil {
			n.overflow(e, now)
		}
		if e.sub == nil {
			again = earlier(again, e.deaf.until)
		}
	}
	return again
}

// overflow stops listening to a subject if too much of it was dropped, longer each time.
func (n *listener) overflow(e *ear, now time.Time) {
	switch dropped, err := e.sub.Dropped(); {
	case err != nil: // the link is closed
	case dropped > e.most:
		if e.deaf.wait == 0 {
			n.link.cfg.Logger.Warn("a peer publishes more than can be looked at: it is not listened to for a while, and what is missing is fetched", "peer", n.code, "heads", e.heads)
		}
		e.deaf.lose(n.link.cfg.HeadsEvery, now)
		if err := e.sub.Unsubscribe(); err != nil {
			n.link.noteTrouble(err)
		}
		e.sub = nil
	case e.deaf.wait > 0 && now.After(e.deaf.until.Add(e.deaf.wait)):
		e.deaf = patience{}
	}
}
