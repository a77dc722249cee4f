package federation

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"concord/negotiation"
)

const (
	memoryMagic   = "concord-deliveries 1"
	maxMemorySize = 64 << 20 // bytes
)

// deliveries are what the peers of a node have shown, by code.
type deliveries map[negotiation.Code]shown

// Deliveries returns what this link knows of who holds what, for the Config.Deliveries of
// a later one. It is text: the steps of each peer, about 200 bytes each, at most 1024 of
// one peer.
func (l *Link) Deliveries() []byte {
	known := make(deliveries)
	l.mu.Lock()
	for _, p := range l.core.peers {
		s := p.shown
		s.steps = maps.Clone(s.steps)
		for chain, steps := range s.steps {
			s.steps[chain] = slices.Clone(steps)
		}
		known[p.code] = s
	}
	l.mu.Unlock()
	return known.format(l.cfg.Negotiation)
}

// remembered reads Deliveries.
func (c Config) remembered() deliveries {
	if len(c.Deliveries) == 0 {
		return nil
	}
	d, err := parseDeliveries(c.Negotiation, c.Deliveries)
	if err != nil {
		c.Logger.Warn("since when others hold what is not known from before", "error", err)
	}
	return d
}

// format writes lines of single spaces: a magic and the negotiation; of each peer by code
// when it was heard, and, by chain and in the order in which they were told, its steps.
// An instant that there is none of is a dash.
//
//	concord-deliveries 1
//	negotiation ACT
//	peer CODE HEARD
//	step CHAIN SEQUENCE ACT SINCE STATED AFTER
func (d deliveries) format(neg negotiation.ActID) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nnegotiation %s\n", memoryMagic, neg)
	for _, code := range slices.Sorted(maps.Keys(d)) {
		s := d[code]
		if s.heard.IsZero() {
			continue
		}
		fmt.Fprintf(&b, "peer %s %s\n", code, formatInstant(s.heard))
		for _, chain := range slices.SortedFunc(maps.Keys(s.steps), negotiation.CompareChains) {
			for _, one := range s.steps[chain] {
				fmt.Fprintf(&b, "step %s %d %s %s %s %s\n", chain, one.tip.Sequence, one.tip.Act,
					formatInstant(one.since), formatInstant(one.stated), formatInstant(one.after))
			}
		}
	}
	return b.Bytes()
}

func formatInstant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// parseDeliveries reads what format wrote for a negotiation, within the bounds of what is
// kept of a peer. Faults: negotiation.ErrTooLarge, and negotiation.ErrNotCanonical.
func parseDeliveries(neg negotiation.ActID, raw []byte) (deliveries, error) {
	if len(raw) > maxMemorySize {
		return nil, negotiation.ErrTooLarge.Because("deliveries: %d bytes are more than %d", len(raw), maxMemorySize)
	}
	opening := fmt.Sprintf("%s\nnegotiation %s\n", memoryMagic, neg)
	lines, ok := strings.CutPrefix(string(raw), opening)
	if !ok {
		return nil, malformedDeliveries("begins otherwise")
	}
	d := make(deliveries)
	var code negotiation.Code
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 3 && fields[0] == "peer" && len(d) < maxChains:
			code = negotiation.Code(fields[1])
			heard, err := parseInstant(fields[2])
			if _, badCode := negotiation.ParseCode(fields[1]); err != nil || badCode != nil {
				return nil, malformedDeliveries("of no peer")
			}
			d[code] = shown{steps: make(map[negotiation.Chain][]step), heard: heard}
		case len(fields) == 7 && fields[0] == "step" && code != "" && d[code].count < mostSteps:
			one, err := parseStep(fields[1:])
			if err != nil {
				return nil, err
			}
			s := d[code]
			s.keep(one.tip.Chain, append(s.steps[one.tip.Chain], one))
			d[code] = s
		default:
			return nil, malformedDeliveries("a line is neither a peer's nor a step")
		}
	}
	if !bytes.Equal(d.format(neg), raw) {
		return nil, malformedDeliveries("is not in canonical form")
	}
	return d, nil
}

// parseStep reads what stands after the word "step".
func parseStep(fields []string) (one step, err error) {
	if one.tip, err = parseHead("head " + strings.Join(fields[:3], " ")); err != nil {
		return step{}, err
	}
	for i, into := range []*time.Time{&one.since, &one.stated, &one.after} {
		if *into, err = parseInstant(fields[3+i]); err != nil {
			return step{}, err
		}
	}
	return one, nil
}

func parseInstant(s string) (time.Time, error) {
	if s == "-" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.IsZero() {
		return time.Time{}, malformedDeliveries("time is not RFC 3339")
	}
	return t.UTC(), nil
}

func malformedDeliveries(reason string) error {
	return negotiation.ErrNotCanonical.Because("deliveries: %s", reason)
}
