package redline

import "strings"

// A view is a paragraph of a rolling text on its way to a page.
type view struct {
	Names
	own     Block   // what the paragraph is
	joiners joiners // of what they want, nothing is a marker
}

// A viewed segment has no marker in it. Of a dispute, kinds says for each
// alternative what it makes of the paragraph; it is empty where that is what the
// paragraph is anyway.
type viewed struct {
	displayed
	kinds []string
}

// withoutMarkers takes the paragraph's marker off the segments that it is in, and
// off each wording the one that it would have. Where that would take off words,
// or could not tell who wants what, the markers stay.
func (v view) withoutMarkers(segs []displayed) []viewed {
	if v.own.Verbatim {
		return asWritten(segs)
	}
	base := baseOf(segs)
	var out []viewed
	seen := map[string]bool{} // proposals that dispute the marker
	at := 0
	for _, s := range segs {
		hidden, length := max(0, v.own.Marker-at), len(s.base())
		switch {
		case s.Dispute == nil:
			s.Text = s.Text[min(hidden, len(s.Text)):]
			out = append(out, viewed{displayed: s})
		case hidden > 0 || at == 0:
			shown, ok := v.withoutMarker(s.Dispute, base, at)
			for _, id := range s.Dispute.proposals() {
				ok = ok && !seen[id]
				seen[id] = true
			}
			if !ok {
				return asWritten(segs)
			}
			shown.before, shown.after = s.before, s.after
			out = append(out, shown)
		default:
			out = append(out, viewed{displayed: s})
		}
		at += length
	}
	return out
}

func asWritten(segs []displayed) []viewed {
	out := make([]viewed, len(segs))
	for i, s := range segs {
		out[i] = viewed{displayed: s}
	}
	return out
}

// withoutMarker takes the markers off a dispute, which begins at the byte at of the
// paragraph.
func (v view) withoutMarker(d *Dispute, base string, at int) (shown viewed, ok bool) {
	before, rest := base[:at], base[at+len(d.Alternatives[0].Text):]
	var words string // of the base
	into := 0        // how far the base's marker goes into the rest
	visible := &Dispute{Touching: d.Touching}
	var kinds []string
	for _, a := range d.Alternatives {
		block := v.own
		switch all, some := v.joiners.behind(a); {
		case a.Base, d.Alternatives[0].Deleted:
		case all:
			block.Marker = 0
		default:
			block = v.Block(beginning(before, a.Text, rest))
			if some && block.Marker > 0 {
				return viewed{}, false
			}
		}
		off := clamp(block.Marker-at, len(a.Text))
		further := clamp(block.Marker-at-len(a.Text), len(rest))
		a.Text = a.Text[off:]
		if a.Base {
			words, into = a.Text, further
		}
		wrong := before[min(block.Marker, at):] + rest[min(further, into):max(further, into)]
		if !isBlank(wrong) {
			return viewed{}, false
		}
		kind := ""
		if block.Name != v.own.Name && !a.Base {
			kind = block.Name
		}
		if !a.Base && !d.Alternatives[0].Deleted && kind == "" && squash(a.Text) == squash(words) {
			continue // another spelling of the marker
		}
		visible.Alternatives, kinds = append(visible.Alternatives, a), append(kinds, kind)
	}
	if len(visible.Alternatives) == 1 {
		return viewed{displayed: displayed{Segment: Segment{Text: words}}}, true
	}
	return viewed{displayed{Segment: Segment{Dispute: visible}}, kinds}, true
}

// clamp returns n, but not less than 0 or more than most.
func clamp(n, most int) int { return max(0, min(n, most)) }

// beginning returns as much of a paragraph, which is given in parts, as tells what
// block it is.
func beginning(parts ...string) string {
	const enough = 1 << 10 // bytes
	var b strings.Builder
	for _, part := range parts {
		words, _, ends := strings.Cut(part, Break)
		b.WriteString(words[:min(len(words), enough-b.Len())])
		if ends || b.Len() == enough {
			break
		}
	}
	return b.String()
}

// behindBreak returns words that begin a paragraph of their own, and on which rest
// follows, without their marker, and what they make of that paragraph.
func (n Names) behindBreak(words, rest string) (bare, kind string) {
	whole := beginning(words, rest)
	m := marker.FindString(whole)
	if len(m) > len(words) && !isBlank(m[len(words):]) {
		m = "" // not all of it is theirs
	}
	return words[min(len(m), len(words)):], n.Block(whole).Name
}
