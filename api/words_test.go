package api

import (
	"encoding/json"
	"strings"
	"testing"

	"concord/negotiation"
)

// Every reason that the document names is said in words of its own.
func TestReasonsHaveWords(t *testing.T) {
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	if err := json.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	for name, say := range map[string]func(why string) string{
		"Peer": func(why string) string { return Peer{Why: why, LastFault: negotiation.ErrSignature}.WhyNot() },
		"Hub":  func(why string) string { return Hub{Why: why}.WhyNot() },
	} {
		said := map[string]string{"": say(""), "something else": say("something else")}
		if name == "Hub" {
			delete(said, "something else") // is what is said where no reason is known
		}
		reasons := document.Components.Schemas[name].Properties["why"].Enum
		if len(reasons) < 5 {
			t.Fatalf("the document has the reasons %q for a %s", reasons, name)
		}
		for _, why := range reasons[1:] {
			for other, words := range said {
				if words == say(why) {
					t.Errorf("%s: %q and %q are both said as %q", name, why, other, words)
				}
			}
			said[why] = say(why)
		}
	}
	if words := (Hub{Connected: true}).WhyNot(); words != "" {
		t.Errorf("a hub that is connected is said not to be: %q", words)
	}
}

func TestHowAPeerStands(t *testing.T) {
	tips := []negotiation.Head{{Chain: negotiation.TextChain, Sequence: 1}}
	for want, p := range map[string]Peer{
		"lacks –, leads –": {Behind: 3},
		"lacks 0, leads 1 of record/XBO": {Heads: tips, Ahead: 1,
			Chains: []Distance{{"record/XBO", 0, 1}}},
		"lacks 3: 1 of text, 2 of record/XCA, leads 0": {Heads: tips, Behind: 3,
			Chains: []Distance{{negotiation.TextChain, 1, 0}, {"record/XCA", 2, 0}}},
		"lacks 0, leads 0 It is heard through 1 of 3 hubs only": {Heads: tips, Through: 1, Hubs: 3},
		"lacks 0, leads 0 Its clock is 1 day ahead":             {Heads: tips, ClockOff: 24 * 60 * 60, Through: 2, Hubs: 2},
		"lacks 0, leads 0 Its clock is 2 minutes behind":        {Heads: tips, ClockOff: -120},
	} {
		got := strings.TrimSpace("lacks " + p.Lacks() + ", leads " + p.Leads() + " " + p.Hearing() + p.Clock())
		if !strings.HasPrefix(got, want) {
			t.Errorf("a peer is said to be %q; want %q", got, want)
		}
	}
}
