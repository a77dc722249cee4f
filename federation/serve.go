package federation

import (
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

const (
	servers    = 2  // fetches answered at a time
	serveQueue = 64 // that may wait, of each requester; those on top run into its timeout
)

// serve answers the fetches of peers.
func (l *Link) serve() error {
	requests := make(chan *nats.Msg, serveQueue)
	fetch := l.subjects.fetch(l.cfg.Code)
	for _, subject := range []string{fetch, fetch + ".*"} {
		if _, err := l.nc.ChanSubscribe(subject, requests); err != nil {
			return err
		}
	}
	queue := newTurns()
	l.running.Go(func() {
		for {
			select {
			case <-l.ctx.Done():
				return
			case request := <-requests:
				queue.add(strings.TrimPrefix(request.Subject, fetch), request)
			}
		}
	})
	for range servers {
		l.running.Go(func() {
			for {
				select {
				case <-l.ctx.Done():
					return
				case <-queue.waiting:
					if request := queue.next(); request != nil {
						l.answer(request)
					}
				}
			}
		})
	}
	return nil
}

// turns are requests that wait to be answered, one of each requester in turn, so that
// who asks much waits for itself. Where a broker does not tell who asks, all are one.
type turns struct {
	waiting chan struct{} // holds an entry while requests may wait

	mu    sync.Mutex
	of    map[string][]*nats.Msg
	order []string // of whom requests wait, who is next first
}

func newTurns() *turns {
	return &turns{waiting: make(chan struct{}, 1), of: make(map[string][]*nats.Msg)}
}

func (t *turns) add(requester string, request *nats.Msg) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch n := len(t.of[requester]); {
	case n == 0 && len(t.order) < maxMembers:
		t.order = append(t.order, requester)
	case n == 0, n >= serveQueue:
		return
	}
	t.of[requester] = append(t.of[requester], request)
	t.wake()
}

// next takes the request whose turn it is; nil when none waits.
func (t *turns) next() *nats.Msg {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.order) == 0 {
		return nil
	}
	requester := t.order[0]
	request := t.of[requester][0]
	t.order, t.of[requester] = t.order[1:], t.of[requester][1:]
	if len(t.of[requester]) > 0 {
		t.order = append(t.order, requester)
	} else {
		delete(t.of, requester)
	}
	if len(t.order) > 0 {
		t.wake()
	}
	return request
}

func (t *turns) wake() {
	select {
	case t.waiting <- struct{}{}:
	default:
	}
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
