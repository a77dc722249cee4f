// Package bracket reads the square brackets of negotiated texts: what is still
// in dispute, in which wordings, and whose they are.
//
// [Parse] makes a [Document] of any text, and [Document.String] is that text
// again, byte for byte. Nothing is an error: a bracket without its other is a
// character like any other, and is reported as a [Stray]. The package is pure:
// strings in, values out, the same on every machine.
//
// It is for texts that people bracketed: drafts from elsewhere, and revisions in which
// a chair kept brackets. It decides nothing. Which brackets a proposal may have is a rule
// of package negotiation, and the brackets of the rolling text are printed by package
// redline from the proposals themselves.
//
// # Places and alternatives
//
// A bracket holds words that are not agreed. Brackets that stand side by side,
// with nothing between them, are alternatives for one [Place]:
//
//	States [shall][should – IND, JPN][may – CHN] cooperate [on a voluntary basis – KAZ].
//
// has two places. The first has three alternatives, and the other one: words
// that KAZ wants and that the text does not have so far. Other forms are in use
// and mean the same:
//
//	[shall]/[should], [shall] / [should]  a slash between brackets
//	[shall / should], [shall/should]      a slash within a bracket, but not in
//	[and/or], [NDC/INDC], [1/CP.20]       which are one wording each
//	[words][no text], [words] [no text]   "no text" is an alternative
//	[Option 1: words] [Option 2: words]   options, side by side or in paragraphs
//
// A slash within a bracket needs blanks around it, or nothing but single words
// of two letters or more that are no abbreviations (nor "and/or"). It is
// looked for in a bracket that stands alone and is not attributed.
//
// Other brackets with blanks between them are places of their own, although
// they are often meant as alternatives; nobody but the authors can tell.
// [Place.Beside] points them out. On the other hand, brackets without blanks
// are alternatives even where each adds something, as in [, states][, parties].
//
// Brackets nest: an alternative may hold places. A bracket may hold whole
// paragraphs, or what stands behind the marker of one:
//
//  1. [States [shall][should – IND] report.][no text – KAZ]
//
// # Attribution
//
// An attribution stands at the end of a bracket, behind a dash with blanks
// around it: " – IND, JPN" (also with a hyphen or an em dash). What looks like
// names in capitals is one: codes of countries, "EU", "LDCs", "XCA/4". At the
// beginning, with a colon ("[EU: should]", "[AOSIS, LDCs: shall]"), only the
// names are read that are certain: ISO 3166-1 alpha-3 codes, groups that are
// known to negotiate as one, and the names that a caller gives to [Parse]. So
// [CMA: the meeting of the Parties] is words.
//
// Where alternatives are attributed, the one of the base is not, and comes
// first. So in [a][b – IND][c][d – KAZ], c begins a second place. A change of
// paragraph is an alternative to nothing but its absence: [¶ – KAZ] would begin
// a new paragraph here, and in [¶][no ¶ – IND] one begins that IND would join
// to the one before.
//
// # Options
//
// An option begins with its label: "Option 1:", "**Option 1**", "Option (a):",
// "### Option II" (or Alternative, Alt; Variante, Opción, Вариант and the like).
// Options whose labels begin paragraphs, without brackets around them, are no
// place but a [Choice]. A label goes on with a choice if it stands equally far
// from the margin (up to one column), in the same section, with a higher number
// of the same style; else it begins another. A label directly behind a bracket
// is that of the alternative, unless the bracket holds other options of the
// choice too.
//
// # Brackets that run on
//
// A bracket may close in a later paragraph. So that a bracket that somebody
// forgot to close does not swallow what follows, it is a stray
//
//   - when its paragraph ends, if it opened within a sentence that has ended;
//   - when a heading begins of the level of the section that it stands in, or of
//     a higher one, unless it stands alone in its paragraph;
//   - when a paragraph begins that is indented less, by two columns or more;
//   - when the next option begins of a choice in which it opened.
//
// In a footnote's text, it is a stray when the paragraph ends. Brackets that
// nest deeper than [MaxDepth] are strays.
//
// # Brackets that are no dispute
//
// A text is read as Markdown (CommonMark, with footnotes and task lists). These
// have brackets and are in no dispute:
//
//   - links: [words](https://un.org), [words][reference] and [reference] where
//     "[reference]: address" is defined in the text; images; and <https://…>.
//     What stands in the parentheses must look like an address, so that
//     [4](a) is a bracket and a subparagraph. Brackets in the words of a link
//     are places, and a link may stand in a bracket;
//   - footnotes, [^1], wherever their text is;
//   - boxes of tasks, "- [ ]" and "- [x]", on bulleted items;
//   - code spans, and fenced blocks that close. Indented lines are no code:
//     drafts indent what stands below an item;
//   - escaped brackets: \[ and \];
//   - half-open intervals of numbers: [0, 1) and (0, 1];
//   - [sic]; and […] or [...] in a quotation, if alone. Elsewhere these are
//     blanks that wait for words, and are open;
//   - a number of up to three digits right behind a word or a closing mark, as
//     in "the report[12]": a citation. With a blank before it, [5] is a number
//     in dispute, as in "within [5] years", or [2023][2024].
//
// Where it is uncertain, a bracket counts as open: one that counts too much is
// seen, one that is missed is adopted.
//
// # Counting
//
// A [Tally] counts, in a text and in each of its paragraphs: places, however
// deep in one another; of these, the outer ones; choices; pairs of brackets
// that the places consist of; the depth of the deepest place; and strays. What
// is open is the sum of places and choices. A place that consists of three
// brackets, or of one bracket with two slashes, is one. What runs over several
// paragraphs counts where it begins.
//
// Paragraphs are blocks of lines with the blank lines behind them; headings,
// list items, table rows, definitions and fenced blocks are paragraphs of their
// own.
//
// # Example
//
// In this text, five places and one choice are open, and a bracket is missing
// (see the example of [Parse]):
//
//	## Operative part
//
//	1. [States [shall][should – IND] report.][no text – KAZ]
//
//	1. They meet [once/twice] a year, for the first time within [5] years, and
//	   see to the [Report of the [Group][Committee]](https://un.org/report).
//
//	1. **Option 1:** The secretariat reports [in writing – JPN.
//
//	   **Option 2:** No text
package bracket
