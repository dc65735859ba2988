#!/usr/bin/env bash
# The program as it stood at an earlier commit side by side with the one here, in turns: has a change
# made sales slower?
#   bench/compare_commit.sh COMMIT [ROUNDS] [FANS] [REQUESTS]     COMMIT 5 3000000 200000
# Builds both, the earlier one in a worktree under build/compare_commit/, which stays for the next
# time. Two sales in process (a tenth of the fans get a unit; all do) and purchases over HTTP; the
# median of each figure over the rounds, and the ratio of the medians. Data goes to TMPDIR.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=bench/peers/common.sh
. bench/peers/common.sh
[ $# -ge 1 ] || fail "which commit? bench/compare_commit.sh COMMIT [ROUNDS] [FANS] [REQUESTS]"
commit=$(git rev-parse --verify --short "$1^{commit}")
rounds=${2:-5} fans=${3:-3000000} requests=${4:-200000}
[ "$rounds" -ge 1 ] || fail "at least one round"
work=$ROOT/build/compare_commit
earlier=$work/$commit
mkdir -p "$work"
[ -d "$earlier" ] || git worktree add --detach "$earlier" "$commit" >&2
"$earlier/dev" build release firebrand >&2
./dev build release firebrand >&2
start_peer_dir
lines=$work/lines
rm -rf "$lines"
mkdir -p "$lines"

program() { if [ "$1" = here ]; then echo "$BUILD/firebrand"; else echo "$earlier/build/release/firebrand"; fi; }

# measure WHICH NAME ARGUMENTS...: one line of JSON to the file of that measurement.
measure() {
  local which=$1 name=$2
  shift 2
  "$(program "$which")" bench "$@" --data "$PEER_DIR/$which" --json >>"$lines/$name.$which"
}

for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  # Who is first changes from round to round: what warms the machine up is shared.
  order="earlier here"
  [ $((round % 2)) -eq 1 ] || order="here earlier"
  for which in $order; do measure "$which" few drop --units $((fans / 10)) --fans "$fans"; done
  for which in $order; do measure "$which" all drop --units "$fans" --fans "$fans"; done
  for which in $order; do measure "$which" http http --requests "$requests"; done
done

# figure WHICH FILE KEY [PHASE]: the median over the rounds.
figure() {
  sed 's/"refused_by_status":{[^}]*}//g' "$lines/$2.$1" | tr '{' '\n' |
    { if [ -n "${4:-}" ]; then grep "\"phase\":\"$4\""; else cat; fi; } |
    grep -o "\"$3\":[0-9.]*" | cut -d: -f2 | median
}

row() { printf '%-34s %12s %12s %8s\n' "$@"; }
compare() {
  local words=$1
  shift
  row "$words" "$(figure earlier "$@")" "$(figure here "$@")" \
    "$(ratio "$(figure here "$@")" "$(figure earlier "$@")")"
}
row "" "$commit" here ratio
compare "a tenth in stock, commands/s" few commands_per_second
compare "  commit p99 ms" few commit_ms_p99
compare "all in stock, commands/s" all commands_per_second
compare "  commit p99 ms" all commit_ms_p99
for phase in in_stock sold_out_90; do
  compare "HTTP $phase, answers/s" http answers_per_second $phase
  compare "  p99 ms" http p99_ms $phase
  compare "  server CPU us/answer" http server_cpu_us_per_answer $phase
done
print_basis "median of $rounds rounds, in turns: $fans fans, $requests requests over HTTP"
