#!/usr/bin/env bash
# tests/e2e/run.sh PROGRAM [GTEST FLAG...]: the end-to-end tests on that build of firebrand.
#
# The tests are those of the same build: tests/e2e/e2e_test beside the program.
# FIREBRAND_E2E_SEED repeats the kills of an earlier run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[ $# -ge 1 ] || {
  echo "usage: tests/e2e/run.sh PROGRAM [GTEST FLAG...]" >&2
  exit 2
}
program=$1
shift
tests=$(dirname "$program")/tests/e2e/e2e_test
for file in "$program" "$tests"; do
  [ -x "$file" ] || {
    echo "tests/e2e/run.sh: $file is not there; build it: ninja -C $(dirname "$program") firebrand e2e_test" >&2
    exit 2
  }
done
FIREBRAND_PROGRAM=$program exec "$tests" --gtest_brief=1 "$@"
