package federation

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

const (
	servers    = 2  // fetches answered at a time
	serveQueue = 64 // that may wait, of each requester; those on top run into its timeout

	// mostAnswers is how many challenges of one requester are answered at once, and
	// answerRate how many more in a second: so much does a requester cost in signatures.
	// Where a broker does not tell who asks, a few nodes that start together are one
	// requester.
	mostAnswers = 64
	answerRate  = 8

	// mostServed is how many bytes of answers a requester gets at once, each counted
	// answerCost more, and servedRate how many in a second after that. What it asks for on
	// top runs into its timeout.
	mostServed = 32 << 20
	servedRate = 2 << 20
	answerCost = 16 << 10
)

// serve answers the fetches and challenges of peers.
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
				queue.add(strings.TrimPrefix(strings.TrimPrefix(request.Subject, fetch), "."), request, time.Now())
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
					switch requester, request := queue.next(); {
					case request == nil:
					case !bytes.HasPrefix(request.Data, []byte(challengeMagic+"\n")):
						queue.charge(requester, l.answer(request), time.Now())
					case queue.mayChallenge(requester, time.Now()):
						l.answerChallenge(request)
					}
				}
			}
		})
	}
	return nil
}

// turns are requests that wait to be answered, one of each requester in turn, so that
// who asks much waits for itself. Observers, however many, have one turn together, and
// so have all where a broker does not tell who asks.
type turns struct {
	waiting chan struct{} // holds an entry while requests may wait

	mu        sync.Mutex
	all       rotation // in which nil, under theObservers, is for what is next of
	observers rotation
	// What payers may cost in bytes of acts and in challenges.
	bytes, challenges budgets
}

// theObservers is no participant's code.
const theObservers = "observers"

func newTurns() *turns {
	return &turns{
		waiting: make(chan struct{}, 1), all: newRotation(), observers: newRotation(),
		bytes:      newBudgets(mostServed, servedRate),
		challenges: newBudgets(mostAnswers, answerRate),
	}
}

// add has a request wait, if it can be one, and its requester has room and something
// left.
func (t *turns) add(requester string, request *nats.Msg, now time.Time) {
	if len(request.Data) > maxRequestSize {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	payer := payerOf(requester)
	if payer != "" && !t.bytes.left(payer, now) {
		return
	}
	if payer == theObservers {
		t.observers.add(requester, request)
		requester, request = theObservers, nil
	}
	if request != nil || len(t.all.of[theObservers]) == 0 {
		t.all.add(requester, request)
	}
	t.wake()
}

// payerOf is in whose name a requester is answered.
func payerOf(requester string) string {
	if _, err := negotiation.ParseCode(requester); err != nil && requester != "" {
		return theObservers
	}
	return requester
}

// next takes the request whose turn it is; nil when none waits.
func (t *turns) next() (requester string, request *nats.Msg) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all.order) == 0 {
		return "", nil
	}
	requester, request = t.all.next()
	if request == nil {
		if requester, request = t.observers.next(); len(t.observers.order) > 0 {
			t.all.add(theObservers, nil)
		}
	}
	if len(t.all.order) > 0 {
		t.wake()
	}
	return requester, request
}

// charge enters an answer of so many bytes.
func (t *turns) charge(requester string, size int, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if payer := payerOf(requester); payer != "" { // which may be anybody
		t.bytes.spend(payer, now, size+answerCost)
	}
}

// mayChallenge reports whether one more challenge of requester's may be answered, and
// enters it.
func (t *turns) mayChallenge(requester string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	payer := payerOf(requester)
	may := t.challenges.left(payer, now)
	if may {
		t.challenges.spend(payer, now, 1)
	}
	return may
}

func (t *turns) wake() {
	select {
	case t.waiting <- struct{}{}:
	default:
	}
}

// A rotation is requests of several, at most serveQueue of each.
type rotation struct {
	of    map[string][]*nats.Msg
	order []string // of whom requests wait, who is next first
}

func newRotation() rotation { return rotation{of: make(map[string][]*nats.Msg)} }

func (r *rotation) add(requester string, request *nats.Msg) {
	switch n := len(r.of[requester]); {
	case n == 0 && len(r.order) < maxMembers:
		r.order = append(r.order, requester)
	case n == 0, n >= serveQueue:
		return
	}
	r.of[requester] = append(r.of[requester], request)
}

// next takes the request whose turn it is, of those that wait.
func (r *rotation) next() (requester string, request *nats.Msg) {
	requester = r.order[0]
	request = r.of[requester][0]
	r.order, r.of[requester] = r.order[1:], r.of[requester][1:]
	if len(r.of[requester]) > 0 {
		r.order = append(r.order, requester)
	} else {
		delete(r.of, requester)
	}
	return requester, request
}

// answer replies with acts, and returns how many bytes they have. A request that is not
// in order gets no reply: who sent it is not known, and no honest node does.
func (l *Link) answer(msg *nats.Msg) (size int) {
	if !isInbox(msg.Reply) {
		return 0
	}
	request, err := ParseRequest(msg.Data)
	if err != nil || request.Negotiation != l.cfg.Negotiation {
		return 0
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
	return len(message)
}

// answerChallenge replies with own heads, signed over the nonce. What is not in order
// gets no reply, as with fetches.
func (l *Link) answerChallenge(msg *nats.Msg) {
	if !isInbox(msg.Reply) {
		return
	}
	c, err := ParseChallenge(msg.Data)
	if err == nil && c.Negotiation == l.cfg.Negotiation {
		l.tellHeads(msg.Reply, l.cfg.Store.Heads(), c.Nonce)
	}
}

// serverReplies begin the reply subjects that a NATS server makes between accounts.
const serverReplies = "_R_."

// isInbox reports whether a reply subject is one that only its requester
// hears: a client's own, or the one that a NATS server puts in its place
// between accounts.
func isInbox(subject string) bool {
	return strings.HasPrefix(subject, nats.InboxPrefix) || strings.HasPrefix(subject, serverReplies)
}
