#!/usr/bin/env bash
# Publishes the onboard program with its native libraries into one folder that can be copied to a robot.
# Usage: tools/publish-onboard.sh [aot|r2r|jit] [linux-x64|linux-arm64] [FOLDER]   (default: aot, this machine's, out/onboard)
#   aot  one native binary; needs no .NET on the robot
#   r2r  one file of precompiled code with the .NET runtime in it
#   jit  portable code; the robot needs the .NET 10 runtime
# INSTRUCTIONS=x86-64-v3 (aot): uses AVX2 throughout; the binary then refuses to start on processors without it.
# The transport library is taken from artifacts/native, or for another machine from NATIVE=folder (built there, or cross-built; see docs/onboard.md).
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-aot}
case "$(uname -m)" in x86_64) here=linux-x64 ;; aarch64) here=linux-arm64 ;; *) here=linux-$(uname -m) ;; esac
rid=${2:-$here}
folder=${3:-out/onboard}
fail() { printf 'publish-onboard: %s\n' "$*" >&2; exit 1; }
case "$rid" in linux-x64) arch=x64 ;; linux-arm64) arch=arm64 ;; *) fail "'$rid' is not known; linux-x64 and linux-arm64 are" ;; esac

# Objects of their own: those of the ordinary build are for no machine in particular.
options=(-c Release -r "$rid" --artifacts-path "$PWD/artifacts/onboard" -p:DebugType=none -v quiet --nologo)
case "$mode" in
  aot) options+=(-p:PublishAot=true ${INSTRUCTIONS:+-p:IlcInstructionSet=$INSTRUCTIONS}) ;;
  r2r) options+=(-p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false -p:PublishSingleFile=true --self-contained true) ;;
  jit) options+=(-p:PublishSingleFile=false --self-contained false) ;;
  *) fail "'$mode' is not known; aot, r2r and jit are" ;;
esac
if [ "$mode" = aot ] && [ "$rid" = linux-arm64 ] && [ "$here" != linux-arm64 ]; then
  command -v aarch64-linux-gnu-gcc > /dev/null || fail "the linker for linux-arm64 is missing; apt-get install gcc-aarch64-linux-gnu"

  # The SDK speaks clang's --target to a cross linker; Debian's gcc for the target knows none other and refuses it.
  mkdir -p artifacts/onboard
  cat > artifacts/onboard/aarch64-linker <<'LINKER'
#!/bin/sh
for a; do shift; case "$a" in --target=*) ;; *) set -- "$@" "$a" ;; esac; done
exec aarch64-linux-gnu-gcc "$@"
LINKER
  chmod +x artifacts/onboard/aarch64-linker
  options+=("-p:CppCompilerAndLinker=$PWD/artifacts/onboard/aarch64-linker" -p:ObjCopyName=aarch64-linux-gnu-objcopy)
fi

part="$folder.part"
rm -rf "$part"; mkdir -p "$part"
dotnet publish src/QDistill.Onboard.Host/QDistill.Onboard.Host.csproj "${options[@]}" -o "$part" > "$part/publish.log" 2>&1 || { grep -E 'error|warning' "$part/publish.log" | sort -u | head -40 >&2; tail -5 "$part/publish.log" >&2; fail "dotnet publish failed (its last lines are above)"; }
[ -f "$part/qdistill-onboard" ] || { rm -rf "artifacts/onboard/obj/QDistill.Onboard.Host"; fail "dotnet publish left no program behind (a link that had failed before?); try again"; }
rm -f "$part"/*.dbg "$part"/*.pdb "$part"/*.xml "$part/publish.log"

engine=$(ls -d node_modules/onnxruntime-node/bin/napi-v*/linux/"$arch" 2>/dev/null | sort | tail -1)
[ -f "$engine/libonnxruntime.so.1" ] || fail "ONNX Runtime for $rid is missing below node_modules; run 'npm ci --ignore-scripts'"
cp "$engine/libonnxruntime.so.1" "$part/"
native=${NATIVE:-}
if [ -z "$native" ] && [ "$rid" = "$here" ]; then native=artifacts/native; fi
if [ -n "$native" ]; then
  [ -f "$native/libqd_transport_cyclonedds.so" ] || fail "$native/libqd_transport_cyclonedds.so is missing; run 'make setup'"
  cp "$native"/libqd_transport_*.so "$part/"
else
  printf 'publish-onboard: the transport for %s is not in the folder; build src/native there and copy libqd_transport_cyclonedds.so, or give NATIVE=\n' "$rid" >&2
fi

rm -rf "$folder"; mkdir -p "$(dirname "$folder")"; mv "$part" "$folder"
du -sh "$folder" | cut -f1 | xargs -I{} printf '%s: %s for %s, {}\n' "$folder" "$mode" "$rid"
