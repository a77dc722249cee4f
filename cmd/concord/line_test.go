package main

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// A line is the way of one node to one hub: a TCP proxy that can be cut, refuse
// connections, hold bytes back in either direction, and pass them slowly, in odd pieces.
type line struct {
	listener net.Listener
	hub      string // address
	serving  sync.WaitGroup

	mu       sync.Mutex // guards below
	chance   *rand.Rand
	refusing bool
	slow     bool
	open     [2]chan struct{}     // by direction: closed while bytes pass
	pairs    map[*connection]bool // nil when the line is taken down
}

// The directions in which bytes pass.
const (
	toHub = iota
	fromHub
)

// A connection is that of a node with the line, and that of the line with the hub.
type connection struct {
	node, hub net.Conn
	gone      chan struct{}
	cut       func() // closes both, once
}

// newLine puts a line up before a hub, until the test ends.
func newLine(t *testing.T, hub string, chance *rand.Rand) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	passes := make(chan struct{})
	close(passes)
	l := &line{listener: listener, hub: hub, chance: chance, open: [2]chan struct{}{passes, passes}, pairs: map[*connection]bool{}}
	l.serving.Go(l.serve)
	t.Cleanup(func() {
		listener.Close()
		l.mu.Lock()
		pairs := l.pairs
		l.pairs = nil
		l.mu.Unlock()
		for p := range pairs {
			p.cut()
		}
		l.serving.Wait()
	})
	return l
}

func (l *line) address() string { return l.listener.Addr().String() }

func (l *line) serve() {
	for {
		node, err := l.listener.Accept()
		if err != nil {
			return // taken down
		}
		l.serving.Go(func() { l.connect(node) })
	}
}

// connect connects a node with the hub, until one of them ends it or the line is cut.
func (l *line) connect(node net.Conn) {
	l.mu.Lock()
	refusing := l.refusing
	l.mu.Unlock()
	if refusing {
		reset(node)
		return
	}
	hub, err := net.DialTimeout("tcp", l.hub, patience)
	if err != nil {
		reset(node)
		return
	}
	p := &connection{node: node, hub: hub, gone: make(chan struct{})}
	p.cut = sync.OnceFunc(func() {
		close(p.gone)
		reset(node)
		reset(hub)
	})
	defer p.cut()
	l.mu.Lock()
	up := l.pairs != nil
	if up {
		l.pairs[p] = true
	}
	l.mu.Unlock()
	if !up {
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { l.pass(p, toHub, node, hub) })
	ways.Go(func() { l.pass(p, fromHub, hub, node) })
	ways.Wait()
	l.mu.Lock()
	delete(l.pairs, p)
	l.mu.Unlock()
}

// reset closes a connection as a network that fails does, without a farewell.
func reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// pass passes on what comes in one direction.
func (l *line) pass(p *connection, direction int, from, to net.Conn) {
	defer p.cut()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			size, pause, open := l.weather(direction, len(rest))
			select {
			case <-open:
			case <-p.gone:
				return
			}
			if pause > 0 {
				select {
				case <-time.After(pause):
				case <-p.gone:
					return
				}
			}
			if _, err := to.Write(rest[:size]); err != nil {
				return
			}
			rest = rest[size:]
		}
		if err != nil {
			return
		}
	}
}

// weather says how many of some bytes pass next, after what pause, and once what is open.
func (l *line) weather(direction, bytes int) (size int, pause time.Duration, open <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size = bytes
	if l.slow || l.chance.IntN(8) == 0 {
		size = 1 + l.chance.IntN(bytes)
	}
	if l.slow {
		size = min(size, 1+l.chance.IntN(2000))
		pause = time.Duration(l.chance.IntN(40)) * time.Millisecond
	}
	return size, pause, l.open[direction]
}

// cut ends all connections.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pairs {
		p.cut()
	}
}

// refuse has the line take no connections, or take them again.
func (l *line) refuse(refusing bool) {
	l.mu.Lock()
	l.refusing = refusing
	l.mu.Unlock()
	if refusing {
		l.cut()
	}
}

// dawdle has the line pass bytes slowly, in odd pieces, or as they come.
func (l *line) dawdle(slow bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = slow
}

// stall holds back all bytes in some directions, of connections that stay up and of those
// that come, until the returned function is called.
func (l *line) stall(directions ...int) (resume func()) {
	shut := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.open
	for _, direction := range directions {
		l.open[direction] = shut
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open = before
		close(shut)
	}
}
