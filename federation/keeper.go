package federation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

const (
	// keepEvery is how often a node looks whether it has acts for its hub to keep, and
	// renewEvery how often it looks whether the hub still has what it was given.
	keepEvery  = 250 * time.Millisecond
	renewEvery = 30 * time.Second

	// leastWait is how long a node waits after a failure before it tries again.
	leastWait = time.Second

	// keepWithin is how long the hub may take to answer.
	keepWithin = 3 * time.Second

	// leastAnswer is what an answer is waited for at least when acts are read. It is
	// four times as long as the hub took to answer for itself, if that is longer.
	leastAnswer = 250 * time.Millisecond

	// observerAnswer is what an observer waits for acts: nothing at the hub is its own, so
	// that it cannot ask for itself how long an answer takes.
	observerAnswer = time.Second

	// mostLost is how many times in a row nothing may be stored in a stream that is said to
	// be there, until it is deleted, to be made anew; at most once in remakeEvery, since a
	// slow line looks the same. A server whose directory is gone says that to nobody.
	mostLost    = 3
	remakeEvery = time.Hour

	// batch is how many acts are kept together, once there are so many.
	batch = 64
)

// A keeper has hubs keep the acts of this node's own chains, and reads what they keep
// of others'; an observer's only reads. It works beside the link, over a connection of its own: all that it does
// may fail, and whatever it reads may be made up by whoever runs the hub.
type keeper struct {
	cfg      Config
	subjects subjects
	nc       *nats.Conn
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex
	within time.Duration                  // how long an answer may take; zero before a hub has said that it keeps acts
	writer negotiation.Code               // in whose stream acts of the text were found last; empty for none
	silent map[negotiation.Code]*patience // with those for whose acts no answer came, as from a hub that has no such stream
}

// startKeeper connects to the server that the link's options are for.
func startKeeper(cfg Config, url string, options []nats.Option) (*keeper, error) {
	k := &keeper{cfg: cfg, subjects: subjectsOf(cfg.Negotiation), silent: make(map[negotiation.Code]*patience)}
	var err error
	k.nc, err = connect(url, cfg.name()+" keeper", func(error) {}, options) // each request tells its own error
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	if cfg.observes() {
		k.within = observerAnswer
	} else {
		k.running.Go(func() { k.run(ctx) })
	}
	return k, nil
}

func (k *keeper) close() {
	k.cancel()
	k.running.Wait()
	k.nc.Close()
}

