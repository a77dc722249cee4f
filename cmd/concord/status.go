package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"concord/api"
	"concord/negotiation"
)

// status is what the API's status resource says, and what this command adds.
type status struct {
	Participant negotiation.Code `json:"participant,omitempty"`
	Observer    string           `json:"observer,omitempty"` // whose node this is, if not a participant's
	Negotiation string           `json:"negotiation"`
	StateDigest string           `json:"stateDigest"`
	Heads       []statusHead     `json:"heads"`
	Forks       []statusFork     `json:"forks"`
	Link        *api.Link        `json:"link"`               // nil while the node is not running, or does not answer
	Trouble     string           `json:"trouble,omitempty"`  // why a node that may be running does not answer
	Waiting     string           `json:"waiting,omitempty"`  // why the participant has not joined, as far as can be told
	Hindered    string           `json:"hindered,omitempty"` // why a participant who has joined cannot act
}

type statusHead struct {
	Chain    string `json:"chain"`
	Sequence uint64 `json:"sequence"`
	Act      string `json:"act"`
}

type statusFork struct {
	Chain     string   `json:"chain"`
	Place     uint64   `json:"place"`
	Sides     []string `json:"sides"`
	SettledBy string   `json:"settledBy,omitempty"`
}

func runStatus(ctx context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory`")
	act := c.flags.String("act", "", "say instead whose nodes hold the act of this `name`, or the first digits of it; the node has to run")
	asJSON := c.flags.Bool("json", false, "print JSON")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	d, err := c.dir()
	if err != nil {
		return err
	}
	if c.given("act") {
		return c.statusOfAct(ctx, d, strings.ToLower(*act), *asJSON)
	}
	s, err := d.status(ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		return c.printJSON(s)
	}
	return s.print(c.stdout)
}

func (s status) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if s.Observer != "" {
		fmt.Fprintf(w, "observer\t%s\n", s.Observer)
	} else {
		fmt.Fprintf(w, "node\t%s\n", s.Participant)
	}
	fmt.Fprintf(w, "digest\t%s\n", s.StateDigest)
	for _, h := range s.Heads {
		fmt.Fprintf(w, "head\t%s\t%d\t%.16s\n", h.Chain, h.Sequence, h.Act)
	}
	for _, f := range s.Forks {
		standing := "frozen: nothing from there on counts"
		if f.SettledBy != "" {
			standing = "settled"
		}
		fmt.Fprintf(w, "fork\t%s\t%d\t%d sides; %s\n", f.Chain, f.Place, len(f.Sides), standing)
	}
	if s.Waiting != "" {
		fmt.Fprintf(w, "not joined\t%s\n", s.Waiting)
	}
	if s.Hindered != "" {
		fmt.Fprintf(w, "cannot act\t%s\n", s.Hindered)
	}
	switch {
	case s.Trouble != "":
		fmt.Fprintf(w, "the node may be running, but %s; this is what is on disk\n", s.Trouble)
	case s.Link == nil:
		fmt.Fprintf(w, "the node is not running\n")
	default:
		fmt.Fprintf(w, "connected\t%t\n", s.Link.Connected)
		if s.Link.Down {
			fmt.Fprintf(w, "no other node is heard: acts are kept and go out by themselves\n")
		}
		if n := len(s.Link.Unsent); n > 0 {
			fmt.Fprintf(w, "not yet sent\t%d\n", n)
		}
		if err := w.Flush(); err != nil { // what follows has columns of its own
			return err
		}
		printHubs(w, s.Link.Hubs)
		if err := w.Flush(); err != nil {
			return err
		}
		printPeers(w, s.Link.Peers)
	}
	return w.Flush()
}

// printHubs says how a node stands with its hubs, and printPeers how with the others: a
// line for each, and one more for each thing that is the matter.
func printHubs(w io.Writer, hubs []api.Hub) {
	for _, h := range hubs {
		fmt.Fprintf(w, "hub\t%s\t%s\tsince %s\n", h.Address, connectedWord(h.Connected), instantWord(h.Since))
		if why := h.WhyNot(); why != "" {
			fmt.Fprintf(w, "hub\t%s\t%s\n", h.Address, why)
		}
	}
}

func printPeers(w io.Writer, peers []api.Peer) {
	for _, p := range peers {
		seen := "never seen"
		if p.LastSeen != nil {
			seen = "seen " + instantWord(p.LastSeen)
		}
		fmt.Fprintf(w, "peer\t%s\t%s\t%s\tlacks %s\tleads by %s\n", p.Code, connectedWord(p.Connected), seen, p.Lacks(), p.Leads())
		matters := []string{p.WhyNot(), p.Hearing(), p.Clock()}
		for _, chain := range p.Differs {
			matters = append(matters, fmt.Sprintf("It holds another act, which is not here yet, at a place of %s.", chain))
		}
		if p.Faults > 0 {
			matters = append(matters, fmt.Sprintf("Of what came from it, %d messages were refused.", p.Faults))
		}
		for _, matter := range matters {
			if matter != "" {
				fmt.Fprintf(w, "peer\t%s\t%s\n", p.Code, matter)
			}
		}
	}
}

func connectedWord(connected bool) string {
	if connected {
		return "connected"
	}
	return "not connected"
}

func instantWord(t *time.Time) string {
	if t == nil {
		return "–"
	}
	return t.Format(time.RFC3339)
}

// status asks the running node, or reads its repository when it does not answer.
func (d dataDir) status(ctx context.Context) (status, error) {
	id, err := d.identity()
	if err != nil {
		return status{}, err
	}
	state := negotiation.Fold(negotiation.NewLedger(id.negotiation))
	if there(d.repository()) { // a node that was never served has none
		if state, err = d.load(id.negotiation); err != nil {
			return status{}, err
		}
	}
	s, err := d.ask(ctx, id)
	if err != nil {
		return status{}, err
	}
	if s.Link == nil {
		s.Participant, s.Observer, s.Negotiation, s.StateDigest = id.code, id.observer, id.negotiation.String(), state.Digest()
		s.Heads = []statusHead{}
		for _, h := range state.Heads {
			s.Heads = append(s.Heads, statusHead{string(h.Chain), h.Sequence, h.Act.String()})
		}
		s.Forks = forksOf(state)
	}
	if !id.observes() {
		s.Waiting, s.Hindered = id.waiting(state), id.hindered(state)
	}
	return s, nil
}

func forksOf(state *negotiation.State) []statusFork {
	forks := []statusFork{}
	for _, f := range state.Forks {
		shown := statusFork{Chain: string(f.Chain), Place: f.Place}
		for _, side := range f.Sides {
			shown.Sides = append(shown.Sides, side.String())
		}
		if !f.Frozen() {
			shown.SettledBy = f.SettledBy.String()
		}
		forks = append(forks, shown)
	}
	return forks
}

// waiting says why a participant has not joined; "" when it has.
func (id identity) waiting(state *negotiation.State) string {
	if slices.Contains(state.Joined, id.code) {
		return ""
	}
	if !state.Convened() {
		return "the record has not arrived yet"
	}
	key, err := findKey(id.key)
	if err != nil {
		return plain(err)
	}
	named, ok := state.Charter.Participant(id.code)
	switch {
	case !ok:
		return fmt.Sprintf("the charter does not name %s", id.code)
	case named.Key == "":
		return fmt.Sprintf("the charter has no key for %s yet; send the chair %s", id.code, key.public)
	case named.Key != key.public:
		return fmt.Sprintf("the charter has another key for %s than that of %s; send the chair %s", id.code, id.key, key.public)
	}
	return "the node joins by itself while it runs"
}

// hindered says why a participant who has joined cannot act; "" when it can, as far as
// can be told from here.
func (id identity) hindered(state *negotiation.State) string {
	if f, frozen := state.Fork(negotiation.RecordOf(id.code)); frozen {
		return fmt.Sprintf("the record of %s is forked at act %d and frozen; recover it with concord key recover", id.code, f.Place)
	}
	key, err := findKey(id.key)
	if now, joined := state.Key(id.code); err == nil && joined && now != key.public {
		return fmt.Sprintf("another key is in force for %s than that of %s; name it with concord key rotate, or recover the record", id.code, id.key)
	}
	return ""
}

// maxStatus is more than a node with hundreds of peers says of itself.
const maxStatus = 8 << 20

// ask asks the node for its status. The Link is nil when it is not running, and also
// when it may be and there is Trouble. A node that was killed leaves its address
// behind, and another program may have the port since.
func (d dataDir) ask(ctx context.Context, id identity) (status, error) {
	raw, err := os.ReadFile(d.file("address"))
	if errors.Is(err, fs.ErrNotExist) {
		return status{}, nil
	}
	if err != nil {
		return status{}, fmt.Errorf("reading the node's address: %w", err)
	}
	address := strings.TrimSpace(string(raw))
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/v1/status", nil)
	if err != nil {
		return status{Trouble: fmt.Sprintf("%q is not an address", address)}, nil
	}
	request.Host = "localhost" // every node goes by that name
	response, err := localClient().Do(request)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return status{}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return status{Trouble: "there is no answer within three seconds from " + address}, nil
	case err != nil:
		return status{Trouble: fmt.Sprintf("%s cannot be asked: %v", address, rootOf(err))}, nil
	}
	defer response.Body.Close()
	return id.understand(address, response), nil
}

// localClient returns what asks a node on this machine.
func localClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// understand reads the answer of whatever listens at an address.
func (id identity) understand(address string, response *http.Response) status {
	if response.StatusCode >= http.StatusInternalServerError {
		return status{Trouble: fmt.Sprintf("%s answers %s", address, response.Status)}
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxStatus))
	if err != nil {
		return status{Trouble: fmt.Sprintf("the answer from %s breaks off: %v", address, rootOf(err))}
	}
	var s status
	if response.StatusCode != http.StatusOK || json.Unmarshal(raw, &s) != nil || s.Link == nil ||
		s.Participant != id.code || s.Observer != id.observer || s.Negotiation != id.negotiation.String() {
		return status{} // of another program, or another node
	}
	s.Trouble, s.Waiting, s.Hindered = "", "", ""
	return s
}
