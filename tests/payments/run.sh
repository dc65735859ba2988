#!/usr/bin/env bash
# tests/payments/run.sh PROGRAM: the published clients of payment providers against the program.
# The program that prints what we sign stands beside it, in tests/payments/.
set -euo pipefail
FIREBRAND_PROGRAM=$(realpath "$1")
FIREBRAND_PAYMENT_REQUESTS=$(dirname "$FIREBRAND_PROGRAM")/tests/payments/payment_requests
export FIREBRAND_PROGRAM FIREBRAND_PAYMENT_REQUESTS
cd "$(dirname "${BASH_SOURCE[0]}")"
node --test --test-reporter=spec clients.test.mjs calls.test.mjs
