package federation

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
)

// remembering is a core that was started with what another one knew.
func (b *bench) remembering(t *testing.T) *bench {
	known := make(deliveries)
	for _, p := range b.core.peers {
		known[p.code] = p.shown
	}
	again := benched(t, func(cfg *Config) { cfg.Deliveries = known.format(testNegotiation) })
	again.store, again.now = b.store, b.now
	again.core.held = b.store
	return again
}

// What was held before a restart is held since then, and who has not been heard again
// is known by what it told last.
func TestDeliveriesOutliveARestart(t *testing.T) {
	b := benched(t)
	b.store.write(record("XBO"), "one")
	b.store.write(record("XBO"), "two")
	one := follow(nil, record("XBO"), "one")
	two := follow(one, record("XBO"), "two")
	b.hearsTips("XCA", time.Second, first.head, one.head)
	before := b.holder("XCA", one)
	again := b.remembering(t)
	if got := again.holder("XCA", one, two); got != before || got.Holding != Holds {
		t.Errorf("after a restart %+v, before it %+v", got, before)
	}
	if got := again.holder("XCA", two); got.Holding != Lacks || !got.Heard.Equal(before.Heard) {
		t.Errorf("of what it lacked when it was heard last: %+v", got)
	}
	if got := again.holder("XDE", one); got.Holding != Unknown {
		t.Errorf("of who was never heard: %+v", got)
	}
	again.hearsTips("XCA", time.Minute, first.head, two.head)
	if got := again.holder("XCA", one, two); got.Holding != Holds || !got.Since.Equal(before.Since) {
		t.Errorf("after new heads %+v, before them %+v", got, before)
	}
	if got := again.holder("XCA", two); !got.After.Equal(before.Heard) || !got.Since.Equal(again.now) {
		t.Errorf("what it got while nobody listened: %+v", got)
	}
}

// wellFormed are deliveries of two peers.
const wellFormed = `concord-deliveries 1
negotiation 4e65676f74696174696f6e00000000000000000000000000000000000000000a
peer XBO 2026-03-02T09:00:00.5Z
peer XCA 2026-03-02T09:00:00Z
step text 2 0102030405060708091011121314151617181920212223242526272829303132 2026-03-02T08:00:00Z 2026-03-02T08:00:01Z -
step record/XBO 9007199254740991 0102030405060708091011121314151617181920212223242526272829303133 2026-03-02T08:00:00.000000001Z 2026-03-02T08:00:01Z 2026-03-02T07:59:58Z
`

func wellFormedOf(t *testing.T) negotiation.ActID {
	id, err := negotiation.ParseActID("4e65676f74696174696f6e00000000000000000000000000000000000000000a")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDeliveriesThatAreNone(t *testing.T) {
	if d, err := parseDeliveries(wellFormedOf(t), []byte(wellFormed)); err != nil || len(d) != 2 || d["XCA"].count != 2 {
		t.Fatalf("what is well-formed is read as %v, %v", d, err)
	}
	step := strings.SplitAfter(wellFormed, "\n")[4]
	for name, raw := range map[string]string{
		"nothing":                  "",
		"cut off":                  wellFormed[:len(wellFormed)-1],
		"another negotiation":      strings.Replace(wellFormed, "4e65", "4e66", 1),
		"a later version":          strings.Replace(wellFormed, "deliveries 1", "deliveries 2", 1),
		"two spaces":               strings.Replace(wellFormed, "peer XCA", "peer  XCA", 1),
		"peers out of order":       strings.NewReplacer("XBO 2", "XCB 2").Replace(wellFormed),
		"a peer twice":             wellFormed + "peer XCA 2026-03-02T09:00:00Z\n",
		"no peer":                  strings.Replace(wellFormed, "peer XBO 2026-03-02T09:00:00.5Z\npeer XCA 2026-03-02T09:00:00Z\n", "", 1),
		"a peer of no code":        strings.Replace(wellFormed, "peer XBO", "peer ../", 1),
		"a time of another zone":   strings.Replace(wellFormed, "07:59:58Z", "07:59:58+00:00", 1),
		"a peer that is not heard": strings.Replace(wellFormed, "2026-03-02T09:00:00.5Z", "-", 1),
		"a place that is none":     strings.Replace(wellFormed, "step text 2", "step text 0", 1),
		"more than is kept":        strings.Replace(wellFormed, step, strings.Repeat(step, mostSteps+1), 1),
		"a word more":              wellFormed + "end\n",
	} {
		if _, err := parseDeliveries(wellFormedOf(t), []byte(raw)); !errors.Is(err, negotiation.ErrNotCanonical) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parseDeliveries(wellFormedOf(t), make([]byte, maxMemorySize+1)); !errors.Is(err, negotiation.ErrTooLarge) {
		t.Errorf("too much: %v", err)
	}
}

func FuzzDeliveries(f *testing.F) {
	f.Add([]byte(wellFormed))
	neg, _ := negotiation.ParseActID(wellFormed[33:97])
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := parseDeliveries(neg, raw)
		if err != nil {
			return
		}
		if !bytes.Equal(d.format(neg), raw) {
			t.Error("two texts are the same deliveries")
		}
		for code, s := range d {
			if s.count > mostSteps {
				t.Errorf("%d steps of %s", s.count, code)
			}
		}
	})
}

// The most that a node of the largest negotiation remembers can be read again.
func TestDeliveriesFit(t *testing.T) {
	longest := step{since: time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)}
	longest.stated, longest.after = longest.since, longest.since
	d := make(deliveries)
	for i := range maxChains - 1 {
		s := shown{heard: longest.since, count: mostSteps, steps: make(map[negotiation.Chain][]step)}
		longest.tip = headOf(record("XBO"), maxSequence, fmt.Sprint(i))
		s.steps[record("XBO")] = slices.Repeat([]step{longest}, mostSteps)
		d[negotiation.Code([]byte{'A' + byte(i/26/26), 'A' + byte(i/26%26), 'A' + byte(i%26)})] = s
	}
	raw := d.format(testNegotiation)
	if read, err := parseDeliveries(testNegotiation, raw); err != nil || len(read) != len(d) {
		t.Errorf("of %d bytes %d peers are read: %v", len(raw), len(read), err)
	}
}
