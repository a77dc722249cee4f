package federation

import (
	"container/heap"
	"encoding/binary"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"concord/negotiation"
)

// A world is a simulation: nodes, the network and broker between them, and one clock.
// Everything that happens in it follows from its seed.
type world struct {
	rand  *rand.Rand
	now   time.Duration
	queue happenings
	count uint64
	trace hash.Hash64
	seals *seals

	nodes   []*body
	arrival [][]time.Duration // of the last message from one to another
	cut     [][]bool          // what one publishes or answers does not reach the other
	faulty  bool              // what follows may happen at all
	faults  faults
	stream  stream

	acts    []negotiation.Head                 // that were acknowledged, in order
	touched map[[2]negotiation.Code]bool       // what the first got under the second's name may be the broker's
	old     map[negotiation.Code][]heard       // messages that the broker has kept
	answers map[negotiation.Code][]byte        // likewise, the last answer to a challenge
	playing bool                               // the broker answers those who are old with them
	wrong   func(format string, values ...any) // ends the simulation
}

// A happening is what happens at an instant.
type happening struct {
	at    time.Duration
	order uint64
	do    func()
}

type happenings []happening

func (h happenings) Len() int { return len(h) }
func (h happenings) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}
func (h happenings) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *happenings) Push(x any)   { *h = append(*h, x.(happening)) }
func (h *happenings) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = happening{}
	*h = (*h)[:len(*h)-1]
	return last
}

// after has something happen later.
func (w *world) after(d time.Duration, do func()) {
	w.count++
	heap.Push(&w.queue, happening{w.now + max(d, 0), w.count, do})
}

// mostHappenings is several times what a world needs that is level after two minutes.
const mostHappenings = 1 << 20

// run lets time pass until an instant.
func (w *world) run(until time.Duration) {
	for len(w.queue) > 0 && w.queue[0].at <= until {
		if w.count > mostHappenings {
			w.wrong("there is no end to what happens")
			w.queue = nil
			return
		}
		next := heap.Pop(&w.queue).(happening)
		w.now = next.at
		next.do()
	}
	w.now = until
}

func (w *world) chance(p float64) bool { return p > 0 && w.rand.Float64() < p }

func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rand.Int64N(int64(most-least)+1))
}

// note enters in the trace what has happened.
func (w *world) note(values ...uint64) {
	var line []byte
	for _, v := range values {
		line = binary.LittleEndian.AppendUint64(line, v)
	}
	w.trace.Write(line)
}

// faults is how bad the network and the broker are.
type faults struct {
	drop, double, slow, reorder float64
	withheld                    negotiation.Code // whose messages the broker keeps back
	garble                      float64          // how many replies it replaces
	hole                        float64          // how many acts the stream does not get
}

// carry takes a message from one node to another, or loses it.
func (w *world) carry(from, to *body, deliver func()) {
	f := w.faults
	if !w.faulty {
		f = faults{}
	}
	if w.cut[from.number][to.number] || f.withheld != "" && f.withheld == from.code || w.chance(f.drop) {
		return
	}
	copies := 1
	if w.chance(f.double) {
		copies = 2
	}
	for range copies {
		at := w.now + w.between(time.Millisecond, 15*time.Millisecond)
		if w.chance(f.slow) {
			at += w.between(0, 2*time.Second)
		}
		if !w.chance(f.reorder) {
			at = max(at, w.arrival[from.number][to.number])
			w.arrival[from.number][to.number] = at
		}
		w.after(at-w.now, func() {
			if to.alive {
				deliver()
			}
		})
	}
}

// publish takes a message to all others; other, if there is one, to every second.
func (w *world) publish(from *body, heads bool, message, other []byte) {
	if !heads && !(w.faulty && (w.chance(w.faults.hole) || w.faults.withheld == from.code)) {
		w.stream.add(message)
	}
	w.old[from.code] = append(w.old[from.code], heard{from.code, heads, message})
	for i, to := range w.nodes {
		got := message
		if other != nil && i%2 > 0 {
			got = other
		}
		if to.code != from.code {
			w.carry(from, to, func() { to.happens(heard{from.code, heads, got}) })
		}
	}
}

