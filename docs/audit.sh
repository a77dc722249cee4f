#!/bin/bash
# audit.sh REPOSITORY: checks a record with git, ssh-keygen, awk and coreutils alone, so that you need not
# trust the program that made it. REPOSITORY is a node's repository.git, or a clone of one.
#
# What to know before you read. A record is chains of git commits, one act each: the chain "text" is the
# chair's, "record/XXX" is participant XXX's. An act's name is the SHA-256 of what was signed: the commit
# without its header gpgsig. An act names the one before it in its chain and all that it is about by these
# names, and the files that it brings by their SHA-256; nothing rests on git's SHA-1. The lines "Key: value"
# that say so end the commit's message. Steps 1 to 6 show that no word was forged, taken out of the middle,
# or moved. What else makes an act good (how texts are written, say) is not needed for that, and stands in
# audit-rules.awk: must() notes a fault, charter() reads a charter, rules() judges an act, settled() a fork.
#
# Exit code: 0 all verifies, 1 something does not, 2 there is no record, 3 something could not be checked.
set -u
export LC_ALL=C GIT_NO_REPLACE_OBJECTS=1 GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL= # git only reads REPOSITORY
[ $# = 1 ] || { echo "usage: $0 REPOSITORY" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) && repo=$(cd "$1" && pwd) && work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
for part in audit-rules.awk audit-unicode.txt; do
  [ -r "$here/$part" ] || { echo "Nothing was checked: $part is not beside $0."; exit 3; }
done
cd "$work" && mkdir act blob text tag && touch faults unchecked notes table signatures tags || exit 2
git() { command git -C "$repo" -c core.commitGraph=false "$@"; }
bad() { echo "$*" >>faults; }
sha256=sha256sum; command -v sha256sum >/dev/null || sha256='shasum -a 256' # as macOS calls it

# 1. Every object is whole, and every file in the repository is a plain one.
for part in {,.git/}{refs,packed-refs,objects}; do
  [ ! -e "$repo/$part" ] || find "$repo/$part" ! -type f ! -type d
done | head -n 1 | grep . && { echo "That is no plain file: $repo is not what git makes."; exit 1; }
git -c fsck.badFilemode=error fsck --strict --no-dangling --no-progress >fsck 2>&1 ||
  bad "git fsck: $(tail -n 3 fsck | tr '\n' ' ')"

# 2. The acts: all that the refs of chains lead to, each after those that it builds on, and each in two
# files: act/N is what was signed, act/N.sig is the signature. The name is the SHA-256 of act/N.
git for-each-ref --format='%(objectname) %(refname) %(symref)' | sed -nE \
  -e 's!^([0-9a-f]+) refs/(heads|remotes/[^/]+)/(text|record/[A-Z]{3}) (.*)!\1 \3 \2 \4!p' \
  -e 's!^([0-9a-f]+) refs/(evidence)/(text|record/[A-Z]{3})/[^/]+ (.*)!\1 \3 \2 \4!p' >tips
[ -s tips ] || { echo "there is no record in $repo" >&2; exit 2; }
[ "$(wc -l <tips)" -le 20000 ] || { echo "$repo has more refs than a record can have"; exit 1; }
grep -E ' (heads|evidence) .' tips | while read -r ref; do bad "a chain's ref only names another: $ref"; done
cut -d' ' -f1 tips | git rev-list --topo-order --reverse --stdin >order 2>/dev/null || bad "history is broken"
git cat-file --batch <order | awk '
  !left { id = $1; left = $3 + 1; odd = $3 > 90112 ? "large" : "-" # "ID commit SIZE" comes before each
          head = 1; insig = files = 0; file = sprintf("act/%06d", ++n); next }
  { left -= length($0) + 1 }
  !left { if ($0 != "") { print > file; odd = "unended" }
          print id, file, odd, files; close(file); close(file ".sig"); next }
  head && /^gpgsig / { insig = 1; if (last !~ /^committer /) odd = "gpgsig"
                       print substr($0, 8) > (file ".sig"); next }
  insig && /^ /      { print substr($0, 2) > (file ".sig"); next }
  insig && $0 != ""  { odd = "gpgsig" }
  { insig = 0; last = $0; if ($0 == "") head = 0; if (/^File: /) files = 1; print > file }' >commits
[ "$(wc -l <commits)" -eq "$(wc -l <order)" ] || bad "a commit is not in the form of an act"
cut -d' ' -f2 commits | xargs $sha256 >names

# 3. What the acts bring: the entries of their trees in "trees", each file's SHA-256 in "sums".
awk '$4 { print $1 }' commits | while read -r commit; do
  git ls-tree -r -t -l "$commit" 2>/dev/null | head -n 1000 | sed "s/^/$commit /"
done >trees
awk '$3 == "blob" && $5 <= 917504 { print $4 }' trees | sort -u | while read -r blob; do
  git cat-file blob "$blob" | tee "blob/$blob" | tr '\000' '\001' >"text/$blob" # not all awks read NUL
done
find blob -type f | xargs $sha256 >sums

# 4. Each act: whether it stands where it says, and with which key it must be signed.
cat >acts.awk <<'AWK'
function read_act(   i, n, key, value, W) { # L: its lines; V: what they say; R: acts; F: sums of files
  split("", L); split("", V); split("", R); split("", F); lines = refs = files = ""
  while ((getline value < file) > 0) { L[++lines] = value; if (value == "") last_empty = lines }
  close(file)
  for (i = last_empty + 1; i <= lines; i++) {
    n = index(L[i], ": "); key = substr(L[i], 1, n - 1); value = substr(L[i], n + 2)
    if (key == "File") { split(value, W, " "); F[W[1]] = W[2] ""; files++ }
    else if (("Time" in V) && key != "Reason" && value ~ /(^| )act:[0-9a-f]+$/) cite(value)
    if (!(key in V)) V[key] = value }
  chain = V["Chain"]; place = V["Sequence"]; prev = V["Previous"]; author = V["Author"]
  kind = V["Concord-Act"] }
function cite(value,   i) { # an act that it is about: "act:" and 64 digits end the line
  sub(/.*act:/, "", value); if (length(value) != 64) return
  for (i = 1; i <= refs; i++) if (R[i] == value) return
  R[++refs] = value }

function stands(   i, path) { # in its negotiation and chain, after all that it names, with the files it names
  if (kind == "convene/1" && negotiation == "") negotiation = id
  must((kind == "convene/1" ? id : V["Negotiation"]) == negotiation, "it belongs to another negotiation")
  must((kind == "convene/1") == (chain place == "text1"), "the text begins with convening, once")
  must((kind == "join/1") == (chain != "text" && place == 1), "a record begins with joining, once")
  must(chain == "text" || chain == "record/" author, author " writes in " chain)
  must(place == 1 ? prev == "" : chainOf[prev] == chain && placeOf[prev] + 1 == place, "it follows nothing")
  for (i = 1; i <= refs; i++) must(R[i] in commitOf, "it is about an act that is not here")
  must(!files || entries[commit] == files, "its tree has other files than it names")
  for (path in F) must(blob[commit, path] != "" && F[path] == sum[blob[commit, path]], path " is another") }

function keys(   act, was) { # signer: whose key it needs; writer, keyAt: who goes on, by the key of which act
  writer[id] = writer[prev]; keyAt[id] = was = keyAt[prev]; recovery[id] = recovery[prev]
  signer = keyOf[was]; new = bare(V["Key"])
  if (kind == "convene/1") {
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
FILENAME == "tips"  { tips[$1, $2] = 1
                      if (chainOf[idOf[$1]] != $2) print $2 ": its ref leads elsewhere" >> "faults"; next }
{ commit = $1; file = $2; odd = $3; id = name[file]; wrong = 0
  read_act(); understood[id] = understand(); if (understood[id]) charter()
  stands(); keys(); rules()
  idOf[commit] = id; commitOf[id] = commit; treeOf[id] = L[1]; kindOf[id] = kind; timeOf[id] = V["Time"]
  chainOf[id] = chain; placeOf[id] = place; prevOf[id] = prev
  at = prev == "" ? chain : prev; after[at] = after[at] " " id; if (prev == "") chains[chain] = 1
  print file, signer, chain, place > "signatures" }
END { # Of several acts at one place that one counts which settled() finds; else the chain is forked there.
  for (id in commitOf) if (!(id in after)) { sides[chainOf[id]]++
    if (!((commitOf[id], chainOf[id]) in tips)) print chainOf[id] ": no ref leads to its end" >> "faults" }
  for (chain in chains) {
    acts = 0; at = chain
    while ((n = split(after[at], K, " ")) > 0) {
      side = n == 1 ? 1 : settled(); where = chain ": " n " acts stand at place " acts + 1
      if (n > 1 && side) print where "; that counts which was settled on" > "notes"
      if (!side) print where ": its owner forked the chain, and nothing from there on counts" >> "faults"
      if (!side) break
      at = K[side]; told(at, ++acts) }
    if (acts) print chain ": " acts " acts, the last " timeOf[at] ", " at > "table" } }
AWK
awk -v unicode="$here/audit-unicode.txt" -f acts.awk -f "$here/audit-rules.awk" \
  names sums trees commits tips || bad "the acts cannot be judged"

# 5. Each tag of a revision says what its act implies, and is signed like its act.
while read -r commit id key tag chain place; do
  ref=refs/evidence/tags/${id:0:32} # of an act beside the line
  git cat-file -e "$ref" 2>/dev/null || ref=refs/tags/$tag
  git cat-file tag "$ref" 2>/dev/null |
    awk -v sig="act/$commit.sig" '/^-----BEGIN/ { s = 1 } { if (s) print > sig; else print }' >"act/$commit"
  cmp -s "act/$commit" "tag/$commit" || bad "$chain: act $place: its tag $tag is missing or another"
  echo "act/$commit $key $chain $place" >>signatures
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
{ grep '^text' table; grep '^record' table | sort -s -k1,1; sort -u notes faults; cat unchecked; } |
  tr -d '\000-\010\013-\037\177' # nothing that REPOSITORY says moves the cursor
[ -s faults ] && { echo "The record does NOT verify."; exit 1; }
[ -s unchecked ] && { echo "The record could not be checked in full."; exit 3; }
echo "All $(wc -l <commits) acts verify. Compare the keys with those that the ministries published."
