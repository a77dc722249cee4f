package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// blameRecord says of every word of a text of the record where it comes from.
func (c *call) blameRecord(revision, proposal, format string, deleted bool) error {
	if revision != "" && proposal != "" {
		return fmt.Errorf("%w: --revision and --proposal name two texts", errUsage)
	}
	state, err := c.readRecord()
	if err != nil {
		return err
	}
	text, err := namedText(state, cmp.Or(revision, proposal))
	if err != nil {
		return err
	}
	blame := state.Blame(text, deleted)
	if format == "json" {
		return c.printJSON(blame)
	}
	return c.print(printBlame(blame))
}

// printBlame returns a blame for people to read: the origins first, each with the
// number of its words that stand, then the paragraphs. The mark behind a label is the
// origin that most of the paragraph's words are of; others stand in brackets with
// theirs. [-Words-]² that were of origin ² and are gone name the text that lacks them.
func printBlame(b negotiation.Blame) string {
	var out strings.Builder
	counts := make([]int, len(b.Origins))
	margin := 0
	for _, p := range b.Paragraphs {
		margin = max(margin, utf8.RuneCountInString(p.Label))
		for _, w := range p.Words {
			if w.Until == "" {
				counts[w.Origin] += redline.CountWords(w.Text)
			}
		}
	}
	marks := utf8.RuneCountInString(superscript(len(b.Origins)))
	for i, o := range b.Origins {
		words := "words"
		if counts[i] == 1 {
			words = "word"
		}
		fmt.Fprintf(&out, "%-*s %6d %-5s  %s\n", marks, superscript(i+1), counts[i], words, originLine(o))
	}
	for _, p := range b.Paragraphs {
		own := mainOrigin(p)
		head := fmt.Sprintf("%-*s%-*s ", margin, p.Label, marks, superscript(own+1))
		out.WriteString("\n" + filled(head, blamedLine(p, own)))
	}
	return out.String()
}

// originLine tells an origin in one line.
func originLine(o negotiation.Origin) string {
	at := o.Time.Format(time.RFC3339)
	var who []string
	for _, c := range o.Contributors {
		name := c.Name()
		if c.Proposal != (negotiation.ProposalID{}) {
			name = fmt.Sprintf("%s by %s", c.Proposal, name)
		}
		if c.InPart {
			name += " (in part)"
		}
		who = append(who, name)
	}
	names := enumerated(who)
	switch {
	case o.Source == negotiation.ZeroDraft:
		return fmt.Sprintf("rev-%d  %s  zero draft by %s", o.Revision, at, names)
	case o.Revision == 0:
		return fmt.Sprintf("proposed  %s  %s", at, names)
	case o.Source == negotiation.ChairsOwn:
		return fmt.Sprintf("rev-%d  %s  the chair's own wording, %s", o.Revision, at, names)
	}
	return fmt.Sprintf("rev-%d  %s  %s", o.Revision, at, names)
}

// mainOrigin returns the origin that most of a paragraph is of: of what stands or, when
// nothing does, of what stood.
func mainOrigin(p negotiation.BlamedParagraph) int {
	sizes := map[int]int{}
	for _, w := range p.Words {
		if w.Until == "" || p.Number == 0 {
			sizes[w.Origin] += len(w.Text)
		}
	}
	own, most := 0, -1
	for _, w := range p.Words {
		if n := sizes[w.Origin]; n > most {
			own, most = w.Origin, n
		}
	}
	return own
}

// blamedLine returns the words of a paragraph with their marks.
func blamedLine(p negotiation.BlamedParagraph, own int) string {
	var b strings.Builder
	for _, w := range p.Words {
		words := strings.TrimFunc(w.Text, unicode.IsSpace)
		if words == "" {
			if w.Until == "" {
				b.WriteString(w.Text)
			}
			continue
		}
		before, after, _ := strings.Cut(w.Text, words)
		mark := ""
		if w.Origin != own {
			mark = superscript(w.Origin + 1)
		}
		switch {
		case w.Until != "":
			words = "[-" + words + "-]" + mark + "⁻" + w.Until
		case mark != "":
			words = "[" + words + "]" + mark
		}
		b.WriteString(before + words + after)
	}
	return b.String()
}

const lineWidth = 80

// filled returns words in lines of up to 80 columns, the first one behind head and the
// others below its end.
func filled(head, words string) string {
	indent := utf8.RuneCountInString(head) + len(words) - len(strings.TrimLeft(words, " "))
	var out strings.Builder
	line := head + strings.Repeat(" ", indent-utf8.RuneCountInString(head))
	begun := false
	for word := range strings.FieldsSeq(words) {
		switch {
		case begun && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineWidth:
			out.WriteString(line + "\n")
			line = strings.Repeat(" ", indent)
		case begun:
			line += " "
		}
		line += word
		begun = true
	}
	out.WriteString(strings.TrimRight(line, " ") + "\n")
	return out.String()
}

func superscript(n int) string {
	return strings.Map(func(digit rune) rune { return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[digit-'0'] }, strconv.Itoa(n))
}
