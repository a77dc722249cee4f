#!/bin/bash
# audit.sh REPOSITORY: checks a record with git, ssh-keygen, awk and coreutils alone, so that you need not
# trust the program that made it. REPOSITORY is a node's repository.git, or a clone of one.
#
# A record is chains of git commits, one act each: the chain "text" is the chair's, "record/XXX" is
# participant XXX's. An act is named by the SHA-256 of what was signed: its commit without the header gpgsig.
# By these names an act says which act stands before it in its chain, and which ones it is about; by their
# SHA-256 it says which files it brings; nothing rests on git's SHA-1. It says so in lines "Key: value" at
# the end of its message, the trailers. Steps 1 to 6 show that no word was forged, taken out of the middle,
# or moved. For that they ask the first functions of audit-rules.awk, which are to be read, too: replaced() and
# recognised() for the keys that came after those in the charter(), follow() for which side of a fork counts. The
# rest of that file, rules(), is what makes an act good besides: how texts are written, say.
#
# Exit code: 0 all verifies, 1 something does not, 2 there is no record, 3 it could not be checked.
set -u -o pipefail
export LC_ALL=C CDPATH=
[ $# = 1 ] || { echo "usage: $0 REPOSITORY" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) && work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
for part in audit-disk.sh audit-rules.awk audit-unicode.txt; do
  [ -r "$here/$part" ] || { echo "Nothing was checked: $part is not beside $0."; exit 3; }
done
bad() { echo "$*" >>faults; }
visible() { tr -d '\000-\010\013-\037\177'; } # so that nothing in REPOSITORY moves the cursor
sha256=(sha256sum); command -v sha256sum >/dev/null || sha256=(shasum -a 256) # as macOS calls it

# 1. REPOSITORY looks as git makes it, and each of its objects is whole. From here on git reads them in own/ alone;
# "tips" has a line for each ref of a chain: COMMIT CHAIN.
. "$here/audit-disk.sh"
mkdir act blob text tag && touch faults notes table signatures strict tags

# 2. The acts: all commits that these lead to, each after those that it builds on. All objects of theirs are there,
# and in the form that git fsck --strict demands.
cut -d' ' -f1 tips | git rev-list --topo-order --reverse --stdin >order 2>/dev/null || bad "history is broken"
cut -d' ' -f1 tips | git rev-list --objects --stdin 2>/dev/null | git pack-objects -q --window=0 record >strict 2>&1 &&
  git index-pack --strict -o strict.idx record-*.pack >strict 2>&1 || bad "the record is not whole: $(tail -n 1 strict)"

# Each commit in two files: DIR/N is what was signed, DIR/N.sig is the signature. A line is printed for each:
# COMMIT DIR/N ODD FILES. ODD is "-", or what is not as in an act; FILES is 1 if it brings files, else 0.
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
take_apart act <order >commits
[ "$(wc -l <commits)" -eq "$(wc -l <order)" ] || bad "a commit is not in the form of an act"
cut -d' ' -f2 commits | xargs "${sha256[@]}" >names

# 3. What the acts bring: the entries of their trees in "trees", each file's SHA-256 in "sums".
awk '$4 { print $1 }' commits | while read -r commit; do
  git ls-tree -r -t -l "$commit" 2>/dev/null | head -n 1000 | sed "s/^/$commit /"
done >trees
awk '$3 == "blob" && $5 <= 917504 { print $4 }' trees | sort -u | while read -r blob; do
  git cat-file blob "$blob" | tee "blob/$blob" | tr '\000' '\001' >"text/$blob" # not all awks read NUL
done
find blob -type f -exec "${sha256[@]}" {} + >sums

# 4. Each act: whether it stands where it says, and with which key it must be signed. Of the act at hand
# id is the name, prev that of the act before it in its chain. Tables say by name what is known of acts: of
# chains (chainOf, placeOf, kindOf), and what counts after an act in its chain (writer, keyAt, recovery).
cat >acts.awk <<'AWK'
# L: the lines of the act; V: what each trailer says; R: the acts that it cites; F: the SHA-256 of its files
function read_act(   i, n, key, value, W) {
  split("", L); split("", V); split("", R); split("", F); lines = refs = files = 0 # all are empty
  while ((getline value < file) > 0) { L[++lines] = value; if (value == "") last_empty = lines }
  close(file)
  for (i = last_empty + 1; i <= lines; i++) {
    n = index(L[i], ": "); key = substr(L[i], 1, n - 1); value = substr(L[i], n + 2)
    if (key == "File") { split(value, W, " "); F[W[1]] = W[2] ""; files++ }
    else if (("Time" in V) && key != "Reason" && value ~ /(^| )act:[0-9a-f]+$/) cite(value)
    if (!(key in V)) V[key] = value }
  chain = V["Chain"]; place = V["Sequence"]; prev = V["Previous"]; author = V["Author"]
  kind = V["Concord-Act"] }
function cite(value,   i) { # "act:" and 64 digits end what the trailer says
  sub(/.*act:/, "", value); if (length(value) != 64) return
  for (i = 1; i <= refs; i++) if (R[i] == value) return
  R[++refs] = value }

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

# signer: the key that must have signed it. After it writer[id] goes on with the chain, with the key of the
# act keyAt[id], which is keyOf[keyAt[id]]; that key came after the one of the act older[keyAt[id]].
function keys(   act, was) {
  writer[id] = writer[prev]; keyAt[id] = was = keyAt[prev]; recovery[id] = recovery[prev]
  signer = keyOf[was]; new = bare(V["Key"])
  if (kind == "convene/1") { # with the key that the charter names
    writer[id] = chair[id]; keyAt[id] = id; signer = keyOf[id] = first[id, chair[id]] }
  if (kind == "join/1") {
    must(first[cited("Charter"), author] == new, "the charter has another key for " author); signer = new }
  if (kind == "recover/1") signer = recovery[prev]
  if (kind ~ /^(join|rotate|recover)\/1$/) {
    writer[id] = author; keyAt[id] = id; keyOf[id] = new; older[id] = was
    if ("Recovery-Key" in V) recovery[id] = bare(V["Recovery-Key"]) }
  if (kind == "hand-over/1" && understood[id]) {
    writer[id] = V["To"]; keyAt[id] = cited("Joined"); established(cited("Joined"), V["To"]) }
  if (kind == "rekey/1" || kind == "succeed/1") {
    act = cited("Established"); keyAt[id] = act; established(act, author); signer = new }
  if (kind == "rekey/1") must(replaced(act, was), "the key does not replace the one before")
  if (kind == "succeed/1") { must(recognised(act), "too few recognise " author); writer[id] = author }
  must(signer != "", "there is no key for it")
  must(chain != "text" || author == writer[place == 1 || kind == "succeed/1" ? id : prev],
    author " is not the chair") }
function established(act, who) { # it is an act of who's own record, and the new key is who's since then
  must(chainOf[act] == "record/" who && keyAt[act] == act && keyOf[act] == new, "that key is not " who "'s") }

FILENAME == "names" { name[$2] = $1 ""; next }
FILENAME == "sums"  { sub(/^blob\//, "", $2); sum[$2] = $1 ""; next }
FILENAME == "trees" { if ($3 == "tree") { folders[$1]++; next }
                      path = substr($0, index($0, "\t") + 1); entries[$1]++; size[$1, path] = $5
                      if ($2 == "100644") blob[$1, path] = $4; next }
FILENAME == "tips"  { tips[idOf[$1], $2] = 1
                      if (chainOf[idOf[$1]] != $2) print $2 ": its ref leads elsewhere" >> "faults"; next }
{ commit = $1; file = $2; odd = $3; idOf[commit] = id = name[file]; wrong = 0 }
id in commitOf { # whoever signs an act twice makes two commits of it, and both are that act
  chain = chainOf[id]; place = placeOf[id]; must(odd == "-", "the commit is not in the form of an act")
  print file, signerOf[id], chain, place > "signatures"; next }
{ read_act(); understood[id] = understand(); if (understood[id]) charter()
  stands(); keys(); rules()
  commitOf[id] = commit; treeOf[id] = L[1]; kindOf[id] = kind; timeOf[id] = V["Time"]; signerOf[id] = signer
  chainOf[id] = chain; placeOf[id] = place
  prevOf[id] = prev; if (prev == "") { chains[chain] = 1; prev = chain }
  after[prev] = after[prev] " " id # the acts that follow an act, or begin a chain
  print file, signer, chain, place > "signatures" }
END {
  for (id in commitOf) if (!(id in after) && !((id, chainOf[id]) in tips))
    print chainOf[id] ": no ref leads to its end" >> "faults"
  for (chain in chains) follow() }
AWK
awk -v unicode="$here/audit-unicode.txt" -f acts.awk -f "$here/audit-rules.awk" \
  names sums trees commits tips || bad "the acts cannot be judged"

# 5. Each tag of a revision says what its act implies ("tag/ACT.want"), of a commit that says what the act
# says, and both are signed with the act's key. Evidence has the tags of acts that do not count.
while read -r id file key tag chain place; do
  ref=refs/evidence/tags/${id:0:32}
  git cat-file -e "$ref" 2>/dev/null || ref=refs/tags/$tag
  git cat-file tag "$ref" 2>/dev/null |
    awk -v sig="tag/$id.sig" '/^-----BEGIN/ { in_sig = 1 } { if (in_sig) print > sig; else print }' >"tag/$id"
  tail -n +2 "tag/$id" | cmp -s - "tag/$id.want" || bad "$chain: act $place: its tag $tag is missing or another"
  mkdir "tag/$id.of"
  sed -n '1s/^object //p' "tag/$id" | take_apart "tag/$id.of" >tagged
  { cmp -s "tag/$id.of/000001" "$file" && grep -q ' - [01]$' tagged; } ||
    bad "$chain: act $place: its tag $tag is of another commit"
  printf '%s\n' "tag/$id $key $chain $place" "tag/$id.of/000001 $key $chain $place" >>signatures
done <tags

# 6. Each signature: by the key in force, checked as git does, and in the one form that ssh-keygen prints.
while read -r file key chain place; do
  echo "auditor namespaces=\"git\" ssh-ed25519 $key" >signer
  ssh-keygen -Y verify -f signer -I auditor -n git -s "$file.sig" <"$file" >/dev/null 2>&1 ||
    bad "$chain: act $place: not signed with the key in force, $key"
done <signatures
echo '!canonical($1 ".sig") { print $3 ": act " $4 ": its signature is not in canonical form" }' >form.awk
awk -f "$here/audit-rules.awk" -f form.awk signatures >>faults || bad "the signatures cannot be judged"

# What was found.
{ grep '^text' table; grep '^record' table | sort -s -k1,1; sort -u notes faults; } | visible
[ -s faults ] && { echo "The record does NOT verify."; exit 1; }
echo "All $(cut -d' ' -f1 names | sort -u | wc -l) acts verify. Compare the keys with those that the ministries published."
