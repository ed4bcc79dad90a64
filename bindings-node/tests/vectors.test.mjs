// Plays the vectors that all languages share: see ../../tests/vectors/README.md.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { canonicalJson, Gateway, Sim, TidegateError } from 'tidegate';

const root = new URL('../../', import.meta.url);
const folder = new URL('tests/vectors/', root);
const passed = {};

/** Takes the keys of an object that are known; any other fails. */
function known(object, keys) {
  for (const key of Object.keys(object)) assert.ok(keys.includes(key), `unknown key ${key}`);
  return object;
}

/** Waits until `condition` holds: the event loop turns meanwhile. */
async function until(condition) {
  while (!condition()) await turn();
}

async function play(vector) {
  const { sim: world = {}, config = {}, calls = [] } = known(vector, ['feature', 'sim', 'config', 'calls']);
  const sim = new Sim(world);
  const lines = [];
  const responses = [];
  let gateway;
  try {
    gateway = new Gateway(config).withSim(sim);
  } catch (error) {
    return `error ${canonicalJson(error)}\n`;
  }

  const fill = (value) => {
    const [, number] = /^\$message (\d+)$/.exec(value) ?? [];
    if (number !== undefined) return responses[number].message;
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };

  const one = async (call) => {
    const { stop_after: stopAfter, cancel_after_requests: cancelAfter, ...rest } = call;
    const [[kind, written]] = Object.entries(
      known(rest, ['chat', 'stream', 'embed', 'rerank', 'explain', 'health', 'reload']),
    );
    const request = fill(written);
    const out = [kind];
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const cancel = cancelAfter && until(() => sim.requests.length >= cancelAfter).then(() => abort.abort());
    let response;
    try {
      if (kind === 'stream') {
        const stream = gateway.stream(request, options);
        let events = 0;
        for await (const event of stream) {
          out.push(`event ${canonicalJson(event)}`);
          events += 1;
          if (events === stopAfter) break;
        }
        if (events === stopAfter) out.push('stopped');
        else response = stream.response;
      } else if (kind === 'explain') {
        out.push(`explanation ${canonicalJson(gateway.explain(request))}`);
      } else if (kind === 'health') {
        out.push(...gateway.health().map((target) => `target ${canonicalJson(target)}`));
      } else if (kind === 'reload') {
        gateway.reload(request);
      } else {
        response = await gateway[kind](request, options);
      }
      if (response) out.push(`response ${canonicalJson(response)}`);
    } catch (error) {
      if (error === abort.signal.reason) out.splice(1, Infinity, 'cancelled');
      else if (error instanceof TidegateError) out.push(`error ${canonicalJson(error)}`);
      else throw error;
    }
    await cancel;
    return { out, response };
  };

  for (const call of calls) {
    const together = call.together ? known(call, ['together']).together : [call];
    for (const { out, response } of await Promise.all(together.map(one))) {
      lines.push(...out);
      responses.push(response);
    }
  }
  await until(() => sim.requests.every((request) => request.closedBy !== null));
  lines.push(`requests ${sim.requestsJson}`);
  return lines.map((line) => `${line}\n`).join('');
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const name = file.slice(0, -'.json'.length);
  test(name, async () => {
    passed[name] = false;
    const transcript = await play(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
    assert.equal(transcript, readFileSync(new URL(`${name}.txt`, folder), 'utf8'));
    passed[name] = true;
  });
}

after(() => {
  mkdirSync(new URL('target/vectors/', root), { recursive: true });
  writeFileSync(new URL('target/vectors/node.json', root), `${JSON.stringify(passed, null, 2)}\n`);
});
