#!/usr/bin/env bash
# tools/package.sh PROGRAM [OUTPUT DIRECTORY]: the .deb of a built firebrand and the firebrand-verify
# beside it; prints its path.
#
# FIREBRAND_PACKAGE_VERSION stands in for the program's own version.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "$1")
output=$(realpath "${2:-$root/build}")
version=${FIREBRAND_PACKAGE_VERSION:-$("$program" --version | awk '{ print $2 }')}
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The packages that hold the libraries it names itself.
depends() {
  local library
  objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }' | while read -r library; do
    dpkg-query -S "*/$library" | cut -d: -f1 | head -n 1
  done | sort -u | sed 's/^libc6$/libc6 (>= 2.36)/; s/^libstdc++6$/libstdc++6 (>= 12)/' |
    paste -sd, | sed 's/,/, /g'
}

tree=$work/firebrand
install -D -m 0755 -s "$program" "$tree/usr/bin/firebrand"
install -m 0755 -s "$(dirname "$program")/firebrand-verify" "$tree/usr/bin/firebrand-verify"
install -D -m 0644 "$root/packaging/firebrand.service" "$tree/lib/systemd/system/firebrand.service"
install -D -m 0644 "$root/packaging/firebrand.toml" "$tree/etc/firebrand/firebrand.toml"
doc=$tree/usr/share/doc/firebrand
mkdir -p "$doc/examples"
cp -r "$root/docs/." "$root/CHANGELOG.md" "$doc/"
cp "$root/LICENSE" "$doc/copyright"
cp -r "$root/examples/nginx.conf" "$root/packaging/grafana" "$root/packaging/prometheus" "$doc/examples/"
chmod -R u=rwX,go=rX "$tree/usr"
mkdir "$tree/DEBIAN"
install -m 0755 "$root"/packaging/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
echo /etc/firebrand/firebrand.toml >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/control" <<TEXT
Package: firebrand
Version: $version
Architecture: $architecture
Maintainer: The firebrand project <firebrand@localhost>
Section: web
Priority: optional
Installed-Size: $(du -sk "$tree/usr" | cut -f1)
Depends: passwd, $(depends)
Description: launches of products that are sold in a moment
 Sells a limited batch at an exact moment: every change is a command in one
 ordered, durable log, and an answer leaves when everything it rests on is on
 disk.
TEXT
package=$output/firebrand_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$tree" "$package" >&2
echo "$package"
