package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

// A chairAct is what one of the chair's commands does: composed here when the node is
// stopped, asked of it when it runs.
type chairAct struct {
	path    string
	body    map[string]string // nil for a request without one
	compose func(negotiation.Delegation) (negotiation.Unsigned, error)
}

// runChair passes the chair, or lets it go on.
func runChair(ctx context.Context, c *call) error {
	word, err := c.subcommand("hand-over", "take-up", "rekey", "recognise", "succeed")
	if err != nil {
		return err
	}
	c.flags.String("dir", "", "data `directory` of the node")
	source := c.passphrases()
	why, after := new(string), new(string)
	if word != "take-up" {
		why = c.flags.String("why", "", "`explanation` for the others")
	}
	if word == "rekey" || word == "recognise" {
		after = c.flags.String("after", "", "`act` of the text after which it goes on, by the first digits of its name; the last that counts without it")
	}
	names := 0
	if word == "hand-over" || word == "recognise" {
		names = 1
	}
	args, err := c.parse(names, names)
	if err != nil {
		return err
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	state, err := d.load(id.negotiation)
	if err != nil {
		return err
	}
	act, err := chairActOf(word, args, state, *after, *why)
	if err != nil {
		return err
	}
	if err := d.do(ctx, c, id, act, source); err != nil {
		return err
	}
	now, err := d.load(id.negotiation)
	if err != nil {
		return err
	}
	printPutAside(c.stdout, state, now, negotiation.TextChain)
	return nil
}

func chairActOf(word string, args []string, state *negotiation.State, after, why string) (chairAct, error) {
	var code negotiation.Code
	var err error
	if len(args) > 0 {
		if code, err = negotiation.ParseCode(args[0]); err != nil {
			return chairAct{}, err
		}
	}
	var place negotiation.ActID
	if word == "rekey" || word == "recognise" {
		if place, err = goOnAfter(state, negotiation.TextChain, after); err != nil {
			return chairAct{}, err
		}
	}
	name := ""
	if !place.IsZero() {
		name = place.String()
	}
	type d = negotiation.Delegation
	type u = negotiation.Unsigned
	switch word {
	case "hand-over":
		return chairAct{"/chair", map[string]string{"to": string(code), "explanation": why},
			func(d d) (u, error) { return d.HandOver(code, why) }}, nil
	case "take-up":
		return chairAct{"/chair/take-up", nil, d.TakeUp}, nil
	case "rekey":
		return chairAct{"/chair/rekey", map[string]string{"after": name, "explanation": why},
			func(d d) (u, error) { return d.Rekey(place, why) }}, nil
	case "recognise":
		return chairAct{"/chair/recognise", map[string]string{"successor": string(code), "after": name, "explanation": why},
			func(d d) (u, error) { return d.Recognise(code, place, why) }}, nil
	}
	return chairAct{"/chair/succeed", map[string]string{"explanation": why},
		func(d d) (u, error) { return d.Succeed(why) }}, nil
}

// do signs an act in the data directory, or has the node do it that is running there.
func (d dataDir) do(ctx context.Context, c *call, id identity, act chairAct, source *passphrases) error {
	repository, err := d.open(id.negotiation)
	if errors.Is(err, drafts.ErrInUse) {
		subject, err := d.post(ctx, act)
		if err == nil {
			fmt.Fprintf(c.stdout, "%s\n", subject)
		}
		return err
	}
	if err != nil {
		return err
	}
	defer repository.Close()
	key, err := d.key(ctx, source)
	if err != nil {
		return err
	}
	v, _, err := repository.Sign(id.code, key, time.Now(), act.compose)
	if err != nil {
		return err
	}
	printAct(c, v)
	fmt.Fprintf(c.stdout, "The others learn of it when the node runs.\n")
	return nil
}

// post asks the node that is running for an act, with the token in its directory, and
// returns what it says it did.
func (d dataDir) post(ctx context.Context, act chairAct) (string, error) {
	raw, err := os.ReadFile(d.file("address"))
	if err != nil {
		return "", refuse("Wait until it is up and try again.", "another process has the data directory open, and has no address yet")
	}
	token, err := d.token()
	if err != nil {
		return "", err
	}
	body := []byte{}
	if act.body != nil {
		if body, err = json.Marshal(act.body); err != nil {
			return "", fmt.Errorf("asking the node: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSpace(string(raw))+"/api/v1"+act.path, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("asking the node: %w", err)
	}
	request.Host = "localhost" // every node goes by that name
	request.Header.Set("Authorization", "Bearer "+token.reveal())
	if act.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := localClient().Do(request)
	if err != nil {
		return "", refuse("Look whether it has been done with concord status, and try again.", "the node does not answer: %v", rootOf(err))
	}
	defer response.Body.Close()
	var answer struct {
		Subject string `json:"subject"`
		Detail  string `json:"detail"`
	}
	raw, err = io.ReadAll(io.LimitReader(response.Body, maxStatus))
	if err != nil || json.Unmarshal(raw, &answer) != nil {
		return "", refuse("Look whether it has been done with concord status, and try again.", "the answer of the node cannot be read")
	}
	if response.StatusCode != http.StatusCreated {
		return "", &said{answer.Detail}
	}
	return answer.Subject, nil
}

// said is what a node has answered in a person's words, what to do next included.
type said struct{ words string }

func (s *said) Error() string { return s.words }

// actNamed returns the act of a chain whose name begins with some digits; the zero name
// for none.
func actNamed(state *negotiation.State, chain negotiation.Chain, digits string) (negotiation.ActID, error) {
	var found negotiation.ActID
	if digits == "" {
		return found, nil
	}
	for _, v := range state.Log() {
		if v.Act().Chain != chain || !strings.HasPrefix(v.ID().String(), digits) {
			continue
		}
		if !found.IsZero() {
			return found, refuse("Give more of its digits.", "more than one act of %s has a name that begins with %s", chain, digits)
		}
		found = v.ID()
	}
	if found.IsZero() {
		return found, refuse("See concord status, or the pages.", "no act of %s has a name that begins with %s", chain, digits)
	}
	return found, nil
}
