package federation

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"concord/negotiation"
)

// A body is one node of a world: a core on a vault. Two may have one code, and key;
// observers have none.
type body struct {
	*world
	number int
	code   negotiation.Code
	cfg    Config
	offset time.Duration // of its clock

	vault    *vault
	core     *core
	alive    bool
	life     int           // counts its starts
	happened int           // counts events
	tick     time.Duration // when it ticks next; -1 for not
	busy     time.Duration // until when the Store is

	serving int           // requests that wait
	served  time.Duration // until when it is answering

	keys  int               // how often its key was replaced
	mark  negotiation.ActID // its newest act
	old   bool              // its disk was put back, and nobody has said yet how far its record goes
	twice bool              // signs each act twice, and gives every second node the other one
	forks bool              // there is another with its key
	slow  bool              // its Store is
}

var errNoReply = errors.New("no reply")

func (b *body) key() ed25519.PrivateKey { return simulatedKey(b.code, b.keys) }

func (w *world) add(code negotiation.Code, disk []*document) *body {
	b := &body{world: w, number: len(w.nodes), code: code}
	b.cfg = Config{
		Negotiation: begunNegotiation()[0].head.Act,
		Code:        code,
		Verify: func(code negotiation.Code, message, signature []byte) error {
			key, ok := b.vault.key(code)
			if !ok || negotiation.VerifySignature(key, negotiation.HeadsNamespace, message, signature) != nil {
				return negotiation.ErrNotParticipant // as in cmd/concord: the key may be a newer one
			}
			return nil
		},
		HeadsEvery:   2 * time.Second,
		FetchTimeout: 2 * time.Second,
	}
	if code != "" {
		b.cfg.Sign = func(message []byte) ([]byte, error) {
			return negotiation.Sign(b.key(), negotiation.HeadsNamespace, message)
		}
	}
	b.vault = &vault{disk: disk}
	for _, d := range disk {
		if d.head.Chain == record(code) {
			b.mark = d.head.Act
		}
	}
	w.nodes = append(w.nodes, b)
	for i := range w.nodes {
		for len(w.nodes) > len(w.cut) {
			w.cut, w.arrival = append(w.cut, nil), append(w.arrival, nil)
		}
		for len(w.cut[i]) < len(w.nodes) {
			w.cut[i], w.arrival[i] = append(w.cut[i], false), append(w.arrival[i], 0)
		}
	}
	return b
}

// start starts it on what its disk has.
func (b *body) start() {
	b.vault = newVault(b.cfg.Negotiation, b.seals, b.vault.disk, 8)
	b.cfg.Store = b.vault
	b.core = newCore(b.cfg, true, rand.New(rand.NewPCG(b.rand.Uint64(), uint64(b.number))))
	b.alive, b.tick, b.busy, b.serving, b.served = true, -1, b.now, 0, b.now
	b.life++
	b.happens(joined{b.participants()})
	b.happens(begun{})
	b.happens(arrived{true})
}

// kill ends it at once. What the Store was at is lost.
func (b *body) kill() { b.alive = false }

func (b *body) participants() []negotiation.Code {
	if len(b.vault.disk) == 0 {
		return simulated[:1]
	}
	return simulated
}

func (b *body) time() time.Time { return simulatedStart.Add(b.now + b.offset) }

// later has something happen to it, unless it ends before.
func (b *body) later(d time.Duration, do func() event) {
	life := b.life
	b.after(d, func() {
		if b.alive && b.life == life {
			b.happens(do())
		}
	})
}

// happens has an event happen to its core, and what follows from it.
func (b *body) happens(e event) {
	effects := b.core.step(b.time(), e)
	b.record(e, effects)
	for _, e := range effects {
		b.perform(e)
	}
	due := b.core.due()
	if !due.After(b.time()) {
		b.wrong("%s wants a tick at once after %T: it would spin", b.code, e)
	}
	if at := due.Sub(simulatedStart) - b.offset; b.tick < 0 || at < b.tick || b.tick <= b.now {
		b.tick = at
		b.later(at-b.now, func() event { return tick{} })
	}
}

func (b *body) perform(e effect) {
	switch e := e.(type) {
	case tell:
		b.later(b.between(0, 3*time.Millisecond), func() event {
			message, err := b.cfg.signedHeads(e.tips, b.time(), Nonce{})
			if err != nil {
				b.wrong("%s cannot tell its heads: %v", b.code, err)
			}
			b.publish(b, true, message, nil)
			return told{}
		})
	case rollCall:
		b.later(0, func() event { return joined{b.participants()} })
	case check:
		b.later(b.between(0, time.Millisecond), func() event {
			key, _ := b.vault.key(e.from)
			h, err := b.seals.readHeads(b.cfg, e.from, key, e.message)
			return checked{e.from, h, err}
		})
	case store:
		takes := b.between(time.Millisecond, 8*time.Millisecond)
		if b.slow {
			takes *= 10
		}
		b.busy = max(b.busy, b.now) + takes
		b.later(b.busy-b.now, func() event {
			return stored{e.from, e.lane, b.vault.Receive(context.Background(), e.message)}
		})
	case fetch:
		b.ask(b, e)
	case challenge:
		b.challenge(b, e)
	case refused:
		if !b.touched[[2]negotiation.Code{b.code, e.from}] && e.theirs {
			b.wrong("%s blames %s, who is honest: %v", b.code, e.from, e.err)
		}
	}
}