// run keeps own acts until ctx ends. After a failure the stream is renewed, later each
// time.
func (k *keeper) run(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	var kept map[negotiation.Chain]uint64 // up to which place; nil without a stream
	var renew time.Time
	wait, lost := leastWait, 0
	var remade time.Time
	trouble := "" // what was logged last
	for {
		if now := time.Now(); !now.Before(renew) {
			if kept = k.renew(ctx); kept == nil {
				renew = now.Add(leastWait)
			} else {
				renew = now.Add(renewEvery)
			}
		}
		switch err := k.keepAll(ctx, kept); {
		case err == nil && kept != nil:
			wait, lost = leastWait, 0
		case err != nil && ctx.Err() == nil:
			kept, renew = nil, time.Now().Add(wait)
			wait = min(2*wait, renewEvery)
			if err.Error() != trouble {
				trouble = err.Error()
				k.cfg.Logger.Info("the hub does not keep acts", "error", err)
			}
			if lost++; lost >= mostLost && time.Since(remade) >= remakeEvery {
				k.deleteStream(ctx)
				wait, lost, remade, renew = leastWait, 0, time.Now(), time.Now()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// keepAll gives the hub what it does not have yet of own chains, and notes it.
func (k *keeper) keepAll(ctx context.Context, kept map[negotiation.Chain]uint64) error {
	if kept == nil {
		return nil
	}
	held := k.cfg.Store.Heads()
	for _, chain := range k.cfg.Writes() {
		tips := tipsOf(held, chain)
		if len(tips) == 0 {
			continue
		}
		end := tips[0].Sequence
		if err := k.keepUpTo(ctx, chain, kept[chain], end); err != nil {
			return fmt.Errorf("keeping %s up to %d: %w", chain, end, err)
		}
		kept[chain] = max(kept[chain], end)
	}
	return nil
}

// keepUpTo gives the hub what comes after the place after, up to end: the newest act by
// itself, and batches when they are complete or several acts are new. The newest act is
// last, so that it tells how far this went.
func (k *keeper) keepUpTo(ctx context.Context, chain negotiation.Chain, after, end uint64) error {
	if after >= end {
		return nil
	}
	if end > after+1 || end%batch == 0 {
		for from := batchOf(after + 1); from <= end; from += batch {
			if err := k.keep(ctx, chain, from, k.subjects.keptBatch(k.cfg.Code, chain, from)); err != nil {
				return err
			}
		}
	}
	return k.keep(ctx, chain, end, k.subjects.kept(k.cfg.Code, chain, end))
}

// batchOf is the first place of the batch that a place is in.
func batchOf(place uint64) uint64 { return place - (place-1)%batch }

// keep gives the hub, under a subject, what the store has of a chain's line from a
// place on.
func (k *keeper) keep(ctx context.Context, chain negotiation.Chain, from uint64, subject string) error {
	message, err := k.cfg.Store.Acts(ctx, chain, from, negotiation.ActID{})
	if err != nil || len(message) == 0 {
		return err
	}
	return k.publish(ctx, subject, message)
}

// acts returns an acts message that a hub keeps, with acts of chain from a place on or
// from a little before it; nil when there is none. Nothing in it is verified.
func (k *keeper) acts(ctx context.Context, chain negotiation.Chain, from uint64) ([]byte, error) {
	k.mu.Lock()
	open, writer := k.within > 0, k.writer
	k.mu.Unlock()
	owner, isRecord := chain.Owner()
	switch {
	case !open:
		return nil, nil
	case isRecord:
		return k.actsOf(ctx, owner, chain, from)
	}
	if writer != "" {
		if message, err := k.actsOf(ctx, writer, chain, from); err != nil || message != nil {
			return message, err
		}
	}
	return k.actsOfAny(ctx, chain, from)
}

// actsOfAny looks for acts of the text with everybody: who writes it is for the acts
// themselves to say.
func (k *keeper) actsOfAny(ctx context.Context, chain negotiation.Chain, from uint64) (found []byte, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		of      negotiation.Code
		message []byte
	}
	codes := k.cfg.Participants()
	answers := make(chan answer, len(codes))
	for _, code := range codes {
		k.running.Go(func() {
			message, _ := k.actsOf(ctx, code, chain, from)
			answers <- answer{code, message}
		})
	}
	for range codes {
		if a := <-answers; a.message != nil {
			k.mu.Lock()
			k.writer = a.of
			k.mu.Unlock()
			return a.message, nil
		}
	}
	return nil, ctx.Err()
}

// actsOf asks for what is kept of code's: for the batch at a place where one begins, and
// elsewhere for the act at that place, and then for the batch that it is in. When no
// answer comes, nobody is asked for a while.
func (k *keeper) actsOf(ctx context.Context, code negotiation.Code, chain negotiation.Chain, from uint64) ([]byte, error) {
	k.mu.Lock()
	within, silent := k.within, k.silent[code]
	waits := silent != nil && time.Now().Before(silent.until)
	k.mu.Unlock()
	if waits || code == k.cfg.Code {
		return nil, nil
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(outer, within)
	defer cancel()
	first := k.subjects.kept(code, chain, from)
	second := k.subjects.keptBatch(code, chain, batchOf(from))
	if batchOf(from) == from {
		first, second = second, first
	}
	message, err := k.get(ctx, code, first)
	if err == nil && message == nil {
		message, err = k.get(ctx, code, second)
	}
	if errors.Is(outer.Err(), context.Canceled) {
		return nil, outer.Err()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		delete(k.silent, code)
		return message, nil
	}
	if k.silent[code] == nil {
		k.silent[code] = new(patience)
	}
	k.silent[code].lose(leastWait, time.Now())
	return nil, nil
}
