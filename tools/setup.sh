#!/usr/bin/env bash
# Does whatever set-up is missing and is quick when nothing is. Usage: tools/setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-run}
mkdir -p artifacts/stamps

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
quiet() { # what, command...: shows the output only when it fails
  local what=$1 log; shift
  log=artifacts/stamps/last.log
  "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; fail "$what failed (the end of its output is above)"; }
}

command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing; install dotnet-sdk-10.0 and try again"
command -v node >/dev/null || fail "Node.js 20 or newer is missing; install it and try again"

# Debian packages
wanted=$(awk -v level="$level" '/^#/ || NF < 2 {next} $1 == "run" || level == "test" {print $2}' docker/apt-packages.txt)
missing=() reconfigure=""
for p in $wanted; do
  dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^ii' || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing Debian packages: ${missing[*]}"
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  quiet "apt-get update" $sudo apt-get update -q
  quiet "apt-get install" $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
  reconfigure=1 # what CMake did not find before may be there now
fi

# npm packages
if [ ! -d node_modules ] || ! cmp -s package-lock.json artifacts/stamps/package-lock.json; then
  say "installing npm packages"
  quiet "npm ci" npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json artifacts/stamps/package-lock.json
fi

# Native shims (CMake knows what is out of date)
if [ -n "$reconfigure" ] || [ ! -f artifacts/native-build/CMakeCache.txt ]; then
  say "configuring the native shims"
  quiet "cmake" cmake -S src/native -B artifacts/native-build -DCMAKE_BUILD_TYPE=Release
fi
quiet "building the native shims" cmake --build artifacts/native-build --parallel 2

# .NET: a stamp over all inputs spares the 10 s of an up-to-date build
inputs=$(git ls-files -co --exclude-standard -- src tests msg srv action '*.props' '*.targets' '*.slnx' global.json package-lock.json | LC_ALL=C sort -u | tr '\n' '\0' | xargs -0 -r stat -c '%n %Y %s' 2>/dev/null | sha256sum)
if [ "$(cat artifacts/stamps/dotnet 2>/dev/null)" != "$inputs" ]; then
  say "building"
  quiet "dotnet build" dotnet build QDistill.slnx -c Release -v quiet --nologo ${CI:+-p:RestoreLockedMode=true}
  dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true
  echo "$inputs" > artifacts/stamps/dotnet
fi
