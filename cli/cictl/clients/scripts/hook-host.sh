# Looks at the post-receive hook of one repository, installs it or takes it away. Values stand before this text, as
# assignments; answers are lines of a word and a value. All is in functions, so that half a script does nothing.

fail() {
  printf 'problem %s\n' "$1"
  exit 0
}

is_repository() {
  { [ -e "$1/HEAD" ] || [ -L "$1/HEAD" ]; } && [ -d "$1/objects" ] && [ -e "$1/refs" ]
}

enter_repository() {
  for folder in "$place" "$place/.git" "$place.git"; do
    if is_repository "$folder"; then
      cd "$folder" || fail no-entry
      printf 'repository %s\n' "$(pwd -P)"
      return
    fi
  done
  [ -e "$place" ] && fail no-repository
  fail missing
}

# A folder of hooks that other repositories share would make each of them tell Jenkins of this one.
check_hooks_folder() {
  [ ! -L hooks ] || fail shared-hooks
  if elsewhere=$(git --git-dir=. config --get core.hooksPath 2>/dev/null </dev/null); then
    case $elsewhere in hooks | ./hooks | "$(pwd -P)/hooks" | "$(pwd)/hooks") ;; *) fail hooks-path ;; esac
  fi
  [ ! -d hooks/post-receive ] || fail not-a-file
}

say_state() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then echo absent; else echo present; fi
}

look_at_hook() {
  printf 'hook %s\n' "$(say_state post-receive)"
  if [ -f post-receive ] && [ ! -L post-receive ] && grep -q '^# cictl push trigger ' post-receive; then
    printf 'text %s\n' "$(od -An -v -tx1 <post-receive | tr -d ' \n')"
  fi
  [ -x post-receive ] && echo 'executable yes'
  chained=$(say_state post-receive.before-cictl)
  [ "$chained" = present ] && cmp -s post-receive post-receive.before-cictl && chained=same
  printf 'chained %s\n' "$chained"
}

look_at_token() {
  state=$(say_state post-receive.cictl-token)
  if [ "$state" = present ] && [ -n "$token" ]; then
    state=other
    [ "$(cat post-receive.cictl-token 2>/dev/null)" = "$token" ] && state=same
  fi
  if [ "$state" != absent ]; then
    case $(ls -ld post-receive.cictl-token) in -rw-------*) ;; *) echo 'loose yes' ;; esac
  fi
  printf 'token %s\n' "$state"
}

look() {
  command -v curl >/dev/null 2>&1 && echo 'curl yes'
  owner=$(ls -ldn . | awk '{print $3 ":" $4}')
  case ${owner%%:*} in "$(id -u)") ;; *) [ "$(id -u)" = 0 ] || echo 'stranger yes' ;; esac
  [ -w . ] && { [ ! -d hooks ] || [ -w hooks ]; } && echo 'writable yes'
  if [ -d hooks ]; then
    cd hooks || fail no-entry
    look_at_hook
    look_at_token
    [ ! -f post-receive.cictl-log ] || tail -n 5 post-receive.cictl-log | sed 's/^/log /'
    cd ..
  fi
}

# Gives a new file to whom the repository belongs, mode $2, and puts it in place of $3 in one act.
place_file() {
  chmod "$2" "$1" || fail write
  [ "$(id -u)" != 0 ] || chown -h "$owner" "$1" || fail write
  mv -f "$1" "$3" || fail write
}

write_token() {
  cat >"$new" <<EOF || fail write
$token
EOF
  place_file "$new" 600 post-receive.cictl-token
}

chain_hook() {
  cp -P -p post-receive "$new" && mv -f "$new" post-receive.before-cictl || fail write
}

# A hook that runs the folder named after itself finds it under its new name.
chain_folder() {
  if [ -d post-receive.d ] && [ -e post-receive.before-cictl ] && [ ! -e post-receive.before-cictl.d ]; then
    ln -s post-receive.d post-receive.before-cictl.d || fail write
  fi
}

write_hook() {
  cat >"$new" <<EOF || fail write
$hook
EOF
  place_file "$new" 755 post-receive
}

# Lets `git push -o` reach the hook; taken back only where we set it.
allow_push_options() {
  cd ..
  if ! git --git-dir=. config --get receive.advertisePushOptions >/dev/null 2>&1; then
    git --git-dir=. config receive.advertisePushOptions true && git --git-dir=. config cictl.pushOptions true ||
      fail write
    [ "$(id -u)" != 0 ] || chown -h "$owner" config || fail write
  fi
  cd hooks || fail no-entry
}

forget_push_options() {
  if [ "$(git --git-dir=. config --get cictl.pushOptions 2>/dev/null)" = true ]; then
    git --git-dir=. config --unset receive.advertisePushOptions
    git --git-dir=. config --unset cictl.pushOptions || fail write
    [ "$(id -u)" != 0 ] || chown -h "$owner" config || fail write
  fi
}

install_hook() {
  umask 022
  [ -d hooks ] || mkdir hooks || fail write
  [ "$(id -u)" != 0 ] || chown -h "$owner" hooks || fail write
  cd hooks || fail no-entry
  umask 077
  set -C # a new file is made, never a link followed: root may be writing into somebody's folder
  new=post-receive.cictl-new.$$
  trap 'rm -f "$new"' EXIT
  [ -z "$token" ] || write_token
  [ ! -L post-receive.cictl-token ] || fail write
  [ ! -e post-receive.cictl-token ] || chmod 600 post-receive.cictl-token || fail write
  [ "$chain" != yes ] || chain_hook
  chain_folder
  write_hook
  [ "$push_options" != yes ] || allow_push_options
  rm -f post-receive.cictl-new.*
  echo 'done yes'
}

remove_hook() {
  forget_push_options
  cd hooks || fail no-entry
  if [ "$restore" = yes ]; then
    mv -f post-receive.before-cictl post-receive || fail write
  elif [ "$delete" = yes ]; then
    rm -f post-receive || fail write
  fi
  [ "$forget" != yes ] || rm -f post-receive.before-cictl || fail write
  [ ! -L post-receive.before-cictl.d ] || rm -f post-receive.before-cictl.d
  rm -f post-receive.cictl-token post-receive.cictl-log post-receive.cictl-log.1 post-receive.cictl-new.* || fail write
  echo 'done yes'
}

main() {
  exec </dev/null
  echo 'cictl-hook 1'
  enter_repository
  check_hooks_folder
  look
  case $mode in
    install) install_hook ;;
    remove) remove_hook ;;
  esac
}

LC_ALL=C
export LC_ALL
main; exit
