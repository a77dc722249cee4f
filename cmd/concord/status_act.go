package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"concord/api"
	"concord/negotiation"
)

// statusOfAct prints whose nodes hold an act, as far as the node in d, which runs, has
// heard. The act's name may be given by its first digits.
func (c *call) statusOfAct(ctx context.Context, d dataDir, digits string, asJSON bool) error {
	id, err := d.identity()
	if err != nil {
		return err
	}
	state, err := d.load(id.negotiation)
	if err != nil {
		return err
	}
	act, err := anyActNamed(state, digits)
	if err != nil {
		return err
	}
	s, err := d.ask(ctx, id)
	switch {
	case err != nil:
		return err
	case s.Trouble != "":
		return refuse("Look at the node, and try again.", "the node may be running, but %s", s.Trouble)
	case s.Link == nil:
		return refuse("Start it with concord serve, and try again: only a node that runs hears the others.", "the node is not running")
	}
	held, err := d.delivery(ctx, act.ID())
	if err != nil {
		return err
	}
	if asJSON {
		return c.printJSON(held)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "act\t%s\t%s %d\t%s\n", act.ID(), act.Act().Chain, act.Act().Sequence, act.Act().Subject())
	fmt.Fprintf(w, "%s\n", api.HeldCount(held.Holders))
	for _, h := range held.Holders {
		words := h.Words(state, act.Act().Author)
		said := words.Says
		if words.At != nil {
			said += " " + instantWord(words.At)
		}
		if words.More != "" {
			said += fmt.Sprintf(" (%s %s)", words.More, instantWord(words.Since))
		}
		fmt.Fprintf(w, "peer\t%s\t%s\n", h.Code, said)
	}
	return w.Flush()
}

// anyActNamed returns the act whose name begins with some digits.
func anyActNamed(state *negotiation.State, digits string) (found negotiation.Verified, err error) {
	n := 0
	for _, v := range state.Log() {
		if digits != "" && strings.HasPrefix(v.ID().String(), digits) {
			found = v
			n++
		}
	}
	switch n {
	case 0:
		return found, refuse("See concord log, or the page Record.", "this node holds no act whose name begins with %q", digits)
	case 1:
		return found, nil
	}
	return found, refuse("Give more of its digits.", "the names of %d acts begin with %s", n, digits)
}

// delivery asks the node that runs who holds an act, with the token in its directory.
func (d dataDir) delivery(ctx context.Context, act negotiation.ActID) (held api.Delivery, err error) {
	again := "Look whether the node runs with concord status, and try again."
	address, err := os.ReadFile(d.file("address"))
	if err != nil {
		return held, refuse(again, "the node has no address")
	}
	token, err := d.token()
	if err != nil {
		return held, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/api/v1/acts/%s/delivery", strings.TrimSpace(string(address)), act), nil)
	if err != nil {
		return held, fmt.Errorf("asking the node: %w", err)
	}
	request.Host = "localhost" // every node goes by that name
	request.Header.Set("Authorization", "Bearer "+token.reveal())
	response, err := localClient().Do(request)
	if err != nil {
		return held, refuse(again, "the node does not answer: %v", rootOf(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return held, refuse(again, "the node answers %s", response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxStatus)).Decode(&held); err != nil {
		return held, refuse(again, "the answer of the node cannot be read")
	}
	return held, nil
}
