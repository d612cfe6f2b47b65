#!/usr/bin/env bash
# Remakes one released model from its seeds: simulate, teach, label, distil, judge beside its controls, write the card. Usage: tools/make-model.sh NAME   (a folder of models/)
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?usage: tools/make-model.sh NAME (a folder of models/)}
[ -f "models/$name/recipe.env" ] || { printf 'make-model: models/%s/recipe.env is missing\n' "$name" >&2; exit 1; }
# shellcheck source=/dev/null
. "models/$name/recipe.env"
work="out/models/$name"
q() { ./qdistill "$@"; }
rm -rf "$work"; mkdir -p "$work"
for set in training validation test; do
  count=${!set} first=${set}_seed
  q simulate --vehicle "$vehicle" --output "$work/$set" --seconds "$seconds" --count "$count" --seed "${!first}" 2> "$work/$set.log" || { cat "$work/$set.log" >&2; exit 1; }
done

# student.yaml, where there is one, holds what differs from the default recipe.
{ printf 'labels: %s\n' "$labels"; cat "models/$name/student.yaml" 2> /dev/null || true; } > "$work/recipe.yaml"
recipe=(--recipe "$work/recipe.yaml")

# A few hundred windows make few steps an epoch: without a teacher there are as many steps, not as many epochs.
printf 'labels: %s\nsignals: {hard_weight: 1.0}\noptimiser: {epochs: 3000, patience: 600}\n' "$labels" > "$work/no_teacher.yaml"
printf 'kind: mlp\nstarts: 6\n' > "$work/classical.spec.yaml"
common=(--robot "$robot" --seed "$seed")

# The quantum teacher and its student.
q teach "$work/training" --validation "$work/validation" --labels "$labels" "${common[@]}" --output "$work/teacher.yaml"
q label "$work/training" --teacher "$work/teacher.yaml" "${common[@]}" --output "$work/labelled" > /dev/null
q distill "$work/labelled" --teacher "$work/teacher.yaml" --validation "$work/validation" "${recipe[@]}" "${common[@]}" --output "$work/student" --json > "$work/student.json"

# The controls: no teacher; a classical teacher on the same labels.
q distill "$work/labelled" --validation "$work/validation" --recipe "$work/no_teacher.yaml" "${common[@]}" --output "$work/no_teacher" --json > /dev/null
q teach "$work/training" --spec "$work/classical.spec.yaml" --validation "$work/validation" --labels "$labels" "${common[@]}" --output "$work/classical_teacher.yaml"
q label "$work/training" --teacher "$work/classical_teacher.yaml" "${common[@]}" --output "$work/labelled_classical" > /dev/null
q distill "$work/labelled_classical" --teacher "$work/classical_teacher.yaml" --validation "$work/validation" "${recipe[@]}" "${common[@]}" --output "$work/classical" --json > /dev/null

for model in student no_teacher classical; do
  q replay "$work/test" --model "$work/$model" --robot "$robot" --calibrate-ttc "$work/validation" --accept "$accept" --output "$work/replay_$model" --json > "$work/replay_$model.json" || [ $? -eq 3 ]
done

for file in student.onnx model.yaml teacher.yaml recipe.yaml; do cp "$work/student/$file" "models/$name/$file"; done
node tools/model-card.mjs "$name" "$work" > "$work/README.md"
cp "$work/README.md" "models/$name/README.md"
printf 'models/%s: %s\n' "$name" "$(grep -m1 '^model_id' "models/$name/model.yaml")"
