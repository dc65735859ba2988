# Which tests a sanitizer runs, and how. Sourced by test and dev behind common.sh and setup.sh.
# shellcheck shell=bash disable=SC2034

asan_tests=(base_test log_test core_test runtime_test)
# Of the log the one test with threads: all others are of one, and slow here.
tsan_tests=("log_test:*Threads*" runtime_test edge_http_test edge_test)

# Leak checks and stacks on; a sanitizer's report is a failed test.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

# The shadow memory of older sanitizers collides with the widest address randomisation that kernels
# offer, at random. Where it may be switched off for one process, it is.
steady() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then setarch "$(uname -m)" -R "$@"; else "$@"; fi
}

# run_sanitized PRESET TEST_PROGRAM[:FILTER]...: program by program, so that one report names its
# test; with a filter of GoogleTest only those tests.
run_sanitized() {
  local preset=$1 name filter program
  shift
  compile "$preset" "${@%%:*}" || return
  for name in "$@"; do
    filter='*'
    [[ $name != *:* ]] || filter=${name#*:}
    name=${name%%:*}
    program=$(find "$FB_ROOT/build/$preset" -type f -name "$name" -perm -u+x)
    echo "== $name"
    steady "$program" --gtest_brief=1 --gtest_filter="$filter" || return
  done
}
