// One measurement a process: `runner.mjs CLIENT MODE BASE_URL SECONDS`, in the folder where the client is installed,
// with --expose-gc, prints one line of JSON.
//
// `cpu_us` is processor time, user and system, of this process and all its threads (getrusage), for each request or each
// chunk of the measured part, after a warm-up. The driver says in BENCH_STARTED when it started this process.

import { createRequire } from 'node:module';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';

import { connect, modules } from './clients.mjs';

// Before, V8 has not yet compiled what runs often, and figures are two and a half times too high.
const WARM = 3000; // milliseconds
const LOOP_STEP = 1; // milliseconds between two looks at the event loop

const now = () => performance.now();
const resident = () => Math.round(process.memoryUsage.rss() / 1024);

/** Seconds of processor time so far. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs what yields the milliseconds that each answer took, `units` counted for each. */
async function measured(units, run) {
  globalThis.gc();
  const [before, clock] = [cpu(), now()];
  const latencies = await run();
  const [used, wall] = [cpu() - before, (now() - clock) / 1e3];
  latencies.sort((one, other) => one - other);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] * 1e3;
  const n = latencies.length * units;
  return { n, cpu_us: (used / n) * 1e6, per_s: n / wall, p50_us: at(0.5), p99_us: at(0.99), rss_kb: resident() };
}

/** `number` callers, each asking again as soon as it has its answer. */
async function callers(call, number, milliseconds) {
  const latencies = [];
  const end = now() + milliseconds;
  async function caller() {
    for (let clock = now(); clock < end; ) {
      if (!((await call()) > 0)) throw new Error('no usage');
      const done = now();
      latencies.push(done - clock);
      clock = done;
    }
  }
  await Promise.all(Array.from({ length: number }, caller));
  return latencies;
}

/** `number` streams side by side, once, each of so many chunks. */
async function atOnce(stream, number, chunks) {
  async function one() {
    const clock = now();
    const pieces = await stream();
    if (pieces !== chunks) throw new Error(`${pieces} chunks with text`);
    return now() - clock;
  }
  return Promise.all(Array.from({ length: number }, one));
}

/** What `wave` starts, again and again until all is warm. */
async function warm(wave) {
  for (const end = now() + WARM; now() < end; ) await wave();
}

/** How late the event loop is while `wave` runs. */
async function loopDelay(wave) {
  const delay = monitorEventLoopDelay({ resolution: LOOP_STEP });
  const result = await measured(50, () => {
    delay.enable();
    return wave();
  });
  delay.disable();
  // A look that comes in time counts as one step.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - LOOP_STEP) / 1e3;
  return { ...result, loop_p99_s: late(delay.percentile(99)), loop_max_s: late(delay.max) };
}

const MODES = {
  seq: (client, time) => repeated(client.call, 1, time),
  large: (client, time) => repeated(client.call, 1, time),
  conc64: (client, time) => repeated(client.call, 64, time),
  async stream1({ stream }, time) {
    await callers(stream, 1, WARM);
    return measured(500, () => callers(stream, 1, time));
  },
  async stream32({ stream }) {
    const wave = () => atOnce(stream, 32, 250);
    await warm(wave);
    return measured(250, wave);
  },
  async loop1000({ stream }) {
    const wave = () => atOnce(stream, 1000, 50);
    await warm(wave);
    return loopDelay(wave);
  },
  async first({ call }) {
    await call();
    // Both clocks are CLOCK_MONOTONIC.
    return { first_s: Number(process.hrtime.bigint()) / 1e9 - Number(process.env.BENCH_STARTED) };
  },
};

async function repeated(call, number, time) {
  await callers(call, number, WARM);
  return measured(1, () => callers(call, number, time));
}

async function main([name, mode, base, seconds]) {
  const require = createRequire(path.join(process.cwd(), 'package.json'));
  const clock = now();
  const libraries = modules(name).map((module) => require(module));
  const loaded = { import_s: (now() - clock) / 1e3, rss_kb: resident() };
  if (mode === 'require') return loaded;
  if (!(mode in MODES)) throw new Error(`no mode ${mode}`);
  return MODES[mode](connect(name, libraries, base), Number(seconds) * 1e3);
}

try {
  console.log(JSON.stringify(await main(process.argv.slice(2))));
} catch (error) {
  // In one line: the driver shows the last.
  console.error(String(error).split('\n')[0]);
  process.exit(1);
}
process.exit(0); // some libraries keep sockets that would delay the end
