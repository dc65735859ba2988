# Read by the scripts beside it and above: where things are, a free port, a server that ends with its
# script, and how figures of several rounds become one.
# shellcheck shell=bash
PEERS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$PEERS/../.." && pwd)
BUILD=${FIREBRAND_BUILD:-$ROOT/build/release}

fail() {
  echo "$*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"
}

# find_program NAME: a program of the build.
find_program() {
  local found
  found=$(find "$BUILD" -type f -name "$1" -perm -u+x 2>/dev/null | head -n 1)
  [ -n "$found" ] || fail "there is no $1 in $BUILD: ./dev build release $1"
  echo "$found"
}

PEER_DIR='' PEER_PID=''
start_peer_dir() { PEER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/firebrand-peer.XXXXXX"); }
end_peer() {
  if [ -n "$PEER_PID" ]; then
    kill "$PEER_PID" 2>/dev/null || true
    wait "$PEER_PID" 2>/dev/null || true
  fi
  [ -z "$PEER_DIR" ] || rm -rf "$PEER_DIR"
}
trap end_peer EXIT

# wait_for_port PORT: until somebody listens there, five seconds at most.
wait_for_port() {
  local tries
  for tries in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    kill -0 "$PEER_PID" 2>/dev/null || fail "the server ended: $(cat "$PEER_DIR/log" 2>/dev/null)"
    sleep 0.05
  done
  fail "nobody listens on port $1 after $tries tries"
}

free_port() { echo $((20000 + (RANDOM * 32768 + RANDOM) % 10000)); }

# With PINNED=1 server and driver have one core each, the same ones as `firebrand bench http --pin`.
# as_server COMMAND...: instead of the shell it runs in; for the background, where $! is then it.
as_server() {
  if [ "${PINNED:-}" = 1 ]; then exec taskset -c 1 "$@"; else exec "$@"; fi
}
as_driver() {
  if [ "${PINNED:-}" = 1 ]; then taskset -c 0 "$@"; else "$@"; fi
}

# median: of the numbers on stdin, one a line.
median() {
  sort -n | awk '{ value[NR] = $1 }
    END { if (NR == 0) print "-"; else print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b + 0 == 0) print "-"; else printf "%.2f", a / b }'; }

# print_basis WORDS: what the figures rest on.
print_basis() {
  echo "$1; $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
}
