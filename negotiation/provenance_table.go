package negotiation

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var provenanceColumns = []string{"Paragraph", "Contributors", "Source", "Approach", "Reason", "Words", "Text"}

// cells returns a row as people read it.
func (r ProvenanceRow) cells() []string {
	var parties []string
	for _, c := range r.Origin.Contributors {
		parties = append(parties, c.Name())
	}
	stretches := make([]string, len(r.Text))
	for i, text := range r.Text {
		stretches[i] = strings.TrimSpace(text)
	}
	return []string{
		r.Label, strings.Join(parties, ", "), r.Origin.String(), string(r.Approach), r.Reason,
		strconv.Itoa(r.Words), strings.Join(stretches, " … "),
	}
}

// String returns "XCA/2 in rev-3 of 2026-03-02", "rev-3 of 2026-03-02", or, while the
// words are only proposed, "XCA/2 of 2026-03-02".
func (o Origin) String() string {
	var proposals []string
	for _, c := range o.Contributors {
		if c.Proposal != (ProposalID{}) {
			proposals = append(proposals, c.Proposal.String())
		}
	}
	name := strings.Join(proposals, ", ")
	switch {
	case o.Revision == 0:
	case name == "":
		name = revisionName(o.Revision)
	default:
		name += " in " + revisionName(o.Revision)
	}
	return fmt.Sprintf("%s of %s", name, o.Time.Format(time.DateOnly))
}

// Markdown writes the table in the notation of GitHub Flavored Markdown. What people
// wrote stands in it as they wrote it, and is not markup. The error is that of w.
func (p Provenance) Markdown(w io.Writer) error {
	var b strings.Builder
	line := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	line(provenanceColumns)
	b.WriteString("|---|---|---|---|---|--:|---|\n")
	for _, row := range p.Rows {
		cells := row.cells()
		for i, cell := range cells {
			cells[i] = literal(cell)
		}
		line(cells)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// literal returns words that Markdown takes for words, in one line.
func literal(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if strings.ContainsRune("\\`*_[]<>|~&#!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// CSV writes the table as RFC 4180 has it, in UTF-8 with a header, every field in
// quotes. A field that a spreadsheet would compute as a formula gets an apostrophe
// before it (OWASP, "CSV Injection"). The error is that of w.
func (p Provenance) CSV(w io.Writer) error {
	var b strings.Builder
	line := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(inert(cell), `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	line(provenanceColumns)
	for _, row := range p.Rows {
		line(row.cells())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// inert returns a field that no spreadsheet computes.
func inert(field string) string {
	first := strings.TrimLeftFunc(field, unicode.IsSpace)
	formula := func(r rune) bool { return strings.ContainsRune("=+-@＝＋－＠", r) }
	if strings.IndexFunc(first, formula) == 0 || strings.IndexAny(field, "\t\r\n") == 0 {
		return "'" + field
	}
	return field
}
