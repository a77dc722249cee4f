#!/bin/bash
# audit.sh REPOSITORY: checks a record with git, ssh-keygen, awk and coreutils alone, so that you need not
# trust the program that made it. REPOSITORY is a node's repository.git, or a clone of one.
#
# A record is chains of git commits, one act each: "text" is the chair's, "record/XXX" is participant XXX's.
# An act is named by the SHA-256 of what was signed: its commit without the header gpgsig. In the trailers,
# lines "Key: value" at the end of its message, it names so the act before it in its chain and those that it
# is about, and by their SHA-256 the files that it brings. Nothing rests on git's SHA-1.
#
# This file shows that no word was forged, taken out of the middle, or moved: each act is signed with the key
# that is printed for it at the end. Compare these keys with those that the ministries published, and the last
# acts with another node's. Further checks lie beside it, of what else can be wrong:
#   audit-disk.sh    REPOSITORY is as git makes it, and its objects are whole
#   audit-rules.awk  each act is in form, by whom may do it, with the key that is due; which side of a fork counts
#   audit-tags.sh    revisions have their tags; signatures have one form
# Exit code: 0 all verifies, 1 something does not, 2 there is no record, 3 it could not be checked.
set -u -o pipefail
export LC_ALL=C CDPATH=
[ $# = 1 ] || { echo "usage: $0 REPOSITORY" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) && work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
for part in audit-disk.sh audit-rules.awk audit-tags.sh audit-unicode.txt; do
  [ -r "$here/$part" ] || { echo "Nothing was checked: $part is not beside $0."; exit 3; }
done
bad() { echo "$*" >>faults; }
visible() { tr -d '\000-\010\013-\037\177'; } # so that nothing in REPOSITORY moves the cursor
sha256=(sha256sum); command -v sha256sum >/dev/null || sha256=(shasum -a 256) # as macOS calls it

# Git reads a repository of this script's own, without settings, and fetches nothing. A further check looks
# REPOSITORY over, and puts its objects there. "tips" gets a line for each ref of a chain: COMMIT CHAIN.
for name in $(git rev-parse --local-env-vars); do unset "$name"; done
export GIT_DIR=$work/own GIT_INDEX_FILE=$work/none GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_NO_REPLACE_OBJECTS=1 GIT_GRAFT_FILE=/dev/null GIT_SHALLOW_FILE='' GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=''
export work here && export -f bad visible
bash "$here/audit-disk.sh" "$1" || exit
cd "$work" && mkdir act blob text tag && touch faults notes keys signatures tags || exit 3

# 1. The acts: all commits that the refs lead to, each after those that it builds on. Of each act/N is what was
# signed, act/N.sig the signature. "commits" has a line for each, COMMIT act/N ODD FILES: ODD is "-", or what is
# not as in an act; FILES is 1 if it brings files, else 0. "names" has the name of each.
take_apart() { # DIR <COMMITS
  git cat-file --batch | awk -v dir="$1" '
    !left { # the line "COMMIT commit SIZE" before each
      id = $1; left = $3 + 1; odd = $3 > 90112 ? "large" : "-"; file = sprintf("%s/%06d", dir, ++n)
      in_header = 1; in_sig = files = 0; next }
    { left -= length($0) + 1 }
    !left { # the empty line after each
      if ($0 != "") { print > file; odd = "unended" }
      print id, file, odd, files; close(file); close(file ".sig"); next }
    in_header && /^gpgsig / { # it stands last in the header
      if (last !~ /^committer /) odd = "gpgsig"
      in_sig = 1; print substr($0, 8) > (file ".sig"); next }
    in_sig && /^ /     { print substr($0, 2) > (file ".sig"); next }
    in_sig && $0 != "" { odd = "gpgsig" }
    { in_sig = 0; last = $0; if ($0 == "") in_header = 0; if (/^File: /) files = 1; print > file }'
}
cut -d' ' -f1 tips | git rev-list --topo-order --reverse --stdin >order 2>/dev/null || bad "history is broken"
take_apart act <order >commits
[ "$(wc -l <commits)" -eq "$(wc -l <order)" ] || bad "a commit is not in the form of an act"
cut -d' ' -f2 commits | xargs "${sha256[@]}" >names

# 2. What the acts bring: the entries of their trees in "trees", each file's SHA-256 in "sums".
awk '$4 { print $1 }' commits | while read -r commit; do
  git ls-tree -r -t -l "$commit" 2>/dev/null | head -n 1000 | sed "s/^/$commit /"
done >trees
awk '$3 == "blob" && $5 <= 917504 { print $4 }' trees | sort -u | while read -r blob; do
  git cat-file blob "$blob" | tee "blob/$blob" | tr '\000' '\001' >"text/$blob" # not all awks read NUL
done
find blob -type f -exec "${sha256[@]}" {} + >sums

# 3. Each act (id is its name, prev that of the act before it): whether it stands where it says, and which key must
# have signed it. key[id] and recovery[id] count after it.
cat >acts.awk <<'AWK'
# L: the lines of the act; V: what each trailer says; F: the SHA-256 of its files; R: the acts that it is about
function read_act(   i, n, name, value, W) {
  split("", L); split("", V); split("", F); split("", R); lines = files = refs = 0 # all are empty
  while ((getline value < file) > 0) { L[++lines] = value; if (value == "") last_empty = lines }
  close(file)
  for (i = last_empty + 1; i <= lines; i++) {
    n = index(L[i], ": "); name = substr(L[i], 1, n - 1); value = substr(L[i], n + 2); n = split(value, W, / /)
    if (name == "File") { F[W[1]] = W[2] ""; files++ }
    else if (("Time" in V) && name != "Reason" && W[n] ~ /^act:[0-9a-f]+$/ && length(W[n]) == 68)
      R[++refs] = substr(W[n], 5)
    if (!(name in V)) V[name] = value }
  chain = V["Chain"]; place = V["Sequence"]; prev = V["Previous"]; author = V["Author"]; kind = V["Concord-Act"] }

function stands(   i, path) { # in its negotiation and chain, after all that it names, with the files it names
  if (kind == "convene/1" && negotiation == "") negotiation = id
  must((kind == "convene/1" ? id : V["Negotiation"]) == negotiation, "it belongs to another negotiation")
  must((kind == "convene/1") == (chain == "text" && place == 1), "the text begins with convening, once")
  must((kind == "join/1") == (chain != "text" && place == 1), "a record begins with joining, once")
  must(chain == "text" || chain == "record/" author, author " writes in " chain)
  must(place == 1 ? prev == "" : chainOf[prev] == chain && placeOf[prev] + 1 == place, "it follows nothing")
  for (i = 1; i <= refs; i++) must(R[i] in commitOf, "it is about an act that is not here")
  must(!files || entries[commit] == files, "its tree has other files than it names")
  for (path in F) must(blob[commit, path] != "" && F[path] == sum[blob[commit, path]], path " is another") }

function signed(   new) { # with the key that counts before it, but for acts of five kinds
  new = bare(V["Key"]); signer = key[id] = key[prev]; recovery[id] = recovery[prev]
  if (kind == "convene/1") signer = key[id] = first[id, chair[id]] # which its charter names for the chair
  if (kind ~ /^(join|rekey|succeed)\/1$/) signer = new
  if (kind == "recover/1") signer = recovery[prev]
  if (kind ~ /^(join|rekey|succeed|rotate|recover)\/1$/ || kind == "hand-over/1" && understood[id]) key[id] = new
  if (kind ~ /^(join|recover)\/1$/ && "Recovery-Key" in V) recovery[id] = bare(V["Recovery-Key"])
  must(signer != "", "there is no key for it") }

function must(truth, why) { # notes the first fault of an act
  if (!truth && !wrong++) print chain ": act " place " (" substr(commit, 1, 12) "): " why >> "faults" }
function bare(key) { sub(/^ssh-ed25519 /, "", key); return key }

FILENAME == "names" { name[$2] = $1 ""; next }
FILENAME == "sums"  { sub(/^blob\//, "", $2); sum[$2] = $1 ""; next }
FILENAME == "trees" { if ($3 == "tree") { folders[$1]++; next }
                      path = substr($0, index($0, "\t") + 1); entries[$1]++; size[$1, path] = $5
                      if ($2 == "100644") blob[$1, path] = $4; next }
FILENAME == "tips"  { tip[idOf[$1]] = tip[idOf[$1]] " " $2 " "; next }
{ commit = $1; file = $2; odd = $3; idOf[commit] = id = name[file]; wrong = 0 }
id in commitOf { # whoever signs an act twice makes two commits of it, and both are that act
  chain = chainOf[id]; place = placeOf[id]; must(odd == "-", "the commit is not in the form of an act")
  print file, signerOf[id], chain, place > "signatures"; next }
{ read_act(); understand()
  stands(); signed(); rules() # understand() and rules() are further checks
  commitOf[id] = commit; chainOf[id] = chain; placeOf[id] = place; timeOf[id] = V["Time"]; signerOf[id] = signer
  at = prev == "" ? chain : prev; after[at] = after[at] " " id # the acts that follow one, or begin a chain
  print file, signer, chain, place > "signatures"; print chain, place, author, signer > "keys" }
END {
  for (id in commitOf) if (!(id in after))
    print chainOf[id] ": the last act is " placeOf[id] ", of " timeOf[id] ", " id > "notes"
  chain_ends() } # a further check
AWK
awk -v unicode="$here/audit-unicode.txt" -f acts.awk -f "$here/audit-rules.awk" \
  names sums trees commits tips || bad "the acts cannot be judged"

# A further check, of tags: what of them is signed comes into "signatures", too.
export -f take_apart && bash "$here/audit-tags.sh" || bad "the tags cannot be judged"

# 4. Each signature, checked as git does: FILE KEY CHAIN PLACE.
while read -r file key chain place; do
  echo "auditor namespaces=\"git\" ssh-ed25519 $key" >signer
  ssh-keygen -Y verify -f signer -I auditor -n git -s "$file.sig" <"$file" >/dev/null 2>&1 ||
    bad "$chain: act $place: not signed with the key in force, $key"
done <signatures

# What was found: who signed with which key from which act on; the last acts; what is wrong.
{ sort -k1,1 -k2,2n keys | awk '
    $1 $3 $4 != was { print $1 ": from act " $2 " by " $3 " with the key ssh-ed25519 " $4 } { was = $1 $3 $4 }'
  sort -u notes faults; } | visible
[ -s faults ] && { echo "The record does NOT verify."; exit 1; }
echo "All $(cut -d' ' -f1 names | sort -u | wc -l) acts verify. Compare the keys with those that the ministries published."
