package federation

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"concord/negotiation"
)

// A picky store takes a message that begins with "whole" only after so many parts, for
// each of which it has asked.
type picky struct {
	*memory
	parts, got int
	stubborn   bool // it goes on saying that it lacks the same
}

type lacksParts []negotiation.Head

func (lacksParts) Error() string               { return "parts are lacking" }
func (lacksParts) Unwrap() error               { return negotiation.ErrGap }
func (l lacksParts) Lacks() []negotiation.Head { return l }

func (s *picky) Receive(ctx context.Context, message []byte) error {
	switch {
	case bytes.HasPrefix(message, []byte("part")):
		s.got++
		return nil
	case !bytes.HasPrefix(message, []byte("whole")):
		return s.memory.Receive(ctx, message)
	case s.stubborn:
		return lacksParts{headOf(record("XCA"), 1, "part")}
	}
	var lacks lacksParts
	for n := s.got; n < s.parts; n++ {
		lacks = append(lacks, headOf(record("XCA"), uint64(n+1), fmt.Sprint("part ", n)))
	}
	if len(lacks) == 0 {
		return s.memory.Receive(ctx, []byte("record/XBO 1 - whole\n"))
	}
	return lacks
}

// pickyBench is a bench whose store lacks so many parts of a message.
func pickyBench(t *testing.T, parts int) (*bench, *picky) {
	store := &picky{parts: parts}
	b := benched(t, func(cfg *Config) {
		store.memory = cfg.Store.(*memory)
		cfg.Store = store
	})
	return b, store
}

// supply answers the questions for parts, and returns how many bytes that took.
func (b *bench) supply(part int) (sent int) {
	b.t.Helper()
	for len(b.supplies) > 0 {
		asked := b.supplies[0]
		b.supplies = b.supplies[1:]
		sent += part
		b.happens(supplied{asked.from, asked.lane, append([]byte("part"), make([]byte, part-4)...), nil})
	}
	return sent
}

// What a message lacks comes from its sender, whether it was published or fetched.
func TestWhatAMessageLacksIsAskedFor(t *testing.T) {
	for name, begin := range map[string]func(*bench){
		"published": func(b *bench) { b.hearsActs("XBO", []byte("whole")) },
		"fetched": func(b *bench) {
			tip := follow(nil, record("XBO"), "whole").head
			b.hearsHeads("XBO", toldBy(b.t, "XBO", func(h *Heads) { h.Tips = []negotiation.Head{tip} }))
			b.answers([]byte("whole"), nil)
		},
	} {
		b, store := pickyBench(t, mostLacking+2)
		begin(b)
		for len(b.supplies) > 0 {
			one := b.supplies[0]
			if b.supplies = b.supplies[1:]; one.from != "XBO" || one.request.Chain != record("XCA") || one.request.From != uint64(store.got+1) {
				t.Errorf("%s: asked is %+v after %d parts", name, one, store.got)
			}
			b.happens(supplied{"XBO", one.lane, []byte("part"), nil})
		}
		if b.store.held(record("XBO")) != 1 || b.peer("XBO").Faults > 0 {
			t.Errorf("%s: %d of %d parts have come, and the message is not taken", name, store.got, store.parts)
		}
	}
}

// Where it does not come, or does not help, the message waits for better days.
func TestWhatAMessageLacksIsNotAskedForInVain(t *testing.T) {
	for name, c := range map[string]struct {
		reply    []byte
		err      error
		stubborn bool
	}{
		"no reply":     {nil, errNoReply, false},
		"nothing":      {nil, nil, false},
		"too much":     {append([]byte("part"), make([]byte, MaxActs)...), nil, false},
		"no such part": {[]byte("garbage\n"), nil, false},
		"no help":      {[]byte("part"), nil, true},
	} {
		b, store := pickyBench(t, 3)
		store.stubborn = c.stubborn
		b.hearsActs("XBO", []byte("whole"))
		b.happens(supplied{"XBO", hearing, c.reply, c.err})
		p := b.core.peer("XBO")
		if len(b.supplies) != 1 || p.hearing || p.errands[hearing] != nil || len(p.parked) != 1 {
			t.Errorf("%s: %d questions, errand %+v, %d messages parked", name, len(b.supplies), p.errands[hearing], len(p.parked))
		}
		store.parts, store.stubborn = 0, false
		if b.hearsActs("XCA", []byte("record/XCA 1 - act\n")); b.store.held(record("XBO")) != 1 || len(p.parked) > 0 {
			t.Errorf("%s: the message is not tried again when the store has grown", name)
		}
	}
}

// An errand that takes longer than a fetch may is given up, and goes on another time.
func TestErrandsEnd(t *testing.T) {
	b, _ := pickyBench(t, 3)
	b.hearsActs("XBO", []byte("whole"))
	b.now = b.now.Add(b.cfg.FetchTimeout)
	b.happens(supplied{"XBO", hearing, []byte("part"), nil})
	if p := b.core.peer("XBO"); len(b.supplies) != 1 || p.hearing || len(p.parked) != 1 {
		t.Errorf("after the time for a fetch %d things have been asked for", len(b.supplies))
	}
}

// A message that lacks hundreds of large things costs its sender what it may waste, and
// nobody else anything. It gets through at the rate at which that is forgiven.
func TestWhatMessagesLackHasABudget(t *testing.T) {
	const part = 88 << 10
	b, store := pickyBench(t, 160)
	b.hearsActs("XBO", []byte("whole"))
	sent := b.supply(part)
	if sent == 0 || sent > mostWaste+part {
		t.Errorf("a message makes the node fetch %d bytes at once", sent)
	}
	if b.hearsActs("XBO", []byte("whole, again")); len(b.supplies) > 0 {
		t.Error("the next message makes it fetch more")
	}
	if b.hearsActs("XCA", []byte("record/XCA 1 - good\n")); b.store.held(record("XCA")) != 1 {
		t.Error("another's message waits for it")
	}
	more := 0
	for range 10 {
		b.passes(time.Second)
		more += b.supply(part)
	}
	if most := 10*wasteRate + actWorth + 2*part; more == 0 || more > most {
		t.Errorf("in 10 s %d bytes more are fetched, of %d that may be", more, most)
	}
	for range 45 {
		b.passes(time.Second)
		b.supply(part)
	}
	if b.store.held(record("XBO")) != 1 {
		t.Errorf("before it is forgotten, %d of %d parts have come", store.got, store.parts)
	}
}
