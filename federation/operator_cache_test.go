package federation

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
)

// The directory of JetStream goes away under the running server: its streams are made
// again, with all that their owners hold.
func TestOperatorsCacheDeletedWhileRunning(t *testing.T) {
	_, _, options := operator(t)
	known, err := Fingerprint(options.LeafNode.TLSConfig.Certificates[0])
	if err != nil {
		t.Fatal(err)
	}
	hub := "tls://" + leafAddress(options) + "#" + known
	refused := make(chan struct{}, 1)
	cfg, author := testConfig("XBO", testLeaf(hub, "XBO"))
	cfg.Logger = slog.New(watch{slog.DiscardHandler, "keeping record/XBO", refused})
	author.batch = 1
	carry(t, cfg)
	reader, _ := carried(t, "XCA", testLeaf(hub, "XCA"))
	pages := strings.Repeat("x", MaxActs-100)
	for n := range uint64(12) { // more than a file of the stream takes
		author.write(record("XBO"), fmt.Sprint(n, pages))
		newest := fmt.Sprintf("%s %d ", record("XBO"), n+1)
		kept := func() bool {
			message, err := reader.(keeps).acts(t.Context(), record("XBO"), n+1)
			return err == nil && bytes.HasPrefix(message, []byte(newest))
		}
		eventually(t, "the newest act is kept, or cannot be", func() bool { return len(refused) > 0 || kept() })
		eventually(t, "the newest act is kept", kept)
		if n == 0 {
			if err := os.RemoveAll(options.StoreDir); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(refused) == 0 {
		t.Error("the server has stored all, without a directory")
	}
}
