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
	whole, err := FormatRequest(Request{testNegotiation, "record/XBO", 1, negotiation.ActID{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, chain := range []negotiation.Chain{negotiation.TextChain, "record/XBO"} {
		message, err := FormatRequest(Request{testNegotiation, chain, 12, negotiation.ActID{7}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Add([]byte("concord-fetch 2\n\n\n\n"))
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
	message, err := FormatRequest(Request{testNegotiation, "record/XBO", 12, negotiation.ActID{}})
	if err != nil {
		t.Fatal(err)
	}
	good := string(message)
	sided, err := FormatRequest(Request{testNegotiation, "record/XBO", 12, negotiation.ActID{7}})
	if err != nil || string(sided) != good+"act "+(negotiation.ActID{7}).String()+"\n" {
		t.Fatalf("a request for what leads to an act: %q, %v", sided, err)
	}
	for _, bad := range []string{
		good + "act " + negotiation.ActID{}.String() + "\n", string(sided) + "\n", string(sided[:len(sided)-1]),
		strings.Replace(string(sided), "act ", "to ", 1),
		"", good[:len(good)-1], good + "\n",
		strings.Replace(good, "fetch 2", "fetch 1", 1),
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
