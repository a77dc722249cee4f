# A further check of audit.sh: REPOSITORY ($1) looks as auditing.md says under "What a repository may look like",
# and nothing else of it is read. What is read comes to lie in the folder "own" of $work: a repository of this
# script's own, without the configuration of the other, which could have git overlook, replace or fetch things.
set -u -o pipefail
repo=$1 chain='(text|record/[A-Z]{3})'
refuse() { echo "$* The record does NOT verify; no act was read." | visible; exit 1; }
nothing() { echo "There is no record in $repo." | visible >&2; exit 2; }
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
enter() { case $1 in /*) cd -P "$1" ;; *) cd -P "./$1" ;; esac 2>/dev/null || nothing; }
follow() { # FILE PREFIX: goes where its first line says
  [ -f "$1" ] && [ ! -L "$1" ] || refuse "$1 is no plain file."
  local line; line=$(head -c 4096 "$1" | tr '\000' '\n' | head -n 1)
  case $line in "$2"*) enter "${line#"$2"}" ;; *) nothing ;; esac
}

# A bare repository, or what a working tree's .git is or names.
enter "$repo"
if [ -d .git ] && [ ! -L .git ]; then enter .git; elif is_there .git; then follow .git 'gitdir: '; fi
if is_there commondir; then follow commondir ''; fi
is_there HEAD && is_there refs && is_there objects || nothing
dir=$PWD

# Plain files and folders, where git has them.
is_there reftable && refuse "Its refs are in a table (reftable), which is not read here."
is_there objects/info/alternates &&
  refuse "It borrows objects from elsewhere: make a whole one with git clone --mirror --no-local."
set -- HEAD refs objects
for name in config packed-refs; do is_there $name && set -- "$@" $name; done
odd=$(find "$@" \( ! -type f ! -type d \
  -o -type d \( -path HEAD -o -path config -o -path packed-refs -o -path 'objects/[0-9a-f][0-9a-f]/*' \
    -o -path 'objects/pack/*.pack' -o -path 'objects/pack/*.idx' \) \
  -o -type f \( -path refs -o -path objects -o -path objects/pack -o -path 'objects/[0-9a-f][0-9a-f]' \
    -o -path packed-refs -size +67108864c \) \) 2>&1 | head -n 1)
[ -z "$odd" ] || refuse "This is not as git makes it: $odd."

# The refs: own/packed-refs gets a line "OBJECT NAME" for each. One in a file of its own counts before one in
# packed-refs; what only names another has "=" for OBJECT. Files with a dot before or .lock behind are none.
# For each ref of a chain "tips" gets a line: COMMIT CHAIN.
files() { find refs \( -name '.*' -o -name '*.lock' \) -prune -o -type f "$@"; }
odd=$(files \( -size 0 -o -size +1024c \) -print | head -n 1)
[ -z "$odd" ] || refuse "A ref is empty, or no ref: $odd."
zeros=$({ cat packed-refs 2>/dev/null; files -exec cat {} +; } | tr -cd '\000' | wc -c) # not all awks read NUL
{ [ "$zeros" -eq 0 ] && [ -z "$(tail -c 1 packed-refs 2>/dev/null)" ]; } || refuse "A file of refs is torn."
cat >"$work/refs.awk" <<'AWK'
FILENAME != "packed-refs" { told(/^ref: refs\// ? "=" : $0, FILENAME, FNR == 1); next }
FNR == 1 && /^# pack-refs with:/ || FNR > 1 && /^\^/ && is_id(substr($0, 2)) { next }
{ name = substr($0, 42); told(substr($0, 1, 40), name, substr($0, 41, 1) == " " && name > last); last = name }
function is_id(s) { return length(s) == 40 && s !~ /[^0-9a-f]/ && s ~ /[1-9a-f]/ }
function told(id, name, true) {
  true = true && (id == "=" || is_id(id)) && name ~ /^refs\/./ && length(name) <= 4096
  if (name ~ /[\001-\040\177~^:?*[\\]|\.\.|@\{|\/[.\/]|\.lock(\/|$)|[.\/]$/) true = 0 # as git help check-ref-format
  print (true ? id " " name : "? " FILENAME) }
AWK
{ { [ ! -f packed-refs ] || awk -f "$work/refs.awk" packed-refs; } && files -exec awk -f "$work/refs.awk" {} +; } >"$work/refs" ||
  refuse "Its refs cannot be read."
cd "$work" && mkdir own own/refs own/objects own/objects/pack part part/pack loose || exit 3
echo 'ref: refs/heads/text' >own/HEAD
odd=$(sed -nE -e 's/^\? //p' -e "s!^= (refs/heads/$chain|refs/evidence/$chain/[^/]+)\$!\\1!p" refs | head -n 1)
[ -z "$odd" ] || refuse "A ref is not as git writes it, or one of a chain only names another: $odd."
awk '{ id[$2] = $1 } END { for (name in id) if (id[name] != "=") print id[name], name }' refs | sort -k 2 >own/packed-refs
[ "$(wc -l <own/packed-refs)" -le 524288 ] || refuse "It has more than 524288 refs."
sed -nE -e "s!^([0-9a-f]+) refs/(heads|remotes/[^/]+)/$chain\$!\1 \3!p" \
  -e "s!^([0-9a-f]+) refs/evidence/$chain/[^/]+\$!\1 \2!p" own/packed-refs >tips
[ -s tips ] || nothing

# The objects: own/objects gets the packs, by numbers, and one with all that were loose; each copy has its size in "sizes".
# Then git makes each of them, and demands that it has the name that it goes by.
objects() { GIT_OBJECT_DIRECTORY=$1 git cat-file --batch-all-objects --batch-check='%(objectsize) %(objectname)' 2>/dev/null; }
for folder in "$dir"/objects/[0-9a-f][0-9a-f]; do is_there "$folder" && ln -s "$folder" loose; done
objects loose >sizes
packs=0
for index in "$dir"/objects/pack/*.idx; do
  pack=${index%.idx}.pack
  is_there "$index" && is_there "$pack" || continue
  rm -f part/pack/*
  packs=$((packs + 1))
  ln -s "$index" part/pack/$packs.idx && ln -s "$pack" part/pack/$packs.pack && cp -P part/pack/* own/objects/pack || exit 3
  objects part >>sizes
done
odd=$(awk '$2 == "missing" { print "cannot be read: " $0; exit }
  { all += $1 } $1 > 33554432 || all > 4294967296 || NR > 1048576 { print "are more than a record needs: " $2; exit }' sizes)
[ -z "$odd" ] || refuse "Its objects $odd."
objects loose | cut -d' ' -f2 |
  GIT_OBJECT_DIRECTORY=loose git pack-objects -q --window=0 --compression=1 own/objects/pack/loose >/dev/null 2>odd &&
  find own/objects/pack -name '*.idx' -exec git verify-pack {} + 2>>odd || refuse "Its objects are damaged: $(tail -n 1 odd)."

# All objects of the acts are there, and in the form that git fsck --strict demands.
cut -d' ' -f1 tips | git rev-list --objects --stdin 2>/dev/null | git pack-objects -q --window=0 record >strict 2>&1 &&
  git index-pack --strict -o strict.idx record-*.pack >strict 2>&1 || bad "the record is not whole: $(tail -n 1 strict)"
