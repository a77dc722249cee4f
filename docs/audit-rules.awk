# The rules of audit.sh that take more words than a person reads in five minutes. `go doc
# concord/negotiation` and `go doc concord/negotiation/redline` say the same in prose.
#
# audit.sh calls, for each act in an order in which all that it names comes before it:
#   understand()  understood[id]: whether its kind is known here, and the kinds of all that it builds on; and
#                 what its charter says: chair[id], first[id, code], members[id] and more
#   rules()       all that is demanded of it beyond its place, its files and its signature
# and then chain_ends(): where refs lead, and which side of a fork counts.
#
# What they know of the act: id (its name), chain, place, prev (the act before it), author, kind; L[1..lines]
# (what was signed); V[key] (its trailers); R[1..refs] (the acts that it cites); F[path] (the SHA-256 of its
# files), files (how many); blob[commit, path], size[commit, path] (these in git). Of an act before it:
# kindOf[act], chainOf[act] and so on; writer[act], keyAt[act] stand for what counts after it.

function cited(name) { return substr(V[name], length("act:") + 1) } # the act that a trailer names

# WHO HAS THE CHAIR, AND WHICH KEY. After an act writer[id] goes on with the chain, with the key of the act
# keyAt[id], which is keyOf[keyAt[id]]; that key came after the one of the act older[keyAt[id]].

function rights(   act, was, new) {
  new = bare(V["Key"])
  writer[id] = writer[prev]
  keyAt[id] = was = keyAt[prev]
  if (kind == "convene/1") {
    writer[id] = chair[id]
    keyAt[id] = id
    keyOf[id] = first[id, chair[id]]
  }
  if (kind == "join/1")
    must(first[cited("Charter"), author] == new, "the charter has another key for " author)
  if (kind ~ /^(join|rotate|recover)\/1$/) {
    writer[id] = author
    keyAt[id] = id
    keyOf[id] = new
    older[id] = was
  }
  if (kind == "hand-over/1" && understood[id]) {
    writer[id] = V["To"]
    keyAt[id] = cited("Joined")
    must(establishes(keyAt[id], V["To"], new), "that key is not " V["To"] "'s")
  }
  if (kind == "rekey/1" || kind == "succeed/1") {
    act = keyAt[id] = cited("Established")
    must(establishes(act, author, new), "that key is not " author "'s")
  }
  if (kind == "rekey/1") must(replaced(act, was), "the key does not replace the one before")
  if (kind == "succeed/1") {
    must(recognised(act), "too few recognise " author)
    writer[id] = author
  }
  must(chain != "text" || author == writer[place == 1 || kind == "succeed/1" ? id : prev], author " is not the chair")
}
# Whether an act is of who's own record, and the key is who's since then.
function establishes(act, who, key) { return chainOf[act] == "record/" who && keyAt[act] == act && keyOf[act] == key }
# Whether the key of act came after that of by. A convening is signed with the key of joining.
function replaced(act, by,   a) {
  for (a = older[act]; a != ""; a = older[a])
    if (a == by || kindOf[by] == "convene/1" && keyOf[a] == keyOf[by]) return 1
  return 0
}
# Two thirds of the participants, rounded up, each by an act of its own, recognise the author after the act
# before this one, with the key of act or one that it has replaced.
function recognised(act,   i, n, r, a, last, by) {
  by = charterAt[prev]
  for (i = last_empty + 1; i <= lines; i++) {
    if (L[i] !~ /^Recognised: /) continue
    r = substr(L[i], 17)
    for (a = act; a != "" && a != establishedBy[r]; a = older[a]) ;
    if (a == "" || kindOf[r] != "recognise/1") return 0
    if (successor[r] != author || recognisedAfter[r] != prev) return 0
    if (!((by, writer[r]) in participant) || writer[r] <= last) return 0
    last = writer[r]
    cites[id] = cites[id] " " r
    n++
  }
  return n >= int((2 * members[by] + 2) / 3)
}

# FORKS. Of several acts at one place, that one counts which leads to an act that settles, and outranks
# all that settle on the other sides.

function chain_ends(   id, n, W) {
  for (id in tip) for (n = split(tip[id], W, " "); n > 0; n--)
    if (chainOf[id] != W[n]) print W[n] ": its ref leads elsewhere" >> "faults"
  for (id in commitOf)
    if (!(id in after) && !index(tip[id], " " chainOf[id] " ")) print chainOf[id] ": no ref leads to its end" >> "faults"
  for (chain in chains) follow()
}
function follow(   acts, n, side, forks) { # a chain, as far as its acts count
  for (at = chain; (n = split(after[at], K, " ")) > 0; at = K[side]) {
    acts++
    side = n == 1 ? 1 : settled(n)
    if (n > 1) forks++
    if (side) continue
    print chain ": " n " acts stand at place " acts ": its owner forked the chain, and nothing from there on counts" >> "faults"
    return
  }
  if (forks) print chain ": was forked, which is settled; what counts ends with act " acts ", " at > "notes"
}
# Which of the sides K[1..n] at a place counts, or 0.
function settled(n,   i, j, k) {
  found = 0
  for (i = 1; i <= settlers; i++) {
    for (k = settling[i]; k != "" && prevOf[k] != (at == chain ? "" : at); k = prevOf[k]) ;
    if (k == "" || chainOf[k] != chain) continue
    S[++found] = settling[i]
    for (j = 1; j <= n; j++) if (K[j] == k) SIDE[found] = j
  }
  for (i = 1; i <= found; i++) {
    for (j = 1; j <= found; j++) if (SIDE[j] != SIDE[i] && !outranks(S[i], S[j])) break
    if (j > found) return SIDE[i]
  }
  return 0
}
function outranks(a, b,   i, j, k, l, c, A, B, both) {
  if (kindOf[a] == "recover/1") return recoveries[a] > recoveries[b] # on its own path, itself included
  if (kindOf[a] == "rekey/1")
    return kindOf[b] == kindOf[a] && writer[b] == writer[a] && recoveries[keyAt[a]] > recoveries[keyAt[b]]
  if (kindOf[b] == "rekey/1") return 1
  k = split(cites[a], A, " ") # each state in both has recognised later for a
  l = split(cites[b], B, " ")
  for (i = 1; i <= k; i++) for (j = 1; j <= l; j++) if (writer[A[i]] == writer[B[j]]) {
    both = 1
    for (c = prevOf[A[i]]; c != "" && c != B[j]; c = prevOf[c]) ;
    if (c == "") return 0
  }
  return both + 0
}

