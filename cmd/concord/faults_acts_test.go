//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

// author acts on nodes by chance, and notes what they acknowledge.
func (s *storm) author(ctx context.Context, chance *rand.Rand) {
	for n := 0; between(ctx, chance, 100*time.Millisecond, 900*time.Millisecond); n++ {
		code := stormStates[chance.IntN(len(stormStates))]
		path, body, what := s.compose(chance, code)
		raw, status, err := s.ask(ctx, http.MethodPost, code, s.address[code], "/api/v1/"+path, body)
		if err != nil {
			s.count("requests without an answer")
			continue
		}
		var answer struct {
			ID       string `json:"id"`
			Act      string `json:"act"`
			Wordings []struct {
				Act string `json:"act"`
			} `json:"wordings"`
			Fault negotiation.Fault `json:"fault"`
		}
		if err := json.Unmarshal(raw, &answer); err != nil {
			s.Errorf("%s answers %d %q", code, status, raw)
			return
		}
		switch {
		case answer.Fault == negotiation.ErrBehind: // it was killed, and has yet to hear of what it signed last
			s.count("requests to a node that is behind")
			continue
		case status != http.StatusCreated:
			s.Errorf("%s on %s: %d %s", path, code, status, raw)
			return
		}
		named := answer.ID
		if answer.Act != "" {
			named = answer.Act
		}
		for _, wording := range answer.Wordings {
			named = wording.Act
		}
		id, err := negotiation.ParseActID(named)
		if err != nil {
			s.Errorf("%s on %s: %v in %s", path, code, err, raw)
			return
		}
		s.count(what)
		s.mu.Lock()
		s.acts[id] = true
		s.proposed[code] = s.proposed[code] || what == "proposals"
		s.mu.Unlock()
	}
}

// compose says what a state does next: it takes a position, words its proposal
// anew, tables it first, or publishes a revision.
func (s *storm) compose(chance *rand.Rand, code string) (path, body, what string) {
	s.mu.Lock()
	proposed := s.proposed[code]
	s.mu.Unlock()
	switch dice := chance.IntN(10); {
	case !proposed:
		return "proposals", newWording(chance), "proposals"
	case dice < 2:
		return "proposals/" + code + "/1/wordings", newWording(chance), "wordings"
	case dice == 2 && code == stormStates[0]:
		text := fmt.Sprintf("# A statement\n\n1. States shall cooperate.\n\n2. They meet %d times.\n", chance.Uint32())
		return "revisions", fmt.Sprintf(`{"headline": "Another reading", "text": %q}`, text), "revisions"
	}
	return "positions", fmt.Sprintf(`{"revision": 1, "paragraph": 2, "stance": "for", "explanation": "Reason %d."}`, chance.Uint32()), "positions"
}

func newWording(chance *rand.Rand) string {
	return fmt.Sprintf(`{"headline": "More", "changes": [{"paragraph": 2, "text": "1. States shall cooperate in %d ways."}]}`, chance.Uint32())
}

// report says what has happened.
func (s *storm) report() {
	s.Helper()
	var counts []string
	for _, what := range slices.Sorted(maps.Keys(s.happened)) {
		counts = append(counts, fmt.Sprintf("%d %s", s.happened[what], what))
	}
	s.Logf("%d acts were acknowledged in %v: %s", len(s.acts), *faultsLast, strings.Join(counts, ", "))
	if seconds := int(faultsLast.Seconds()); len(s.acts) < seconds {
		s.Errorf("the nodes were hardly under load in %d seconds", seconds)
	}
}

// level waits until the nodes of some states are in the same state, in which all have
// acknowledged the newest revision, so that none has anything left to do by itself.
func (s *storm) level(codes []string) {
	s.Helper()
	s.eventually(stormLevel, "equal digests", func() (bool, string) {
		digests := map[string][]string{}
		for _, code := range codes {
			status, err := dataDir(s.at(code)).status(context.Background())
			if err != nil || status.Link == nil {
				return false, fmt.Sprintf("%s: %v %s\n%s", code, err, status.Trouble, s.nodes[code].said())
			}
			digests[status.StateDigest] = append(digests[status.StateDigest], code)
		}
		if len(digests) > 1 {
			return false, fmt.Sprint(digests)
		}
		state := s.load(codes[0])
		for _, code := range codes {
			if code := negotiation.Code(code); code != state.Chair && !state.Received(state.Current().Act, code) {
				return false, fmt.Sprintf("%s has not acknowledged revision %d", code, state.Current().Number)
			}
		}
		return digests[state.Digest()] != nil, "a node acts"
	})
}

// load reads a node's repository.
func (s *storm) load(code string) *negotiation.State {
	s.Helper()
	d := dataDir(s.at(code))
	id, err := d.identity()
	s.must(err)
	state, err := drafts.Load(d.repository(), id.negotiation)
	s.must(err)
	return state
}

// welcome sets one more node up, at the hub that withholds and keeps nothing any more.
func (s *storm) welcome() {
	s.Helper()
	s.wipe(1)
	s.concord("join", "--invitation", s.invite(stormStates[1], s.at2, newcomer), "--key", newcomer+".key", "--dir", newcomer)
	s.nodes[newcomer] = s.process(newcomer+".log", "concord", "serve", "--dir", newcomer, "--http", "127.0.0.1:0")
	s.must(s.nodes[newcomer].start())
	began := time.Now()
	s.level(append(slices.Clone(stormStates), newcomer))
	s.Logf("a node that came then was level within %v", time.Since(began).Round(time.Millisecond))
	status, err := dataDir(s.at(newcomer)).status(s.Context())
	s.must(err)
	for _, peer := range status.Link.Peers {
		if slices.Contains(withheld, string(peer.Code)) && peer.LastSeen != nil {
			s.Errorf("%s has heard %s: the hub does not withhold, and this shows nothing", newcomer, peer.Code)
		}
	}
}

// judge looks at what all have come to.
func (s *storm) judge() {
	s.Helper()
	digest := ""
	for code, node := range s.nodes {
		status, err := dataDir(s.at(code)).status(s.Context())
		s.must(err)
		for _, peer := range status.Link.Peers {
			if peer.Faults > 0 || len(peer.Differs) > 0 {
				s.Errorf("%s accuses %s, which is honest: %+v", code, peer.Code, peer)
			}
		}
		if err := node.end(); err != nil {
			s.Error(err)
		}
		state := s.load(code)
		if digest == "" {
			digest = state.Digest()
		}
		if state.Digest() != digest || len(state.Forks) > 0 {
			s.Errorf("%s has come to another state than others, or to a fork: %v", code, state.Forks)
		}
		for act := range s.acts {
			if _, ok := state.Act(act); !ok {
				s.Errorf("act %v was acknowledged, and %s does not have it", act, code)
			}
		}
		s.concord("verify", code)
		s.fsck(dataDir(s.at(code)).repository())
	}
	for _, hub := range s.hubs {
		if err := hub.end(); err != nil {
			s.Error(err)
		}
	}
}
