#!/usr/bin/env bash
# What the server publishes, judged by the linters that others use: FIREBRAND_URL names the server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=build/formats
mkdir -p "$out"
curl -fsS "$FIREBRAND_URL/openapi.json" -o "$out/openapi.json"
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
  tests/openapi/node_modules/.bin/redocly lint --config tests/openapi/redocly.yaml "$out/openapi.json"
curl -fsS "$FIREBRAND_URL/metrics" -o "$out/metrics.txt"
promtool check metrics <"$out/metrics.txt"
echo "openapi.json and metrics are clean"
