/*
Package negotiation is the domain of Concord: what states do to one text, and what
it comes to. It knows nothing of git, NATS, HTTP, clocks or randomness.

# Words

  - Negotiation: what states do to one text under one charter. Its name is that of
    its first act.
  - Participant: a state that the charter names, by its ISO 3166-1 alpha-3 [Code].
  - Chair: the participant who writes the text chain.
  - Charter: title, participants and their keys, groups, chair, languages, rules ([Charter]).
  - Text: the negotiated statement in canonical Markdown ([Text]): a title, headings,
    preambular paragraphs (PP), operative paragraphs (OP) and their items.
  - Act: one thing that one participant did, signed ([Act], [Verified]).
  - Chain: an append-only sequence of acts with one writer ([Chain]): the text, which
    the chair writes, or the record of one participant.
  - Head: the newest act of a chain that somebody holds ([Head]).
  - Line: the acts of a chain that count. Beside it are those that a fork has put
    aside; they are kept and shown, and have no effect.
  - Fork: a place of a chain at which its owner signed more than one act ([Fork]). The
    chain is frozen there until an act settles it.
  - Revision: one published state of the text; the zero draft is revision 1 ([Revision]).
  - Proposal: an amendment that a participant has tabled ([Proposal]); its wordings
    are the texts that it has had; "XCA/4" is Cascadia's fourth.
  - Redline: the marked changes that lead from a revision to a proposal's text, signed
    with it (package redline).
  - Rolling text: the newest revision with the words of all live proposals as
    attributed alternatives in brackets. It is computed, never typed.
  - Position: where a state stands on a proposal or a paragraph ([Position], [Stance]);
    reserve is a scrutiny reservation.
  - Receipt: a state's word that its node has an act of the chair's ([Receipt]).
  - Decision: what the chair ruled on a proposal when publishing a revision ([Decision]).
  - Carrying over: taking a proposal from the revision that it was made on to the
    newest. It applies, is incorporated, in part or whole, or is to be revised by its author.
  - Origin: how words came into a text, and whose they are ([Origin], [State.Blame]):
    with the zero draft, from proposals that the chair accepted, or by the chair itself.
  - Biography: all that the record has on one paragraph ([Biography]), followed through
    moves, splits and joins as the signed redlines say.
  - Provenance: the table of all origins of the newest revision ([Provenance]), paragraph
    by paragraph, with the chair's reasons.
  - Fault: the name of a rule that something broke ([Fault]).
  - Rejection: the record that a genuine act is not admissible, and why ([Rejection]).
  - News: what acts of others have brought to a participant since it knew less ([News]),
    as after a time in which it heard nobody ([Absence]).
  - State digest: one hash over all that the acts come to ([State.Digest]).

# How an act is written

An act is a message ([FormatAct], [ParseAct]) that is signed together with a header.
The message is UTF-8 in NFC with LF line ends:

	Withdraw XBO/1
	                                  (an empty line)
	  Our concerns have been met.     (the explanation, if there is one: each line
	                                   indented by two spaces, then an empty line)
	Concord-Act: withdraw/1
	Negotiation: 5d1f…                (64 hexadecimal digits; not in convene/1)
	Chain: record/XBO
	Sequence: 4                       (counted from 1)
	Previous: 9a03…                   (the act before it in its chain; not at place 1)
	Author: XBO
	Time: 2026-03-01T09:30:00Z        (UTC, whole seconds; says the author)
	Proposal: XBO/1                   (what the kind adds, in its order)
	Wording: act:77c2…
	File: charter.toml 5feceb…        (every file of the act's tree with its SHA-256,
	                                   by path; none if the act brings no text)

The subject line follows from the content. A word of the form act:DIGITS at the end of
any trailer but Reason refers to an act. A parser accepts only what the printer
prints: one act has one spelling. Limits: [MaxMessage], [MaxSubject], [MaxExplanation].

The signed payload is a header that the keeping needs (in package drafts, git's), an
empty line, and the message. The act's name ([ActID]) is the SHA-256 of the payload.
The signature is an SSH signature (PROTOCOL.sshsig, ed25519, SHA-512) in the namespace
"git", armoured in 70 columns; any other encoding of it is refused.

# The kinds of acts

On the text chain, by the chair:

	convene/1    lays down charter and zero draft                 [Convene]
	amend/1      changes the charter                              [Amend]
	revise/1     publishes a revision, with decisions             [Revise]
	hand-over/1  passes the chair                                 [HandOver]
	take-up/1    the incoming chair's first act                   [TakeUp]
	rekey/1      goes on under the chair's new key                [Rekey]
	succeed/1    takes the chair by the word of two thirds        [Succeed]

On the record of each participant, by that participant:

	join/1       begins the record                                [Join]
	propose/1    tables an amendment                              [Propose]
	supersede/1  words it anew                                    [Supersede]
	withdraw/1   takes it back                                    [Withdraw]
	position/1   takes a position                                 [TakePosition]
	receipt/1    acknowledges an act of the chair's               [Receipt]
	rotate/1     replaces the key, signed with the old one        [Rotate]
	recover/1    replaces the key, signed with the recovery key   [Recover]
	recognise/1  says that another should have the chair          [Recognise]

An act of any other kind or version is [Unknown]: verified as far as all acts are,
kept, passed on, and shown as not understood; so is an act that refers to one, and an
act of the text chain with files that follows one with files ([State.NotUnderstood]).
Kinds are added, never changed: what changes the form of an act, of the charter or of
the redline is a new version of the kinds that carry it. A record begins with join/1.
While an act is not understood, the keys of before it count.

A convening and a revision come with a signed tag, rev-N; an act of another kind on
the text chain comes with one when it has a trailer Tag, which names it ([Act.Tag]): a
word of at most 40 small letters and hyphens, and digits, at most 100 bytes in all.

Files of an act's tree: charter.toml, the text in the negotiating language as
statement.LANG.md and, in revise/1, propose/1 and supersede/1, the redline from what
the text amends as statement.LANG.redline. All else is as in what the act builds on.

# Which key counts

A record is signed with the key that its join/1 names, which is the charter's, until
rotate/1 or recover/1 puts another in its place; that counts from the next place on.
The text chain is signed with the chair's key in the charter until hand-over/1, rekey/1 or
succeed/1 puts another in its place; rekey/1 and succeed/1 are signed with the key that
they name, and cite the act of their author's record that established it. So a place in a
chain decides, never a date. recover/1 is signed with the recovery key that join/1, or
the last recover/1 with one, has named.

# Lines and forks

The acts of one chain make a tree, for each names the one before it. The line starts at
the root and goes from each act to its only child. Where an act has several children, or
there are several roots, it goes to the one that is, or leads to, an act that settles and
outranks every act that settles among those that the others are or lead to. If there is no
such child, the chain is forked there and ends: it is frozen.
The acts that settle are recover/1, succeed/1, and rekey/1 that cites a recover/1. Which
outranks which depends on the two and on what they name alone:

  - A recover/1 has a generation: how many recover/1 there are on its own path, from the
    root up to and including it. It outranks those of lower generations.
  - A rekey/1 outranks one of the same author that cites a recover/1 of a lower
    generation.
  - A succeed/1 outranks every rekey/1. It outranks another succeed/1 when there are states
    of which both cite a recognition, and of each of these states it cites one that
    builds, by Previous, on the one that the other cites.

So two recoveries on two sides are settled by one more; what a thief signs for the chair
with a key from a recovery, by rekeying after the next recovery; and two successions by a
third, for which the states recognise anew. Whoever has the recovery key in force at a place
can answer a recovery there, as often as it likes. Then only the word of the others is
left: the chair can be given to another by succession, and a record stays frozen. The
state tells the others so by other means; nothing that is signed there counts as its
consent.

What counts is the lines. An act beside a line, or after a fork that freezes one, is
verified, kept and passed on like any other, since an act is judged by those before it
and those it names, wherever they stand; it has no effect, and is never taken for
consent. Words that the chair has accepted from it stay its author's, for the signature
proves whose they are, and are said not to count ([Contributor]). An act of a record
that is about an act beside a line is a rejection with [ErrForked] for as long as that is
so; and so is all that somebody does who joined by a charter beside the line, whose words
stay its own in the same way.

A chain keeps 64 ends for nothing, and beyond them what is needed: acts with which the line is
another, what leads to them, and what acts that are kept are about ([Ledger.Admit]). So
nodes may hold different sides of a flood of them, while what counts is the same, and the
state digest, which has neither the sides nor the forks that are settled, is, too.

# From acts to state

[Unseal] and then [Ledger.Verify] are the only way to a [Verified] act. [Fold] computes the [State] from
the acts of a ledger. It is a function of the set of acts: the line of the text chain is
taken first, then those of the records by code, then the positions; when and in what
order anything arrived does not matter. What the ledger admits can still be inadmissible by what
others did; it then becomes a [Rejection] and has no effect.
*/
package negotiation
