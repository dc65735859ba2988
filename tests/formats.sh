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
promtool check rules packaging/prometheus/firebrand.rules.yml
# What rules and dashboard ask for must be there; this server has no TLS.
grep -ohE 'firebrand_[a-z_]+' packaging/prometheus/firebrand.rules.yml packaging/grafana/firebrand.json |
  sort -u | grep -v '^firebrand_tls_' | while read -r name; do
  grep -qE "^$name(\{| )" "$out/metrics.txt" || {
    echo "/metrics has no $name, which packaging/ asks for" >&2
    exit 1
  }
done
node -e 'JSON.parse(require("fs").readFileSync("packaging/grafana/firebrand.json"))'
echo "openapi.json and metrics are clean"
