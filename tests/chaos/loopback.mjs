// Q1, Q4, Q7, Q28 and Q29 through the Node package, over loopback: `loopback.mjs SERVER [CALLS]`.
//
// SERVER is the program that `cargo build -p tidegate-chaos` makes. Exits 1 where a figure is missed.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { Gateway, TidegateError, Timeout } from "../../bindings-node/index.mjs";

const AT_ONCE = 64;
const DEADLINE = 0.3;
const messages = [{ role: "user", content: "hi" }];

/** What the server has seen. */
const notes = async (address, of) => (await fetch(`http://${address}/${of}`)).json();

/** Makes calls, so many at once. */
async function each(calls, call) {
  let next = 0;
  const caller = async () => {
    while (next < calls) await call(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

/** Calls a route over two targets; the share that failed, the requests a call, and the times. */
async function load(address, name, fare, route, calls) {
  const provider = (target) => ({
    protocol: "openai-chat",
    base_url: `http://${address}/${name}-${target}/${target}/${fare}/v1`,
  });
  const gateway = new Gateway({
    providers: { p1: provider(1), p2: provider(2) },
    routes: { r: { targets: ["p1/m", "p2/m"], ...route } },
  });
  const times = [];
  let failed = 0;
  await each(calls, async (number) => {
    const begun = performance.now();
    try {
      await gateway.chat({ model: "r", messages: [{ role: "user", content: `question ${number}` }] });
    } catch (error) {
      if (!(error instanceof TidegateError)) throw error;
      failed += 1;
    }
    times.push(performance.now() - begun);
  });
  const counts = await notes(address, "counts");
  const own = Object.entries(counts).filter(([key]) => key.startsWith(`${name}-`));
  const sent = own.reduce((sum, [, count]) => sum + count, 0);
  return { failed: failed / calls, attempts: sent / calls, times: times.sort((a, b) => a - b) };
}

/** A gateway to what stalls: a provider for each place at which it does. */
function stalling(address) {
  const provider = (place) => [
    place,
    { protocol: "openai-chat", base_url: `http://${address}/stall/${place}/v1` },
  ];
  return new Gateway({ providers: Object.fromEntries(["head", "body", "stream", "drip"].map(provider)) });
}

/** Leaves streams after three words: how many milliseconds later the server saw each connection closed. */
async function leftStreams(address, calls) {
  const gateway = stalling(address);
  const left = new Map();
  await each(calls, async (number) => {
    let words = 0;
    for await (const event of gateway.stream({ model: `${number % 2 ? "drip" : "stream"}/call-${number}`, messages })) {
      if (event.text !== undefined) words += 1;
      if (words === 3) {
        left.set(`call-${number}`, performance.timeOrigin + performance.now());
        break;
      }
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const gone = await notes(address, "gone");
  return [...left].map(([call, at]) => (gone[call] ?? Number.POSITIVE_INFINITY) - at).sort((a, b) => a - b);
}

/** Calls that stall everywhere, with a deadline: by how many milliseconds each missed it, too early below zero. */
async function deadlines(address, calls) {
  const gateway = stalling(address);
  const missed = [];
  await each(calls, async (number) => {
    const place = ["head", "body", "stream", "drip"][number % 4];
    const question = { model: `${place}/late-${number}`, messages, timeout: DEADLINE };
    const begun = performance.now();
    try {
      if (place === "head" || place === "body") await gateway.chat(question);
      else for await (const _ of gateway.stream(question));
    } catch (error) {
      if (!(error instanceof Timeout)) throw error;
      missed.push(performance.now() - begun - DEADLINE * 1e3);
    }
  });
  if (missed.length !== calls) throw new Error(`${calls - missed.length} calls met no deadline`);
  return missed.sort((a, b) => a - b);
}

const quantile = (times, at) => times[Math.min(Math.floor(times.length * at), times.length - 1)];

const [program, given] = process.argv.slice(2);
const calls = Number(given ?? 20_000);
const server = spawn(program, ["--serve"], { stdio: ["ignore", "pipe", "inherit"] });
let missed = false;
const row = (name, what, value, unit, most) => {
  missed ||= value > most;
  const verdict = value > most ? "MISSED" : "kept";
  console.log(`${name.padEnd(5)} ${what.padEnd(62)} ${value.toFixed(4).padStart(9)} ${unit.padEnd(3)} <= ${String(most).padEnd(7)} ${verdict}`);
};
try {
  const [line] = await once(server.stdout, "data");
  const address = String(line).trim();
  console.log("\nthe same through Node\n");
  const a = await load(address, "a", "100/0/0", {}, calls);
  row("Q1", `profile A, ${calls} calls: failed`, a.failed * 100, "%", 0.02);
  const down = await load(address, "down", "10000/0/0", { breaker: { enabled: false } }, calls);
  row("Q4", "everything down, no breaker: attempts a call", down.attempts, "", 1.1);
  const plain = await load(address, "plain", "0/200/20", {}, calls);
  const hedged = await load(address, "hedged", "0/200/20", { hedge: { max_share: 0.02 } }, calls);
  const against = (at) => quantile(hedged.times, at) / quantile(plain.times, at);
  row("Q7", "2 % slow, hedged: p99 beside unhedged", against(0.99), "x", 0.5);
  row("Q7", "2 % slow, hedged: p99.9 beside unhedged", against(0.999), "x", 0.35);
  row("Q7", "2 % slow, hedged: further attempts", (hedged.attempts - 1) * 100, "%", 2);
  const closed = await leftStreams(address, 1000);
  row("Q28", "1,000 streams left: the connection is closed, p99", quantile(closed, 0.99), "ms", 100);
  const late = await deadlines(address, 1000);
  row("Q29", "1,000 calls that stall, 300 ms: the latest is late by", late.at(-1), "ms", 50);
  row("Q29", "1,000 calls that stall, 300 ms: the earliest is early by", -late[0], "ms", 0);
} finally {
  server.kill();
}
process.exit(missed ? 1 : 0);
