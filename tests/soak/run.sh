#!/usr/bin/env bash
# tests/soak/run.sh PROGRAM [--minutes N] [--seed N] [--fans N] [--report FILE]: docs/soak.md.
#
# The data directory is a small tmpfs in a mount namespace of its own, so that it can be full: as
# root, or where users may make namespaces. Elsewhere that fault is left out, and the summary says so.
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
[ $# -ge 1 ] || {
  echo "usage: tests/soak/run.sh PROGRAM [--minutes N] [--seed N] [--fans N] [--report FILE]" >&2
  exit 2
}
FIREBRAND_PROGRAM=$(realpath "$1")
shift
export FIREBRAND_PROGRAM
FIREBRAND_SOAK_WORK=$(mktemp -d)
export FIREBRAND_SOAK_WORK
mkdir "$FIREBRAND_SOAK_WORK/disk"
"${CXX:-c++}" -std=c++20 -O1 -shared -fPIC -o "$FIREBRAND_SOAK_WORK/clock.so" "$here/clock.cpp"

# shellcheck disable=SC2016 # Expanded by the inner shell.
in_namespace='mount -t tmpfs -o size=768m firebrand-soak "$FIREBRAND_SOAK_WORK/disk" && exec "$@"'
own=(unshare --mount)
[ "$(id -u)" -eq 0 ] || own=(unshare --user --map-root-user --mount)
status=0
if "${own[@]}" bash -c "$in_namespace" soak true 2>/dev/null; then
  FIREBRAND_SOAK_SMALL_DISK=1 "${own[@]}" bash -c "$in_namespace" soak \
    node "$here/soak.mjs" "$@" || status=$?
else
  node "$here/soak.mjs" "$@" || status=$?
fi
if [ "$status" -eq 0 ]; then
  rm -rf "$FIREBRAND_SOAK_WORK"
else
  echo "kept: $FIREBRAND_SOAK_WORK" >&2
fi
exit "$status"
