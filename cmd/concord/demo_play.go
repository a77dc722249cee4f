package main

import (
	"context"
	"fmt"
	"strings"

	"concord/negotiation"
)

// An amendment of the sample negotiation replaces one phrase of a revision.
type amendment struct {
	by          negotiation.Code
	base        uint64
	headline    string
	explanation string
	onBehalfOf  string
	old, new    string
}

const (
	aurelia  = demoChair
	borealia = negotiation.Code("XBO")
	cascadia = negotiation.Code("XCA")
	delmare  = negotiation.Code("XDE")
)

// firstReading is tabled on the zero draft; the chair takes it up in revision 2.
func firstReading() []amendment {
	return []amendment{{
		by: borealia, base: 1, headline: "Name the gap between digital economies",
		explanation: "Capacities differ most between States, not within them.",
		old:         "*Mindful* of the different capacities of States",
		new:         "*Mindful* of the different capacities of States, in particular of those whose digital economies are young,",
	}}
}

// secondReading is tabled on revision 2, but for Delmare's late one on revision 1.
func secondReading() []amendment {
	return []amendment{{
		by: borealia, base: 2, headline: "A term for consultations",
		explanation: "Without a term, the paragraph promises nothing.",
		old:         "to consult without delay when", new: "to consult within twenty-four hours when",
	}, {
		by: cascadia, base: 2, headline: "Consult when it is practicable",
		explanation: "Attribution takes time; a term of hours cannot be kept.",
		old:         "to consult without delay when", new: "to consult as soon as practicable when",
	}, {
		by: cascadia, base: 2, headline: "International law first",
		old: "in accordance with domestic law and internationally agreed obligations",
		new: "in accordance with international law and domestic law",
	}, {
		by: delmare, base: 2, headline: "Refer to international law",
		explanation: "International law comes before domestic law.",
		old:         "in accordance with domestic law and internationally agreed obligations",
		new:         "in accordance with international law and domestic law",
	}, {
		by: cascadia, base: 2, headline: "A directory for emergencies", onBehalfOf: "RIVERS",
		explanation: "The River States keep such a directory already and offer it to all.",
		old:         "1. Undertake to share",
		new:         "1. Agree to keep a directory of emergency contacts that answers at any hour;\n\n1. Undertake to share",
	}, {
		by: borealia, base: 2, headline: "No workshops in person",
		old: "workshops held online or in person", new: "workshops held online",
	}, {
		by: delmare, base: 2, headline: "ذكر الثقة المتبادلة بالعربية",
		explanation: "نقترح إضافة فقرة ديباجة باللغة العربية.",
		old:         "*Mindful* of the different",
		new:         "*وإذ نؤكد* أهمية بناء الثقة المتبادلة والحوار بين الدول،\n\n*Mindful* of the different",
	}, {
		by: delmare, base: 1, headline: "Share as capacity allows",
		explanation: "Drafted on the zero draft; the paragraph has not changed since.",
		old:         "Undertake to share, on a voluntary basis,",
		new:         "Undertake to share, on a voluntary basis and as national capacity allows,",
	}, {
		by: borealia, base: 2, headline: "Leave out visits of experts",
		old: "   1. visits of experts, and training for those who respond to incidents;\n\n", new: "",
	}}
}

