// Q1, Q4 and Q7 through the Node package, over loopback: `loopback.mjs SERVER [CALLS]`.
//
// SERVER is the program that `cargo build -p tidegate-chaos` makes. Exits 1 where a figure is missed.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { Gateway, TidegateError } from "../../bindings-node/index.mjs";

const AT_ONCE = 64;

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
  let next = 0;
  const caller = async () => {
    while (next < calls) {
      const number = next++;
      const begun = performance.now();
      try {
        await gateway.chat({ model: "r", messages: [{ role: "user", content: `question ${number}` }] });
      } catch (error) {
        if (!(error instanceof TidegateError)) throw error;
        failed += 1;
      }
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  const counts = await (await fetch(`http://${address}/counts`)).json();
  const own = Object.entries(counts).filter(([key]) => key.startsWith(`${name}-`));
  const sent = own.reduce((sum, [, count]) => sum + count, 0);
  return { failed: failed / calls, attempts: sent / calls, times: times.sort((a, b) => a - b) };
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
} finally {
  server.kill();
}
process.exit(missed ? 1 : 0);
