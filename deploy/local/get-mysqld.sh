#!/usr/bin/env bash
# get-mysqld.sh PREFIX - puts a MySQL server of Debian sid's packages into the private folder PREFIX, for amd64.
# Nothing is installed in the system; root is not needed.
#
#   PREFIX/bin/mysqld   a wrapper that starts the real program with PREFIX's own ld.so and libraries
#   PREFIX/VERSION      what `mysqld --version` says; written last, so its presence means "complete"
#
# Environment: MYSQL_SUITE (sid), MYSQL_MIRROR (the Debian mirror that this machine uses).
# Needs bash, apt-get, dpkg-deb, flock and debian-archive-keyring. Says in its last line of stderr why it failed.
set -Eeuo pipefail
die() { printf '%s\n' "$*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: $0 PREFIX"
mkdir -p -- "$1" || die "cannot make the folder $1"
prefix=$(cd -- "$1" && pwd -P)
case $prefix in *[[:space:]]*) die "the path must not hold white space: $prefix" ;; esac
[ "$(dpkg --print-architecture)" = amd64 ] || die 'only amd64 has been tried: install MySQL 8.4 or newer'
for tool in apt-get dpkg-deb flock; do command -v "$tool" >/dev/null || die "$tool is missing"; done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || die 'the package debian-archive-keyring is missing'

exec 9>"$prefix/.lock"
flock 9
[ ! -s "$prefix/VERSION" ] || exit 0

suite=${MYSQL_SUITE:-sid}
mirror=${MYSQL_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m1 -E '/debian/?$' || true)}
[ -n "$mirror" ] || die "cannot tell this machine's Debian mirror: set MYSQL_MIRROR, or install MySQL 8.4 or newer"

apt=$prefix/.apt debs=$prefix/.debs root=$prefix/root
libs=$root/usr/lib/x86_64-linux-gnu
rm -rf -- "$apt" "$debs" "$root" "$prefix/bin"
trap 'rm -rf -- "$apt" "$debs"' EXIT
mkdir -p -- "$apt"/{lists/partial,cache/archives/partial,etc/apt.conf.d} "$debs" "$prefix/bin" "$root/usr"/{bin,sbin,lib,lib64}
for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done # sid's /bin is /usr/bin

# A private apt with its own sources, lists, cache and an empty dpkg status. Of the machine's own settings it keeps how
# the mirror is reached.
: >"$apt/status"
printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$apt/sources.list"
apt-config dump 2>/dev/null | grep -E '^Acquire::(Check-(Valid-Until|Date)|Max-(FutureTime|ValidTime)[^ ]*|https?::[^ ]*|Proxy[^ ]*) ' >"$apt/apt.conf" || true
cat >>"$apt/apt.conf" <<CONF
Dir::Etc "$apt/etc";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferencesparts "-";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Cache::archives "$apt/cache/archives";
Dir::Log "$apt";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
APT::Update::Post-Invoke "";
APT::Update::Post-Invoke-Success "";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "3";
Acquire::http::Timeout "60";
CONF
export APT_CONFIG=$apt/apt.conf
first_error() { grep -m1 -E '^(E|Err|W):?' "$1" || tail -n1 "$1"; }
apt-get -q -o APT::Update::Error-Mode=any update >"$apt/log" 2>&1 || die "apt-get update of $suite failed: $(first_error "$apt/log")"
apt-get -qq --print-uris -y install mysql-server-core >"$apt/closure" 2>"$apt/log" || die "$suite has no installable mysql-server-core: $(first_error "$apt/log")"
mapfile -t closure < <(sed -nE "s/^'[^']*' ([^_]+)_.*/\1/p" "$apt/closure")

# apt-get download checks each file against the signed index; only what running needs is unpacked.
fetch() {
  (cd -- "$debs" && apt-get -q download "$@") >"$apt/log" 2>&1 || die "a download failed: $(first_error "$apt/log")"
  local deb
  for deb in "$debs"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --no-same-owner \
      --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/lintian' --exclude='./usr/share/locale' \
      --exclude='./usr/share/gdb' --exclude='./usr/share/bash-completion' --exclude='./usr/lib/x86_64-linux-gnu/gconv' ||
      die "cannot unpack ${deb##*/}: is the disk full?"
    rm -f -- "$deb"
  done
}
# The server and the libraries that it links to, by names without the versions that sid changes; plugins need more.
linked='^(mysql-server-core|libc6|libgcc-s1|libstdc\+\+6|zlib1g|libicu[0-9]+|libssl[0-9][a-z0-9]*|libzstd1|liblz4-1|liblzma5|libxxhash0|libprotobuf-lite[0-9a-z]+|libaio1(t64)?|libnuma1|lib(google-perftools|tcmalloc)[-0-9a-z]*|libunwind8|libedit2|libtinfo6|libbsd0|libmd0)$'
mapfile -t first < <(printf '%s\n' "${closure[@]}" | grep -E "$linked")
fetch "${first[@]}"
loader=$root/usr/lib64/ld-linux-x86-64.so.2
[ -x "$loader" ] || loader=$libs/ld-linux-x86-64.so.2
unresolved() { env -u LD_PRELOAD -u LD_LIBRARY_PATH "$loader" --inhibit-cache --library-path "$libs" --list "$root/usr/sbin/mysqld" 2>&1 | grep -E 'not found|rror' || true; }
if [ -n "$(unresolved)" ]; then # sid's dependencies changed: every library of the closure
  mapfile -t rest < <(printf '%s\n' "${closure[@]}" | grep -E '^lib|^zlib' | grep -vE "$linked" | grep -v '^libperl')
  fetch "${rest[@]}"
  [ -z "$(unresolved)" ] || die "libraries are missing: $(unresolved | sort -u | tr -s '\n\t ' ' ')"
fi
find "$root/usr/bin" -type f -delete

cat >"$prefix/bin/mysqld" <<'WRAP'
#!/bin/sh
# Starts the server of this folder, which may be moved or copied. It reads no option file of the system.
prefix=$(readlink -f -- "$0"); prefix=${prefix%/bin/*}; usr=$prefix/root/usr
unset LD_PRELOAD LD_LIBRARY_PATH
export OPENSSL_CONF=/dev/null OPENSSL_MODULES="$usr/lib/x86_64-linux-gnu/ossl-modules"
case ${1-} in --no-defaults|--defaults-*) first=$1; shift ;; *) first=--no-defaults ;; esac
loader=$usr/lib64/ld-linux-x86-64.so.2
[ -x "$loader" ] || loader=$usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
exec "$loader" --inhibit-cache --library-path "$usr/lib/x86_64-linux-gnu" --argv0 "$usr/sbin/mysqld" "$usr/sbin/mysqld" "$first" \
  --basedir="$usr" --plugin-dir="$usr/lib/mysql/plugin" --lc-messages-dir="$usr/share/mysql" \
  --character-sets-dir="$usr/share/mysql/charsets" "$@"
WRAP
chmod 755 "$prefix/bin/mysqld"

version=$("$prefix/bin/mysqld" --no-defaults --version | sed -n 's/^.*  Ver /mysqld Ver /p')
[ -n "$version" ] || die 'the server does not start'
printf '%s\n' "$version" >"$prefix/VERSION"