// play lets the four states negotiate through their nodes, each on what has
// reached it.
func (d *demo) play(ctx context.Context) error {
	if err := d.await(ctx, func(s *negotiation.State) bool { return len(s.Joined) == len(d.nodes) }); err != nil {
		return err
	}
	if err := d.table(ctx, firstReading()); err != nil {
		return err
	}
	number := func(c negotiation.Code, n uint64) negotiation.ProposalID {
		return negotiation.ProposalID{Author: c, Number: n}
	}
	chair := d.nodes[0].node
	if _, err := chair.Act(ctx, func(g negotiation.Delegation) (negotiation.Unsigned, error) {
		accepted := number(borealia, 1)
		text, err := g.State().Consolidate(accepted)
		if err != nil {
			return negotiation.Unsigned{}, err
		}
		return g.Revise(negotiation.Publication{
			Headline: "First reading of the preamble", Text: text, Accept: []negotiation.ProposalID{accepted},
			Explanation: "Borealia's words met no objection in the first reading.",
		})
	}); err != nil {
		return err
	}
	if err := d.await(ctx, func(s *negotiation.State) bool { return len(s.Revisions) == 2 }); err != nil {
		return err
	}
	if err := d.table(ctx, secondReading()); err != nil {
		return err
	}
	for _, p := range []struct {
		by          negotiation.Code
		on          negotiation.ProposalID
		stance      negotiation.Stance
		explanation string
	}{
		{aurelia, number(borealia, 2), negotiation.Flexible, ""},
		{cascadia, number(borealia, 2), negotiation.Against, "We cannot promise a term."},
		{delmare, number(borealia, 2), negotiation.For, "A term builds confidence."},
		{borealia, number(cascadia, 1), negotiation.Reserve, "Instructions are awaited."},
		{borealia, number(cascadia, 2), negotiation.For, ""},
		{aurelia, number(cascadia, 3), negotiation.For, ""},
		{borealia, number(delmare, 3), negotiation.For, ""},
		{cascadia, number(borealia, 4), negotiation.Against, "Training is what small States need most."},
	} {
		if _, err := d.nodeOf(p.by).Act(ctx, func(g negotiation.Delegation) (negotiation.Unsigned, error) {
			return g.PositionOnProposal(p.on, p.stance, p.explanation)
		}); err != nil {
			return fmt.Errorf("%s on %s: %w", p.by, p.on, err)
		}
	}
	if _, err := d.nodeOf(borealia).Act(ctx, func(g negotiation.Delegation) (negotiation.Unsigned, error) {
		return g.Withdraw(number(borealia, 3), "Workshops in person matter to others; we do not insist.")
	}); err != nil {
		return err
	}
	return d.settle(ctx)
}

// table lets each amendment's author table it, and waits until all nodes have it.
func (d *demo) table(ctx context.Context, amendments []amendment) error {
	for _, a := range amendments {
		if _, err := d.nodeOf(a.by).Act(ctx, func(g negotiation.Delegation) (negotiation.Unsigned, error) {
			base, err := g.State().Revision(a.base)
			if err != nil {
				return negotiation.Unsigned{}, err
			}
			raw := string(base.Text.Bytes())
			if strings.Count(raw, a.old) != 1 {
				return negotiation.Unsigned{}, fmt.Errorf("the sample statement does not say %q once", a.old)
			}
			text, err := negotiation.CanonText("amendment", []byte(strings.Replace(raw, a.old, a.new, 1)))
			if err != nil {
				return negotiation.Unsigned{}, err
			}
			return g.Propose(negotiation.Wording{
				Headline: a.headline, Explanation: a.explanation, Base: a.base, OnBehalfOf: a.onBehalfOf, Text: text,
			})
		}); err != nil {
			return fmt.Errorf("%s, %q: %w", a.by, a.headline, err)
		}
	}
	return d.settle(ctx)
}

// settle waits until all nodes hold what any of them holds.
func (d *demo) settle(ctx context.Context) error {
	most := map[negotiation.Chain]uint64{}
	for _, s := range d.nodes {
		for _, h := range s.node.State().Heads {
			most[h.Chain] = max(most[h.Chain], h.Sequence)
		}
	}
	return d.await(ctx, func(s *negotiation.State) bool {
		level := len(s.Heads) == len(most)
		for _, h := range s.Heads {
			level = level && h.Sequence >= most[h.Chain]
		}
		return level
	})
}

// await waits until the states of all nodes satisfy a condition.
func (d *demo) await(ctx context.Context, satisfied func(*negotiation.State) bool) error {
	for _, s := range d.nodes {
		for {
			changed := s.node.Changed()
			if satisfied(s.node.State()) {
				break
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

func (d *demo) nodeOf(c negotiation.Code) *node {
	for _, s := range d.nodes {
		if s.node.code == c {
			return s.node
		}
	}
	panic("demo: no node of " + string(c))
}
