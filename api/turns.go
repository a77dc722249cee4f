package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	// maxPacks is how many requests of git's are answered at a time.
	maxPacks = 8
	// maxPacksOfOne is how many of these go to one address.
	maxPacksOfOne = maxPacks / 2
	// maxBodies is how many are read, or have been and wait for an answer, each of at
	// most maxBody bytes.
	maxBodies = 32
	// maxBodiesOfOne is how many of these come from one address. Behind a proxy all come
	// from the proxy's.
	maxBodiesOfOne = maxBodies / 2

	// hearing is how long a client has for all of its request.
	hearing = 5 * time.Second
	// patience is how long a client waits for its turn: git does not ask again.
	patience = 15 * time.Second
	// slowest is how many bytes a second a client takes at least, in the long run.
	slowest = 16 << 10
	// halting is how long a client may take nothing; shorter than patience, so that who waits
	// gets the turn of one that halts.
	halting = 10 * time.Second
)

// turns are what so many can have at a time, and so many under one name; others wait in
// the order in which they came.
type turns struct {
	all  chan struct{}   // holds one entry for each that is taken
	done <-chan struct{} // closed when nobody is to wait any more

	mu    sync.Mutex // guards all below
	most  int        // under one name
	names map[string]*named
}

// named is what is taken under one name.
type named struct {
	taken chan struct{}
	users int // that wait, or have a turn
}

func newTurns(most, ofOne int, done <-chan struct{}) *turns {
	return &turns{all: make(chan struct{}, most), done: done, most: ofOne, names: map[string]*named{}}
}

// enter waits for a turn under a name, and returns what ends it; false when the context,
// the server or patience ended before one came.
func (t *turns) enter(ctx context.Context, name string) (leave func(), ok bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	own := t.use(name)
	if !t.take(ctx, own.taken) {
		t.unuse(name)
		return nil, false
	}
	if !t.take(ctx, t.all) {
		<-own.taken
		t.unuse(name)
		return nil, false
	}
	return func() {
		<-t.all
		<-own.taken
		t.unuse(name)
	}, true
}

func (t *turns) take(ctx context.Context, of chan<- struct{}) bool {
	select {
	case of <- struct{}{}:
		return true
	case <-ctx.Done():
	case <-t.done:
	}
	return false
}

func (t *turns) use(name string) *named {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.names[name]
	if own == nil {
		own = &named{taken: make(chan struct{}, t.most)}
		t.names[name] = own
	}
	own.users++
	return own
}

func (t *turns) unuse(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.names[name].users--; t.names[name].users == 0 {
		delete(t.names, name)
	}
}

// hear reads all of a request of git's. It holds a place among maxBodies until leave is
// called; there is nothing to leave when it fails.
func (s *server) hear(w http.ResponseWriter, r *http.Request) (body []byte, leave func(), err error) {
	leave, ok := s.bodies.enter(r.Context(), network(r.RemoteAddr))
	if !ok {
		return nil, nil, tooBusy(w)
	}
	if body, err = readWithin(w, r, hearing); err != nil {
		leave()
		return nil, nil, err
	}
	return body, leave, nil
}

// readWithin reads a body that must come whole within a time.
func readWithin(w http.ResponseWriter, r *http.Request, limit time.Duration) ([]byte, error) {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	large := (*http.MaxBytesError)(nil)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, errSlow.Because("the request did not come whole within %d seconds", int(limit.Seconds()))
	case errors.As(err, &large):
		return nil, err
	case err != nil:
		return nil, errMalformed.Because("the request broke off")
	}
	// The deadline would end the waiting for a turn, too.
	return body, control.SetReadDeadline(time.Time{})
}

// network returns what counts as one address: of IPv6 what one subscriber has.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Unmap().Is4() {
		return host
	}
	return netip.PrefixFrom(addr.WithZone(""), 64).Masked().String()
}

func tooBusy(w http.ResponseWriter) error {
	w.Header().Set("Retry-After", "10")
	return errBusy.Because("as many clones as this node makes at a time are being made, and none ended within %d seconds", int(patience.Seconds()))
}
