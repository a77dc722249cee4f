package main

import (
	"context"
	"io"
	"os"
	"time"

	"concord/api"
	"concord/federation"
	"concord/negotiation"
)

const (
	// deliveriesFile is where a node keeps since when others hold what.
	deliveriesFile = "deliveries"

	// maxDeliveries is as much as can be of use to a link, and one byte.
	maxDeliveries = 64<<20 + 1

	// rememberEvery is how often it is written while others get acts. Since when an act
	// is held that they got after that, is known less exactly after a crash.
	rememberEvery = time.Minute
)

// Delivery returns which of the other participants' nodes hold an act, as they have
// attested, by code. The act is held here.
func (n *node) Delivery(v negotiation.Verified) []api.Holder {
	state := n.State()
	act := negotiation.Head{Chain: v.Act().Chain, Sequence: v.Act().Sequence, Act: v.ID()}
	told := n.link.Delivery(act, func(tip negotiation.Head) bool { return state.Leads(act.Act, tip.Act) })
	heard := make(map[negotiation.Code]bool)
	for _, p := range n.link.Peers() {
		heard[p.Code] = p.Connected
	}
	holders := make([]api.Holder, len(told))
	for i, h := range told {
		holders[i] = api.Holder{
			Code: h.Code, Holding: string(h.Holding), Connected: heard[h.Code],
			Since: instant(h.Since), Stated: instant(h.Stated), After: instant(h.After), Heard: instant(h.Heard),
		}
	}
	return holders
}

// peerOf returns a peer as the pages show it.
func peerOf(p federation.Peer) api.Peer {
	chains := make([]api.Distance, len(p.Chains))
	for i, d := range p.Chains {
		chains[i] = api.Distance(d)
	}
	return api.Peer{
		Code: p.Code, Connected: p.Connected, Why: string(p.Why), LastSeen: instant(p.LastSeen),
		ClockOff: int64(p.ClockOff / time.Second), Behind: p.Behind, Ahead: p.Ahead, Chains: chains,
		Through: p.Through, Hubs: p.Hubs,
		Faults: p.Faults, LastFault: p.LastFault, LastRefused: instant(p.LastRefused), Differs: p.Differs, Heads: p.Heads,
	}
}

// hubsOf returns hubs as the pages show them.
func hubsOf(states []federation.HubState) []api.Hub {
	hubs := make([]api.Hub, len(states))
	for i, h := range states {
		hubs[i] = api.Hub{Address: h.Address, Connected: h.Connected, Since: instant(h.Since), Why: string(h.Why)}
	}
	return hubs
}

// instant returns t in UTC, and nil for the zero instant.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// deliveries returns what the node knew when it ended; nil when there is nothing that can
// be read.
func (d dataDir) deliveries() []byte {
	info, err := os.Lstat(d.file(deliveriesFile))
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(d.file(deliveriesFile))
	if err != nil {
		return nil
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxDeliveries))
	if err != nil {
		return nil
	}
	return raw
}

// remember keeps what is known of deliveries, every so often while something changes, and
// when ctx ends. That it cannot is said once in the log: nothing depends on it.
func (n *node) remember(ctx context.Context, d dataDir) {
	every := time.NewTicker(rememberEvery)
	defer every.Stop()
	changed := n.Changed()
	for said := false; ; {
		select {
		case <-ctx.Done():
		case <-every.C:
			select {
			case <-changed:
				changed = n.Changed()
			default:
				continue
			}
		}
		if err := d.keep(deliveriesFile, n.link.Deliveries()); err != nil && !said {
			said = true
			n.logger.Warn("since when others hold what will not be known after a restart", "error", err)
		}
		if ctx.Err() != nil {
			return
		}
	}
}
