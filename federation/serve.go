package federation

import (
	"strings"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

const (
	servers    = 2  // fetches answered at a time
	serveQueue = 64 // that may wait; those on top run into the peer's timeout
)

// serve answers the fetches of peers.
func (l *Link) serve() error {
	requests := make(chan *nats.Msg, serveQueue)
	if _, err := l.nc.ChanSubscribe(l.subjects.fetch(l.cfg.Code), requests); err != nil {
		return err
	}
	for range servers {
		l.running.Go(func() {
			for {
				select {
				case <-l.ctx.Done():
					return
				case request := <-requests:
					l.answer(request)
				}
			}
		})
	}
	return nil
}

// answer replies with acts. A request that is not in order gets no reply: who
// sent it is not known, and no honest node does.
func (l *Link) answer(msg *nats.Msg) {
	if !isInbox(msg.Reply) {
		return
	}
	request, err := ParseRequest(msg.Data)
	if err != nil || request.Negotiation != l.cfg.Negotiation {
		return
	}
	message, err := l.cfg.Store.Acts(l.ctx, request.Chain, request.From, request.To)
	if err == nil && len(message) > MaxActs {
		err = negotiation.ErrTooLarge.Because("acts: %d bytes are more than %d", len(message), MaxActs)
	}
	if err == nil {
		err = l.publish(msg.Reply, message)
	}
	if err != nil && l.ctx.Err() == nil {
		l.cfg.Logger.Error("fetch not answered", "chain", request.Chain, "from", request.From, "error", err)
	}
}

// isInbox reports whether a reply subject is one that only its requester
// hears: a client's own, or the one that a NATS server puts in its place
// between accounts.
func isInbox(subject string) bool {
	return strings.HasPrefix(subject, nats.InboxPrefix) || strings.HasPrefix(subject, "_R_.")
}