// record enters in the trace what has happened, and checks that bounds are kept.
func (b *body) record(e event, effects []effect) {
	b.note(uint64(b.world.now), uint64(b.number), uint64(len(effects)))
	switch e := e.(type) {
	case heard:
		b.note(uint64(len(e.message)), uint64(e.message[len(e.message)/2]))
	case stored:
		b.note(uint64(e.lane), uint64(len(b.vault.disk)))
	case fetched:
		b.note(uint64(len(e.reply)))
	}
	if b.happened++; b.happened%16 > 0 {
		return
	}
	for _, p := range b.core.peers {
		if len(p.queue) > peerQueue || p.queued > peerBytes || len(p.parked) > mostParked || p.parkedSize > parkedBytes {
			b.wrong("%s keeps %d messages of %d bytes, and %d parked of %d bytes, of %s", b.code, len(p.queue), p.queued, len(p.parked), p.parkedSize, p.code)
		}
		if len(p.patience) > 4*maxChains+2 {
			b.wrong("%s is patient with %d tips of %s", b.code, len(p.patience), p.code)
		}
	}
}

// serve answers a request, when those before it are answered.
func (b *body) serve(r Request, reply func([]byte)) {
	if b.serving >= serveQueue {
		return
	}
	b.serving++
	b.served = max(b.served, b.world.now) + time.Millisecond
	life := b.life
	b.after(b.served-b.world.now, func() {
		if !b.alive || b.life != life {
			return
		}
		b.serving--
		message, err := b.vault.Acts(context.Background(), r.Chain, r.From, r.To)
		if err != nil || len(message) > MaxActs {
			b.wrong("%s cannot answer: %v", b.code, err)
		}
		reply(message)
	})
}

// act has its delegation do something, if it can.
func (b *body) act() {
	ledger := b.vault.ledger
	if b.old && b.alive {
		b.stand()
	}
	if !b.alive || b.old || b.code == "" || ledger.Head(record(b.code)).Act != b.mark || b.vault.full {
		return // it observes, is behind, or its record is frozen
	}
	u, err := b.compose(ledger.As(b.code, b.time()))
	if err != nil {
		return
	}
	key := b.key()
	if u.Act.Chain == negotiation.TextChain {
		key = simulatedKey(b.code, 0) // which is replaced in its record only
	}
	d := sign(u, key)
	if err := b.vault.take(d); err != nil {
		b.wrong("%s makes an act that does not verify: %v", b.code, err)
		return
	}
	if _, rotates := u.Act.Content.(negotiation.Rotate); rotates {
		b.keys++
	}
	if u.Act.Chain != negotiation.TextChain {
		b.mark = d.head.Act
	}
	b.acts = append(b.acts, d.head)
	var other []byte
	if b.twice {
		other = sign(u, anew{key}).bytes
	}
	b.publish(b, false, d.bytes, other)
	b.happens(acted{})
}

// stand finds out whether others vouch for its record, as cmd/concord does.
func (b *body) stand() {
	state, own := negotiation.Fold(b.vault.ledger), []negotiation.Chain{record(b.code)}
	if state.Chair == b.code {
		own = append(own, negotiation.TextChain)
	}
	s := b.core.standing(b.time(), own, state.Heads)
	if b.old = s.Ahead != "" || !s.Confirmed || s.Awaited; b.old {
		return
	}
	b.mark = b.vault.ledger.Head(record(b.code)).Act
	for b.keys = 0; b.keys < 2; b.keys++ {
		if key, _ := b.vault.key(b.code); key == publicKey(b.key()) {
			return
		}
	}
}

// compose chooses what the delegation does.
func (b *body) compose(d negotiation.Delegation) (negotiation.Unsigned, error) {
	state := d.State()
	stance := []negotiation.Stance{negotiation.For, negotiation.Against, negotiation.Reserve}[b.rand.IntN(3)]
	words := fmt.Sprint("Word ", b.rand.IntN(1000), ".")
	proposals := state.Proposals
	switch n := b.rand.IntN(20); {
	case n < 3:
		return d.Propose(negotiation.Wording{Headline: words, Base: 1, Text: b.amended(state, words)})
	case n < 12 && len(proposals) > 0:
		return d.PositionOnProposal(proposals[b.rand.IntN(len(proposals))].ID, stance, words)
	case n < 13 && b.keys == 0 && !b.forks:
		return d.Rotate(publicKey(simulatedKey(b.code, 1)), words)
	case n < 15 && b.code == state.Chair:
		return d.Revise(negotiation.Publication{Headline: words, Text: b.amended(state, words)})
	}
	return d.PositionOnParagraph(1, uint64(2+b.rand.IntN(3)), stance, words)
}

// amended is the text as it stands, with other words at the end of a paragraph.
func (b *body) amended(state *negotiation.State, words string) negotiation.Text {
	paragraph := []string{"States shall cooperate.", "States should share.", "States may meet."}
	paragraph[b.rand.IntN(3)] += " " + words
	text, err := negotiation.CanonText("draft.md", fmt.Appendf(nil, "# A statement\n\n1. %s\n2. %s\n3. %s\n", paragraph[0], paragraph[1], paragraph[2]))
	if err != nil {
		b.wrong("%v", err)
	}
	return text
}
