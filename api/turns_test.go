package api

import (
	"context"
	"fmt"
	"io"
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
