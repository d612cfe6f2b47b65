#!/usr/bin/env bash
# Builds the native transport with AddressSanitizer and UndefinedBehaviorSanitizer beside the plain build and runs its tests.
# Usage: tools/sanitize.sh [all]   (all: every native shim, which takes minutes)
set -euo pipefail
cd "$(dirname "$0")/.."
build=artifacts/native-sanitize
targets=(qd_transport_tests)
filter=(-R '^transport\.')
if [ "${1:-}" = all ]; then targets=(all); filter=(-E '^sanitized$'); fi
cmake -S src/native -B "$build" -DCMAKE_BUILD_TYPE=Debug -DQD_SANITIZE=ON > "$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
cmake --build "$build" --parallel 2 --target "${targets[@]}" > "$build.log" 2>&1 || { tail -n 60 "$build.log" >&2; exit 1; }
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
ctest --test-dir "$build" --output-on-failure "${filter[@]}"
