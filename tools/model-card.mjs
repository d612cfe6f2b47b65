// Writes a released model's card to stdout from what the recipe's run left behind; every number comes from there. Usage: node tools/model-card.mjs NAME WORK-FOLDER
import { readFileSync, existsSync } from "node:fs";

const [name, work] = process.argv.slice(2);
const json = (file) => JSON.parse(readFileSync(`${work}/${file}`, "utf8"));
const env = Object.fromEntries([...readFileSync(`models/${name}/recipe.env`, "utf8").matchAll(/(\w+)=(\S+)/g)].map((m) => [m[1], m[2]]));
const card = readFileSync(`models/${name}/model.yaml`, "utf8");
const fact = (key) => card.match(new RegExp(`^${key}: *(.*)$`, "m"))?.[1].replaceAll('"', "") ?? "–";
const runs = { student: json("replay_student.json"), no_teacher: json("replay_no_teacher.json"), classical: json("replay_classical.json") };
const student = runs.student.predictors.student;

const fixed = (v, d = 3) => (v === null || v === undefined ? "–" : v.toFixed(d));
const between = (p, key, d = 3) => {
  const i = p.intervals?.[key];
  return i && i.low !== null ? `${fixed(p[key], d)} (${fixed(i.low, d)}–${fixed(i.high, d)})` : fixed(p[key], d);
};
const row = (label, p) => {
  const o = p.operational;
  const warned = o ? `${o.contacts - o.missed_contacts} of ${o.contacts}` : "–";
  return `| ${label} | ${between(p, "auroc")} | ${between(p, "auprc")} | ${between(p, "brier", 4)} | ${fixed(p.nll)} | ${fixed(p.ece, 4)} | ${warned} | ${fixed(o?.false_alarms_per_hour, 0)} |`;
};
const rows = [
  row("**this model** (student of the quantum teacher)", student),
  row("the same student, no teacher", runs.no_teacher.predictors.student),
  row("the same student, classical teacher", runs.classical.predictors.student),
];
if (runs.student.predictors.ttc_rule) rows.push(row("time-to-collision rule, calibrated", runs.student.predictors.ttc_rule));

const text = (l, v) => (v === null || v === undefined ? "never" : l === "time_to_stop" || l === "time_to_resume" ? `${v.toFixed(2)} s` : `${(100 * v).toFixed(1)} %`);
const names = { time_to_stop: "time to stop", hold: "stop held", time_to_resume: "time to resume", false_stop: "false stop" };
const verdicts = [["this model", runs.student.acceptance.student], ["no teacher", runs.no_teacher.acceptance.student], ["classical teacher's student", runs.classical.acceptance.student]];
if (runs.student.acceptance.ttc_rule) verdicts.push(["time-to-collision rule", runs.student.acceptance.ttc_rule]);
const acceptance = verdicts.map(([label, v]) => {
  const cells = Object.entries(v.limits).map(([k, l]) =>
    k === "false_stop" ? `${text(k, l.median)} (limit ${text(k, l.limit)})` : `${text(k, l.median)} (${l.met_by} of ${l.judged} within ${text(k, l.limit)})`);
  return `| ${label} | ${cells.join(" | ")} | ${v.accepted ? "accepted" : "not accepted"} |`;
});
const limits = existsSync(`models/${name}/limits.md`) ? readFileSync(`models/${name}/limits.md`, "utf8").trim() : "";

console.log(`# ${name}

Model \`${fact("model_id")}\` for \`robots/${env.robot}.yaml\` (schema \`${fact("schema_id").slice(0, 12)}…\`, ${fact("features")} features). Outputs: ${fact("outputs")}; collision within ${fact("horizon")} s.
A tanh MLP of ${fact("parameters")} parameters, calibrated (${fact("calibration")}), thresholds ${fact("thresholds").replace(/\d+\.\d+/g, (v) => Number(v).toFixed(3))} chosen on validation runs. Written by \`tools/make-model.sh ${name}\`, this page too.

## Data

Simulated only (\`qdistill simulate --vehicle ${env.vehicle}\`), ${env.seconds} s a run: ${env.training} runs to train (seeds from ${env.training_seed}), ${env.validation} to stop, calibrate and choose thresholds (from ${env.validation_seed}), ${env.test} to test (from ${env.test_seed}), all
different. ${fact("training_windows")} training windows; the teachers, and every hard label, saw the hindsight truth of ${env.labels} of them.

## What it is worth

${runs.student.windows} test windows, ${runs.student.positives} of them before a collision. In brackets: ${runs.student.meta.interval_method ?? "no intervals"}.

| | AUROC | AUPRC | Brier | NLL | ECE | contacts warned of | false alarms per hour |
|---|---|---|---|---|---|---|---|
${rows.join("\n")}

## Acceptance

\`qdistill replay … --accept ${env.accept}\`: medians over the dangers of the test runs, and how many dangers are within the limit.

| | ${Object.keys(verdicts[0][1].limits).map((k) => names[k]).join(" | ")} | verdict |
|---|---|---|---|---|---|
${acceptance.join("\n")}

## Teacher and cost

Quantum teacher \`${fact("teacher_id")}\` (\`teacher.yaml\`) on \`${fact("backend")}\`: ${fact("circuits")} circuits and ${fact("shots")} shots for the labels. Student: \`recipe.yaml\`.

## Limits

${limits}`);
