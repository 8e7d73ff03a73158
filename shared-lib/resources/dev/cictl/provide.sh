# Prints the folder of a cictl of STEP_VERSION: of one on PATH, else of one that is installed once for each agent from
# STEP_SOURCE, a checkout of the platform's repository. Nobody else sees it before it is complete.
{ set +x; } 2> /dev/null
found=$(command -v cictl || true)
if [ -n "$found" ] && [ "$(cictl --version)" = "cictl $STEP_VERSION" ]; then
  dirname "$found"
  exit 0
fi
if [ ! -e "$STEP_SOURCE/pyproject.toml" ]; then
  echo "no cictl $STEP_VERSION on PATH (${found:-none}), and no platform repository to install it from" >&2
  exit 3
fi
state=$(cd "$STEP_SOURCE" && cat pyproject.toml requirements.lock && find cli -name '*.py' -exec cksum {} + | sort)
key=$(printf '%s' "$state" | cksum | tr ' ' '-')
cache="${XDG_CACHE_HOME:-$HOME/.cache}/cictl/agent"
place="$cache/$STEP_VERSION-$key"
mkdir -p "$cache"
# A lock that ends with its holder; where there is no flock, two builds may do the same work.
exec 9> "$cache/lock"
if command -v flock > /dev/null; then flock 9; fi
if [ ! -e "$place/complete" ]; then
  rm -rf "$place"
  python3 -m venv "$place" >&2
  "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint "$STEP_SOURCE/requirements.lock" "$STEP_SOURCE" >&2
  : > "$place/complete"
fi
echo "$place/bin"
