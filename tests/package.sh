#!/usr/bin/env bash
# tests/package.sh PROGRAM: the package in a Debian 12 of its own: installed, started by its unit's
# ExecStart as its user, upgraded, removed, purged. Needs root, debootstrap and the packages of Debian;
# without them it says so and is skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=$1
skip() {
  echo "skipped: $*"
  exit 0
}
[ "$(id -u)" -eq 0 ] || skip "only root can make a Debian root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"

work=$(mktemp -d)
root=$work/root
server=''
# shellcheck disable=SC2317 # Called by the trap.
finish() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  umount -l "$root/dev" "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wrong() {
  echo "package: $*" >&2
  [ ! -s "$work/server.log" ] || cat "$work/server.log" >&2
  exit 1
}

debootstrap --variant=minbase bookworm "$root" >"$work/debootstrap.log" 2>&1 || {
  tail -n 3 "$work/debootstrap.log"
  skip "debootstrap cannot make a root here"
}
cp /etc/resolv.conf /etc/hosts "$root/etc/"
# How this machine reaches the packages.
cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
mount -t proc proc "$root/proc" 2>/dev/null || skip "nothing can be mounted here"
mount --bind /dev "$root/dev" || skip "nothing can be mounted here"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
install_package() {
  cp "$1" "$root/firebrand.deb"
  inside DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold /firebrand.deb >"$work/apt.log" 2>&1 ||
    { tail -n 20 "$work/apt.log" && wrong "apt-get could not install $1"; }
}

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=$((20000 + RANDOM % 10000))
while is_taken "$port"; do port=$((port + 1)); done
# As systemd would: the command of the unit, as its user.
start() {
  local command waited=0
  command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/firebrand.service")
  # shellcheck disable=SC2086 # The words of the command.
  chroot "$root" /usr/bin/env -i FIREBRAND_SERVER_PORT="$port" \
    setpriv --reuid firebrand --regid firebrand --clear-groups $command >"$work/server.log" 2>&1 &
  server=$!
  until curl -fsS -o "$work/ready" "http://127.0.0.1:$port/readyz" 2>/dev/null; do
    waited=$((waited + 1))
    { kill -0 "$server" 2>/dev/null && [ "$waited" -lt 300 ]; } || wrong "the server does not get ready"
    sleep 0.1
  done
}
stop() {
  kill -TERM "$server"
  wait "$server" || wrong "the server did not stop cleanly"
  server=''
}

install_package "$(FIREBRAND_PACKAGE_VERSION=0.0.1 tools/package.sh "$program" "$work")"
inside apt-get install -y --no-install-recommends systemd >"$work/apt.log" 2>&1 ||
  wrong "systemd cannot be installed"
inside systemd-analyze verify --man=no /lib/systemd/system/firebrand.service ||
  wrong "the unit has faults"
start
grep -q 'first sign-in of the owner' "$work/server.log" || wrong "no link for the owner"
[ "$(stat -c %a "$root/var/lib/firebrand/installation.key")" = 600 ] ||
  wrong "the key can be read by others"
stop
echo '# changed by the operator' >>"$root/etc/firebrand/firebrand.toml"

install_package "$(FIREBRAND_PACKAGE_VERSION=0.0.2 tools/package.sh "$program" "$work")"
inside dpkg-query -W firebrand | grep -q '0\.0\.2$' || wrong "it was not upgraded"
grep -q 'changed by the operator' "$root/etc/firebrand/firebrand.toml" ||
  wrong "the upgrade has overwritten the configuration"
start
stop

inside apt-get remove -y firebrand >"$work/apt.log" 2>&1 || wrong "it cannot be removed"
[ ! -e "$root/usr/bin/firebrand" ] || wrong "removed, and the program is still there"
[ -e "$root/var/lib/firebrand/installation.key" ] || wrong "a removal has taken the data away"
inside apt-get purge -y firebrand >"$work/apt.log" 2>&1 || wrong "it cannot be purged"
if [ -e "$root/var/lib/firebrand" ] || [ -e "$root/etc/firebrand" ]; then
  wrong "purged, and data or configuration are still there"
fi
! inside getent passwd firebrand >/dev/null || wrong "purged, and the user is still there"
echo "the package installs, starts, upgrades, is removed and purged"
