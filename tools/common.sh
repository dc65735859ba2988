# Shared by up, test and dev: where things are, how progress is shown, how many jobs run at once.
# Sourced, never run. The caller has set -euo pipefail.
# shellcheck shell=bash disable=SC2034

FB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FB_TOOLS=$FB_ROOT/.tools
FB_LOGS=$FB_ROOT/build/logs
# The locale decides how tools sort and what they print: the same on every machine.
export LC_ALL=C.UTF-8
# clang looks for its symbolizer under a name that Debian gives to another package.
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-14

if [ -t 1 ]; then
  FB_TTY=1 FB_BOLD=$'\e[1m' FB_RED=$'\e[31m' FB_GREEN=$'\e[32m' FB_DIM=$'\e[2m' FB_PLAIN=$'\e[0m'
else
  FB_TTY='' FB_BOLD='' FB_RED='' FB_GREEN='' FB_DIM='' FB_PLAIN=''
fi

say() { printf '%s\n' "$*"; }
note() { printf '%s  %s%s\n' "$FB_DIM" "$*" "$FB_PLAIN"; }
fail() {
  printf '%s%s%s\n' "$FB_RED" "$*" "$FB_PLAIN" >&2
  exit 1
}

# 75 -> 1:15
minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# One compiler for each core, and 1.5 GiB of memory for each compiler. FIREBRAND_JOBS overrides.
jobs_max() {
  local cores memory_kib by_memory
  cores=$(nproc 2>/dev/null || echo 2)
  memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null || true)
  by_memory=$((${memory_kib:-3145728} / 1572864))
  [ "$by_memory" -ge 1 ] || by_memory=1
  [ "$cores" -le "$by_memory" ] || cores=$by_memory
  echo "${FIREBRAND_JOBS:-$cores}"
}

# The newest line of a log, cut to the width of the terminal.
last_line() {
  local width=${COLUMNS:-$(tput cols 2>/dev/null || echo 80)}
  tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' |
    awk 'NF { line = $0 } END { print line }' | cut -c "1-$((width > 44 ? width - 40 : 20))"
}

FB_CHILD=''
stop_child() {
  [ -z "$FB_CHILD" ] || kill -TERM -- "-$FB_CHILD" 2>/dev/null || true
  FB_CHILD=''
}
trap 'stop_child; say ""; exit 130' INT
trap 'stop_child; exit 143' TERM HUP

# The lines of a log that name what failed, wherever in it they stand.
failure_lines() {
  local lines
  lines=$(grep -aE -A 6 '^\[  FAILED  \]|: Failure$|^not ok |(error|ERROR|FATAL|WARNING: ThreadSanitizer): ' "$1" |
    sed -n 1,80p) || return 0
  say "   what failed:"
  say "   ${lines//$'\n'/$'\n   '}"
}

# run_logged LABEL LOG COMMAND...
# Runs the command with its output in LOG and one line of progress on the screen; says how long it
# took. Where the output is not a terminal, a line every half minute shows that it lives.
# Returns the status of the command; after a failure the end of the log is printed.
FB_SECONDS=0
run_logged() {
  local label=$1 log=$2 start=$SECONDS ticks=0 status=0
  shift 2
  mkdir -p "$(dirname "$log")"
  : >"$log"
  [ -n "$FB_TTY" ] || say "-- $label"
  # In a process group of its own, so that one Ctrl-C ends the whole tree.
  set -m
  ("$@") >"$log" 2>&1 </dev/null &
  FB_CHILD=$!
  set +m
  while kill -0 "$FB_CHILD" 2>/dev/null; do
    ticks=$((ticks + 1))
    if [ -n "$FB_TTY" ]; then
      printf '\r\e[K   %-22s %6s  %s' "$label" "$(minutes $((SECONDS - start)))" "$(last_line "$log")"
    elif [ $((ticks % 100)) -eq 0 ]; then
      say "   $label $(minutes $((SECONDS - start))) $(last_line "$log")"
    fi
    # Short steps must not wait for the clock of the display.
    if [ $((SECONDS - start)) -lt 1 ]; then sleep 0.05; else sleep 0.3; fi
  done
  wait "$FB_CHILD" || status=$?
  FB_CHILD=''
  FB_SECONDS=$((SECONDS - start))
  [ -z "$FB_TTY" ] || printf '\r\e[K'
  if [ "$status" -eq 0 ]; then
    say "${FB_GREEN}ok${FB_PLAIN} $(printf '%-22s %6s' "$label" "$(minutes "$FB_SECONDS")")"
  else
    say "${FB_RED}failed${FB_PLAIN} $label after $(minutes "$FB_SECONDS"); the end of ${log#"$FB_ROOT"/}:"
    tail -n 60 "$log" | sed 's/^/   /'
    failure_lines "$log"
  fi
  return "$status"
}

# A number for a set of files: changes when a name or a byte of them does. Reads paths from stdin.
files_hash() { sort | tr '\n' '\0' | xargs -0 -r sha256sum | sha256sum | cut -c1-64; }
