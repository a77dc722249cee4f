// Package redline compares texts, and merges, shows and carries over what
// several parties propose to change in one. It is pure: strings in, values out,
// the same on every machine. It knows nothing of negotiations: parties are names.
//
// A text is a list of paragraphs, which are strings. A paragraph may have line
// ends within it and behind it: [Cut] cuts a file into paragraphs that, joined,
// are the file byte for byte, and [Paste] joins those of several files. In a text
// of Concord's own a paragraph is one line, without its line end. What a
// paragraph is in Markdown (a heading, a list item) is its beginning and matters
// only to [Cut] and to the notations. No paragraph contains a [Break].
//
// How lines are wrapped is not a change: white space that replaces other white
// space (spaces, tabs, line ends) is kept apart from the words. It collides with
// nothing, and no notation brackets it, but texts come out with the line ends of
// those whose words they are. White space that Markdown reads is words, though: what
// a paragraph is indented by, and two spaces before a line end.
//
// [Compare] makes a [Redline] of two texts; [Merge] merges two texts with their
// common base, [Rolling] and [Table] any number of proposals; a [Passage]
// carries proposals over to a revision; [Blame] and [History] trace every
// word to the step that brought it in. Notations: [Document.Markdown] for the
// rolling text, [Redline.Critic] and [ParseCritic], [Redline.ANSI] and
// [Redline.Plain], [HTML], [Unified], [Format] and [Parse].
//
// # Redlines
//
// A [Redline] is a list of steps that lead from a base to a text. [Compare]
// makes one; [Redline.Apply] follows one, whoever made it. These rules hold for
// every redline:
//
//   - Every paragraph of the base is taken up by exactly one step. The steps
//     other than moves take up paragraphs in ascending order.
//   - A keep takes up one or more paragraphs; a keep does not go on where the
//     keep right before it ends. A join takes up two or more that follow one
//     another. A change, a delete, a move and a split take up one, an insert
//     none.
//   - The kept and deleted words of a step are the words of the base; the kept
//     and inserted words are the words of the text.
//   - Between two kept runs, all that is deleted comes before all that is
//     inserted, and the one differs from the other. Runs are not empty, and of
//     two neighbours that are both kept, both deleted or both inserted words,
//     there is only one. One kept run may be empty: it stands between two
//     changes that touch and yet are two, as when the chair takes one proposal
//     that replaces a word and another that adds a word right behind it.
//   - A delete has one deleted run, an insert one inserted run (none when the
//     paragraph is empty), a keep none. A change changes its paragraph; a move
//     may leave it as it is.
//   - A split inserts at least one paragraph break and deletes none. A join
//     deletes as many as there are between its paragraphs and inserts none.
//     Other steps have no breaks.
//
// # The signed format
//
// A redline is signed as its author computed it, so that what was proposed
// never depends on the reader's software. [Format] writes and [Parse] reads it.
// It is UTF-8, and every line ends with LF (U+000A):
//
//	redline  = "concord-redline 1" LF *step
//	step     = "keep " number [" " number] LF
//	         | "insert" LF *run
//	         | ("change " | "delete " | "move " | "split ") number LF *run
//	         | "join " number " " number LF *run
//	run      = " " words LF     kept
//	         | "-" words LF     deleted
//	         | "+" words LF     inserted
//	         | "|" LF           kept, without words: two changes touch
//	         | "/-" LF          a paragraph break, deleted
//	         | "/+" LF          a paragraph break, inserted
//	words    = 1*(any character but LF and U+2029)
//	number   = 1 to 8192 in decimal digits, without leading zeros
//
// Numbers count the paragraphs of the base from 1. Two numbers are the first
// and the last of several paragraphs, and differ. The rules above all hold. The
// whole is UTF-8 and no longer than [MaxSize] bytes, and neither base nor text has
// more than [MaxParagraphs] paragraphs. So each redline has one encoding, and
// [Parse] refuses every other.
//
// For example, where a base of six paragraphs has words added to the second,
// loses the third, gets a new one after the fifth with the fourth behind it,
// and begins its last with another word:
//
//	concord-redline 1
//	keep 1
//	change 2
//	 1. States shall cooperate
//	+ on a voluntary basis
//	 .
//	delete 3
//	-2. States shall report.
//	keep 5
//	insert
//	+3. They exchange experience.
//	move 4
//	 ## Follow-up
//	change 6
//	-Done
//	+Agreed
//	  in Almaty.
//
// # Edits
//
// To be merged, a redline is brought into one normal form, [Edits], whoever
// computed it: hunks of whole words within the paragraphs of the base,
// paragraphs deleted, and paragraphs inserted in the gaps between them. A split is
// a hunk that inserts a paragraph break, a join one that deletes it: so what
// another party changes in either part stands beside it. [Rolling] lays the edits
// of all proposals on one base beside one another; a [Passage] carries them over
// to the next revision of the base.
//
// A chair who takes several proposals does not compare the old text with the
// new: [Document.Redline] writes down the edits that were taken, so that each
// proposal that collides with none of the others is incorporated. It cannot say
// all at once where one proposal moves a paragraph that another moves, takes out,
// splits, joins, or changes in the same words, or moves it to where another inserts
// the same words, nor where one splits a paragraph that another joins to the next,
// nor where the one puts back what the other takes away, so that a paragraph comes out
// as it was; then one of the two is to be revised, or lives on.
package redline
