#!/usr/bin/env bash
# The core gives one answer whoever compiled it: core_digest built by g++ and clang, without and with
# optimisation, must print the same lines. g++ with optimisation is the release preset; the others are
# built in small trees of their own, build/digest/<compiler>-<level>, with only what the program needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/common.sh
. tools/setup.sh

out=build/digest
mkdir -p "$out"

# print_digest BUILD_DIRECTORY NAME
print_digest() {
  find "$1" -type f -name core_digest -perm -u+x -exec {} \; >"$out/$2.txt"
  [ -s "$out/$2.txt" ] || fail "core_digest of $2 printed nothing"
}

compile release core_digest
print_digest build/release release
for build in "g++ -O0" "clang++-14 -O0" "clang++-14 -O3 -DNDEBUG"; do
  read -r compiler level <<<"$build"
  name=$compiler${level%% *}
  cmake --preset release -B "$out/$name" -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_CXX_FLAGS_RELEASE="$level" -DFIREBRAND_WEB=OFF >"$out/$name.log"
  NINJA_STATUS="[$name %f/%t %es] " ninja -C "$out/$name" -j "$(jobs_max)" core_digest
  print_digest "$out/$name" "$name"
  if ! cmp -s "$out/release.txt" "$out/$name.txt"; then
    diff "$out/release.txt" "$out/$name.txt" || true
    fail "the core of $name disagrees with the release preset (above)"
  fi
  say "$name agrees: $(tail -n 1 "$out/$name.txt")"
done
