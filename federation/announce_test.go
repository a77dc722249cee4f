package federation

import (
	"strconv"
	"testing"
)

// BenchmarkAnnounce takes the time from Announce until three others, over
// loopback TCP and a hub, hold the act.
func BenchmarkAnnounce(b *testing.B) {
	links, stores := federate(b)
	heard := make(chan struct{}, 3)
	for _, store := range []*memory{stores[0], stores[2], stores[3]} {
		store.mu.Lock()
		store.heard = heard
		store.mu.Unlock()
	}
	word := make([]byte, 4096)
	for i := range word {
		word[i] = 'a'
	}
	for n := 0; b.Loop(); n++ {
		announce(b, links[1], stores[1].write(record("XBO"), strconv.Itoa(n)+string(word)))
		for range 3 {
			<-heard
		}
	}
}
