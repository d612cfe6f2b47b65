#!/usr/bin/env bash
# Runs the native tests, then every .NET test project, and adds up. Usage: tools/test.sh [--filter EXPRESSION]
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
results=artifacts/test-results
rm -rf "$results"; mkdir -p "$results"

count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }

if [ $# -eq 0 ]; then
  ctest --test-dir artifacts/native-build --output-on-failure --no-tests=ignore --output-junit ctest.xml > "$results/ctest.log" 2>&1 || tail -n 80 "$results/ctest.log"
  if [ -f artifacts/native-build/ctest.xml ]; then
    read -r t f s < <(sed -n 's/.*tests="\([0-9]*\)".*/\1/p;s/.*failures="\([0-9]*\)".*/\1/p;s/.*skipped="\([0-9]*\)".*/\1/p' artifacts/native-build/ctest.xml | tr '\n' ' ')
    count $((t - f - s)) "$f" "$s"
    printf '%-40s %5d passed %3d failed %3d skipped\n' "native (ctest)" $((t - f - s)) "$f" "$s"
  fi
fi

for project in $(find tests -name '*.Tests.csproj' | LC_ALL=C sort); do
  name=$(basename "$project" .csproj)
  ls "$(dirname "$project")"/*.cs >/dev/null 2>&1 || [ -n "$(find "$(dirname "$project")" -name '*.cs' | head -1)" ] || continue
  dll=artifacts/bin/$name/release/$name.dll
  log=$results/$name.log
  timeout 1200 dotnet test "$dll" --nologo "$@" > "$log" 2>&1
  code=$?
  line=$(grep -E '^(Passed|Failed|Skipped)! ' "$log" | tail -1)
  if [ -z "$line" ]; then
    if [ $# -gt 0 ] && grep -q 'No test matches' "$log"; then continue; fi
    tail -n 60 "$log"; echo "$name: the test run gave no result (exit code $code)"
    count 0 1 0
    continue
  fi
  f=$(sed -E 's/.*Failed: +([0-9]+).*/\1/' <<< "$line"); p=$(sed -E 's/.*Passed: +([0-9]+).*/\1/' <<< "$line"); s=$(sed -E 's/.*Skipped: +([0-9]+).*/\1/' <<< "$line")
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; echo "$name: exit code $code though no test failed"; fi
  [ "$f" -eq 0 ] || grep -vE '^\s*$' "$log" | grep -E -A 25 '\[FAIL\]|Error Message' | head -n 200
  count "$p" "$f" "$s"
  printf '%-40s %5d passed %3d failed %3d skipped\n' "$name" "$p" "$f" "$s"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
