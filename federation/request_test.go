package federation

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"concord/negotiation"
)

func FuzzParseRequest(f *testing.F) {
	for _, chain := range []negotiation.Chain{negotiation.TextChain, "record/XBO"} {
		message, err := FormatRequest(Request{testNegotiation, chain, 12})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Add([]byte("concord-fetch 1\n\n\n\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := ParseRequest(message)
		if err != nil {
			if _, ok := negotiation.FaultOf(err); !ok {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		again, err := FormatRequest(r)
		if err != nil || !bytes.Equal(again, message) {
			t.Fatalf("parsed, formats to another message (%v):\n%s", err, again)
		}
	})
}

func TestRequestsAreStrict(t *testing.T) {
	message, err := FormatRequest(Request{testNegotiation, "record/XBO", 12})
	if err != nil {
		t.Fatal(err)
	}
	good := string(message)
	for _, bad := range []string{
		"", good[:len(good)-1], good + "\n",
		strings.Replace(good, "fetch 1", "fetch 2", 1),
		strings.Replace(good, "chain ", "", 1),
		strings.Replace(good, "record/XBO", "private/XBO", 1),
		strings.Replace(good, "from 12", "from 0", 1),
		strings.Replace(good, "from 12", "from 012", 1),
		strings.Replace(good, "from 12", "from +12", 1),
		strings.Replace(good, "from 12", "from "+fmt.Sprint(uint64(maxSequence)+1), 1),
	} {
		if _, err := ParseRequest([]byte(bad)); !errors.Is(err, negotiation.ErrNotCanonical) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := ParseRequest([]byte(good + strings.Repeat("\n", maxRequestSize))); !errors.Is(err, negotiation.ErrTooLarge) {
		t.Errorf("long request: %v", err)
	}
}
