#!/usr/bin/env bash
# Writes what is made from the nodes' declared parameters: launch/params/*.param.yaml, their JSON schemas, docs/*-parameters.md. Tests say when it is due.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p launch/params/schema

page() { # file, title and introduction (two lines), kinds...
  local file=$1 title=$2 text=$3; shift 3
  { echo "# $title"; echo; echo "$text"; } > "$file.new"
  for kind in "$@"; do
    ./qdistill node "$kind" --print-parameters schema > "launch/params/schema/$kind.schema.json"
    { echo; echo "## \`$kind\`"; echo; ./qdistill node "$kind" --print-parameters table; } >> "$file.new"
  done
  mv "$file.new" "$file"
}

page docs/onboard-parameters.md 'Parameters of the onboard nodes' \
  'Made by `tools/parameters.sh` from the declarations. "live": a running node takes a new value up with the next message; "at configure": a configured node refuses it; "at start": read-only.' \
  feature_fusion risk_inference onboard velocity_governor
page docs/offline-parameters.md 'Parameters of the offline nodes' \
  'Made by `tools/parameters.sh` from the declarations. "live": the next goal takes a new value up; "at start": read-only. A goal'"'"'s own field wins over the parameter of the same name.' \
  teacher_labeling student_distillation replay_evaluation

# A launch file's own parameter file serves all nodes of the launch.
for kind in feature_fusion risk_inference velocity_governor; do
  ./qdistill node "$kind" --print-parameters yaml > "launch/params/$kind.param.yaml"
done
./qdistill node onboard --print-parameters all > launch/params/onboard.param.yaml
./qdistill node teacher_labeling --print-parameters all > launch/params/training.param.yaml
