#!/usr/bin/env bash
# Durable purchases of a limited batch in Redis: append-only file, synced before each answer.
#   bench/peers/redis.sh [REQUESTS] [CONNECTIONS] [FSYNC]     200000 64 always
# REQUESTS in each of two phases: all in stock, then 90 % sold out. Prints one JSON line, keys as
# `firebrand bench http --json`. PINNED=1 gives server and driver a core each. Data goes to a
# temporary folder (TMPDIR), so that it lies on the file system that is to be compared.
set -euo pipefail
# shellcheck source=bench/peers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
requests=${1:-200000} connections=${2:-64} fsync=${3:-always}
need redis-server redis-server
driver=$(find_program peer_redis)
start_peer_dir
port=$(free_port)
as_server redis-server --bind 127.0.0.1 --port "$port" --dir "$PEER_DIR" --save '' \
  --appendonly yes --appendfsync "$fsync" --daemonize no >"$PEER_DIR/log" 2>&1 &
PEER_PID=$!
wait_for_port "$port"
as_driver "$driver" "$port" "$connections" "$requests" "$PEERS/place_order.redis.lua"
