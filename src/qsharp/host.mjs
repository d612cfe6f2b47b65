// The Q# host: loads Microsoft's QDK (npm qsharp-lang) and serves the Q# project over JSON lines on stdin and stdout, protocol version 2.
// One request at a time, answered in order:
//   -> {"v":2,"id":7,"op":"dump","expr":"QDistill.Teacher.DumpBatch(...)","qubits":6}
//   <- {"v":2,"id":7,"part":"base64 of float64 pairs of some states, qubit 0 = lowest bit"}, as often as it takes, while the program goes on
//   <- {"v":2,"id":7,"ok":true,"ms":81.2,"count":512}
//   <- {"v":2,"id":7,"ok":false,"error":{"code":"Qsc.Eval.UserFail","message":"...","place":"Teacher.qs:31:9"}}
// A run may carry "seed": its shots then depend on that alone and not on what was run before.
// The compiler runs in a worker thread, so that this thread sees stdin close at once and never leaves an orphan behind.
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const PROTOCOL = 2;
const project = fileURLToPath(new URL('./src', import.meta.url));

if (isMainThread) await serve();
else await work();

async function serve() {
  const out = o => process.stdout.write(JSON.stringify({ v: PROTOCOL, ...o }) + '\n');
  let worker = null, answered = null;
  const first = await start(process.argv[2] ?? null);
  out(first);

  // A worker and the news that it is ready. The wasm takes its entropy once, so a new seed needs a new worker.
  function start(seed) {
    const mine = worker = new Worker(new URL(import.meta.url), { workerData: { seed }, stdout: true });
    mine.stdout.pipe(process.stderr, { end: false }); // stdout carries protocol lines only
    mine.on('error', e => { console.error(e); process.exit(70); });
    mine.on('exit', () => { if (mine === worker) process.exit(71); });
    return new Promise(ready => mine.on('message', m => {
      if (m.event === 'ready') ready(m);
      else if (m.part) out({ id: m.id, part: Buffer.from(m.part).toString('base64') });
      else { out(m); answered?.(); }
    }));
  }

  async function answer(m) {
    if (m.seed !== undefined) {
      const old = worker;
      const ready = start(m.seed);
      await old.terminate();
      await ready;
    }
    await new Promise(done => { answered = done; worker.postMessage(m); });
  }

  let queue = Promise.resolve();
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!line.trim()) continue;
    let m;
    try { m = JSON.parse(line); } catch { out({ id: null, ok: false, error: { code: 'Protocol.BadJson', message: 'the request is not JSON' } }); continue; }
    if (m.v !== PROTOCOL) out({ id: m.id, ok: false, error: { code: 'Protocol.Version', message: `the request speaks protocol ${m.v}, the host ${PROTOCOL}` } });
    else queue = queue.then(() => answer(m));
  }
  process.exit(0);
}

