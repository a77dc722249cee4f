package negotiation_test

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"concord/negotiation"
)

func ExampleFormatAct() {
	wording, _ := negotiation.ParseActID("77c2aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00")
	previous, _ := negotiation.ParseActID("9a03aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00")
	name, _ := negotiation.ParseActID("5d1faa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00")
	message, err := negotiation.FormatAct(negotiation.Act{
		Negotiation: name,
		Chain:       negotiation.RecordOf("XBO"),
		Sequence:    4,
		Previous:    previous,
		Author:      "XBO",
		Time:        time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
		Explanation: "Our concerns have been met.",
		Content:     negotiation.Withdraw{Proposal: negotiation.ProposalID{Author: "XBO", Number: 1}, Wording: wording},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", message)
	// Output:
	// Withdraw XBO/1
	//
	//   Our concerns have been met.
	//
	// Concord-Act: withdraw/1
	// Negotiation: 5d1faa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00
	// Chain: record/XBO
	// Sequence: 4
	// Previous: 9a03aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00
	// Author: XBO
	// Time: 2026-03-01T09:30:00Z
	// Proposal: XBO/1
	// Wording: act:77c2aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00
}

// A whole negotiation of one state with itself: an act is composed, signed,
// verified and added; the state is what the acts come to.
func ExampleLedger_Verify() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	charter, err := negotiation.ParseCharter("charter.toml", []byte(fmt.Sprintf(`
title = "A statement"
chair = "XAU"
languages = ["en"]

[rules]
shortest_silence = "72h"

[[participant]]
code = "XAU"
name = "Aurelia"
key = %q
`, negotiation.PublicKeyOf(key.Public().(ed25519.PublicKey)))))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := negotiation.CanonText("draft.md", []byte("# A statement\n\n1. States shall cooperate.\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	unsigned, err := negotiation.ConveneWith(charter, text, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	message, err := negotiation.FormatAct(unsigned.Act)
	if err != nil {
		fmt.Println(err)
		return
	}
	payload := append([]byte("any header\n\n"), message...)
	signature, err := negotiation.Sign(key, negotiation.ActNamespace, payload)
	if err != nil {
		fmt.Println(err)
		return
	}
	ledger := negotiation.NewLedger(negotiation.ActID{})
	sealed, err := negotiation.Unseal(payload, signature)
	if err != nil {
		fmt.Println(err)
		return
	}
	act, err := ledger.Verify(sealed, unsigned.Files)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ledger.Append(act); err != nil {
		fmt.Println(err)
		return
	}
	state := negotiation.Fold(ledger)
	fmt.Println(state.Chair, "convened; revision", state.Current().Number, "says:")
	fmt.Println(state.Rolling.Markdown()[1])
	// Output:
	// XAU convened; revision 1 says:
	// 1. States shall cooperate.
}
