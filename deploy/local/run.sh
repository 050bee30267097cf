#!/usr/bin/env bash
# run.sh COMMAND [ARGUMENT...] - brings the pinned Node and npm into .tools/ at first use, then hands over to src/main.ts.
# Needs: bash and any npm (10 or newer). What is pinned stands in tools/package-lock.json.
set -Eeuo pipefail
export MALLA_START_MS=${EPOCHREALTIME/[.,]/}
MALLA_START_MS=${MALLA_START_MS%???}

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
tools=$root/.tools
die() { printf 'malla: %s\n' "$*" >&2; exit 1; }

space_left() { printf 'it takes 300 MB, and the disk has %s MB left' "$(df -Pm -- "$tools" | awk 'NR == 2 { print $4 }')"; }
installed() { cmp -s "$here/tools/package-lock.json" "$tools/package-lock.json"; }

# A new folder is filled and then takes the old one's place: who runs the old Node meanwhile keeps it.
install_tools() {
  local new=$tools/.new child status=0 said=$SECONDS
  command -v npm >/dev/null || die 'npm is missing: install Node.js 20 or newer with its npm (Debian: apt-get install nodejs npm)'
  rm -rf -- "$new" "$tools/.old"
  mkdir -p -- "$new"
  cp -- "$here"/tools/package.json "$here"/tools/package-lock.json "$here"/tools/.npmrc "$new/"
  printf 'malla: bringing Node and npm into .tools/ (once)\n'
  (cd -- "$new" && exec npm ci --loglevel=error --no-progress >"$tools/install.log" 2>&1) & child=$!
  trap 'kill "$child" 2>/dev/null; wait "$child"; rm -rf -- "$new"; exit 130' INT TERM HUP
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS > said + 4)); then said=$SECONDS; printf '  ... npm is bringing Node (%s s)\n' "$SECONDS"; fi
  done
  wait "$child" || status=$?
  trap - INT TERM HUP
  [ "$status" = 0 ] || die "npm could not install the tools: $(grep -m1 -iE 'enospc: |error' "$tools/install.log" || echo 'see the log') ($(space_left); log: .tools/install.log)"
  case $(uname -sm) in # npm skips an optional package that it cannot write, without a word
    'Linux x86_64' | 'Linux aarch64') "$new/node_modules/.bin/node" --version >/dev/null 2>&1 || die "Node could not be installed, or does not run here ($(space_left))" ;;
  esac
  if [ -e "$tools/node_modules" ]; then mv -- "$tools/node_modules" "$tools/.old"; fi
  mv -- "$new/node_modules" "$tools/node_modules"
  cp -- "$here/tools/package-lock.json" "$tools/package-lock.json"
  rm -rf -- "$new" "$tools/.old"
}

mkdir -p -- "$tools" || die "cannot write to $root"
if ! installed; then
  exec 8>"$tools/install.lock"
  if command -v flock >/dev/null; then flock 8; fi
  installed || install_tools
  exec 8>&-
fi
export PATH="$tools/node_modules/.bin:$PATH"
version=$(node --version 2>/dev/null) || version=none
case $version in
  v24.*) ;;
  *) die "no pinned Node for $(uname -sm), and the one on PATH is $version: put Node 24 on PATH" ;;
esac
# What every process of Malla compiles, and strips of its types, is kept: each starts in half the time.
export NODE_COMPILE_CACHE="$tools/compile-cache"
exec node "$here/src/main.ts" "$@"
