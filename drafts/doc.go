/*
Package drafts keeps the acts of a negotiation in a bare git repository that stock
git can read and check. It is the door through which acts come in.

# Refs

	refs/heads/text          the chair's chain; HEAD points at it
	refs/heads/record/XBO    Borealia's record, and so on
	refs/tags/rev-1          signed tags on the acts that published a revision
	refs/evidence/…          acts beside the lines of chains, see below
	refs/private/…           this node's own; never served

The ref of a chain is at the last act that counts (package negotiation, Lines and
forks); it moves back when the chain freezes. What stands beside the line is kept as
proof, each act that none follows under its own ref, named by the first 32 digits of
the act's name, and the tags that come with such acts by theirs:

	refs/evidence/record/XBO/9a03…
	refs/evidence/text/77c2…
	refs/evidence/tags/77c2…

Both sides of a fork are commits that git verify-commit accepts for one author. An act
gets its ref there before the line's ref leaves it, and loses it after: at every instant
refs lead to every act. Reading takes all of them as tips, computes what counts, and sets
the refs right.

Refs are written as loose files, never packed; packed ones are read, for stock git may
have been at work while no node had the repository open.

Beside them lie concord.lock, concord.marks (below) and the files of keys, allowed_signers.

# An act as a commit

The commit's message is the act's (package negotiation). Its tree has the act's files
as plain files (mode 100644), or is the tree of its first parent when the act brings no
text. Its parents are the act before it in its chain and then the acts that its message
refers to, in order, each once. Author and committer are both

	XBO <xbo@concord.invalid> 1772357400 +0000

with the act's time. The signature stands in the header gpgsig as git writes it; the
signed payload is the commit without that header. A commit is accepted only if encoding
what was decoded gives the same bytes. So in a repository of ours

	git fsck --strict
	git log --show-signature --all
	git diff rev-1 COMMIT --word-diff -- '*.md'

are an auditor's tools. The file allowed_signers in the repository has every key that
signed an act, for the principal of its author's address; allowed_signers.d/ has the same
for each chain alone. The repository's own configuration names the first.

An act that has a tag ([negotiation.Act.Tag]) comes with an annotated tag of that name
on its commit, signed with the same key, with the act's author, time and subject line.

# Twins

Whoever has a key can sign one payload in many ways, which ed25519 does not tell apart;
so an act can have several commits. One that differs from the commit held of an act in
nothing but a valid signature by the same key is a twin of it. It is the same act: it
changes nothing, is no side of a fork, and accuses nobody. But acts have commits as
parents, and nodes that were given different ones of an act name different ones. So a
commit may have as a parent any commit of the act that its message refers to there.

A twin is kept when an act that verifies has it as a parent, comes to disk with that
act, and is led to by it; no other is. When it is not here, the door refuses the act
with [negotiation.ErrGap], says what it lacks, and remembers for the newest such act
of each chain what that is, until it has been received or the act has come: so much
can be made of others' acts in memory, and on disk one commit for each parent of an act.
It is asked for (Repository.Acts) at the act's place, by the commit's name in git
followed by 24 zeros, and comes as an acts message with that commit alone.

Of the commits of an act that has a tag, the one that the tag is of is given to others,
and has a ref among the evidence when the next act of its chain follows another.

# An acts message

What nodes send one another ([Repository.Acts], [Repository.Receive]) is acts of one
chain, each following the one before, on the line or on a side of a fork, as raw git objects without deltas:

	concord-acts 1
	record/XBO 4 2                  (chain, place of the first act, number of acts)
	commit 845                      (type and length in bytes of an object)
	…845 bytes…                     (then a line feed)
	tree 112
	…
	blob 3120
	…
	commit 790
	…

An act is its commit, the tag that belongs to it, then the objects of its tree that
stand in none of its parents' trees, each tree before what is in it. Lengths are decimal
without leading zeros. A message has at most [MaxMessage] bytes. It carries no signature:
acts authenticate themselves.

# What is public

Stock git clones and fetches the record ([Repository.Advertise], [Repository.UploadPack]), in
the pack protocol of versions 0, 1 and 2, and [Export] writes it to a git bundle of
version 2. Both have the same refs:

	refs/heads/text, refs/heads/record/…
	refs/tags/…       the tags of acts, and no others
	refs/evidence/…   the sides of chains that were forked

and exactly the objects that these lead to, each whole. Other refs, and what they alone lead
to, are private. Only commits and tags that a public ref leads to can be asked for, and only
with all that they lead to: no shallow or partial clones.

[OpenBundle] reads bundles of git's own, with deltas, within bounds: objects of at most
1 MiB, 2^20 of them, 256 deltas on one another, 4 GiB unpacked. [Repository.Import]
makes acts messages of them, for the one door.

# Durability

Every file is written beside its place, synced, renamed, and the directory synced: first
objects, then tags, then the refs of chains. Only then is an act acknowledged, counted
or sent to anybody. What is admitted while other acts are being written goes to disk with
the next round: one caller writes for all who wait, and where the system can and many
files are to be synced, it syncs the whole file system at once. Within a round a ref moves only after
the refs of what its acts are about, so that whoever reads the refs at any instant finds
a whole record. When a round fails nothing of it is acknowledged, and the repository is
read again from what the disk has; an act whose objects and mark (below) had got there is
then completed, as after a crash, and acknowledged if its author still waits. Files of keys can be computed anew, and are set right
on opening.

Opening clears away temporary files, and objects and refs without content, re-hashes
and verifies every act, and compares refs with marks. One process has a repository open
at a time ([ErrInUse]): the lock ends with the process, however it ends. It is on
concord.lock and, where the system can, on the directory, so that deleting the file lets
nobody in.

An object that is damaged, and a chain's ref that is torn, keep the repository from
being opened. Another copy of the record has what is lacking ([Mend]): an object is what
its name says, wherever it comes from, and opening verifies every act.

# Marks

The file concord.marks has, for each chain, the newest act that was signed here:

	concord-marks 1
	file 64768 131077               (device and inode of this very file; - where there are none)
	record/XBO 12 9a03… 5be1…       (chain, place, act, commit; by chain)

It is written after the objects and tags of what it names, and before the refs.

  - A mark that is ahead of its ref by acts that are whole on disk: the ref is moved to
    it on opening. A crash came between.
  - A mark that is ahead otherwise: nothing more is signed in that chain before the acts
    have come back from others ([negotiation.ErrBehind]), or the record is recovered.
  - A file that is missing, damaged, or not the one that it says: the directory was set
    up anew, copied or restored. Nothing is signed before somebody has vouched that
    another node holds no more of the signer's acts ([Repository.Vouch]); only the
    convening act needs nobody.

What this does not notice is a volume that was put back to an earlier state block by
block, with the inodes that it had: marks and acts are then whole, and old. Only another
node can tell. A node that runs lets its first acts wait for one for a while; where none
can be reached, it forks its record.

The key is not asked for a signature at a place that has been used, unless a person
settles the chain on purpose ([negotiation.Recover] and others), after an act that is
here; the mark is then at that act.
*/
package drafts
