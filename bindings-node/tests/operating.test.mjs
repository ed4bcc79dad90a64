// What operators do while calls are under way: reload, look at targets, ask what would become of a request.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Config, canonicalJson, Gateway, InvalidRequest, NoRoute, Sim } from 'tidegate';
import { hi, until } from './support.mjs';

const message = { role: 'assistant', content: 'hello' };
const answer = {
  then: { body: [{ json: { id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] } }] },
};
const provider = (name) => ({ protocol: 'openai-chat', base_url: `http://${name}.test/v1` });
const config = (targets, defaults = {}) => ({
  providers: { a: provider('a'), b: provider('b') },
  routes: { chat: { targets } },
  defaults,
});
const ask = { model: 'chat', messages: hi };
const first = (gateway) => gateway.explain(ask).candidates[0].target;

test('a call under way keeps what it began with', async () => {
  const sim = new Sim({ clock: 'stopped', upstreams: { 'a.test': { then: { end: 'hang' } }, 'b.test': answer } });
  const gateway = new Gateway(config(['a/m'])).withSim(sim);
  const abort = new AbortController();
  const before = gateway.chat(ask, { signal: abort.signal });
  await until(() => sim.requests.length === 1);
  gateway.reload(config(['b/m']));
  assert.equal((await gateway.chat(ask)).target, 'b/m');
  assert.deepEqual(
    gateway.health().map(({ target, inFlight }) => [target, inFlight]),
    [
      ['a/m', 1],
      ['b/m', 0],
    ],
  );
  abort.abort();
  await assert.rejects(before, { name: 'AbortError' });
});

test('a wrong configuration changes nothing', () => {
  const gateway = new Gateway(config(['b/m']));
  assert.throws(() => gateway.reload({ routes: { chat: { targts: [] } } }), { kind: 'config', message: /'targets'/ });
  assert.throws(() => gateway.reload('tidegate.toml'), { name: 'TypeError', message: /reloadFile\(\)/ });
  assert.throws(() => gateway.reloadFile(), { kind: 'config', message: /not made of a file/ });
  assert.equal(first(gateway), 'b/m');
});

test('a file is read again', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tidegate-')), 'tidegate.toml');
  writeFileSync(file, '[routes.chat]\ntargets = ["sim/small"]\n');
  const gateway = Gateway.fromFile(file);
  writeFileSync(file, '[routes.chat]\ntargets = ["sim/large"]\n');
  assert.equal(first(gateway), 'sim/small');
  gateway.reloadFile();
  assert.equal(first(gateway), 'sim/large');
  writeFileSync(file, '[routes.chat]\ntargets = [');
  assert.throws(() => gateway.reloadFile(), Config);
  assert.equal(first(gateway), 'sim/large');
});

test('a request is explained', () => {
  const gateway = new Gateway(config(['a/m', 'b/m'])).withSim(new Sim());
  const explanation = gateway.explain({ ...ask, timeout: 2 });
  assert.deepEqual([explanation.route, explanation.timeout, explanation.hedgeAfter], ['chat', 2, null]);
  assert.deepEqual(
    explanation.candidates.map(({ target, why, skipped, wait }) => [target, why, skipped, wait]),
    [
      ['a/m', 'first', null, 0],
      ['b/m', 'failover', null, 0],
    ],
  );
  assert.match(canonicalJson(explanation), /^\{"route":"chat","candidates":\[.*"max_attempts":/);
  assert.equal(gateway.explain({ model: 'sim/x', input: 'a' }).candidates[0].target, 'sim/x');
  assert.throws(() => gateway.explain({ ...ask, model: 'chats' }), NoRoute);
  assert.throws(() => gateway.explain({ model: 'chat' }), InvalidRequest);
});

test('health tells of calls and failures', async () => {
  const upstreams = { 'a.test': { then: { status: 503, delay: 1000 } }, 'b.test': answer };
  const gateway = new Gateway(config(['a/m', 'b/m'])).withSim(new Sim({ upstreams }));
  assert.deepEqual(gateway.health(), []);
  const reply = await gateway.chat(ask);
  assert.deepEqual(
    reply.attempts.map(({ target, why }) => [target, why]),
    [
      ['a/m', undefined],
      ['b/m', 'failover'],
    ],
  );
  const [bad, good] = gateway.health();
  assert.deepEqual([bad.target, bad.requests, bad.failures, bad.inFlight, bad.total.p95], ['a/m', 1, 1, 0, null]);
  assert.match(bad.lastError, /503/);
  assert.deepEqual([good.target, good.state, good.failures, good.lastError], ['b/m', 'well', 0, null]);
  assert.ok(good.total.p50 > 0);
});

test('a closed gateway tells nothing', () => {
  const gateway = new Gateway();
  gateway.close();
  for (const call of [
    () => gateway.explain(ask),
    () => gateway.health(),
    () => gateway.reload({}),
    () => gateway.reloadFile(),
  ]) {
    assert.throws(call, InvalidRequest);
  }
});

test('the lunch hour: the example runs as it stands', () => {
  const example = fileURLToPath(new URL('../examples/lunch-hour.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [example], { encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual([status, stderr], [0, '']);
  const lines = stdout.trimEnd().split('\n');
  const [over, other, order, typo, flipped, kept, after] = lines.splice(-7);
  for (const line of lines) assert.match(line, /^\d\d:\d\d {2}eu\/assistant answers, p95 \d+\.\d s$/);
  assert.match(over, /^\d\d:\d\d {2}eu\/assistant answers, p95 \d+\.\d s: more than 2 s$/);
  assert.match(other, /^ {7}us\/assistant answers too, p95 \d+\.\d s$/);
  assert.equal(order, '       in order: eu/assistant (first), us/assistant (failover)');
  assert.match(typo, /did you mean 'targets'/);
  assert.match(flipped, /^\d\d:\d\d {2}us first from now on, at most 30 s a call; \d+ calls under way at eu$/);
  assert.equal(kept, '       all of them were answered by eu/assistant');
  assert.match(after, /^\d\d:\d\d {2}us\/assistant answers, p95 \d+\.\d s, in order: us\/assistant, eu\/assistant$/);
});
