/*
Package drafts keeps the acts of a negotiation in a bare git repository that stock
git can read and check. It is the door through which acts come in.

# Refs

	refs/heads/text          the chair's chain; HEAD points at it
	refs/heads/record/XBO    Borealia's record, and so on
	refs/tags/rev-1          signed tags on the acts that published a revision
	refs/private/…           this node's own; never served

Refs are written as loose files, never packed; packed ones are read, for stock git may
have been at work while no node had the repository open.

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

# An acts message

What nodes send one another ([Repository.Acts], [Repository.Receive]) is the acts of
one chain that follow one another, as raw git objects without deltas:

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

# Durability

Every file is written beside its place, synced, renamed, and the directory synced;
first objects, then tags, then the chain's ref. Only then is an act acknowledged. One
process has a repository open at a time ([ErrInUse]).
*/
package drafts
