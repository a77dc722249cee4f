package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"concord/drafts"
)

// TestProgressSaysWhatIsDone: before the first act there is none to count.
func TestProgressSaysWhatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		progress, done, ended := new(drafts.Progress), make(chan struct{}), make(chan struct{})
		go func() {
			showProgress(&out, progress, done)
			close(ended)
		}()
		shown := func(found, judged int64) string {
			out.Reset()
			progress.Found.Store(found)
			progress.Judged.Store(judged)
			<-time.After(1150 * time.Millisecond) // of the bubble's time
			synctest.Wait()
			return out.String()
		}
		for _, c := range []struct {
			found, judged int64
			want          string
		}{{0, 0, "reading the file"}, {7, 0, "7 acts read"}, {8, 4, "4 of 8 acts"}} {
			if got := shown(c.found, c.judged); !strings.HasSuffix(got, c.want) {
				t.Errorf("%d acts found, %d judged: %q, want %q", c.found, c.judged, got, c.want)
			}
		}
		close(done)
		<-ended
	})
}

// TestEndedImportSaysWhatWasKept: a signal is nothing that was not foreseen.
func TestEndedImportSaysWhatWasKept(t *testing.T) {
	words := plain(importRefusal(fmt.Errorf("bundle: reading: %w", context.Canceled), "all.bundle"))
	if !strings.Contains(words, "was ended") || !strings.Contains(words, "all.bundle is verified and kept") || strings.Contains(words, "foreseen") {
		t.Errorf("an import that was ended says %q", words)
	}
}
