#!/usr/bin/env bash
# Durable purchases over HTTP side by side with Redis and with an nginx that does nothing, in turns.
#   bench/compare_http.sh [--pinned] [ROUNDS] [REQUESTS] [CONNECTIONS]     5 200000 64
# --pinned: each server on one core and its driver on the other. Only so is CPU for each answer a
# figure of the server's alone; answers a second are then those of one core.
# Prints the median of each figure over the rounds, and the ratios of the medians. All three run in
# the folder TMPDIR, one after the other, nothing else of ours at the same time. Every JSON line is
# kept in build/compare_http/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=bench/peers/common.sh
. bench/peers/common.sh
PINNED='' pin=()
if [ "${1:-}" = --pinned ]; then
  [ "$(nproc)" -ge 2 ] || fail "--pinned needs two cores"
  need taskset util-linux
  PINNED=1 pin=(--pin)
  shift
fi
export PINNED
rounds=${1:-5} requests=${2:-200000} connections=${3:-64}
[ "$rounds" -ge 1 ] || fail "at least one round"
need redis-server redis-server
need nginx nginx-light
firebrand=$BUILD/firebrand
[ -x "$firebrand" ] || fail "there is no $firebrand: ./dev build"
find_program peer_redis >/dev/null
find_program peer_http >/dev/null
lines=$ROOT/build/compare_http
rm -rf "$lines"
mkdir -p "$lines"

for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  "$firebrand" bench http --connections "$connections" --requests "$requests" ${pin[@]+"${pin[@]}"} \
    --json >>"$lines/firebrand"
  bench/peers/redis.sh "$requests" "$connections" >>"$lines/redis"
  bench/peers/nginx.sh "$requests" "$connections" >>"$lines/nginx"
done

# figure SERVER PHASE KEY: the median over the rounds.
figure() {
  sed 's/"refused_by_status":{[^}]*}//g' "$lines/$1" | tr '{' '\n' | grep "\"phase\":\"$2\"" | grep -o "\"$3\":[0-9.]*" | cut -d: -f2 | median
}

row() {
  printf '%-10s %-12s %12s %10s %10s %10s %12s %12s\n' "$@"
}
row server phase answers/s 'p50 ms' 'p99 ms' 'max ms' 'server us' 'driver us'
for server in firebrand redis nginx; do
  for phase in in_stock sold_out_90 fixed_answer; do
    [ "$(figure $server $phase seconds)" != - ] || continue
    row $server $phase "$(figure $server $phase answers_per_second)" \
      "$(figure $server $phase p50_ms)" "$(figure $server $phase p99_ms)" \
      "$(figure $server $phase max_ms)" "$(figure $server $phase server_cpu_us_per_answer)" \
      "$(figure $server $phase driver_cpu_us_per_answer)"
  done
done

echo
for phase in in_stock sold_out_90; do
  ours=$(figure firebrand $phase answers_per_second)
  echo "$phase: $(ratio "$ours" "$(figure redis $phase answers_per_second)") x Redis," \
    "$(ratio "$ours" "$(figure nginx fixed_answer answers_per_second)") x nginx," \
    "p99 $(ratio "$(figure firebrand $phase p99_ms)" "$(figure redis $phase p99_ms)") x Redis's"
done
grep -q '"durable":false' "$lines/firebrand" "$lines/redis" &&
  echo "beware: in some round a server did not say that its answers were durable"
grep -q '"errors":[1-9]' "$lines"/* && echo "beware: some requests got no answer"
print_basis "median of $rounds rounds of $requests requests over $connections connections${PINNED:+, server and driver on a core each}"
