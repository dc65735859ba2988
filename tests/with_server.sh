#!/usr/bin/env bash
# tests/with_server.sh COMMAND...: runs the command with a server of its own in demo mode.
#
# The server listens on a free port of loopback, has an empty data directory and the launch of
# tests/launches/first_come.toml. The command gets FIREBRAND_URL and FIREBRAND_SETUP_URL, the one-time
# address with which the first owner signs in. The server must stop cleanly when asked to.
# FIREBRAND_PROGRAM names another build than build/release/firebrand; the command gets it too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=$(realpath "${FIREBRAND_PROGRAM:-build/release/firebrand}")
export FIREBRAND_PROGRAM=$program
work=$(mktemp -d)
server=''
# shellcheck disable=SC2317 # Called by the trap.
finish() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# Below the ports that clients get.
port=$((20000 + RANDOM % 10000))
while is_taken "$port"; do port=$((port + 1)); done
export FIREBRAND_URL=http://127.0.0.1:$port

"$program" serve --demo tests/launches/first_come.toml --data "$work/data" --port "$port" \
  --webhooks.retry_seconds 1 \
  >"$work/server.log" 2>&1 &
server=$!
waited=0
until curl -fsS -o "$work/ready" "$FIREBRAND_URL/readyz" 2>/dev/null; do
  waited=$((waited + 1))
  if ! kill -0 "$server" 2>/dev/null || [ "$waited" -gt 300 ]; then
    echo "the server did not get ready:" >&2
    cat "$work/server.log" >&2
    exit 1
  fi
  sleep 0.1
done
FIREBRAND_SETUP_URL=$(grep -oE 'http://[^[:space:]]+/console/#/setup[^[:space:]]+' "$work/server.log" | head -n 1) || {
  echo "the server printed no one-time owner address:" >&2
  cat "$work/server.log" >&2
  exit 1
}
export FIREBRAND_SETUP_URL

status=0
"$@" || status=$?
[ "$status" -eq 0 ] || { echo "== the server said:"; tail -n 40 "$work/server.log"; }

kill -TERM "$server"
stopped=0
wait "$server" || stopped=$?
server=''
if [ "$stopped" -ne 0 ]; then
  echo "the server ended with $stopped when it was asked to stop:" >&2
  tail -n 40 "$work/server.log" >&2
  [ "$status" -ne 0 ] || status=1
fi
exit "$status"
