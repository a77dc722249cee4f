#!/bin/bash
# audit.sh REPOSITORY: checks a record with git, ssh-keygen, awk and coreutils alone, so that you
# need not trust the program that made it. REPOSITORY is a node's repository.git or a clone of it.
# It prints who did how much and with which keys, then what is wrong; it exits 0 when nothing is,
# 1 when something is, 2 when there is no record. At its end stands what it does not check.
#
# A record is chains of commits, one act each: "text" by the chair, "record/XXX" by participant XXX.
# An act's name is the SHA-256 of what was signed: the commit without its header gpgsig. Acts cite
# each other by these names, in their messages; git's own SHA-1 names are not relied on.
set -u
export LC_ALL=C GIT_NO_REPLACE_OBJECTS=1 GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL= # git runs and fetches nothing that REPOSITORY names
[ $# = 1 ] || { echo "usage: $0 REPOSITORY" >&2; exit 2; }
repo=$1
git() { command git -C "$repo" -c core.commitGraph=false "$@"; }
work=$(mktemp -d) && mkdir "$work/act" || exit 2
trap 'rm -rf "$work"' EXIT
bad() { echo "$*" >>"$work/faults"; }
plainly() { tr -d '\000-\010\013-\037\177'; } # nothing that REPOSITORY says moves the cursor
signed() { # FILE KEY: FILE.sig is KEY's signature of FILE. Git has ssh-keygen check it in this way.
  echo "auditor namespaces=\"git\" ssh-ed25519 $2" >"$work/signer"
  ssh-keygen -Y verify -f "$work/signer" -I auditor -n git -s "$1.sig" <"$1" >/dev/null 2>&1
}

# 1. Every object is whole, in git's form, and there, in files that are just that.
for dir in "$repo" "$repo/.git"; do
  for part in refs packed-refs objects; do [ -e "$dir/$part" ] && find "$dir/$part" ! -type f ! -type d; done
done | head -n 1 | grep . && { echo "That is no plain file: $repo is not what git makes."; exit 1; }
git -c fsck.badFilemode=error fsck --strict --no-dangling --no-progress >"$work/fsck" 2>&1 || bad "git fsck: $(tail -n 3 "$work/fsck" | tr '\n' ' ')"

# 2. The acts that the chains' refs lead to, each after those that it builds on.
git for-each-ref --format='%(objectname) %(refname)' | sed -nE \
  's!^([0-9a-f]+) refs/(heads|remotes/[^/]+|evidence)/(text|record/[A-Z]{3})(/[^/]+)?$!\1 \3 \2!p' >"$work/tips"
git for-each-ref --format='%(symref)%(refname)' | grep -E 'refs/.*refs/(heads|evidence)/(text|record/)' | while read -r ref; do bad "$ref: a ref of a chain only names another"; done
[ -s "$work/tips" ] || { echo "there is no record in $repo" >&2; exit 2; }
[ "$(wc -l <"$work/tips")" -le 20000 ] || { echo "$repo has more refs than a record can have"; exit 1; }
cut -d' ' -f1 "$work/tips" | git rev-list --topo-order --reverse --stdin >"$work/order" 2>/dev/null || bad "the history is broken"

# 3. Each commit in two files: what was signed, act/N, and the signature, act/N.sig.
git cat-file --batch <"$work/order" | awk -v dir="$work/act" '
  !inside   { inside = head = 1; insig = 0; odd = $3 > 90112 ? "size" : "-"; id = $1; left = $3; file = sprintf("%s/%06d", dir, ++n); next }
  left <= 0 { inside = 0; print id, file, odd; close(file); close(file ".sig"); next } # an empty line
            { left -= length($0) + 1 }
  head && /^gpgsig / { if (last !~ /^committer /) odd = "gpgsig"; insig = 1; print substr($0, 8) > (file ".sig"); next }
  insig && /^ /      { print substr($0, 2) > (file ".sig"); next }
            { if (insig && $0 != "") odd = "gpgsig"; insig = 0; if ($0 == "") head = 0; last = $0; print > file }
' >"$work/commits"
[ "$(wc -l <"$work/commits")" = "$(wc -l <"$work/order")" ] || bad "a commit is not in the form of an act"
touch "$work"/{charters,signatures,tags,files,redlines,table}
cut -d' ' -f2 "$work/commits" | xargs sha256sum >"$work/names"

# 4. The charters, which say with which key each participant begins.
while read -r commit file _; do
  if grep -q '^File: charter.toml ' "$file" && grep -qx 'Chain: text' "$file"; then
    git cat-file blob "$commit:charter.toml" >"$file.charter" 2>/dev/null || bad "$commit: its charter is missing"
    text=$(sed -n 's/^File: \(statement\.[^ ]*\.md\) .*/\1/p' "$file" | head -n 1)
    echo "$file $commit $(git cat-file blob "$commit:$text" 2>/dev/null | grep -c .)" >>"$work/charters"
  fi
done <"$work/commits"

# 5. Each act by its message: how it is written, where it stands, and whose key counts there.
cat >"$work/judge.awk" <<'AWK'
function must(truth, why) { if (!truth && !wrong++) print chain ": act " seq " (" substr(commit, 1, 12) "): " why > (work "/judged") }
function epoch(s,   y, m, d) { # of 2026-03-01T09:30:00Z
  y = substr(s, 1, 4) + 0; m = substr(s, 6, 2) + 0; d = substr(s, 9, 2) + 0
  if (s !~ /^[0-9]+-[0-9]+-[0-9]+T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/ || length(s) != 20 || y < 2000 || y > 9998 || m < 1 || m > 12 || d < 1 || d > (m == 2 ? 28 + (y % 4 == 0 && (y % 100 || y % 400 == 0)) : 30 + (m + int(m/8)) % 2)) return "never"
  if (m < 3) { y--; m += 12 }
  d += 365*y + int(y/4) - int(y/100) + int(y/400) + int((153*m - 457)/5) - 719469
  return sprintf("%.0f", d*86400 + substr(s, 12, 2)*3600 + substr(s, 15, 2)*60 + substr(s, 18, 2)) }
function readCharter(   line, more, k, v, table) { # tables of key = value; what is in none comes first
  while ((getline line < (file ".charter")) > 0) {
    if (line ~ /^[ \t]*(#|$)/) continue
    if (line ~ /=[ \t]*\[/) while (line !~ /\][ \t]*(#.*)?$/ && (getline more < (file ".charter")) > 0) { sub(/#[^"']*$/, "", line); line = line more } # a list over several lines
    if (line ~ /^[ \t]*\[/) { readTable(table); table = line; sub(/#.*/, "", table); gsub(/[ \t]/, "", table); must(table ~ /^\[\[?[a-z]+\]?\]$/, "its charter is not in form"); continue }
    k = v = line; sub(/=.*/, "", k); gsub(/[ \t"']/, "", k)
    if (!sub(/^[^=]*=[ \t]*/, "", v)) continue
    T[k] = v }
  readTable(table); close(file ".charter") }
function plain(v) { sub(/^\[?[ \t]*["']/, "", v); sub(/["'].*/, "", v); return v } # the first text in a value
function readTable(table,   code, k) {
  code = plain(T["code"]); k = plain(T["key"])
  if (table == "") { head[id, "title"] = plain(T["title"]); head[id, "chair"] = plain(T["chair"]); head[id, "languages"] = plain(T["languages"]) }
  if (table == "[[participant]]") { must(!((id, code) in member), "the charter names " code " twice"); must(code ~ /^[A-Z][A-Z][A-Z]$/, "the charter has a code that is none")
    must(k == "" || isKey(k), "the charter has a key that is none")
    member[id, code] = 1; members[id] = members[id] " " code; count[id]++; split(k, W, " ")
    must(W[2] == "" || !((id, W[2]) in taken), "the charter has one key twice"); taken[id, W[2]] = 1; first[id, code] = W[2] }
  if (table == "[[group]]") group[id, code] = T["members"]
  split("", T) }
function isKey(v) { return length(v) == 80 && v ~ /^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-P][A-Za-z0-9+\/]*$/ }
function isAct(v) { return length(v) == 68 && v ~ /^act:[0-9a-f]+$/ }
function isNumber(v) { return v ~ /^[1-9][0-9]*$/ && length(v) < 16 }
function isProposal(v) { return v ~ /^[A-Z][A-Z][A-Z]\/[1-9][0-9]*$/ && length(v) < 20 }
function inForm(key, v,   W, n) { # whether a trailer of a known kind is written as such are
  n = split(v, W, / /)
  if (key ~ /^(Key|Recovery-Key)$/) return isKey(v)
  if (key ~ /^(Charter|Joined|Established|Recognised|Text|Base|Replaces|Wording|Previous)$/) return isAct(key == "Previous" ? "act:" v : v)
  if (key ~ /^(Revision|Sequence)$/) return isNumber(v)
  if (key == "Proposal") return isProposal(v)
  if (key == "Of") return n == 2 && isNumber(W[1]) && isAct(W[2])
  if (key == "On") return n == 3 && isAct(W[3]) && (W[1] == "proposal" && isProposal(W[2]) || W[1] == "paragraph" && isNumber(W[2]))
  if (key == "Decision") return n == 3 && isProposal(W[2]) && isAct(W[3])
  return 1 }
function kinds(   p) { # the trailers of each kind in order; its subject line, whole or how it begins
  p = V["Proposal"]; trailers = ""; text = 0; split(V["On"], W, " ")
  if (kind == "convene/1")   { text = 1; return "Convene: " head[id, "title"] "$" }
  if (kind == "amend/1")     { text = 1; return "Amend the charter: ." }
  if (kind == "revise/1")    { text = 1; trailers = "Revision (Decision (Reason )?)*"; return "Publish revision " V["Revision"] ": ." }
  if (kind == "hand-over/1") { text = 1; trailers = "To Key Joined "; return "Hand the chair over to " V["To"] "$" }
  if (kind == "take-up/1")   { text = 1; return "Take up the chair$" }
  if (kind == "rekey/1")     { text = 1; trailers = "Key Established "; return "Sign for the chair with a new key$" }
  if (kind == "succeed/1")   { text = 1; trailers = "Key Established (Recognised )+"; return "Take up the chair by succession$" }
  if (kind == "join/1")      { trailers = "Charter Key (Recovery-Key )?"; return "Join the negotiation$" }
  if (kind == "rotate/1")    { trailers = "Key "; return "Rotate the key$" }
  if (kind == "recover/1")   { trailers = "Key (Recovery-Key )?"; return "Recover the record$" }
  if (kind == "recognise/1") { trailers = "Successor Text Established "; return "Recognise " V["Successor"] " as chair$" }
  if (kind == "propose/1")   { trailers = "Proposal Type Base (On-Behalf-Of )?"; return "Propose " p ": ." }
  if (kind == "supersede/1") { trailers = "Proposal Replaces Type Base (On-Behalf-Of )?"; return "Supersede " p ": ." }
  if (kind == "withdraw/1")  { trailers = "Proposal Wording "; return "Withdraw " p "$" }
  if (kind == "position/1")  { trailers = "On Stance "; return "Position on " W[1] " " W[2] ": " V["Stance"] "$" }
  if (kind == "receipt/1")   { trailers = "Of "; return "Receive act " (V["Of"] + 0) " of the text$" }
  return "" }
function readAct(   i, j, k, n, key, v) { # V: the trailers; R: the acts cited; F: the sums of the files
  split("", V); split("", L); split("", R); split("", F); split("", D); refs = files = ds = 0; keys = parents = cited = paths = last = ""
  while ((getline k < file) > 0) L[++n] = k
  close(file)
  for (i = 2; L[i] ~ /^parent /; i++) parents = parents " " substr(L[i], 8)
  for (j = n; j > i + 4 && L[j] != ""; j--) ; # the trailers stand behind the last empty line
  for (k = j + 1; k <= n; k++) {
    if (!match(L[k], /^[A-Za-z][A-Za-z-]*: /) || length(L[k]) > 1002) { keys = keys "? "; continue }
    key = substr(L[k], 1, RLENGTH - 2); v = substr(L[k], RLENGTH + 1); keys = keys key " "
    if (v == "" || v ~ /^ | $/ || !inForm(key, v) && V["Concord-Act"] ~ known) keys = keys "? "
    if (!(key in V)) V[key] = v
    if (key == "File") { split(v, W, " ") # in the order of their paths
      if (W[1] <= last) keys = keys "? "; last = W[1]; F[last] = W[2]; paths = paths " " last; files++; continue }
    if (key == "Decision" || key == "Recognised") D[++ds] = v
    if (keys ~ / Time ./ && key != "Reason" && v ~ /(^| )act:[0-9a-f]+$/) {
      sub(/.*act:/, "", v); if (length(v) == 64 && !index(cited, v) && v != V["Previous"]) { R[++refs] = v; cited = cited " " v } } }
  chain = V["Chain"]; seq = V["Sequence"]; kind = V["Concord-Act"]; author = V["Author"]; prev = V["Previous"]
  v = author " <" tolower(author) "@concord.invalid> " epoch(V["Time"]) " +0000"
  must(odd == "-" && L[1] ~ /^tree [0-9a-f]+$/ && L[i] == "author " v && L[i + 1] == "committer " v &&
    L[i + 2] L[i + 4] == "", "the commit is not in the form of an act")
  for (k = i + 5; k < j; k++) # an explanation is set in by two spaces
    must(L[k] ~ /^  [^ ]/ && L[k] !~ / $/ || L[k] == "" && k > i + 5 && k < j - 1 && L[k - 1] != "", "its explanation is not in canonical form")
  for (k = i + 3; k <= n; k++) must(L[k] ~ utf8 && L[k] !~ hidden, "it has characters that are not text, or that nobody can see")
  subject = L[i + 3]; tree = L[1]; size = 0; for (k = i + 5; k < j; k++) size += 1 + (L[k] == "" ? 0 : length(L[k]) - 2)
  must(length(subject) <= 300 && subject !~ / $/ && size <= 32769 && n - j <= 400, "it is too large") }
function wording(p, act) { return kindOf[act] ~ /^(propose|supersede)\/1$/ && proposal[act] == p }
function replaced(k, other,   c) { # key act k came after another key of the same record
  for (c = before[k]; c != ""; c = before[c]) if (c == other || other !~ /^[0-9a-f]+$/ && keyOf[c] == other) return 1
  return 0 }
function descends(k, act) { for (; k != ""; k = before[k]) if (k == act) return 1; return 0 }
function used(k, key) { for (; k != ""; k = before[k]) if (keyOf[k] == key) return 1; return 0 }
function carries(base, a, b,   i, n, P, want) { # the files are those of base, but for a and b
  n = split(pathsOf[base], P, " "); want = " " a (b ? " " b : "") " "
  for (i = 1; i <= n; i++) if (P[i] !~ /\.redline$/ && P[i] != a) { want = want P[i] " "; must(F[P[i]] == sum[base, P[i]], P[i] " is not as it was") }
  must(split(want, P, " ") == files, "it has other files than what it builds on"); for (i in P) must(P[i] in F, P[i] " is missing") }
function judge(   i, k, by, s, want, charter, c, need) {
  wrong = 0; id = name[file]; readAct(); if (file in charters) readCharter()
  key = V["Key"]; sub(/^ssh-ed25519 /, "", key); rec = V["Recovery-Key"]; sub(/^ssh-ed25519 /, "", rec)
  s = kinds(); unknown = s == ""; want = "^Concord-Act " (kind == "convene/1" ? "" : "Negotiation ") "Chain Sequence " (seq == "1" ? "" : "Previous ") "Author Time "
  split(kind, W, "/"); must(kind ~ /^[a-z][a-z-]*\/[1-9][0-9]*$/ && length(W[1]) <= 40 && isNumber(W[2]), "its kind is not named as kinds are")
  must(keys ~ (unknown ? want : want trailers "(File )*$") && index(keys, "?") == 0, "its trailers are not those of " kind)
  must(unknown || subject "$" == s || s ~ /\.$/ && index(subject, substr(s, 1, length(s) - 1)) == 1 && length(subject) >= length(s), "its first line is not what the act says")
  if (kind == "convene/1") { if (neg == "") neg = id; must(neg == id && chain == "text" && seq == "1", "it convenes another negotiation") }
  else must(V["Negotiation"] == neg, "it belongs to another negotiation")
  # Where it stands, and what it is about.
  must(seq == "1" ? prev == "" : chainOf[prev] == chain && seqOf[prev] + 1 "" == seq, "it does not follow the act before it")
  must(chain == "text" || chain == "record/" author && author ~ /^[A-Z][A-Z][A-Z]$/, author " writes in " chain)
  must(unknown || text == (chain == "text"), kind " does not stand in " chain)
  must(chain == "text" || seq != "1" || kind == "join/1", "a record begins with joining"); must(kind != "join/1" || seq == "1", "it has joined already")
  by = prev == "" ? "" : " " commitOf[prev]; for (i = 1; i <= refs; i++) { must(R[i] in commitOf, "it is about an act that is not here"); by = by " " commitOf[R[i]] }
  must(by == parents, "its parents in git are not the acts that it names")
  must(files || tree == treeOf[prev != "" ? prev : R[1]], "its tree is not that of the act before it")
  must(unknown || (files > 0) == (kind ~ /^(convene|amend|revise|propose|supersede)\//), "it has files, or none, against its kind")
  # What stands after it: writer, key, charter and so on are those of before, but for what this act changes.
  writer[id] = writer[prev]; keyAt[id] = keyAt[prev]; recovery[id] = recovery[prev]; passing[id] = passing[prev]
  recovered[id] = recovered[prev] + (kind == "recover/1"); revision[id] = revision[prev]; texts[id] = texts[prev]; charterAt[id] = charterAt[prev]; signer = keyOf[keyAt[prev]]
  # An act of a kind that is not known here, or about one, is checked for all but what it means.
  beyond[id] = unknown; for (i = 1; i <= refs; i++) if (beyond[R[i]]) beyond[id] = 1
  if (chain == "text" && files && beyond[texts[prev]]) beyond[id] = 1
  if (kind == "recognise/1" || kind == "succeed/1") beyond[id] = 0
  if (chain == "text" && files) { texts[id] = id; if (!beyond[id]) charterAt[id] = id }
  if (kind == "convene/1") { writer[id] = author; signer = first[id, author]; keyAt[id] = signer; keyOf[signer] = signer
    revision[id] = 1; must(author == head[id, "chair"], "the charter names another chair") }
  if (kind == "join/1") { signer = key
    must(chainOf[R[1]] == "text" && pathsOf[R[1]] != "" && first[R[1], author] == key && rec != key, "the charter has another key for " author) }
  if (kind == "recover/1") { signer = recovery[prev]; must(signer != "", "no recovery key was named") }
  if (kind ~ /^(rotate|recover)\//)
    must(!used(keyAt[prev], key) && key != recovery[prev] && !used(keyAt[prev], rec) && (rec == "" || rec != recovery[prev] && rec != key), "the new key has been one of " author " before")
  if (kind ~ /^(join|rotate|recover)\//) { writer[id] = author; keyAt[id] = id; keyOf[id] = key; before[id] = keyAt[prev]; if (rec != "") recovery[id] = rec }
  if (kind == "succeed/1") { charter = charterAt[prev]; need = int((2*count[charter] + 2) / 3); signer = key; writer[id] = author
    for (i = 1; i <= ds; i++) { c = substr(D[i], 5); must(kindOf[c] == "recognise/1" && member[charter, writer[c]] &&
      successor[c] == author " " prev && descends(R[1], established[c]) && writer[c] > writer[substr(D[i - 1], 5)], "a recognition that it cites is not one"); cites[id] = cites[id] " " c }
    must(ds >= need, "too few recognise " author) } 
  if (kind ~ /^(rekey|succeed)\//) { c = substr(V["Established"], 5); signer = key; keyAt[id] = c
    must(keyAt[c] == c && keyOf[c] == key && chainOf[c] == "record/" author, "the key that it names is not " author "'s") }
  if (kind == "rekey/1") must(replaced(c, keyAt[prev]), "the key does not replace the one before")
  if (chain == "text") must(author == writer[prev] || kind ~ /^(convene|succeed)\//, author " is not the chair")
  if (chain == "text" && kind !~ /^(rekey|succeed)\//) must((passing[prev] == 1) == (kind == "take-up/1"), "the chair is taken up after it was handed over, and only then")
  if (kind ~ /^(take-up|succeed)\//) passing[id] = 0
  if (!beyond[id]) content()
  # Its signature, files and tag are looked at below; here it is noted.
  if (kind ~ /^(recover|succeed)\// || kind == "rekey/1" && kindOf[c] == "recover/1") settling[++settlers] = id
  tag = kind == "convene/1" ? "rev-1" : kind == "revise/1" ? "rev-" V["Revision"] : chain == "text" && unknown ? V["Tag"] : ""
  must(!unknown || !("Tag" in V) || chain == "text", "a record has no tags"); must(!unknown || tag == "" || tag !~ /^rev-/ && !index(tags[prev] " ", " " tag " "), "the tag is taken")
  tags[id] = tags[prev] (tag == "" ? "" : " " tag)
  commitOf[id] = commit; chainOf[id] = chain; seqOf[id] = seq; prevOf[id] = prev; treeOf[id] = tree; kindOf[id] = kind; pathsOf[id] = paths
  proposal[id] = V["Proposal"]
  for (i in F) { sum[id, i] = F[i]; print commit, i, F[i] > (work "/files") }
  timeOf[id] = V["Time"]; kids[prev == "" ? chain : prev] = kids[prev == "" ? chain : prev] " " id; chains[chain] = 1
  print file, signer, commit, chain, seq > (work "/signatures")
  if (tag != "") { print commit, id, signer, tag, chain, seq > (work "/tags")
    print "object " commit "\ntype commit\ntag " tag "\ntagger " author " <" tolower(author) "@concord.invalid> " epoch(V["Time"]) " +0000\n\n" subject > (work "/tag-" commit) } }
function content(   base, t, i, c, P) { # what the act says of others
  base = texts[prev]; t = "statement." head[kind == "convene/1" ? id : base, "languages"] ".md"; split(kind == "receipt/1" ? V["Of"] : V["On"], P, " ")
  if (kind == "convene/1") must(paths == " charter.toml " t, "it has other files than charter and text")
  if (kind == "amend/1") { carries(base, "charter.toml"); must(F["charter.toml"] != sum[base, "charter.toml"], "the charter is as it was")
    must(head[id, "chair"] == writer[prev] && head[id, "languages"] == head[base, "languages"], "the charter has another chair or language")
    split(members[base], P, " "); for (i in P) must(((id, P[i]) in member) && (first[base, P[i]] == "" || first[id, P[i]] == first[base, P[i]]), "the charter changes what " P[i] " has there") }
  if (kind == "revise/1") { revision[id]++; must(V["Revision"] == revision[id], "it is not the next revision")
    for (i = 1; i <= ds; i++) { split(D[i], P, " "); must(P[1] ~ /^(accept|decline)$/ && wording(P[2], substr(P[3], 5)) && decided[P[2]] != id, "it decides on what is no proposal, or twice"); decided[P[2]] = id } }
  if (kind ~ /^(propose|supersede)\//) { base = substr(V["Base"], 5); must(kindOf[base] ~ /^(convene|revise)\//, "what it amends is no revision"); t = "statement." head[base, "languages"] ".md"
    must(V["On-Behalf-Of"] == "" || group[charterAt[base], V["On-Behalf-Of"]] ~ "\"" author "\"",
      "it speaks for a group that it is not in") }
  if (kind ~ /^(revise|propose|supersede)\//) { c = t; sub(/md$/, "redline", c); carries(base, t, c)
    print commit, commitOf[base] ":" t, t, c, kind == "revise/1" ? "revise" ds : V["Type"], chain, seq > (work "/redlines") }
  if (kind ~ /^(propose|supersede|withdraw)\//) must(index(V["Proposal"], author "/") == 1, "the proposal is another's")
  if (kind == "supersede/1") must(wording(V["Proposal"], substr(V["Replaces"], 5)), "it replaces what is no wording of the proposal")
  if (kind == "withdraw/1") must(wording(V["Proposal"], substr(V["Wording"], 5)), "it withdraws what is no wording of the proposal")
  if (kind == "receipt/1") { c = substr(P[2], 5); must(chainOf[c] == "text" && seqOf[c] == P[1], "what was received is not act " P[1] " of the text") }
  if (kind == "position/1") { c = substr(P[3], 5); must(V["Stance"] ~ /^(for|against|reserve|flexible|none)$/, "it has no stance")
    must(P[1] == "proposal" ? wording(P[2], c) : kindOf[c] ~ /^(convene|revise)\// && P[2] > 0 && P[2] + 0 <= paragraphs[commitOf[c]], "it is on no proposal or paragraph") }
  if (kind == "hand-over/1") { c = substr(V["Joined"], 5); writer[id] = V["To"]; keyAt[id] = c; passing[id] = 1
    must(keyAt[c] == c && keyOf[c] == key && chainOf[c] == "record/" V["To"] && V["To"] != author, V["To"] " has not joined with that key") }
  if (kind == "recognise/1") { c = substr(V["Established"], 5); successor[id] = V["Successor"] " " substr(V["Text"], 5); established[id] = c
    must(chainOf[substr(V["Text"], 5)] == "text" && keyAt[c] == c && chainOf[c] == "record/" V["Successor"], "what it cites is no act of the text, or no key of " V["Successor"]) } }
function sides(   i, j, c) { # S: the acts that settle from here on, each with the one of K that leads to it
  for (found = i = 0; ++i <= settlers; ) { for (c = settling[i]; c != "" && prevOf[c] != (at == chain ? "" : at); c = prevOf[c]) ;
    if (c != "" && chainOf[c] == chain) { S[++found] = settling[i]; for (j = 1; j <= n; j++) if (K[j] == c) side[found] = j } } }
function decides(i,   j) { for (j = 1; j <= found; j++) if (side[j] != side[i] && !outranks(S[i], S[j])) return 0; return 1 }
function outranks(a, b,   i, j, k, l, c, A, B, both) {
  if (kindOf[a] == "recover/1") return recovered[a] > recovered[b] # on its own path, itself included
  if (kindOf[a] == "rekey/1") return kindOf[b] == kindOf[a] && writer[b] == writer[a] && recovered[keyAt[a]] > recovered[keyAt[b]]
  if (kindOf[b] == "rekey/1") return 1
  k = split(cites[a], A, " "); l = split(cites[b], B, " ") # recognitions: each state in both has recognised later for a
  for (i = 1; i <= k; i++) for (j = 1; j <= l; j++) if (writer[A[i]] == writer[B[j]]) {
    both = 1; for (c = prevOf[A[i]]; c != "" && c != B[j]; c = prevOf[c]) ; if (c == "") return 0 }
  return both + 0 }
BEGIN { while ((getline line < (work "/charters")) > 0) { split(line, W, " "); charters[W[1]] = 1; paragraphs[W[2]] = W[3] }
  known = "^(convene|amend|revise|hand-over|take-up|rekey|succeed|join|rotate|recover|recognise|propose|supersede|withdraw|position|receipt)/1$"
  hidden = "\357\270[\200-\217]|\315\217|\341\205[\237\240]|\341\240\216|\342\240\200|\357\277[\271-\277]|\357\267[\220-\257]|\356|\357[\200-\243]|\360\233\262\240|\360\223\220[\260-\277]|\360\235\205[\263-\272]|[\001-\010\011\013-\037\177]|\302[\200-\237\255]|\342\200[\213\216\217\250-\256]|\342\201[\240-\257]|\357\273\277|\363\240[\200-\207]|\330\234"
  c = "[\200-\277]"; utf8 = "^([\001-\177]|[\302-\337]" c "|\340[\240-\277]" c "|[\341-\354\356\357]" c c "|\355[\200-\237]" c "|\360[\220-\277]" c c "|[\361-\363]" c c c "|\364[\200-\217]" c c ")*$" }
FILENAME ~ /names$/ { name[$2] = $1; next }
FILENAME ~ /tips$/  { tip[$2] = tip[$2] " " $1; if (chainOf[idOf[$1]] != $2) print $2 ": its ref leads to an act that is not of it" > (work "/judged"); next }
{ commit = $1; file = $2; odd = $3; judge(); idOf[commit] = id }
END { # Of several acts at one place, the one counts that leads to an act which outranks all that settle on the other sides.
  for (chain in chains) { at = chain; acts = 0; was = ""
    while ((n = split(kids[at], K, " ")) > 0) {
      s = n > 1 ? 0 : 1; if (n > 1) { sides(); for (i = 1; i <= found; i++) if (decides(i)) s = side[i] }
      if (n > 1 && s) print chain ": " n " acts stand at place " acts + 1 "; that counts which was settled on" > (work "/notes")
      if (!s) print chain ": " n " acts stand at place " acts + 1 ": whoever has the key has forked the chain, and nothing from there on counts" > (work "/judged")
      if (!s) break
      at = K[s]; acts++
      if (acts == 1) print chain ": first act " timeOf[at] > (work "/table")
      if (keyOf[keyAt[at]] != was) { was = keyOf[keyAt[at]]
        print chain ": from act " acts ", " kindOf[at] ", the key of " writer[at] " is ssh-ed25519 " was > (work "/table") } }
    if (acts) print chain ": " acts " acts, the last " timeOf[at] ", " at > (work "/table")
    if (acts && !index(tip[chain], commitOf[at])) print chain ": its ref does not lead to its last act" > (work "/judged") } }
AWK
awk -v work="$work" -f "$work/judge.awk" "$work/names" "$work/commits" "$work/tips" || bad "the acts cannot be judged"

# 6. Each tag of a revision: it says what its act implies. Then each signature, of acts and tags, is
# by the key in force, and in the one encoding that ssh-keygen prints.
while read -r commit id key tag chain seq; do
  t=$work/act/tag-$commit ref=refs/evidence/tags/${id:0:16} # of an act beside the line
  git cat-file -e "$ref" 2>/dev/null || ref=refs/tags/$tag
  git cat-file tag "$ref" 2>/dev/null | awk -v sig="$t.sig" '/^-----BEGIN/ { s = 1 } { if (s) print > sig; else print }' >"$t"
  cmp -s "$t" "$work/tag-$commit" || bad "$chain: act $seq: its tag $tag is missing or says something else"
  echo "$t $key $commit $chain $seq" >>"$work/signatures"
done <"$work/tags"
while read -r file key commit chain seq; do
  signed "$file" "$key" || bad "$chain: act $seq (${commit:0:12}): not signed with the key in force, $key"
done <"$work/signatures"
find "$work/act" -name '*.sig' | sort | xargs awk '
  function check() { if (file && (ended != 1 || text !~ canon || length(text) != 232)) print file }
  BEGIN { b = "[A-Za-z0-9+/]*"; z = "[AEIMQUYcgkosw048]" # the numbers in between have one form, too
    canon = "^U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg" b z "AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5AAAAQ[A-P]" b "[AQgw]" z "=$" }
  FNR == 1 { check(); file = FILENAME; text = ""; ended = $0 == "-----BEGIN SSH SIGNATURE-----" ? 0 : 2; next }
  /^-/     { ended += $0 == "-----END SSH SIGNATURE-----" ? 1 : 2; next }
           { if (length(text) % 70 || length($0) > 70 || ended) ended = 2; text = text $0 }
  END      { check() }' | while read -r file; do bad "${file##*/}: a signature is not in canonical form"; done

# 7. Files: plain ones, those that the act names, with the sums that it signed.
cut -d' ' -f1 "$work/files" | uniq | while read -r commit; do
  git ls-tree -r -t "$commit" 2>/dev/null | head -n 1000 | awk -v commit="$commit" -v files="$work/files" '
    BEGIN { FS = "[ \t]"; while ((getline line < files) > 0) { split(line, W, " "); if (W[1] == commit) { sum[W[2]] = W[3]; p = W[2]; while (sub(/\/[^\/]*$/, "", p)) dir[p] = 1 } } }
    $2 == "tree" && $4 in dir && !seen[$4]++ { next }
    $1 == "100644" && $4 in sum && NF == 4 && $4 ~ /^[A-Za-z0-9][A-Za-z0-9._\/-]*$/ { print $3, sum[$4]; delete sum[$4]; next }
    { print "-", "-" }
    END { for (p in sum) print "-", "-" }' | sed "s/\$/ $commit/"
done | sort -u >"$work/blobs"
while read -r blob sum commit; do
  [ "$blob" = - ] && { bad "${commit:0:12}: its files are not plain ones that it names"; continue; }
  [ "$blob" = "${done:-}" ] && [ "$sum" = "$same" ] && continue
  [ "$(git cat-file blob "$blob" | sha256sum)" = "$sum  -" ] || bad "${commit:0:12}: a file is not what the act says"
  done=$blob same=$sum
done <"$work/blobs"

# 8. Redlines: each leads, paragraph by paragraph, from the text that it amends to the text beside it.
while read -r commit base text redline type chain seq; do
  git cat-file blob "$base" >"$work/base" 2>/dev/null; git cat-file blob "$commit:$redline" >"$work/redline" 2>/dev/null
  git cat-file blob "$commit:$text" 2>/dev/null | grep . >"$work/text"
  awk '
    function step() { if (kind == "") return
      was = kind == "insert" ? "" : para[from]; for (i = from + 1; kind == "join" && i <= to; i++) was = was "\n" para[i]
      for (i = from; i <= to; i++) if (used[i]++) exit bad = 1
      if (old != was) exit bad = 1
      if (kind != "delete") print new }
    FNR == NR { if ($0 != "") para[++n] = $0; next }
    FNR == 1  { if ($0 != "concord-redline 1") exit bad = 1; next }
    /^[a-z]/ && !/^(insert|(keep|join) [1-9][0-9]*( [1-9][0-9]*)?|(change|delete|move|split) [1-9][0-9]*)$/ || !/^([a-z]|[-+ ].|\/[-+]$|\|$)/ { exit bad = 1 }
    /^keep/ && kind == "" && ended == $2 || /^keep/ && $3 != "" && $3 <= $2 { exit bad = 1 }
    { ended = /^keep/ ? ($3 ? $3 : $2) + 1 : "" }
    /^[a-z]/  { step(); kind = $1; old = new = ""; from = $2 + 0; to = $3 ? $3 : from; if (kind == "insert") { from = 1; to = 0 }
                if (kind == "keep") { for (i = from; i <= to; i++) { if (used[i]++) exit bad = 1; print para[i] } kind = "" } else kinds = kinds " " kind }
    /^ /      { old = old substr($0, 2); new = new substr($0, 2) }
    /^-/      { old = old substr($0, 2) }
    /^\+/     { new = new substr($0, 2) }
    /^\/-/    { old = old "\n" }
    /^\/\+/   { new = new "\n" }
    END { if (!bad) step(); for (i = 1; i <= n; i++) if (!used[i]) bad = 1; print kinds > "/dev/stderr"; exit bad }' "$work/base" "$work/redline" >"$work/made" 2>"$work/kinds" && [ "$(tail -c 1 "$work/redline")" = "" ] &&
    cmp -s "$work/made" "$work/text" || bad "$chain: act $seq: its redline does not lead to its text"
  case "$type:$(sort -u <(tr ' ' '\n' <"$work/kinds" | grep .) | tr '\n' ' ')" in
  no-change:|add:insert\ |delete:delete\ |move:move\ |modify:?*|editorial:?*|revise0:?*|revise[1-9]*) ;;
  *) bad "$chain: act $seq: its redline is not what its type says" ;;
  esac
done <"$work/redlines"

# What was found.
{ grep '^text' "$work/table"; grep '^record' "$work/table" | sort -s -k1,1
  cat "$work/notes" "$work/judged" "$work/faults" 2>/dev/null | sort -u; } | plainly
if [ -s "$work/judged" ] || [ -s "$work/faults" ]; then echo "The record does NOT verify."; exit 1; fi
echo "All $(wc -l <"$work/commits") acts verify. Compare the keys with those that the ministries published."
# Not checked here: that texts and charters are in canonical form (Unicode's NFC, Markdown, TOML), characters
# that Unicode has not given out or joins letters with, and that a redline changes no words into the same.
# Git judges all objects and refs that are there, those too that no act leads to; the program does not.
