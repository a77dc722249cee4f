package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSlowRequestsKeepNobodyOut: connections that say they ask for something, and do not
// go on, hold no turn that a clone needs, and are ended.
func TestSlowRequestsKeepNobodyOut(t *testing.T) {
	hs, _ := gitNode(t, true, pipe{})
	slow := make(chan string)
	const connections = maxPacks + 4
	for range connections {
		conn, err := net.Dial("tcp", hs.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /record.git/git-upload-pack HTTP/1.1\r\nHost: localhost\r\n"+
			"Content-Type: application/x-git-upload-pack-request\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n")
		began := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n")) // is sent when the body is read
		if _, err := io.ReadFull(conn, began); err != nil || !strings.HasPrefix(string(began), "HTTP/1.1 100 ") {
			t.Fatalf("a slow client is not heard: %q, %v", began, err)
		}
		fmt.Fprint(conn, "0")
		go func() {
			answer, _ := io.ReadAll(conn)
			slow <- string(answer)
		}()
	}
	if w := ask(t, hs, gitPost([]byte("0000"))); w.Code != http.StatusOK {
		t.Errorf("a clone beside them: status %d, %s", w.Code, w.Body)
	}
	for range connections {
		if answer := <-slow; !strings.HasPrefix(answer, "HTTP/1.1 408 ") || !strings.Contains(answer, "did not come whole") {
			t.Errorf("a request that never comes whole: %q", answer)
		}
	}
}

// A pipeline is a listener of connections in memory, each from an address of its own.
type pipeline chan net.Conn

// from is a connection that comes from an address.
type from struct {
	net.Conn
	addr string
}

func (c from) RemoteAddr() net.Addr { return from{addr: c.addr} }
func (c from) Network() string      { return "tcp" }
func (c from) String() string       { return c.addr }

func (l pipeline) Accept() (net.Conn, error) {
	if conn, ok := <-l; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (l pipeline) Close() error   { return nil }
func (l pipeline) Addr() net.Addr { return from{addr: "memory"} }

// take asks for a pack from an address, takes a megabyte of it at once and then so many bytes
// each second, or as many as come when rate is 0, and returns how many came and how that ended.
func (l pipeline) take(addr string, rate int64) (taken int64, err error) {
	near, far := net.Pipe()
	defer near.Close()
	l <- from{far, addr}
	if _, err := io.WriteString(near, "POST /record.git/git-upload-pack HTTP/1.1\r\nHost: localhost\r\n"+
		"Content-Type: application/x-git-upload-pack-request\r\nContent-Length: 4\r\n\r\n0000"); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(near), nil)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, errors.New(resp.Status)
	}
	for next := int64(1 << 20); rate > 0; next = rate {
		n, err := io.CopyN(io.Discard, resp.Body, next)
		if taken += n; errors.Is(err, io.EOF) {
			return taken, nil
		} else if err != nil {
			return taken, err
		}
		<-time.After(time.Second)
	}
	return io.Copy(io.Discard, resp.Body)
}

// TestSlowReadersKeepNobodyOut: those who take their packs too slowly do not hold all turns
// from one address, and are ended, from however many, before another has waited in vain;
// who takes a pack steadily gets all of it, however long that takes.
func TestSlowReadersKeepNobodyOut(t *testing.T) {
	const size = 4 << 20
	tb := convene(t)
	pack := pipe{func(_ context.Context, w io.Writer) (err error) {
		for n := 0; n < size && err == nil; n += 64 << 10 {
			_, err = w.Write(make([]byte, 64<<10))
		}
		return err
	}}
	for name, c := range map[string]struct {
		slow   int           // readers
		addr   string        // that one comes from, with its number
		rate   int64         // at which they take it
		within time.Duration // another gets the whole
		ended  bool          // that the slow ones are
	}{
		"from one address":       {maxPacks, "192.0.2.1:%d", 1 << 10, 0, true},
		"from one of IPv6":       {maxPacks, "[2001:db8::%d]:1", 1 << 10, 0, true},
		"from many":              {maxPacks, "192.0.2.%d:1", 1 << 10, patience, true},
		"at half the rate":       {maxPacksOfOne, "192.0.2.1:%d", slowest / 2, 0, true},
		"who go on, if not fast": {maxPacksOfOne, "192.0.2.1:%d", slowest, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, err := New(Config{Node: tb.seat("XAU"), Git: pack, Participant: "XAU", Token: token, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				line := make(pipeline)
				hs := &http.Server{Handler: server, WriteTimeout: time.Minute}
				go hs.Serve(line)
				type end struct {
					taken int64
					err   error
				}
				slow := make(chan end)
				for i := range c.slow {
					go func() {
						taken, err := line.take(fmt.Sprintf(c.addr, i), c.rate)
						slow <- end{taken, err}
					}()
				}
				synctest.Wait()
				began := time.Now()
				taken, err := line.take("198.51.100.9:1", 0)
				if waited := time.Since(began); err != nil || taken < size || waited > c.within {
					t.Errorf("another got %d bytes after %v: %v; want %d within %v", taken, waited, err, size, c.within)
				}
				for range c.slow {
					if e := <-slow; (e.err != nil) != c.ended || !c.ended && e.taken < size {
						t.Errorf("a slow reader got %d bytes: %v; want it ended: %v", e.taken, e.err, c.ended)
					}
				}
				server.Close()
				close(line)
				hs.Close()
			})
		})
	}
}

// TestTurnsAreWaitedFor: who comes when all are taken gets the next that ends, within
// patience; who waits in vain holds nothing; one name cannot take all.
func TestTurnsAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closing := make(chan struct{})
		turns := newTurns(3, 2, closing)
		enter := func(name string) func() {
			leave, ok := turns.enter(context.Background(), name)
			if !ok {
				t.Fatalf("%s got no turn", name)
			}
			return leave
		}
		first, second := enter("A"), enter("A")
		began := time.Now()
		if _, ok := turns.enter(context.Background(), "A"); ok || time.Since(began) != patience {
			t.Errorf("a third turn under one name: %v, after %v", ok, time.Since(began))
		}
		other := enter("B")
		waits := make(chan bool)
		wait := func(name string) {
			go func() {
				_, ok := turns.enter(context.Background(), name)
				waits <- ok
			}()
			synctest.Wait()
		}
		wait("C")
		first()
		if !<-waits {
			t.Error("who waited got no turn when one ended")
		}
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		if _, ok := turns.enter(gone, "D"); ok {
			t.Error("a turn for who had gone")
		}
		wait("E")
		close(closing)
		if <-waits {
			t.Error("a turn, though the server closes")
		}
		second()
		other()
		if len(turns.names) != 1 || len(turns.all) != 1 {
			t.Errorf("after all but one left: %d names, %d turns", len(turns.names), len(turns.all))
		}
	})
}

// TestNeighboursOfIPv6CountAsOne: a subscriber has 64 bits of addresses to ask from.
func TestNeighboursOfIPv6CountAsOne(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:1234": "192.0.2.7", "[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64", "[2001:db8:1:2::9%eth0]:80": "2001:db8:1:2::/64",
		"[::ffff:192.0.2.7]:1": "::ffff:192.0.2.7", "": "",
	} {
		if got := network(remote); got != want {
			t.Errorf("%q counts as %q, want %q", remote, got, want)
		}
	}
}
