package federation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// hub is a running [Hub].
type hub struct {
	*HubServer
	*keeper // nil when nothing is kept here
	neg     negotiation.ActID
	code    negotiation.Code
	secret  HubSecret
	observe func() []string // Hub.Observers

	mu       sync.Mutex
	admitted []negotiation.Code // sorted
	watching []string           // the observers' keys, sorted
}

// Check implements [Carrier].
func (h Hub) Check() error {
	return errors.Join(checkListen(h.Listen, h.Certificate), checkCache(h.Cache.Bytes))
}

func (h Hub) start(cfg Config) (transport, error) {
	running := &hub{
		neg: cfg.Negotiation, code: cfg.Code, secret: h.Secret,
		admitted: union(cfg.Participants(), []negotiation.Code{cfg.Code}),
		observe:  h.Observers,
	}
	if running.observe == nil {
		running.observe = func() []string { return nil }
	}
	running.watching = union(running.observe(), nil)
	plan := running.planOf(running.admitted, running.watching)
	plan.Cache = h.Cache.Bytes
	var err error
	if running.HubServer, err = RunHub(plan, h.Listen, h.Certificate, h.Cache.Dir, cfg.Logger); err != nil {
		return nil, err
	}
	if plan.Cache == 0 {
		return running, nil
	}
	url, options := running.options()
	if running.keeper, err = startKeeper(cfg, url, options); err != nil {
		running.HubServer.Close()
		return nil, err
	}
	return running, nil
}

// acts reads what this hub itself keeps.
func (h *hub) acts(ctx context.Context, chain negotiation.Chain, from uint64) ([]byte, error) {
	if h.keeper == nil {
		return nil, nil
	}
	return h.keeper.acts(ctx, chain, from)
}

func (h *hub) stop() {
	if h.keeper != nil {
		h.keeper.close()
	}
	h.HubServer.Close()
}

func (h *hub) options() (string, []nats.Option) {
	return h.inProcess(nkeyOption(h.secret.userKey(h.neg, string(h.code))))
}

func (h *hub) connected(nc *nats.Conn) bool { return nc.IsConnected() }

func (h *hub) arrivals(*nats.Conn) uint64 { return h.joined() }

func (*hub) hubs(*nats.Conn) []HubState { return nil }

// admit adds accounts when the charter has grown, and follows the list of observers.
func (h *hub) admit(codes []negotiation.Code) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	all, observers := union(h.admitted, codes), union(h.observe(), nil)
	if slices.Equal(all, h.admitted) && slices.Equal(observers, h.watching) {
		return nil
	}
	if err := h.serve(h.planOf(all, observers)); err != nil {
		return err
	}
	h.admitted, h.watching = all, observers
	return nil
}

// planOf is the hub's, without what it keeps.
func (h *hub) planOf(codes []negotiation.Code, observers []string) HubPlan {
	plan := h.secret.Plan(h.neg, codes)
	plan.Observers = observers
	return plan
}

func (h *hub) hubURL() string { return h.URL() }

func union[T cmp.Ordered](a, b []T) []T {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
