here=.
case $0 in */*) here=${0%/*} ;; esac
chained=$here/post-receive.before-cictl
runs=cictl-runs/runs
recorded=

# What the pusher reads is said after all is recorded and started: a connection that is gone ends a hook that speaks.
said=
say() {
  said="${said}cictl: $1
"
}

# Each push of a branch gets the next number, and mkdir gives each number once.
take_number() {
  [ -n "$number" ] || number=$(ls "$runs" 2>/dev/null | sed -n '/^[0-9][0-9]*$/p' | sort -n | tail -n 1)
  number=$((${number:-0} + 1))
  until mkdir "$runs/$number" 2>/dev/null; do
    [ -d "$runs/$number" ] || return 1
    number=$((number + 1))
  done
}

# The request is on the disk, whole, before the push returns; half of one is never seen.
record() {
  take_number || return 1
  folder=$runs/$number
  if printf '%s %s %s\n%s\n' "$1" "$2" "$3" "$(date +%s)" | dd of="$folder/request.new" conv=fsync 2>/dev/null &&
    mv "$folder/request.new" "$folder/request" 2>/dev/null; then
    sync "$folder" "$runs" 2>/dev/null
    return 0
  fi
  rm -rf "$folder"
  return 1
}

# One updated ref: from $1 to $2, called $3.
take() {
  case $3 in
    refs/heads/*) ;;
    refs/tags/*) say "tag ${3#refs/tags/}: nothing is run for tags"; return ;;
    *) return ;;
  esac
  branch=${3#refs/heads/}
  case $2 in
    *[!0]*) ;;
    *) say "branch $branch deleted: nothing to run"; return ;;
  esac
  short=$(printf '%.7s' "$2")
  if record "$1" "$2" "$3"; then
    recorded="$recorded $number"
    say "run $number: $branch $short${follow:+; $follow $number --follow}"
  else
    number=
    say "$branch $short is NOT run: $(id -un) cannot write to $place/$runs, or the disk is full"
  fi
}

# A session of its own, where there is setsid: what ends with the push's connection does not end this.
start_worker() {
  exec </dev/null >>cictl-runs/worker.log 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  if command -v setsid >/dev/null 2>&1; then
    exec setsid "$python" -P -m cictl hook work "$place"
  fi
  trap '' HUP
  exec "$python" -P -m cictl hook work "$place"
}

# Whether, and how much, the pusher wants to see: `git push -o wait`, `-o wait=all`.
wish() {
  option=0
  while [ "$option" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
    eval "wish=\$GIT_PUSH_OPTION_$option"
    case $wish in wait | cictl.wait) echo brief ;; wait=all | cictl.wait=all) echo all ;; wait=* | cictl.*) echo "?$wish" ;; esac
    option=$((option + 1))
  done | tail -n 1
}

updates=$(cat)
much=$(wish)
case $much in
  \?*)
    say "-o ${much#?} is unknown: it is wait, or wait=all"
    much=
    ;;
esac
follow=
[ -n "$much" ] || follow="cictl hook log $shown"
all=$LC_ALL
LC_ALL=C
trap '' HUP INT TERM
number=
while read -r old new ref; do
  [ -z "$ref" ] || take "$old" "$new" "$ref"
done <<EOT
$updates
EOT
LC_ALL=$all
trap - HUP INT TERM
if [ -z "$recorded" ]; then
  :
elif [ -x "$python" ]; then
  start_worker &
else
  say "it waits: $python is gone, by which cictl ran; run 'cictl hook install --run' again"
fi
printf '%s' "$said"
status=0
if [ -x "$chained" ]; then
  printf '%s\n' "$updates" 2>/dev/null | "$chained" "$@"
  status=$?
fi
if [ -n "$much" ] && [ -x "$python" ]; then
  for each in $recorded; do
    "$python" -P -m cictl hook log "$place" "$each" --follow "--$much" --timeout "$wait_limit" </dev/null 2>&1
  done
fi
exit "$status"
