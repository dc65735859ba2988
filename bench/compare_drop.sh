#!/usr/bin/env bash
# `firebrand bench drop` side by side with a hand-written floor for the same purchases, in turns.
#   bench/compare_drop.sh [ROUNDS] [UNITS] [FANS] [ACCOUNTS]     5 300000 3000000 0
# Builds both, prints the median of each figure over the rounds, and the ratio of the medians. Data
# goes to a folder in TMPDIR. Every JSON line is kept in build/compare_drop/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=bench/peers/common.sh
. bench/peers/common.sh
rounds=${1:-5} units=${2:-300000} fans=${3:-3000000} accounts=${4:-0}
[ "$rounds" -ge 1 ] || fail "at least one round"
./dev build release firebrand peer_floor >&2
firebrand=$BUILD/firebrand
floor=$(find_program peer_floor)
start_peer_dir
lines=$ROOT/build/compare_drop
rm -rf "$lines"
mkdir -p "$lines"

sale=(--units "$units" --fans "$fans" --accounts "$accounts")
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  "$firebrand" bench drop "${sale[@]}" --data "$PEER_DIR/data" --json >>"$lines/firebrand"
  "$floor" "${sale[@]}" --file "$PEER_DIR/floor.log" >>"$lines/floor"
done

# figure PROGRAM KEY: the median over the rounds.
figure() { grep -o "\"$2\":[0-9.]*" "$lines/$1" | cut -d: -f2 | median; }

row() { printf '%-10s %10s %14s %10s %14s %14s\n' "$@"; }
row program seconds commands/s commits 'commit p50 ms' 'commit p99 ms'
for program in firebrand floor; do
  row $program "$(figure $program seconds)" "$(figure $program commands_per_second)" \
    "$(figure $program commits)" "$(figure $program commit_ms_p50)" \
    "$(figure $program commit_ms_p99)"
done
echo
echo "$(ratio "$(figure firebrand commands_per_second)" "$(figure floor commands_per_second)") x the" \
  "floor's commands a second"
print_basis "median of $rounds rounds: $units units, $fans fans, $accounts accounts before"