async function work() {
  if (workerData.seed !== null) seedEntropy(workerData.seed);
  const qdk = await import('qsharp-lang');
  await qdk.loadWasmModule(await readFile(fileURLToPath(new URL('../lib/web/qsc_wasm_bg.wasm', import.meta.resolve('qsharp-lang')))));
  const compiler = await qdk.getCompiler();
  const files = (await readdir(project)).filter(f => f.endsWith('.qs')).sort();
  const program = {
    sources: await Promise.all(files.map(async f => [join(project, f), await readFile(join(project, f), 'utf8')])),
    languageFeatures: [],
    profile: 'unrestricted',
  };
  const wasmProgram = {
    packageGraphSources: { root: { sources: program.sources, languageFeatures: [], dependencies: {} }, packages: {}, hasManifest: false },
    profile: program.profile,
    projectType: 'qsharp',
  };

  const ops = {
    ping: async () => ({}),
    run: async m => ({ results: (await run(m)).results }),
    dump: async m => ({ count: (await run(m, m.qubits)).states }),
    tests: async () => ({ tests: await findTests() }),
    estimate: async m => ({ estimate: JSON.parse(await compiler.getEstimates(program, m.expr, JSON.stringify([m.parameters ?? {}])))[0] }),
    qir: async m => ({ qir: await compiler.getQir({ ...program, sources: [...program.sources, ...(m.extra ?? [])], profile: m.profile }) }),
  };

  async function run(m, qubits = 0) {
    // States go to the other thread in parts of some 256 KiB, which writes them while this one computes the next.
    const results = [], size = 2 << qubits, room = Math.max(1, 32768 >> qubits + 1);
    let failure = null, states = 0, part = null;
    const send = used => parentPort.postMessage({ id: m.id, part: part.buffer.slice(0, 8 * used * size) });
    // The package's own event target parses every dump three times and prints it once for a log; the wasm's text is read here instead.
    const receive = json => {
      if (json.startsWith('{"type": "DumpMachine"')) {
        if (qubits) {
          const at = states++ % room;
          if (at === 0) part = new Float64Array(room * size);
          amplitudes(json, qubits, part.subarray(at * size, (at + 1) * size));
          if (at === room - 1) send(room);
        }
        return;
      }
      const e = JSON.parse(json);
      if (e.type === 'Message') console.error(e.message);
      else if (e.type === 'Result' && e.success) results.push(e.result);
      else if (e.type === 'Result') failure ??= e.result;
    };
    const noisy = m.noise || m.loss;
    if (noisy) {
      const p = m.noise ?? [0, 0, 0], loss = m.loss ?? 0;
      if (p.length !== 3 || !p.every(v => v >= 0 && v <= 1) || p[0] + p[1] + p[2] > 1 || !(loss >= 0 && loss <= 1)) {
        throw Object.assign(new Error('noise needs three probabilities that add up to at most 1, and loss one'), { code: 'Host.Noise' });
      }
    }
    try {
      if (noisy) compiler.wasm.runWithNoise(wasmProgram, m.expr, receive, m.shots ?? 1, m.noise ?? [0, 0, 0], m.loss ?? 0);
      else compiler.wasm.run(wasmProgram, m.expr, receive, m.shots ?? 1);
    } catch (e) {
      if (!failure) throw e; // a compile error also arrives as a failed Result, with its code and place
    }
    if (states % room) send(states % room);
    if (failure) throw Object.assign(new Error(failure.message ?? String(failure)), { code: failure.code, place: place(failure) });
    return { results, states };
  }

  // A dump's text holds `"|01…⟩": [re, im]` for each ket that is not zero, the first qubit leftmost; index bit q is qubit q. JSON.parse, which makes an object of it first, takes half as long again.
  function amplitudes(json, n, parts) {
    for (let at = json.indexOf('|'); at >= 0; at = json.indexOf('|', at)) {
      let index = 0;
      for (let q = 0; q < n; q++) if (json.charCodeAt(++at) === 49) index |= 1 << q;
      const re = json.indexOf('[', at) + 1, comma = json.indexOf(',', re), im = comma + 1, end = json.indexOf(']', im);
      parts[2 * index] = +json.slice(re, comma);
      parts[2 * index + 1] = +json.slice(im, end);
      at = json[end + 1] === '}' ? json.length : end;
    }
  }

  function place(failure) {
    const stack = failure.errors?.[0]?.stack ?? failure.stack;
    const span = failure.range ?? failure.errors?.[0]?.diagnostic?.range;
    const source = failure.errors?.[0]?.document;
    if (source && span) return `${basename(source)}:${span.start.line + 1}:${span.start.character + 1}`;
    const m = /([^\s/]+\.qs):(\d+):(\d+)/.exec(stack ?? failure.message ?? '');
    return m ? m[0] : null;
  }

  async function findTests() {
    const uri = new URL('./', import.meta.url).href;
    const service = await qdk.getLanguageService({
      readFile: async () => null,
      listDirectory: async () => [],
      resolvePath: async (base, path) => new URL(path, base.endsWith('/') ? base : base + '/').href,
      fetchGithub: async () => { throw new Error('no network'); },
      findManifestDirectory: async () => null,
    });
    const found = new Map();
    service.addEventListener('testCallables', e => e.detail.callables.forEach(c => found.set(c.callableName, `${basename(c.location.source)}:${c.location.span.start.line + 1}`)));
    for (const [path, text] of program.sources) await service.updateDocument(new URL(basename(path), uri).href, 1, text, 'qsharp');
    for (let i = 0; i < 100 && !found.size; i++) await new Promise(r => setTimeout(r, 20));
    return [...found].map(([name, at]) => ({ name, place: at }));
  }

  for (const line of [{ event: 'ready', protocol: PROTOCOL, node: process.version, files: files.length }]) parentPort.postMessage(line);
  let queue = Promise.resolve();
  parentPort.on('message', m => { queue = queue.then(() => answer(m)); });

  async function answer(m) {
    const start = performance.now();
    try {
      if (!Object.hasOwn(ops, m.op)) throw Object.assign(new Error(`unknown operation ${m.op}`), { code: 'Protocol.UnknownOp' });
      parentPort.postMessage({ id: m.id, ok: true, ...(await ops[m.op](m)), ms: performance.now() - start });
    } catch (e) {
      const trap = e instanceof WebAssembly.RuntimeError;
      const message = trap ? `the simulator broke off (${e.message}): it ran out of memory, or met a fault of its own` : e.message ?? String(e);
      parentPort.postMessage({ id: m.id, ok: false, error: { code: trap ? 'Host.Trap' : e.code ?? 'Host', message, place: e.place ?? null } });
      // A trap leaves the wasm instance unusable: end, where the supervisor does not do it at this very answer.
      if (trap) setImmediate(() => process.exit(1));
    }
  }
}

// The wasm reads its entropy once through crypto.getRandomValues; a keyed stream in its place makes Q#'s shots repeatable.
function seedEntropy(seed) {
  let block = 0;
  Object.defineProperty(globalThis.crypto, 'getRandomValues', {
    configurable: true,
    value: array => {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      for (let o = 0; o < bytes.length; o += 32) bytes.set(createHash('sha256').update(`${seed}:${block++}`).digest().subarray(0, Math.min(32, bytes.length - o)), o);
      return array;
    },
  });
}
