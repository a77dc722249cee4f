package federation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"concord/negotiation"
)

// This file speaks to the JetStream of a hub, in the node's own account. No right
// beyond that account is needed, or would be there: others' streams are read by Direct
// Get, which their accounts export and which creates nothing.

// streamAPI is where JetStream is asked; the domain makes that pass from a leaf
// node to its hub.
const streamAPI = "$JS." + CacheDomain + ".API."

// serverAPI is what a server makes of streamAPI before it looks at permissions.
const serverAPI = "$JS.API."

const (
	keepFor  = 180 * 24 * time.Hour // how long a hub keeps an act
	keepMost = 256 << 20            // how many bytes, where the account has no bound

	// storeSlack is how far a stream stays below the bound of its account, at which
	// JetStream refuses new messages instead of discarding old ones.
	storeSlack = 4 << 20
)

// An apiError is what JetStream answers when it does not do what it was asked.
type apiError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

// streamInUse is the err_code for a stream that is there, and is not quite as asked.
const streamInUse = 10058

// renew makes this node's stream, unless it is there, and returns up to which place it
// has the node's chains; nil when there is no stream.
func (k *keeper) renew(ctx context.Context) map[negotiation.Chain]uint64 {
	var account struct {
		Limits struct {
			MaxStorage int64 `json:"max_storage"`
		} `json:"limits"`
	}
	begin := time.Now()
	failure, err := k.ask(ctx, streamAPI+"INFO", nil, &account)
	if err != nil || failure != nil {
		return nil
	}
	k.mu.Lock()
	k.within = min(max(4*time.Since(begin), leastAnswer), keepWithin)
	k.mu.Unlock()
	most := int64(keepMost)
	if account.Limits.MaxStorage > 0 {
		most = min(most, max(account.Limits.MaxStorage-storeSlack, account.Limits.MaxStorage/2))
	}
	failure, err = k.ask(ctx, streamAPI+"STREAM.CREATE."+k.subjects.stream(k.cfg.Code), map[string]any{
		"name":                 k.subjects.stream(k.cfg.Code),
		"subjects":             []string{k.subjects.of(k.cfg.Code, "kept") + ".>"},
		"storage":              "file",
		"max_bytes":            most,
		"max_age":              keepFor.Nanoseconds(),
		"max_msgs_per_subject": 1,
		"discard":              "old",
		"allow_direct":         true,
		"num_replicas":         1,
	}, nil)
	if err != nil || failure != nil && failure.ErrCode != streamInUse {
		k.cfg.Logger.Debug("no stream at the hub", "error", err, "answer", failure)
		return nil
	}
	kept := make(map[negotiation.Chain]uint64)
	for _, chain := range k.cfg.Writes() {
		if kept[chain], err = k.lastKept(ctx, chain); err != nil {
			return nil
		}
	}
	return kept
}

// deleteStream has the hub forget this node's stream, which renew then makes anew.
func (k *keeper) deleteStream(ctx context.Context) {
	failure, err := k.ask(ctx, streamAPI+"STREAM.DELETE."+k.subjects.stream(k.cfg.Code), nil, nil)
	k.cfg.Logger.Info("the hub stores nothing: its stream is made anew", "error", err, "answer", failure)
}

// ask sends a request to JetStream and reads its answer into into. A failure is
// JetStream's own; err says that no answer came, or none that can be read.
func (k *keeper) ask(ctx context.Context, subject string, request, into any) (failure *apiError, err error) {
	var body []byte
	if request != nil {
		if body, err = json.Marshal(request); err != nil {
			return nil, err
		}
	}
	reply, err := k.request(ctx, subject, body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error *apiError `json:"error"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return nil, err
	}
	if answer.Error != nil || into == nil {
		return answer.Error, nil
	}
	return nil, json.Unmarshal(reply.Data, into)
}

func (k *keeper) request(ctx context.Context, subject string, body []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, keepWithin)
	defer cancel()
	return k.nc.RequestWithContext(ctx, subject, body)
}

// publish puts a message into this node's stream, and returns once it is there. It has
// no message id: JetStream would call it a duplicate if one had come before under it.
func (k *keeper) publish(ctx context.Context, subject string, message []byte) error {
	reply, err := k.request(ctx, subject, message)
	if err != nil {
		return err
	}
	var ack struct {
		Error     *apiError `json:"error"`
		Stream    string    `json:"stream"`
		Sequence  uint64    `json:"seq"`
		Duplicate bool      `json:"duplicate"`
	}
	switch err := json.Unmarshal(reply.Data, &ack); {
	case err != nil:
		return err
	case ack.Error != nil:
		return errors.New(ack.Error.Description)
	case ack.Duplicate, ack.Sequence == 0, ack.Stream != k.subjects.stream(k.cfg.Code):
		return fmt.Errorf("not stored as a new message of %s: %.200s", k.subjects.stream(k.cfg.Code), reply.Data)
	}
	return nil
}

// lastKept is the last place that this node's stream has of a chain; 0 for none.
func (k *keeper) lastKept(ctx context.Context, chain negotiation.Chain) (uint64, error) {
	reply, err := k.directGet(ctx, streamAPI+"DIRECT.GET."+k.subjects.stream(k.cfg.Code), k.subjects.keptOf(k.cfg.Code, chain)+".*")
	if err != nil || reply == nil {
		return 0, err
	}
	place := strings.TrimPrefix(reply.Header.Get("Nats-Subject"), k.subjects.keptOf(k.cfg.Code, chain)+".")
	return strconv.ParseUint(place, 10, 64)
}

// get returns what another participant's stream has under a subject; nil when it has
// nothing there.
func (k *keeper) get(ctx context.Context, code negotiation.Code, subject string) ([]byte, error) {
	reply, err := k.directGet(ctx, k.subjects.cache(code), subject)
	if err != nil || reply == nil {
		return nil, err
	}
	return reply.Data, nil
}

// directGet returns the last message that a stream has under a subject; nil when it has
// none.
func (k *keeper) directGet(ctx context.Context, at, subject string) (*nats.Msg, error) {
	body, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return nil, err
	}
	reply, err := k.request(ctx, at, body)
	switch {
	case err != nil:
		return nil, err
	case reply.Header.Get("Status") == "404":
		return nil, nil
	case reply.Header.Get("Status") != "":
		return nil, fmt.Errorf("%s %s", reply.Header.Get("Status"), reply.Header.Get("Description"))
	}
	return reply, nil
}
