#!/usr/bin/env bash
# tests/package.sh PROGRAM: the package in a Debian 12 of its own: installed, started by its unit's
# ExecStart as its user, upgraded, given TLS, backed up during a sale, restored without its disk,
# removed, purged. Needs root, debootstrap and the packages of Debian; without them it says so and is
# skipped.
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
address=http://localhost:$port
certificate=/etc/firebrand/fullchain.pem
ask() { curl -sS --cacert "$root$certificate" "$@"; }
as_its_user=(chroot "$root" /usr/bin/env -i "FIREBRAND_SERVER_PORT=$port"
  setpriv --reuid firebrand --regid firebrand --clear-groups)
# As systemd would: the command of the unit, as its user.
start() {
  local command waited=0
  command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/firebrand.service")
  # shellcheck disable=SC2086 # The words of the command.
  "${as_its_user[@]}" $command >"$work/server.log" 2>&1 &
  server=$!
  until ask -f -o "$work/ready" "$address/readyz" 2>/dev/null; do
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

# change PATH BODY: a request of the owner that must succeed; prints the answer.
change() {
  ask -f --cookie "$work/cookies" --cookie-jar "$work/cookies" -H 'Sec-Fetch-Site: same-origin' \
    -H "Idempotency-Key: $RANDOM$RANDOM" --json "$2" "$address$1" || wrong "POST $1 was refused"
}
# sell COUNT: so many people buy, over one connection; prints the status of each answer.
sell() {
  local person
  for person in $(seq "$1"); do
    printf 'url = "%s/v1/drops/drop_1/orders"\nheader = "Authorization: Bearer %s"\n' "$address" "$key"
    printf 'header = "Firebrand-Person: someone-%s"\nheader = "Idempotency-Key: of-%s"\n' "$person" "$person"
    printf 'json = "{\\"quantity\\":1,\\"currency\\":\\"CNY\\"}"\noutput = /dev/null\n'
    printf 'write-out = "%%{http_code}\\n"\ncacert = "%s"\nsilent\nnext\n' "$root$certificate"
  done | sed '$d' | curl -K -
}
sold_units() { ask -f "$address/v1/drops/drop_1" | grep -o '"held":[0-9]*' | head -n 1 | grep -o '[0-9]*'; }

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

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$root/etc/firebrand/privkey.pem" \
  -out "$root$certificate" 2>"$work/openssl.log" || wrong "openssl makes no certificate"
inside chown firebrand: /etc/firebrand/privkey.pem
cat >>"$root/etc/firebrand/firebrand.toml" <<END
[tls]
certificate = "$certificate"
key = "/etc/firebrand/privkey.pem"
END
address=https://localhost:$port
start
token=$(sed -n 's/.*token=//p' "$work/server.log")
change /v1/staff/setup "{\"token\":\"$token\",\"login\":\"owner\",\"password\":\"a sentence to remember\"}" >"$work/answer"
change /v1/skus '{"code":"phone","name":{"zh":"手机","en":"Phone"},"prices":[{"amount":199900,"currency":"CNY"}]}' >"$work/answer"
change /v1/skus/sku_1/stock '{"quantity":5000}' >"$work/answer"
change /v1/launches '{"code":"first","name":{"zh":"首发","en":"First"}}' >"$work/answer"
opening=$(date -u -d '+2 seconds' +%FT%TZ)
change /v1/launches/launch_1/drops "{\"code\":\"first\",\"sku_id\":\"sku_1\",\"currency\":\"CNY\",\"per_person_limit\":1,\"payment_window_seconds\":900,\"opens_at\":\"$opening\",\"waves\":[{\"opens_at\":\"$opening\",\"units\":5000,\"release\":\"automatic\"}]}" >"$work/answer"
key=$(change /v1/api-keys '{"name":"shop"}' | grep -o 'fbk_[0-9a-f_]*')
sleep 3
sell 4000 >"$work/sold" &
seller=$!
until [ "$(grep -c '^201$' "$work/sold")" -ge 1000 ]; do
  kill -0 "$seller" 2>/dev/null || wrong "nobody could buy: $(sort "$work/sold" | uniq -c)"
  sleep 0.1
done
install -d -o "$(stat -c %u "$root/var/lib/firebrand")" "$root/srv/backup"
echo 'a passphrase kept elsewhere' >"$root/etc/firebrand/backup.pass"
chmod 644 "$root/etc/firebrand/backup.pass"
backup=(firebrand backup /srv/backup --data /var/lib/firebrand --passphrase-file /etc/firebrand/backup.pass)
"${as_its_user[@]}" "${backup[@]}" >"$work/backup.log" 2>&1 || { cat "$work/backup.log" && wrong "no backup of a running sale"; }
wait "$seller"
"${as_its_user[@]}" "${backup[@]}" >"$work/backup.log" 2>&1 || { cat "$work/backup.log" && wrong "the backup cannot be brought up to date"; }
[ "$(grep -c '^201$' "$work/sold")" = 4000 ] || wrong "not everybody could buy: $(sort "$work/sold" | uniq -c)"
kill -KILL "$server"
wait "$server" 2>/dev/null || true
find "$root/var/lib/firebrand" -mindepth 1 -delete
end=$(grep -o '"stamped_at":"[^"]*"' "$root/srv/backup/manifest.json" | cut -d '"' -f 4)
before=$(date -u -d "$end - 1 second" +%FT%T.%3NZ)
"${as_its_user[@]}" firebrand restore /srv/backup --data /var/lib/firebrand --time "$before" \
  --passphrase-file /etc/firebrand/backup.pass >"$work/restore.log" 2>&1 ||
  { cat "$work/restore.log" && wrong "the backup cannot be restored"; }
"${as_its_user[@]}" firebrand audit --data /var/lib/firebrand >"$work/audit.log" 2>&1 ||
  { cat "$work/audit.log" && wrong "the audit does not agree with what was restored"; }
start
restored=$(sold_units)
{ [ "$restored" -gt 0 ] && [ "$restored" -lt 4000 ]; } ||
  wrong "a second before the end $restored units were held"
stop

inside apt-get remove -y firebrand >"$work/apt.log" 2>&1 || wrong "it cannot be removed"
[ ! -e "$root/usr/bin/firebrand" ] || wrong "removed, and the program is still there"
[ -e "$root/var/lib/firebrand/installation.key" ] || wrong "a removal has taken the data away"
inside apt-get purge -y firebrand >"$work/apt.log" 2>&1 || wrong "it cannot be purged"
if [ -e "$root/var/lib/firebrand" ] || [ -e "$root/etc/firebrand" ]; then
  wrong "purged, and data or configuration are still there"
fi
! inside getent passwd firebrand >/dev/null || wrong "purged, and the user is still there"
echo "the package installs, starts, upgrades, speaks TLS, comes back from a backup, is removed and purged"
