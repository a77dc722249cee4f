package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"concord/negotiation"
)

// mostListed bounds a list of acts, or of sides, that somebody else may have made long.
const mostListed = 20

// goOnAfter returns the act that --after names. Of a frozen chain it tells the sides
// when none is named.
func goOnAfter(state *negotiation.State, chain negotiation.Chain, digits string) (negotiation.ActID, error) {
	place, err := actNamed(state, chain, digits)
	if err != nil {
		return place, err
	}
	if fork, frozen := state.Fork(chain); frozen && place.IsZero() {
		return place, refuse("Name the last act that is yours.", "%s", sidesOf(state, fork))
	}
	return place, state.GoOnAfter(chain, place)
}

// sidesOf says between what --after chooses where a chain is frozen.
func sidesOf(state *negotiation.State, fork negotiation.Fork) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is forked at act %d, and --after has to say after which act it goes on. What does not lead to that act is put aside for good", fork.Chain, fork.Place)
	all := standing(state, fork.Chain)
	all = slices.DeleteFunc(all, func(v negotiation.Verified) bool { return state.Counts(v.ID()) })
	for i, first := range fork.Sides[:min(len(fork.Sides), mostListed)] {
		on := map[negotiation.ActID]bool{first: true}
		var side []negotiation.Verified
		for _, v := range all {
			if on[v.ID()] || on[v.Act().Previous] {
				on[v.ID()] = true
				side = append(side, v)
			}
		}
		fmt.Fprintf(&b, "\nSide %d of %d. Going on after its last act puts %d of the %d acts aside:\n", i+1, len(fork.Sides), len(all)-len(side), len(all))
		list(&b, side)
	}
	if more := len(fork.Sides) - mostListed; more > 0 {
		fmt.Fprintf(&b, "\nand sides that are not listed: %d\n", more)
	}
	if !fork.After.IsZero() {
		fmt.Fprintf(&b, "\nAfter the last act before the fork, --after %.16s, all %d acts are put aside", fork.After, len(all))
	}
	return strings.ReplaceAll(b.String(), "\n\n", "\n")
}

// standing returns the acts of a chain that count, or may yet: not those that a
// settlement has put aside before.
func standing(state *negotiation.State, chain negotiation.Chain) (acts []negotiation.Verified) {
	fork, frozen := state.Fork(chain)
	open := map[negotiation.ActID]bool{}
	for _, v := range state.Log() { // each after the one before it
		a := v.Act()
		if a.Chain != chain {
			continue
		}
		if frozen && a.Sequence == fork.Place && a.Previous == fork.After || open[a.Previous] {
			open[v.ID()] = true
		}
		if open[v.ID()] || state.Counts(v.ID()) {
			acts = append(acts, v)
		}
	}
	return acts
}

// printPutAside says which acts of a chain a person's act has put aside: none while the
// chain is frozen.
func printPutAside(w io.Writer, before, after *negotiation.State, chain negotiation.Chain) {
	if _, frozen := after.Fork(chain); frozen {
		return
	}
	acts := slices.DeleteFunc(standing(before, chain), func(v negotiation.Verified) bool { return after.Counts(v.ID()) })
	if len(acts) == 0 {
		return
	}
	fmt.Fprintf(w, "Put aside for good, %d of %s; they stay as proof:\n", len(acts), chain)
	list(w, acts)
}

// list prints acts, a line each, and how many there are besides.
func list(w io.Writer, acts []negotiation.Verified) {
	for _, v := range acts[:min(len(acts), mostListed)] {
		fmt.Fprintf(w, "  act %d, %.16s: %s\n", v.Act().Sequence, v.ID(), v.Act().Subject())
	}
	if more := len(acts) - mostListed; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
