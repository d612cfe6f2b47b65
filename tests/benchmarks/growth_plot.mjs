// Draws how the simulator's cost grows, from the rows "growth AXIS X: what" of a benchmark's JSON. Usage: node growth_plot.mjs out/bench/quantum-growth.json docs/results/quantum-growth.svg
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';

const [, , from, to] = process.argv;
if (!from || !to) {
  console.error('usage: node growth_plot.mjs BENCH.json PLOT.svg');
  process.exit(2);
}

const axes = {
  qubits: ['qubits (10 layers, one thread)', 'linear'],
  layers: ['layers (10 qubits, one thread)', 'log'],
  weights: ['distinct weights (10 qubits, 10 layers)', 'log'],
  batch: ['batch (6 qubits, 10 layers, one thread)', 'log'],
  threads: ['threads (12 qubits, 10 layers, batch 64)', 'linear'],
};
const rows = JSON.parse(readFileSync(from, 'utf8')).flatMap(r => {
  const m = /^growth (\w+) (\d+): (.+)$/.exec(r.name);
  return m ? [{ axis: m[1], x: +m[2], what: m[3], value: r.median }] : [];
});
if (rows.length === 0) {
  console.error(`${from} has no rows 'growth AXIS X: what'; make them with: qdistill-bench quantum growth`);
  process.exit(1);
}

const plot = (axis, whats, unit) => ({
  width: 250,
  height: 170,
  data: { values: rows.filter(r => r.axis === axis && whats.includes(r.what)) },
  mark: { type: 'line', point: true },
  encoding: {
    x: { field: 'x', type: 'quantitative', title: axes[axis][0], scale: { type: axes[axis][1], nice: false }, axis: { tickMinStep: 1, format: 'd' } },
    y: { field: 'value', type: 'quantitative', title: unit, scale: { type: axis === 'threads' ? 'linear' : 'log' } },
    color: { field: 'what', type: 'nominal', title: null, legend: { orient: 'top', labelLimit: 0 } },
  },
});
const time = ['forward', 'forward and gradient'];
const spec = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  background: 'white',
  columns: 3,
  resolve: { scale: { color: 'independent' } },
  concat: [
    plot('qubits', time, 'µs per circuit'),
    plot('qubits', ['state', 'tape'], 'MiB per circuit in flight'),
    plot('layers', time, 'µs per circuit'),
    plot('weights', time, 'µs per circuit'),
    plot('batch', time, 'µs per sample'),
    plot('threads', time, 'µs per sample'),
  ],
};
const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
writeFileSync(`${to}.part`, await view.toSVG());
renameSync(`${to}.part`, to);
