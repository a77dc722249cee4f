package api

import (
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

// sceneText is what the pages' tests negotiate, so that their golden files do not
// hang on the demonstration's text.
const sceneText = `# Statement on Trust in the Digital Space

*Recalling* the principles on which our cooperation rests,

*Mindful* that digital technologies serve **development**, and of the [Charter](https://example.org/charter),

## Commitments

1. States shall cooperate in good faith to prevent harm.

1. Each State shall name a point of contact within ninety days.

1. States share experience in the protection of critical infrastructure, in particular of

   - energy networks;

   - hospitals and emergency services.

1. States shall report on these measures every year.

We will meet again in two years.
`

// hostile is what a field must survive as words: markup, a script, and a quote.
const hostile = `<script>alert(1)</script> "><img src=x onerror=alert(2)> '{{.}}`

// A scene is a table at which much has happened: proposals collide, agree, insert,
// delete, are withdrawn and reworded, and are written from right to left.
func scene(t testing.TB) *table {
	t.Helper()
	tb := conveneOn(t, textOf(t, sceneText).Bytes())
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(sceneText) }
	propose := func(code negotiation.Code, headline, explanation, text string) {
		tb.seat(code).mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Propose(negotiation.Wording{
				Headline: headline, Explanation: explanation, Base: 1, Text: textOf(t, text),
			})
		})
	}
	propose("XBO", "Make cooperation a recommendation", "Not every State can promise it yet.", replace("States shall cooperate", "States should cooperate"))
	propose("XCA", "Leave cooperation to each State", "", replace("States shall cooperate in good faith", "States may cooperate, on a voluntary basis,"))
	propose("XAU", "Make cooperation a recommendation, too", "", replace("States shall cooperate", "States should cooperate"))
	propose("XCA", "Add water supply", "It is critical, too.", replace("   - hospitals", "   - water supply;\n\n   - hospitals"))
	propose("XBO", "No yearly reports", "", replace("1. States shall report on these measures every year.\n\n", ""))
	propose("XCA", "أضف إشارة إلى التنمية", "للدول النامية احتياجات خاصة.", replace("in two years.", "in two years، وفقا للقانون."))
	propose("XCA", "A mistake", "", replace("ninety", "nine"))
	propose("XBO", hostile, hostile+"\n\n"+hostile, replace("ninety", `\<script>alert(3)\</script>`))
	tb.seat("XCA").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Withdraw(negotiation.ProposalID{Author: "XCA", Number: 4}, "A slip.")
	})
	tb.seat("XCA").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Supersede(negotiation.ProposalID{Author: "XCA", Number: 1}, negotiation.Wording{
			Headline: "Leave cooperation to each State", Base: 1,
			Text: textOf(t, replace("States shall cooperate in good faith", "States may cooperate on a voluntary basis")),
		})
	})
	tb.seat("XBO").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.PositionOnProposal(negotiation.ProposalID{Author: "XCA", Number: 1}, negotiation.Against, "It would promise nothing.")
	})
	tb.seat("XCA").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Receive(d.State().Current().Act)
	})
	heard := tb.now
	tips := tb.State().Heads
	tb.setLink(Link{Connected: true, Address: "tls://hub.example:7422,tls://hub.example.org:7422", Hubs: []Hub{
		{Address: "tls://hub.example:7422", Connected: true, Since: &heard}, {Address: "tls://hub.example.org:7422", Since: &heard, Why: "key"},
	}, Peers: []Peer{
		{Code: "XBO", Connected: true, LastSeen: &heard, Behind: 3, Ahead: 1, Chains: []Distance{{negotiation.TextChain, 1, 0}, {"record/XCA", 2, 0}, {"record/XBO", 0, 1}},
			ClockOff: -3700, Through: 1, Hubs: 2, Faults: 1, Differs: []negotiation.Chain{"record/XBO"}, Heads: tips},
		{Code: "XCA", Why: "silent", LastSeen: &heard}, {Code: "XDE", Why: "never"},
	}})
	return tb
}

func textOf(t testing.TB, markdown string) negotiation.Text {
	t.Helper()
	text, err := negotiation.CanonText("text", []byte(markdown))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// publish lets the chair publish a revision.
func (tb *table) publish(t testing.TB, headline, text string, accept []negotiation.ProposalID, decline map[negotiation.ProposalID]string) {
	t.Helper()
	tb.seat("XAU").mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Revise(negotiation.Publication{
			Headline: headline, Text: textOf(t, text), Accept: slices.Clone(accept), Decline: decline,
		})
	})
}
