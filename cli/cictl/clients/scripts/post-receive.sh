here=.
case $0 in */*) here=${0%/*} ;; esac
chained=$here/post-receive.before-cictl
token_file=post-receive.cictl-token
log_file=post-receive.cictl-log

say() {
  printf '%s %s\n' "$(date '+%Y-%m-%dT%H:%M:%S%z')" "$1" >>"$log_file"
}

rotate_log() {
  size=$(wc -c <"$log_file" 2>/dev/null) || size=0
  [ "$((size))" -le "$log_bytes" ] || mv -f "$log_file" "$log_file.1"
}

# Percent-encodes what stands on stdin, without line ends; one process however long it is.
encoded() {
  for octal in $(od -An -v -to1); do
    case $octal in
      012) ;;
      055 | 056 | 137 | 176 | 06[0-7] | 07[01] | 10[1-7] | 1[12]? | 13[0-2] | 14[1-7] | 1[56]? | 17[0-2])
        printf "\\$octal" ;;
      *) printf '%%%02X' "0$octal" ;;
    esac
  done
}

# Turns ref updates into calls: `branch NAME` for each, `all` once where a call cannot name one.
# Jenkins parts branches= at commas, so a branch with a comma cannot be named.
list_calls() {
  all=
  while read -r _ new ref; do
    case $ref in
      refs/heads/*) ;;
      refs/tags/*) all=yes; continue ;;
      *) continue ;;
    esac
    branch=${ref#refs/heads/}
    case $new in
      *[!0]*) ;;
      *) all=yes; continue ;;
    esac
    case $branch in
      *,*) all=yes ;;
      *) printf 'branch %s\n' "$branch" ;;
    esac
  done
  [ -z "$all" ] || echo all
}

# The token reaches curl by its stdin only: argv is everybody's to read, and a ~/.curlrc (-q) might trace.
ask() {
  curl -q -K - <<EOF
silent
globoff
proto = "=http,https"
connect-timeout = 10
max-time = $2
output = "/dev/null"
write-out = "%{http_code}"
url = "$jenkins/git/notifyCommit?$1&token=$push_token"
EOF
}

# Makes one call until it is answered; fails where the next would be refused as well.
tell() {
  query="url=$repository" label='a tag or deletion'
  if [ "$1" = branch ]; then
    label="branch $2"
    query="$query&branches=$(printf '%s' "$2" | encoded)"
  fi
  pause=$first_pause_seconds
  while :; do
    left=$((end - $(date +%s)))
    if [ "$left" -le 0 ]; then
      say "$label: given up, the deadline of $deadline_seconds s is over; the next push or scan will find it"
      return 1
    fi
    longest=$request_seconds
    [ "$longest" -le "$left" ] || longest=$left
    status=$(ask "$query" "$longest")
    code=$?
    case $status in
      2??) say "$label: Jenkins was told"; return 0 ;;
      401) say "$label: Jenkins wants a token (401); run 'cictl hook install' again with --token-file"; return 1 ;;
      403) say "$label: Jenkins refuses the token (403); make a new one there, and run 'cictl hook install' again"
           return 1 ;;
      3??) say "$label: $jenkins redirects ($status); run 'cictl hook install' again with the --url it leads to"
           return 1 ;;
      404) say "$label: $jenkins has no git/notifyCommit (404); check --url and its path, and Jenkins' Git plugin"
           return 1 ;;
      5?? | 408 | 425 | 429) again="Jenkins answered $status" ;;
      4??) say "$label: Jenkins answered $status, which is not tried again"; return 0 ;;
      *) again="no answer from $jenkins (curl's exit status $code)" ;;
    esac
    say "$label: $again; again in $pause s"
    sleep "$pause"
    pause=$((pause * 2))
    [ "$pause" -le "$longest_pause_seconds" ] || pause=$longest_pause_seconds
  done
}

# Makes every call whose number leaves $1 when divided by the number of workers.
work() {
  number=0
  while read -r kind branch; do
    number=$((number + 1))
    [ $((number % workers)) -ne "$1" ] || tell "$kind" "$branch" || return
  done <<EOF
$calls
EOF
}

deliver() {
  LC_ALL=C
  export LC_ALL
  unset push_token
  rotate_log
  calls=$(list_calls)
  [ -n "$calls" ] || return
  command -v curl >/dev/null 2>&1 || { say "Jenkins was not told: curl is not installed here"; return; }
  push_token=$(encoded <"$token_file") || push_token=
  [ -n "$push_token" ] || { say "Jenkins was not told: $(id -un) cannot read the token in $token_file"; return; }
  end=$(($(date +%s) + deadline_seconds))
  worker=0
  while [ "$worker" -lt "$workers" ]; do
    work "$worker" &
    worker=$((worker + 1))
  done
  wait
}

# A session of its own, where there is setsid: what ends with the push's connection does not end this.
detach() {
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  if command -v setsid >/dev/null 2>&1; then
    exec setsid "$0" cictl-deliver
  fi
  trap '' HUP
  exec "$0" cictl-deliver
}

if [ "${1-}" = cictl-deliver ]; then
  cd "$here" && deliver
  exit
fi
updates=$(cat)
{ printf '%s\n' "$updates" | detach; } </dev/null >/dev/null 2>&1 &
[ -x "$chained" ] || exit 0
printf '%s\n' "$updates" 2>/dev/null | "$chained" "$@"