# CHARTERS. Tables of values: texts in quotation marks, each on one line, and lists of them. See Charter in
# the documentation of the package.

function charter(   i, n, table, key, value) {
  if (kind !~ /^(convene|amend|revise)\/1$/) return # a proposal has the charter of what it amends
  n = read("charter.toml", T)
  must(size[commit, "charter.toml"] <= 65536, "its charter is too large")
  split("", VALUE)
  rules_table = 0
  members[id] = groups = 0
  for (i = 1; i <= n; i++) {
    legible(T[i], "its charter")
    if (T[i] ~ /^ *(#.*)?$/) continue
    if (T[i] ~ /^ *(\[ *rules *\]|\[\[ *(participant|group) *\]\]) *(#.*)?$/) {
      table_ends(table)
      table = T[i]
      sub(/#.*/, "", table)
      gsub(/[^a-z]/, "", table)
      continue
    }
    if (!match(T[i], /^ *[a-z_]+ *= */)) return must(0, "its charter has a line that is none: " i)
    key = value = substr(T[i], 1, RLENGTH)
    gsub(/[ =]/, "", key)
    value = substr(T[i], RLENGTH + 1)
    must(!((key, "is") in VALUE), "its charter has " key " twice in one table")
    VALUE[key, "is"] = 1
    if (table "." key ~ /^(\.languages|group\.members)$/) {
      i = list(key, value, i, n)
      if (!i) return must(0, "its charter has a list that is none: " key)
    } else if (table "." key == ".public") {
      must(value ~ /^(true|false) *(#.*)?$/, "its charter has a value that is none: " key)
    } else {
      must(table "." key ~ /^(\.title|\.chair|rules\.shortest_silence|participant\.key)$/ ||
        table "." key ~ /^(participant|group)\.(code|name)$/, "its charter has a key that is none: " key)
      must(match(value, /^("[^"\\]*"|'[^']*') *(#.*)?$/), "its charter has a value that is none: " key)
      VALUE[key] = within_quotes(value)
    }
  }
  table_ends(table)
  must(rules_table == 1, "its charter has no rules, or has them twice")
  must((id, chair[id]) in participant, "its chair is no participant")
  for (i = 1; i <= groups; i++) {
    must(!((id, groupCode[i]) in participant), "a group has the code of a participant")
    n = split(groupMembers[i], W, " ")
    while (n) must((id, W[n--]) in participant, "a member of a group is no participant")
  }
}
function within_quotes(value) {
  match(value, /^("[^"\\]*"|'[^']*')/)
  must(RLENGTH <= 302, "its charter has a value that is too long")
  return substr(value, 2, RLENGTH - 2)
}
function list(key, rest, i, n,   items) { # from line i; returns the line where it ends, 0 when it is none
  if (rest !~ /^\[/) return 0
  rest = substr(rest, 2)
  for (items = after_item = 0; 1; ) {
    sub(/^ +/, "", rest)
    if (rest == "" || rest ~ /^#/) {
      if (++i > n) return 0
      legible(T[i], "its charter")
      rest = T[i]
    } else if (rest ~ /^\]/) {
      VALUE[key] = items + 0
      return rest ~ /^\] *(#.*)?$/ ? i : 0
    } else if (after_item && rest ~ /^,/) {
      after_item = 0
      rest = substr(rest, 2)
    } else if (!after_item && rest ~ /^("[^"\\]*"|'[^']*')/) {
      VALUE[key, ++items] = within_quotes(rest)
      match(rest, /^("[^"\\]*"|'[^']*')/)
      rest = substr(rest, RLENGTH + 1)
      after_item = 1
    } else return 0
  }
}
function has(key) { must((key, "is") in VALUE, "its charter lacks a " key); return VALUE[key] }
function table_ends(table,   i, n, code, k, seen) {
  if (table == "") {
    title[id] = has("title")
    chair[id] = has("chair")
    n = has("languages")
    language[id] = VALUE["languages", 1]
    must(title[id] != "" && n >= 1 && n <= 256, "its charter has no title or no languages")
    for (i = 1; i <= n; i++) {
      k = VALUE["languages", i]
      must(k ~ /^[a-z][a-z][a-z]?(-[A-Z][a-z][a-z][a-z])?(-([A-Z][A-Z]|[0-9][0-9][0-9]))?$/ && !seen[k]++,
        "its charter has a language that is none, or twice")
    }
  }
  if (table == "rules") {
    rules_table++
    must(is_silence(has("shortest_silence")), "its shortest silence is none")
  }
  if (table == "participant") {
    code = has("code")
    must(code ~ /^[A-Z][A-Z][A-Z]$/ && !((id, code) in participant),
      "its charter has a code twice, or one that is none")
    must(has("name") != "" && ++members[id] <= 256, "a participant has no name, or there are too many")
    participant[id, code] = 1
    codes[id] = codes[id] " " code
    split(VALUE["key"], W, / +/) # a comment may follow it
    k = VALUE["key"] ~ /^ / ? W[2] " " W[3] : W[1] " " W[2]
    if (VALUE["key"] == "") k = ""
    must(k == "" || is_key(k) && !((id, k) in taken), "its charter has a key twice, or one that is none")
    if (k != "") taken[id, k] = 1
    first[id, code] = bare(k)
  }
  if (table == "group") {
    code = has("code")
    must(code ~ /^[A-Z][A-Z][A-Z]*$/ && length(code) <= 12 && !((id, code) in grouped),
      "its charter has a group twice, or one that has no code")
    grouped[id, code] = 1
    n = has("members")
    must(has("name") != "" && n >= 1 && n <= 256 && ++groups <= 256,
      "a group has no name or members, or too many")
    groupCode[groups] = code
    groupMembers[groups] = ""
    for (i = 1; i <= n; i++) {
      must(!((id, code, VALUE["members", i]) in group), "a group has a member twice")
      must(VALUE["members", i] ~ /^[A-Z][A-Z][A-Z]$/, "a member of a group is no participant")
      group[id, code, VALUE["members", i]] = 1
      groupMembers[groups] = groupMembers[groups] " " VALUE["members", i]
    }
  }
  split("", VALUE)
}
function is_silence(v,   n, unit, total) { # 72h, 1h30m, 45s: more than none, at most 366 days
  if (v !~ /^([0-9]+h)?([0-9]+m)?([0-9]+s)?$/) return 0
  while (match(v, /^[0-9]+/)) {
    n = substr(v, 1, RLENGTH)
    unit = substr(v, RLENGTH + 1, 1)
    total += n * (unit == "h" ? 3600 : unit == "m" ? 60 : 1)
    v = substr(v, RLENGTH + 2)
  }
  return total > 0 && total <= 366 * 86400
}

# KINDS. Each has its trailers in order, and a first line that follows from them: the whole of it when it
# ends in "$", and how it begins when it ends in "...".

function kinds() {
  known["convene/1"] = "text|"
  known["amend/1"] = "text|"
  known["revise/1"] = "text|Revision (Decision (Reason )?)*"
  known["hand-over/1"] = "text|To Key Joined "
  known["take-up/1"] = "text|"
  known["rekey/1"] = "text|Key Established "
  known["succeed/1"] = "text|Key Established (Recognised )*"
  known["join/1"] = "record|Charter Key (Recovery-Key )?"
  known["rotate/1"] = "record|Key "
  known["recover/1"] = "record|Key (Recovery-Key )?"
  known["recognise/1"] = "record|Successor Text Established "
  known["propose/1"] = "record|Proposal Type Base (On-Behalf-Of )?"
  known["supersede/1"] = "record|Proposal Replaces Type Base (On-Behalf-Of )?"
  known["withdraw/1"] = "record|Proposal Wording "
  known["position/1"] = "record|On Stance "
  known["receipt/1"] = "record|Of "
}
function first_line(   on) {
  split(V["On"], on, " ")
  if (kind == "convene/1") return "Convene: " title[id] "$"
  if (kind == "amend/1") return "Amend the charter: ..."
  if (kind == "revise/1") return "Publish revision " V["Revision"] ": ..."
  if (kind == "hand-over/1") return "Hand the chair over to " V["To"] "$"
  if (kind == "take-up/1") return "Take up the chair$"
  if (kind == "rekey/1") return "Sign for the chair with a new key$"
  if (kind == "succeed/1") return "Take up the chair by succession$"
  if (kind == "join/1") return "Join the negotiation$"
  if (kind == "rotate/1") return "Rotate the key$"
  if (kind == "recover/1") return "Recover the record$"
  if (kind == "recognise/1") return "Recognise " V["Successor"] " as chair$"
  if (kind == "propose/1") return "Propose " V["Proposal"] ": ..."
  if (kind == "supersede/1") return "Supersede " V["Proposal"] ": ..."
  if (kind == "withdraw/1") return "Withdraw " V["Proposal"] "$"
  if (kind == "position/1") return "Position on " on[1] " " on[2] ": " V["Stance"] "$"
  if (kind == "receipt/1") return "Receive act " substr(V["Of"], 1, index(V["Of"], " ") - 1) " of the text$"
}
function brings_text(kind) { return kind ~ /^(convene|amend|revise|propose|supersede)\/1$/ }
function is_revision(act) { return kindOf[act] == "convene/1" || kindOf[act] == "revise/1" }
function is_wording(proposal, act) {
  return (kindOf[act] == "propose/1" || kindOf[act] == "supersede/1") && proposalOf[act] == proposal
}

# An act of a kind that is not known here, or about such an act, is kept and passed on; nobody knows what it
# means, so nothing is demanded of that, and the keys of before it count. Who has the chair, and who should,
# is understood whatever the text says.
function understand() {
  if (!("convene/1" in known)) kinds()
  understood[id] = is_understood()
  if (understood[id]) charter()
}
function is_understood(   i) {
  if (!(kind in known)) return 0
  if (kind == "recognise/1" || kind == "succeed/1") return 1
  for (i = 1; i <= refs; i++) if ((R[i] in commitOf) && !understood[R[i]]) return 0
  return chain != "text" || !brings_text(kind) || texts[prev] == "" || understood[texts[prev]]
}

# All rules of one act.
function rules(   line) {
  rights()
  texts[id] = chain == "text" && files ? id : texts[prev] # the newest act of the text with files
  charterAt[id] = texts[id] == id && understood[id] ? id : charterAt[prev]
  passing[id] = passing[prev]
  if (kind == "hand-over/1" && understood[id]) passing[id] = 1
  if (kind == "take-up/1" || kind == "succeed/1") passing[id] = 0
  recoveries[id] = recoveries[prev] + (kind == "recover/1")
  revision[id] = revision[prev]
  proposalOf[id] = V["Proposal"]
  filesOf[id] = ""
  message()
  parents()
  trailers()
  paths()
  must(!(kind in known) || !files == !brings_text(kind), "it has files, or none, against its kind")
  must(!(kind in known) || index(known[kind], chain == "text" ? "text|" : "record|") == 1,
    kind " does not stand in " chain)
  line = kind in known ? first_line() : "..."
  must(line ~ /\$$/ ? subject "$" == line : starts_with(subject, substr(line, 1, length(line) - 3)),
    "its first line is not what the act says")
  tags()
  must(chain != "text" || kind == "rekey/1" || kind == "succeed/1" ||
    passing[prev] + 0 == (kind == "take-up/1"),
    "the chair is taken up after it was handed over, and only then")
  if (kind in known && understood[id]) content()
  if (kind == "recover/1" || kind == "succeed/1" ||
    kind == "rekey/1" && kindOf[cited("Established")] == "recover/1")
    settling[++settlers] = id
  if (kind == "recognise/1") {
    successor[id] = V["Successor"]
    recognisedAfter[id] = cited("Text")
    establishedBy[id] = cited("Established")
  }
  kindOf[id] = kind
  treeOf[id] = L[1]
  prevOf[id] = prev
  if (prev == "") chains[chain] = 1
}

function starts_with(s, with) { return length(s) > length(with) && substr(s, 1, length(with)) == with }

# THE COMMIT AND ITS MESSAGE. Tree, parents, author and committer alike; then the first line; the explanation,
# set in by two spaces; the trailers.

function message(   i, start, end, size, total) {
  for (start = 2; L[start] ~ /^parent /; start++) ;
  for (end = lines; end > start + 4 && L[end] != ""; end--) ;
  who = author " <" tolower(author) "@concord.invalid> " epoch(V["Time"]) " +0000"
  subject = L[start + 3]
  must(odd == "-" && L[1] ~ /^tree [0-9a-f]+$/ && L[start] == "author " who &&
    L[start + 1] == "committer " who &&
    L[start + 2] L[start + 4] == "" && start <= 402, "the commit is not in the form of an act")
  must(subject != "" && subject !~ /^ | $/ && length(subject) <= 300, "its first line is empty, or too long")
  must(end != start + 5, "its explanation is not in canonical form")
  for (i = start + 5; i < end; i++) {
    must(L[i] ~ /^  [^ ]/ && L[i] !~ / $/ || L[i] == "" && i > start + 5 && i < end - 1 && L[i - 1] != "",
      "its explanation is not in canonical form")
    size += 1 + (L[i] == "" ? 0 : length(L[i]) - 2)
  }
  explained = end > start + 4
  for (i = start + 3; i <= lines; i++) {
    total += length(L[i]) + 1
    legible(L[i], "its message")
  }
  must(size <= 32769 && total <= 65536 && lines - end <= 400, "it is too large")
}
function parents(   i, named, want, seen) { # in git: the act before, and those that it is about
  for (i = 2; L[i] ~ /^parent /; i++) named = named " " idOf[substr(L[i], length("parent ") + 1)]
  if (prev != "") want = " " prev
  for (i = 1; i <= refs; i++) if (R[i] != prev && !seen[R[i]]++) want = want " " R[i]
  must(named == want, "its parents in git are not the acts that it names")
  must(files || L[1] == treeOf[prev != "" ? prev : R[1]], "its tree is not that of the act before it")
}
function epoch(s,   y, m, d) { # seconds since 1970 of 2026-03-01T09:30:00Z
  y = substr(s, 1, 4) + 0; m = substr(s, 6, 2) + 0; d = substr(s, 9, 2) + 0
  if (s !~ /^[0-9]+-[0-9]+-[0-9]+T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/ ||
    length(s) != 20) return "never"
  if (y < 2000 || y > 9998 || m < 1 || m > 12 || d < 1 || d > days(y, m)) return "never"
  if (m < 3) { y--; m += 12 }
  d += 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m - 457) / 5) - 719469
  return sprintf("%.0f", d * 86400 + substr(s, 12, 2) * 3600 + substr(s, 15, 2) * 60 + substr(s, 18, 2))
}
function days(y, m) {
  return m == 2 ? 28 + (y % 4 == 0 && (y % 100 || y % 400 == 0)) : 30 + (m + int(m / 8)) % 2
}

# TRAILERS: those of every act, those of its kind, its files; each written in one way.

function trailers(   i, n, key, value, seen, want, path, last) {
  for (i = last_empty + 1; i <= lines; i++) {
    n = index(L[i], ": ")
    key = substr(L[i], 1, n - 1)
    value = substr(L[i], n + 2)
    must(n && key ~ /^[A-Za-z][A-Za-z-]*$/ && length(key value) <= 1000 && value != "" && value !~ /^ | $/ &&
      in_form(key, value, seen !~ /Time /), "a trailer is not in form: " key)
    must(key == "File" || last == "", "its files do not stand last")
    seen = seen key " "
    if (key != "File") continue
    path = substr(value, 1, index(value, " ") - 1)
    must(path "" > last "", "its files are not in order")
    filesOf[id] = filesOf[id] " " path
    last = path
  }
  want = "^Concord-Act " (kind == "convene/1" ? "" : "Negotiation ") "Chain Sequence " \
    (place == 1 ? "" : "Previous ") "Author Time "
  if (kind in known) want = want substr(known[kind], index(known[kind], "|") + 1) "(File )*$"
  must(seen ~ want, "its trailers are not those of " kind)
}
function in_form(key, v, of_every_act,   W, n) { # an act of an unknown kind may use its names again, as it likes
  n = split(v, W, / /)
  if (key == "File") return n == 2 && is_path(W[1]) && is_act("act:" W[2])
  if (of_every_act && key == "Concord-Act") return split(v, W, "/") == 2 && kind_name(W[1]) && is_number(W[2])
  if (of_every_act && key == "Previous") return is_act("act:" v)
  if (of_every_act && key == "Sequence") return is_number(v)
  if (of_every_act && key == "Author") return v ~ /^[A-Z][A-Z][A-Z]$/
  if (!(kind in known)) return 1
  if (key == "Key" || key == "Recovery-Key") return is_key(v)
  if (key ~ /^(Charter|Joined|Established|Recognised|Text|Base|Replaces|Wording)$/) return is_act(v)
  if (key == "Revision") return is_number(v)
  if (key == "To" || key == "Successor") return v ~ /^[A-Z][A-Z][A-Z]$/
  if (key == "Proposal") return is_proposal(v)
  if (key == "Type") return v ~ /^(add|modify|delete|move|editorial|no-change)$/
  if (key == "Stance") return v ~ /^(for|against|reserve|flexible|none)$/
  if (key == "Of") return n == 2 && is_number(W[1]) && is_act(W[2])
  if (key == "Decision") return n == 3 && W[1] ~ /^(accept|decline)$/ && is_proposal(W[2]) && is_act(W[3])
  if (key == "On")
    return n == 3 && is_act(W[3]) &&
      (W[1] == "proposal" && is_proposal(W[2]) || W[1] == "paragraph" && is_number(W[2]))
  return 1
}
function is_key(v) {
  return length(v) == 80 && v ~ "^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-P][A-Za-z0-9+/]*$" &&
    !index(small_order(), " " substr(v, 38) " ")
}
function small_order() { # the keys under which anybody can sign, behind the bytes that all have: see ParsePublicKey
  return " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA" \
    " AEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA" \
    " CbolY/CsiewRcP0ifLvmPDV36wF08YzObE4AohtU/wF CbolY/CsiewRcP0ifLvmPDV36wF08YzObE4AohtU/yF" \
    " McXanA9TdhPujwLdg0QZw8qIFP6LDnMxk7H/XeSrAN6 McXanA9TdhPujwLdg0QZw8qIFP6LDnMxk7H/XeSrAP6" \
    " Oz///////////////////////////////////////9/ Oz/////////////////////////////////////////" \
    " O3///////////////////////////////////////9/ O3/////////////////////////////////////////" \
    " O7///////////////////////////////////////9/ O7///////////////////////////////////////// "
}
function is_act(v) { return length(v) == 68 && v ~ /^act:[0-9a-f]+$/ }
function is_number(v) { # from 1 to 2^53 - 1
  return v ~ /^[1-9][0-9]*$/ && (length(v) < 16 || length(v) == 16 && ("x" v) <= "x9007199254740991")
}
function is_proposal(v) { return v ~ /^[A-Z][A-Z][A-Z]\// && is_number(substr(v, 5)) }
function kind_name(v) { return v ~ /^[a-z][a-z-]*$/ && length(v) <= 40 }
function is_path(v,   W, n) {
  return v ~ /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/ &&
    length(v) <= 200 && split(v, W, "/") <= 3
}
function paths(   path, dir, total, dirs, seen) { # its files in git: so many, and in no other folders
  for (path in F) {
    total += size[commit, path]
    for (dir = path; sub("/[^/]*$", "", dir); ) {
      must(!(dir in F), dir " is a file and a folder")
      if (!(dir in seen)) dirs += seen[dir] = 1
    }
  }
  must(total <= 917504 && files <= 256, "its files are too large or too many")
  must(!files || dirs + 0 == folders[commit] + 0, "its tree has other folders")
}

# TAGS. A convening and a revision have one; an act of an unknown kind on the text has the one that it names.

function tags(   stem) {
  tag = kind in known ? "" : V["Tag"]
  if (kind == "convene/1") tag = "rev-1"
  if (kind == "revise/1") tag = "rev-" V["Revision"]
  stem = tag
  sub(/[0-9]*$/, "", stem)
  must((kind in known) || tag == "" || chain == "text" && kind_name(stem) && tag !~ /^rev-/ &&
    length(tag) <= 100, "it cannot have that tag")
  must(understood[id] || tag == "" || !index(tagsOf[prev] " ", " " tag " "), "the tag is taken")
  tagsOf[id] = tagsOf[prev] (tag == "" ? "" : " " tag)
  if (tag == "") return
  print id, file, signer, tag, chain, place > "tags"
  print "type commit\ntag " tag "\ntagger " who "\n\n" subject > ("tag/" id ".want")
}

# CONTENT: what an act says of others.

function content(   base, act, W, i, n, text) {
  base = texts[prev]
  if (brings_text(kind)) reads()
  if (kind == "convene/1") {
    revision[id] = 1
    carries("", "charter.toml", text_file(id))
  }
  if (kind == "amend/1") amends(base)
  if (kind == "revise/1") {
    revision[id]++
    must(V["Revision"] "" == revision[id] "", "it is not the next revision")
    n = decisions()
    text = text_file(base)
    carries(base, text, redline_of(text))
    redline(base, text, n ? "decides" : "revise")
  }
  if (kind == "propose/1" || kind == "supersede/1") {
    act = cited("Base")
    must(is_revision(act), "what it amends is no revision")
    must(!("On-Behalf-Of" in V) || ((act, V["On-Behalf-Of"], author) in group),
      "it speaks for a group that it is not in")
    text = text_file(act)
    carries(act, text, redline_of(text))
    redline(act, text, V["Type"])
    must(V["Type"] != "no-change" || explained, "a proposal to change nothing gives its reasons")
  }
  if (kind ~ /^(propose|supersede|withdraw)\/1$/)
    must(index(V["Proposal"], author "/") == 1, "the proposal is another's")
  if (kind == "supersede/1")
    must(is_wording(V["Proposal"], cited("Replaces")), "it replaces no wording of the proposal")
  if (kind == "withdraw/1")
    must(is_wording(V["Proposal"], cited("Wording")), "it withdraws no wording of the proposal")
  if (kind == "receipt/1") {
    split(V["Of"], W, " ")
    act = substr(W[2], 5)
    must(chainOf[act] == "text" && placeOf[act] "" == W[1] "",
      "what was received is not act " W[1] " of the text")
  }
  if (kind == "position/1") {
    split(V["On"], W, " ")
    act = substr(W[3], 5)
    if (W[1] == "proposal") must(is_wording(W[2], act), "it is on no wording of the proposal")
    else must(is_revision(act) && W[2] + 0 <= paragraphs[act], "it is on no paragraph of a revision")
  }
  if (kind == "hand-over/1") must(V["To"] != author, author " has the chair already")
  if (kind == "join/1") must(V["Recovery-Key"] != V["Key"], "the recovery key is the key itself")
  if (kind == "rotate/1" || kind == "recover/1") new_key(bare(V["Key"]))
  if (kind == "recover/1" && "Recovery-Key" in V) {
    must(V["Recovery-Key"] != V["Key"], "the recovery key is the key itself")
    new_key(bare(V["Recovery-Key"]))
  }
  if (kind == "recognise/1") {
    act = cited("Established")
    must(chainOf[cited("Text")] == "text", "what it cites is no act of the text")
    must(keyAt[act] == act && chainOf[act] == "record/" V["Successor"],
      "what it cites makes no key of " V["Successor"])
  }
}
function new_key(k,   act) { # a key that has signed the record before never comes back
  must(k != recovery[prev], "the new key is the recovery key")
  for (act = keyAt[prev]; act != ""; act = older[act])
    must(keyOf[act] != k, "the new key has been one of " author " before")
}
function decisions(   i, n, W, seen) {
  for (i = last_empty + 1; i <= lines; i++) {
    if (L[i] !~ /^Decision: /) continue
    split(L[i], W, " ")
    must(is_wording(W[3], substr(W[4], 5)) && !(W[3] in seen), "it decides on what is no proposal, or twice")
    seen[W[3]] = 1
    n++
  }
  return n + 0
}
# The charter and nothing else; nobody is taken out and no key changed.
function amends(base,   n, i, code, W) {
  carries(base, "charter.toml", "")
  must(F["charter.toml"] != sumIn[base, "charter.toml"], "the charter is as it was")
  must(chair[id] == writer[prev], "the charter names another chair")
  must(text_file(id) == text_file(base), "the charter has another language")
  n = split(codes[base], W, " ")
  for (i = 1; i <= n; i++) {
    code = W[i]
    must(((id, code) in participant) && (first[base, code] == "" || first[id, code] == first[base, code]),
      "the charter changes what it says of " code)
  }
}
function text_file(act) { return "statement." language[act] ".md" }
function redline_of(text) { sub(/md$/, "redline", text); return text }
# Its files are those of the act that it builds on without its redline, but for two that may be others.
function carries(base, a, b,   i, n, W, want, path) {
  n = split(filesOf[base], W, " ")
  for (i = 1; i <= n; i++)
    if (W[i] !~ /\.redline$/ && W[i] != a && W[i] != b) {
      want[W[i]] = 1
      must(F[W[i]] == sumIn[base, W[i]], W[i] " is not as it was")
    }
  want[a] = 1
  if (b != "") want[b] = 1
  for (path in want) must(path in F, path " is missing")
  for (path in F) must(path in want, path " does not belong to it")
}

# FILES. The lines of a file of this act, or of an act before it, in an array.

function read(path, into) { return lines_of(blob[commit, path], size[commit, path], into) }
function lines_of(blob, bytes, into,   line, n) {
  split("", into)
  ended = 0
  if (blob == "") { must(0, "a file is missing"); return 0 }
  while ((getline line < ("text/" blob)) > 0) { into[++n] = line; bytes -= length(line) + 1 }
  close("text/" blob)
  ended = bytes == 0 # and every line of it with LF
  must(bytes == 0 || bytes == -1, "a file has bytes that are no text")
  return n + 0
}
function reads(   path) { # the text of an act that brings one
  for (path in F) {
    sumIn[id, path] = F[path]
    blobIn[id, path] = blob[commit, path]
    sizeIn[id, path] = size[commit, path]
  }
  path = text_file(kind ~ /^(propose|supersede)/ ? cited("Base") : id)
  must(path in F, path " is missing")
  if ((path in F) && !(F[path] in good)) good[F[path]] = statement(path)
  paragraphs[id] = good[F[path]]
}

# TEXTS in canonical Markdown: paragraphs of one line each, one empty line between two; returns how many.

function statement(path,   i, n, kind, was) {
  n = read(path, T)
  must(size[commit, path] <= 196608 && ended && n % 2,
    "its text does not end in one line feed, or is too large")
  must(n <= 8191, "its text has too many paragraphs")
  for (i = 1; i <= n; i++) {
    if (i % 2 == 0) { must(T[i] == "", "its text has a paragraph of two lines"); continue }
    if (!(T[i] in kindOfLine)) kindOfLine[T[i]] = paragraph(T[i])
    kind = kindOfLine[T[i]]
    must(kind !~ /^flawed/, "line " i " of its text is " kind)
    must((kind == "title") == (i == 1), "its text has no title, or two")
    # An item below an item: the one before is an item, and at most one level less deep.
    must(kind !~ /^item/ || kind == "item 1" || was ~ /^item/ && substr(kind, 6) <= substr(was, 6) + 1,
      "line " i " of its text is an item below none")
    was = kind
  }
  return int((n + 1) / 2)
}
# What a paragraph is: "title", "heading", "plain", "item DEPTH"; or "flawed: " and why.
function paragraph(line,   why, indent, depth, words) {
  if (length(line) > 65536) return "flawed: too long"
  if ((why = unreadable(line)) != "") return "flawed: it has " why
  match(line, /^ */)
  indent = RLENGTH
  words = substr(line, indent + 1)
  why = marker(words)
  if (why == "item") {
    if (words !~ /^(-|1\.) [^ ]/) return "flawed: an item begins with “1. ” or with “- ”"
    depth = 1 + indent / 3
    if (indent % 3 || depth > 4) return "flawed: three spaces indent an item a level, at most four"
    sub(/^(-|1\.) /, "", words)
    if (misread(words) != "") return "flawed: " misread(words)
    why = "item " depth
  } else if (indent) {
    return "flawed: only items are indented"
  } else if (why == "heading") {
    if (words !~ /^#+ [^ ]/ || words ~ /(^| )#+$/) return "flawed: a heading is “## Heading”"
    why = words ~ /^# / ? "title" : "heading"
    sub(/^#+ /, "", words)
  } else {
    if (misread(words) != "") return "flawed: " misread(words)
    why = "plain"
  }
  if (words ~ /^( |\302\240|\341\232\200|\342\200[\200-\212]|\342\200\257|\342\201\237|\343\200\200)*$/)
    return "flawed: without words"
  if (words ~ / $/) return "flawed: it ends in a space"
  if (words ~ /  |[\\`<!&]|\]\(/ && inline(words) != "") return "flawed: " inline(words)
  return why
}
function marker(s) { # what Markdown takes a line for by its beginning
  if (s ~ /^(#|##|###|####|#####|######)( |$)/) return "heading"
  if (is_rule(s)) return "rule"
  if (s ~ /^[-+*]( |$)/) return "item"
  if (s ~ /^[0-9]+[.)]( |$)/ && match(s, /^[0-9]+/) && RLENGTH <= 9) return "item"
  return ""
}
function is_rule(s) { gsub(/ /, "", s); return length(s) >= 3 && s ~ /^(\*+|-+|_+)$/ }
function misread(s) { # as what else than words Markdown would take a paragraph that begins so
  if (marker(s) != "") return "a " marker(s) " where words belong"
  if (s ~ /^(=*|-*)$/) return "what underlines nothing"
  if (s ~ /^(>|```|~~~|\|)/) return "a quotation, code or a table"
  if (s ~ /^\[/) return defines_link(s)
  return ""
}
function defines_link(s,   i, c) { # begins with [label]: where the label has no bracket
  for (i = 2; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == "\\") i++
    if (c == "[") return ""
    if (c == "]") return substr(s, i + 1, 1) == ":" ? "the definition of a link" : ""
  }
  return ""
}
function inline(s,   i, n, c, rest, k) { # what is wrong within words, outside of code spans
  n = length(s)
  for (i = 1; i <= n; i++) {
    c = substr(s, i, 1)
    rest = substr(s, i)
    if (c == "\\" && is_sign(substr(s, i + 1, 1))) { i++; continue }
    if (c == "`") {
      match(rest, /^`+/)
      k = RLENGTH
      i += k - 1 + code_span(substr(rest, k + 1), k)
      continue
    }
    if (c == " " && i > 1 && substr(s, i - 1, 1) == " ") return "two spaces in a row"
    if (c == "\\" && i == n) return "a forced line break"
    if (c == "<" && rest ~ /^<([A-Za-z!?]|\/)/) return "HTML"
    if (c == "!" && rest ~ /^!\[/) return "an image"
    if (c == "&" && rest ~ /^&(#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);/) return "a character's name"
    if (c == "]" && rest ~ /^\]\(/ &&
      rest !~ /^\]\((https?:\/\/|mailto:)[^ ()<>`\\"']+\)/) return "a bad link"
  }
  return ""
}
function is_sign(c) { return c != "" && index("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) }
# The length of what so many backticks before s open, with those that close it; 0 when none do.
function code_span(s, ticks,   at) {
  while (match(s, /`+/)) {
    at += RSTART + RLENGTH - 1
    if (RLENGTH == ticks) return at
    s = substr(s, RSTART + RLENGTH)
  }
  return 0
}

# REDLINES lead, paragraph by paragraph, from the text that they amend to the text beside them. Each has one
# form. See package redline.

function redline(base, text, type,   path, n, i, k, did, only) {
  path = redline_of(text)
  if (!(path in F) || !((base, text) in blobIn)) return must(0, "it has no redline")
  from_lines = paragraphs_of(lines_of(blobIn[base, text], sizeIn[base, text], T), FROM)
  paragraphs_of(read(text, T), TO)
  n = read(path, T)
  must(size[commit, path] <= 589824 && ended && T[1] == "concord-redline 1",
    "its redline does not begin or end as one")
  split("", taken_up)
  split("", DID)
  flaw = step = ""
  given = ascending = kept_to = 0
  for (i = 2; i <= n && flaw == ""; i++) if (T[i] ~ /^([-+ |]|\/)/) run(T[i]); else next_step(T[i])
  step_ends()
  for (i = 1; i <= from_lines; i++) if (!(i in taken_up)) flawed("does not say what becomes of paragraph " i)
  if (given + 1 in TO) flawed("gives fewer paragraphs")
  must(flaw == "", "its redline does not lead to its text: it " flaw)
  for (k in DID) { did++; only = k }
  must(type == "decides" || (did == 0) == (type == "no-change"), "it changes nothing, or more than that")
  if (type == "add") must(did == 1 && only == "insert", "its redline does not add alone")
  if (type == "delete" || type == "move") must(did == 1 && only == type,
    "its redline does not " type " alone")
}
function paragraphs_of(n, into,   i, k) {
  split("", into)
  for (i = 1; i <= n; i++) if (T[i] != "") into[++k] = T[i]
  return k + 0
}
function flawed(why) { if (flaw == "") flaw = why }
function give(words) {
  given++
  if (!(given in TO) || TO[given] "" != words "") flawed("leads elsewhere at paragraph " given)
}
function next_step(line,   i, W, last) {
  last = step
  step_ends()
  if (line !~ /^(insert|(keep|change|delete|move|split) [1-9][0-9]*|(keep|join) [1-9][0-9]* [1-9][0-9]*)$/)
    return flawed("has a line that is neither a step nor words")
  split(line, W, " ")
  step = W[1]
  from = step == "insert" ? 1 : W[2] + 0
  to = step == "insert" ? 0 : W[3] == "" ? from : W[3] + 0
  if (to > from_lines || length(line) > 20) return flawed("is of a longer text")
  if (W[3] != "" && to <= from) return flawed("has a step that ends before it begins")
  for (i = from; i <= to; i++) if (taken_up[i]++) flawed("takes paragraph " i " a second time")
  if (step != "insert" && step != "move") {
    if (from < ascending) flawed("goes back")
    ascending = to + 1
  }
  if (step == "keep") {
    if (last == "keep" && kept_to + 1 == from) flawed("keeps in two steps what is one")
    kept_to = to
    for (i = from; i <= to; i++) give(FROM[i])
  } else DID[step] = 1
  old = new_words = out = in_ = op = ""
  runs = breaks_out = breaks_in = was_break = was_bar = changes = 0
}
# Words that are kept " ", deleted "-" or inserted "+"; "/-", "/+" are the end of a paragraph.
function run(line,   this, words, is_break, bar) {
  this = substr(line, 1, 1)
  words = substr(line, 2)
  is_break = line == "/-" || line == "/+"
  bar = line == "|"
  if (is_break) { this = words; words = "\n" }
  else if (bar) this = " "
  else if (words == "" || this == "/" || this == "|") return flawed("has a line of no words")
  if (step == "" || step == "keep") return flawed("has words outside of a step")
  if (line ~ /[\200-\377]/ && decode(line) < 0) flawed("is not UTF-8")
  if (bar && op !~ /[-+]/ || was_bar && this == " ") flawed("has a mark that does not part two changes")
  if (runs && !is_break && !was_break && op == this) flawed("has two runs that are one")
  if (this == "-" && op == "+") flawed("deletes after inserting")
  if (this == " ") changes_end()
  else changes++
  if (this != "+") { old = old words; if (this == "-") out = out words }
  if (this != "-") { new_words = new_words words; if (this == "+") in_ = in_ words }
  if (is_break && this == "-") breaks_out++
  if (is_break && this == "+") breaks_in++
  op = this
  was_break = is_break
  was_bar = bar
  runs++
}
function changes_end() { # between two kept runs
  if (changes && out == in_) flawed("inserts what it deletes")
  out = in_ = ""
  changes = 0
}
function step_ends(   i, n, W, was) {
  if (step == "" || step == "keep" || flaw != "") return
  changes_end()
  if (was_bar) flawed("has a mark that does not part two changes")
  if ((step == "insert" || step == "delete") && (runs > 1 || runs && op != (step == "insert" ? "+" : "-")))
    flawed("has other words than those of the whole paragraph")
  if (step == "change" && old == new_words) flawed("changes nothing")
  if (step == "split" ? !breaks_in : breaks_in) flawed("splits nothing, or what it does not say")
  if (step == "join" ? breaks_out != to - from : breaks_out) flawed("joins other paragraphs than it says")
  for (i = from; i <= to; i++) was = was (i > from ? "\n" : "") FROM[i]
  if (old "" != was "") flawed("keeps or deletes words that are not there")
  if (step == "delete") return
  n = split(new_words, W, "\n")
  if (!n) give("")
  for (i = 1; i <= n; i++) give(W[i])
}

# CHARACTERS. UTF-8 of what can be seen, in Unicode's normal form C. audit-unicode.txt has the tables: ranges
# with their combining class and what they are, and which characters are composed of which two.

function legible(line, what,   why) { why = unreadable(line); must(why == "", what " has " why) }
function unreadable(s,   i, n, c, marks) {
  if (s !~ /[^ -~]/) return ""
  n = decode(s)
  if (n < 0) return "bytes that are not UTF-8"
  for (i = 1; i <= n; i++) {
    c = U[i]
    look_up(c)
    marks = is[c] ~ /mark/ || c >= 4448 && c <= 4607 ? marks + 1 : 0 # with vowels and finals of Hangul
    if (marks > 20) return "too many marks on one letter"
    if ((c == 8204 || c == 8205) && letter_before(i) != "" && i < n &&
      look_up(U[i + 1]) == letter_before(i)) continue
    if (c >= 6155 && c <= 6159 && letter_before(i) == "Mongolian") continue # its variants
    if (is[c] ~ /refused/) return "a character that nobody can see, or that nobody knows"
  }
  return is_normal(n) ? "" : "letters that are not in Unicode's normal form C"
}
function letter_before(i) { # the script of the letter before, marks left out, if joiners belong to it
  for (i--; i > 0 && is[U[i]] ~ /mark/; i--) ;
  return i > 0 ? script[U[i]] : ""
}
function decode(s,   i, n, k, c, b, more) { # into U; returns how many, or -1
  if (!("\200" in ord)) for (i = 128; i < 256; i++) ord[sprintf("%c", i)] = i
  if (!("a" in ord)) for (i = 1; i < 128; i++) ord[sprintf("%c", i)] = i
  for (i = 1; i <= length(s); i++) {
    c = ord[substr(s, i, 1)]
    more = c < 128 ? 0 : c < 194 ? -1 : c < 224 ? 1 : c < 240 ? 2 : c < 245 ? 3 : -1
    if (more < 0 || c == "") return -1
    if (more) c -= more == 1 ? 192 : more == 2 ? 224 : 240
    for (k = more; k > 0; k--) {
      b = ord[substr(s, ++i, 1)]
      if (b < 128 || b > 191) return -1
      c = c * 64 + b - 128
    }
    if (more == 2 && (c < 2048 || c >= 55296 && c <= 57343)) return -1
    if (more == 3 && (c < 65536 || c > 1114111)) return -1
    U[++n] = c
  }
  return n + 0
}
function look_up(c,   low, high, middle) { # class[c]: how it combines; is[c]: what it is; returns script[c]
  if (!ranges) load()
  if (c in is) return script[c]
  low = 1
  for (high = ranges; low < high; ) {
    middle = int((low + high + 1) / 2)
    if (begins[middle] <= c) low = middle; else high = middle - 1
  }
  class[c] = c >= begins[low] && c <= ends[low] ? classes[low] : 0
  is[c] = c >= begins[low] && c <= ends[low] ? says[low] : ""
  script[c] = match(is[c], /[A-Z][a-z]*/) ? substr(is[c], RSTART, RLENGTH) : ""
  return script[c]
}
function load(   line, W, i) {
  while ((getline line < unicode) > 0) {
    if (line ~ /^#|^$/) continue
    split(line, W, " ")
    if (W[2] == "=") {
      first_part[hex(W[1])] = hex(W[3]); second_part[hex(W[1])] = hex(W[4])
      composed[hex(W[3]), hex(W[4])] = hex(W[1]); combines[hex(W[4])] = 1
      continue
    }
    begins[++ranges] = hex(W[1]); ends[ranges] = hex(W[2]); classes[ranges] = W[3] + 0
    for (i = 4; i in W; i++) says[ranges] = says[ranges] W[i] " "
  }
  close(unicode)
}
function hex(digits,   i, n) {
  for (i = 1; i <= length(digits); i++) n = n * 16 + index("123456789ABCDEF", substr(digits, i, 1))
  return n
}
# Whether U[1..n] is what it becomes when it is taken apart, put in order, and composed again (Unicode
# Standard Annex 15). Syllables of Hangul are composed by counting.
function is_normal(n,   i, j, m, c, any) {
  for (i = 1; i <= n; i++) {
    if (is[U[i]] ~ /decomposes/) return 0
    if (class[U[i]] || (U[i] in combines) || U[i] >= 4449 && U[i] <= 4546) any = 1
  }
  if (!any) return 1
  parts = 0
  for (i = 1; i <= n; i++) take_apart(U[i])
  for (i = 2; i <= parts; i++) {
    c = D[i]
    for (j = i - 1; j > 0 && class[c] && class[D[j]] > class[c]; j--) D[j + 1] = D[j]
    D[j + 1] = c
  }
  return composes(n)
}
function take_apart(c) {
  look_up(c)
  if (c in first_part) { take_apart(first_part[c]); take_apart(second_part[c]) }
  else if (c >= 44032 && c <= 55203) {
    c -= 44032
    D[++parts] = 4352 + int(c / 588); look_up(D[parts])
    D[++parts] = 4449 + int(c % 588 / 28); look_up(D[parts])
    if (c % 28) { D[++parts] = 4519 + c % 28; look_up(D[parts]) }
  } else D[++parts] = c
}
function composes(n,   i, made, starter, last, whole) { # whether D gives U
  starter = 0
  last = 0
  for (i = 1; i <= parts; i++) {
    whole = starter && (starter == made || last && last < class[D[i]]) ? pair(C[starter], D[i]) : ""
    if (whole != "") { C[starter] = whole; continue }
    C[++made] = D[i]
    last = class[D[i]]
    if (!last) starter = made
  }
  if (made != n) return 0
  for (i = 1; i <= n; i++) if (C[i] != U[i]) return 0
  return 1
}
function pair(a, b) {
  if ((a, b) in composed) return composed[a, b]
  if (a >= 4352 && a <= 4370 && b >= 4449 && b <= 4469) return 44032 + (a - 4352) * 588 + (b - 4449) * 28
  if (a >= 44032 && a <= 55203 && (a - 44032) % 28 == 0 && b >= 4520 && b <= 4546) return a + b - 4519
  return ""
}