// ask takes a fetch to its peer, and one reply back, or none within the time.
func (w *world) ask(from *body, e fetch) {
	life, answered := from.life, false
	answer := func(reply []byte, err error) {
		if !answered && from.alive && from.life == life {
			answered = true
			from.happens(fetched{e.from, reply, err})
		}
	}
	w.after(e.within, func() { answer(nil, errNoReply) })
	if e.cached {
		w.after(w.between(time.Millisecond, 5*time.Millisecond), func() {
			answer(w.garbled(from, e.from, w.stream.acts(e.request.Chain, e.request.From)), nil)
		})
		return
	}
	for _, to := range w.nodes {
		if to.code == e.from {
			w.carry(from, to, func() {
				to.serve(e.request, func(reply []byte) {
					w.carry(to, from, func() { answer(w.garbled(from, e.from, reply), nil) })
				})
			})
		}
	}
}

// challenge takes a challenge to its peer, and one answer back, or none within the time.
func (w *world) challenge(from *body, e challenge) {
	var nonce Nonce
	binary.LittleEndian.PutUint64(nonce[:], w.rand.Uint64()|1)
	life, done := from.life, false
	answer := func(reply []byte) {
		if done || !from.alive || from.life != life {
			return
		}
		done = true
		if len(reply) == 0 {
			from.happens(answered{from: e.from, err: errNoReply})
			return
		}
		h, err := from.cfg.readAnswer(e.from, nonce, reply)
		from.happens(answered{e.from, reply, h, err})
	}
	w.after(e.within, func() { answer(nil) })
	if w.playing && from.old {
		w.touched[[2]negotiation.Code{from.code, e.from}] = true
		w.after(time.Millisecond, func() { answer(w.answers[e.from]) })
	}
	for _, to := range w.nodes {
		if to.code == e.from {
			w.carry(from, to, func() {
				message, err := to.cfg.signedHeads(to.vault.Heads(), to.time(), nonce)
				if err != nil {
					w.wrong("%s cannot answer a challenge: %v", to.code, err)
				}
				w.carry(to, from, func() {
					if !w.playing {
						w.answers[to.code] = message
					}
					answer(w.garbled(from, e.from, message))
				})
			})
		}
	}
}

// garbled is a reply as the broker passes it on.
func (w *world) garbled(to *body, from negotiation.Code, reply []byte) []byte {
	if !w.faulty || !w.chance(w.faults.garble) {
		return reply
	}
	w.touched[[2]negotiation.Code{to.code, from}] = true
	switch n := w.rand.IntN(5); {
	case n == 0:
		return []byte("garbage")
	case n == 1:
		return huge
	case n == 2:
		return nil
	case len(reply) == 0:
		return []byte{2}
	case n == 3:
		return reply[:w.rand.IntN(len(reply))]
	}
	changed := append([]byte(nil), reply...)
	changed[w.rand.IntN(len(changed))] ^= 1 << w.rand.IntN(8)
	return changed
}

var huge = make([]byte, MaxActs+1)

// A stream is what the broker keeps of the acts published; it may be wiped.
type stream map[negotiation.Chain]map[uint64][]byte

func (s stream) add(message []byte) {
	d, _, err := parseDocument(message)
	if err != nil {
		return
	}
	sealed, err := negotiation.Unseal(d.payload, d.signature)
	if err != nil {
		return
	}
	act := sealed.Act()
	if s[act.Chain] == nil {
		s[act.Chain] = make(map[uint64][]byte)
	}
	s[act.Chain][act.Sequence] = message
}

func (s stream) acts(chain negotiation.Chain, from uint64) (message []byte) {
	for ; s[chain][from] != nil; from++ {
		message = append(message, s[chain][from]...)
	}
	return message
}

func newWorld(seed uint64, wrong func(string, ...any)) *world {
	return &world{
		rand:    rand.New(rand.NewPCG(seed, 28)),
		trace:   fnv.New64a(),
		seals:   newSeals(),
		stream:  make(stream),
		touched: make(map[[2]negotiation.Code]bool),
		old:     make(map[negotiation.Code][]heard),
		answers: make(map[negotiation.Code][]byte),
		wrong:   wrong,
	}
}
