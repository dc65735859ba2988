#!/usr/bin/env bash
# nginx that answers every request with one fixed body: what HTTP itself costs here.
#   bench/peers/nginx.sh [REQUESTS] [CONNECTIONS] [WORKERS]     200000 64 1
# Prints one JSON line, keys as `firebrand bench http --json`, from the same driver.
# PINNED=1 gives server and driver a core each.
set -euo pipefail
# shellcheck source=bench/peers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
requests=${1:-200000} connections=${2:-64} workers=${3:-1}
need nginx nginx-light
driver=$(find_program peer_http)
start_peer_dir
port=$(free_port)
sed -e "s/@PORT@/$port/" -e "s/^worker_processes .*/worker_processes $workers;/" \
  "$PEERS/nginx.conf" >"$PEER_DIR/nginx.conf"
as_server nginx -p "$PEER_DIR" -c nginx.conf 2>"$PEER_DIR/log" &
PEER_PID=$!
wait_for_port "$port"
# With one worker its CPU time is nginx's; the master does nothing.
worker=''
[ "$workers" != 1 ] || worker=$(pgrep -P "$PEER_PID" | head -n 1)
as_driver "$driver" "$port" "$connections" "$requests" ${worker:+"$worker"}
