#!/usr/bin/env bash
# Writes what is made from the onboard nodes' declared parameters: launch/params/*.param.yaml, their JSON schemas, docs/onboard-parameters.md. A test says when it is due.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p launch/params/schema
page=docs/onboard-parameters.md
{
  echo '# Parameters of the onboard nodes'
  echo
  echo 'Made by `tools/parameters.sh` from the declarations. "live": a running node takes a new value up with the next message; "at configure": a configured node refuses it; "at start": read-only.'
} > "$page.new"
for kind in feature_fusion risk_inference onboard velocity_governor; do
  # The launch file's own parameter file serves all nodes of a launch.
  ./qdistill node "$kind" --print-parameters "$([ "$kind" = onboard ] && echo all || echo yaml)" > "launch/params/$kind.param.yaml"
  ./qdistill node "$kind" --print-parameters schema > "launch/params/schema/$kind.schema.json"
  { echo; echo "## \`$kind\`"; echo; ./qdistill node "$kind" --print-parameters table; } >> "$page.new"
done
mv "$page.new" "$page"
