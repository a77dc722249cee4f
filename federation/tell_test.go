package federation

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
)

// A node whose key does not sign says so once, hears the others, and tells its heads
// again as soon as the key does.
func TestKeyThatDoesNotSign(t *testing.T) {
	cfg, _ := testConfig("XAU", testHub())
	hub := open(t, cfg)
	cfg, _ = testConfig("XBO", testLeaf(hub.HubURL(), "XBO"))
	var log bytes.Buffer // of one writer, the log's handler
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	var asked atomic.Int32
	var signs atomic.Bool
	sign := cfg.Sign
	cfg.Sign = func(message []byte) ([]byte, error) {
		if asked.Add(1); !signs.Load() {
			return nil, errors.New("the agent is away")
		}
		return sign(message)
	}
	link := open(t, cfg)
	eventually(t, "the key is asked for several times", func() bool { return asked.Load() > 4 })
	eventually(t, "the others are heard", func() bool { return !peerOf(link, "XAU").LastSeen.IsZero() })
	if !peerOf(hub, "XBO").LastSeen.IsZero() {
		t.Error("heads are taken that were not signed")
	}
	signs.Store(true)
	eventually(t, "the heads are told again", func() bool { return !peerOf(hub, "XBO").LastSeen.IsZero() })
	link.Close()
	if n := strings.Count(log.String(), "the agent is away"); n != 1 {
		t.Errorf("the log says it %d times, not once:\n%s", n, &log)
	}
}
