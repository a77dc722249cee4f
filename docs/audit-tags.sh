# A further check of audit.sh. Each tag of a revision says what its act implies ("tag/ACT.want"), of a commit that
# says what the act says, and both are to be signed with the act's key: they come into "signatures". Evidence has
# the tags of acts that do not count. Then the form of all signatures.
set -u -o pipefail
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

# Signatures have one form: what ssh-keygen prints, in 70 columns, of an ed25519 key for "git" with SHA-512.
cat >form.awk <<'AWK'
!canonical($1 ".sig") { print $3 ": act " $4 ": its signature is not in canonical form" }
function canonical(file,   line, text, n, ended, any, tail) {
  while ((getline line < file) > 0) {
    if (++n == 1) { if (line != "-----BEGIN SSH SIGNATURE-----") ended = 2; continue }
    if (line ~ /^-/) { ended += line == "-----END SSH SIGNATURE-----" ? 1 : 2; continue }
    if (length(text) % 70 || length(line) > 70 || ended) ended = 2
    text = text line
  }
  close(file)
  any = "[A-Za-z0-9+/]*"
  tail = "[AEIMQUYcgkosw048]" # the numbers between have one form, too
  return ended == 1 && length(text) == 232 && text ~ ("^U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg" any \
    tail "AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5AAAAQ[A-P]" any "[AQgw]" tail "=$")
}
AWK
awk -f form.awk signatures >>faults || bad "the signatures cannot be judged"
