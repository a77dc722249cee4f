package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

// status is what the API's status resource says.
type status struct {
	Participant negotiation.Code `json:"participant"`
	StateDigest string           `json:"stateDigest"`
	Heads       []statusHead     `json:"heads"`
	Link        *statusLink      `json:"link"` // nil while the node is not running
}

type statusHead struct {
	Chain    string `json:"chain"`
	Sequence uint64 `json:"sequence"`
	Act      string `json:"act"`
}

type statusLink struct {
	Connected bool         `json:"connected"`
	Peers     []statusPeer `json:"peers"`
}

type statusPeer struct {
	Code     string     `json:"code"`
	LastSeen *time.Time `json:"lastSeen"`
	Behind   uint64     `json:"behind"`
	Ahead    uint64     `json:"ahead"`
	Faults   uint64     `json:"faults"`
}

func runStatus(ctx context.Context, c *call) error {
	dir := c.flags.String("dir", "", "data `directory`")
	asJSON := c.flags.Bool("json", false, "print JSON")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if err := c.need("dir"); err != nil {
		return err
	}
	s, err := dataDir(*dir).status(ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		out := json.NewEncoder(c.stdout)
		out.SetIndent("", "  ")
		return out.Encode(s)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "node\t%s\ndigest\t%s\n", s.Participant, s.StateDigest)
	for _, h := range s.Heads {
		fmt.Fprintf(w, "head\t%s\t%d\t%s\n", h.Chain, h.Sequence, h.Act[:16])
	}
	if s.Link == nil {
		fmt.Fprintf(w, "the node is not running\n")
		return w.Flush()
	}
	fmt.Fprintf(w, "connected\t%t\n", s.Link.Connected)
	for _, p := range s.Link.Peers {
		seen := "never seen"
		if p.LastSeen != nil {
			seen = "seen " + p.LastSeen.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "peer\t%s\t%s\tlacks %d\thas %d more\n", p.Code, seen, p.Behind, p.Ahead)
	}
	return w.Flush()
}

// status asks the running node, or reads its repository when it is not running.
func (d dataDir) status(ctx context.Context) (status, error) {
	var s status
	address, err := os.ReadFile(d.file("address"))
	if err == nil {
		if s, err = askStatus(ctx, strings.TrimSpace(string(address))); err == nil {
			return s, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("reading the node's address: %w", err)
	}
	// A node that was killed leaves its address behind: no answer means not running.
	id, err := d.identity()
	if err != nil {
		return s, err
	}
	state, err := drafts.Load(d.repository(), id.negotiation)
	if err != nil {
		return s, err
	}
	s = status{Participant: id.code, StateDigest: state.Digest()}
	for _, h := range state.Heads {
		s.Heads = append(s.Heads, statusHead{string(h.Chain), h.Sequence, h.Act.String()})
	}
	return s, nil
}

func askStatus(ctx context.Context, address string) (status, error) {
	var s status
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/v1/status", nil)
	if err != nil {
		return s, fmt.Errorf("asking the node: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return s, fmt.Errorf("asking the node: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return s, fmt.Errorf("asking the node: it answers %s", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		return s, fmt.Errorf("asking the node: %w", err)
	}
	return s, nil
}
