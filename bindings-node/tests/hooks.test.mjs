// Functions that are told of targets whose state changes, and of a file that was changed.

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Config, Gateway, InvalidRequest, Overloaded, Sim, TidegateError } from 'tidegate';
import { hi, run, until } from './support.mjs';

const down = { then: { status: 503 } };
const provider = (name) => ({ protocol: 'openai-chat', base_url: `http://${name}.test/v1` });

/** A gateway whose targets fail: each a change of state with its first call. */
const failing = (failures = 1) =>
  new Gateway({
    providers: { a: provider('a'), b: provider('b') },
    defaults: { retry: { max_attempts: 1 }, breaker: { failures } },
  }).withSim(new Sim({ upstreams: { 'a.test': down, 'b.test': down } }));
const fail = (gateway, model, text = 'hi') =>
  assert.rejects(gateway.chat({ model, messages: [{ role: 'user', content: text }] }), Overloaded);

test('changes are told in their order', async () => {
  const gateway = failing(4);
  const told = [];
  const subscription = gateway.observeHealth((health) => told.push(health));
  for (const text of ['one', 'two', 'three', 'four']) await fail(gateway, 'a/m', text);
  await until(() => told.length === 2);
  assert.deepEqual(
    told.map(({ target, state, inFlight }) => [target, state, inFlight]),
    [
      ['a/m', 'failing', 0],
      ['a/m', 'open', 0],
    ],
  );
  assert.match(told[1].lastError, /503/);
  subscription.close();
});

test('a function that fails is warned of and goes on being told', async () => {
  const broken = (health) => {
    throw new RangeError(health.lastError);
  };
  const warned = [];
  const warn = ({ message }) => warned.push(message);
  process.on('warning', warn);
  for (const callback of [broken, async (health) => broken(health)]) {
    const gateway = failing();
    const subscription = gateway.observeHealth(callback);
    for (const target of ['a/m', 'b/m']) await fail(gateway, target);
    await until(() => warned.length === 2);
    const message = 'the function given to observeHealth() failed with RangeError';
    assert.deepEqual(warned.splice(0), [message, message]);
    subscription.close();
  }
  process.off('warning', warn);
});

test('a function may call the gateway', async () => {
  const gateway = failing();
  let asked;
  gateway.observeHealth(() => {
    asked = gateway.chat({ model: 'sim/x', messages: hi });
  });
  await fail(gateway, 'a/m');
  await until(() => asked !== undefined);
  assert.equal((await asked).target, 'sim/x');
  assert.equal(gateway.health().length, 2);
});

test('one that is closed is told no more', async () => {
  const gateway = failing();
  const told = [];
  const ended = [];
  const subscription = gateway.observeHealth((health) => ended.push(health.target));
  gateway.observeHealth((health) => told.push(health.target));
  await fail(gateway, 'a/m');
  await until(() => told.length === 1);
  subscription.close();
  subscription.close();
  await fail(gateway, 'b/m');
  await until(() => told.length === 2);
  assert.deepEqual(ended, ['a/m']);
});

test('a closed gateway tells nobody', async () => {
  const gateway = failing();
  const told = [];
  gateway.observeHealth((health) => told.push(health));
  const under = fail(gateway, 'a/m');
  gateway.close();
  await under;
  assert.deepEqual(told, []);
  assert.throws(() => gateway.observeHealth(() => {}), InvalidRequest);
});

test('what is no function is refused', () => {
  const gateway = failing();
  assert.throws(() => gateway.observeHealth('words'), /observeHealth\(\) takes a function/);
  assert.throws(() => gateway.watch(1, null), /watch\(\) takes a function/);
});

const small = '[routes.chat]\ntargets = ["sim/small"]';
const large = small.replace('small', 'large');
const first = (gateway) => gateway.explain({ model: 'chat', messages: hi }).candidates[0].target;

/** A file, and how it is replaced at once: nobody sees half of it. */
function file(text) {
  const name = path.join(mkdtempSync(path.join(tmpdir(), 'tidegate-')), 'tidegate.toml');
  writeFileSync(name, text);
  const replace = (other) => {
    writeFileSync(`${name}.new`, other);
    renameSync(`${name}.new`, name);
  };
  return { name, replace };
}

test('a file is watched', async () => {
  const { name, replace } = file(small);
  const gateway = Gateway.fromFile(name);
  const told = [];
  const subscription = gateway.watch(0.001, (error) => told.push(error));
  replace(large);
  await until(() => told.length === 1);
  assert.deepEqual([told[0], first(gateway)], [null, 'sim/large']);
  replace('[routes.chat]\ntargts = []');
  await until(() => told.length === 2);
  assert(told[1] instanceof Config && told[1] instanceof TidegateError);
  assert.match(told[1].message, /targts/);
  assert.equal(first(gateway), 'sim/large');
  subscription.close();
});

test('a file is watched where nobody wants to know', async () => {
  const { name, replace } = file(small);
  const gateway = Gateway.fromFile(name);
  const subscription = gateway.watch(0.001);
  replace(large);
  await until(() => first(gateway) === 'sim/large');
  subscription.close();
});

test('a watch needs a file and a time', () => {
  assert.throws(() => new Gateway().watch(1), { kind: 'config', message: /not made of a file/ });
  const gateway = Gateway.fromFile(file(small).name);
  for (const every of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => gateway.watch(every), { kind: 'config', context: { field: 'every' } });
  }
});

test('a process ends with functions that are still told', () => {
  const provider = '{ protocol = "openai-chat", base_url = "http://127.0.0.1:9/v1", api_key = "x" }';
  const { name } = file(`providers.a = ${provider}\ndefaults.breaker.failures = 1`);
  const ended = run(`
    import { Gateway } from 'tidegate';
    const gateway = Gateway.fromFile(${JSON.stringify(name)});
    gateway.watch(0.001);
    await gateway.chat({ model: 'a/m', messages: [{ role: 'user', content: 'hi' }] }).catch((error) => {
      process.stdout.write(error.kind);
    });
    gateway.observeHealth(() => {});
  `);
  assert.deepEqual(ended, { status: 0, signal: null, stdout: 'connection', stderr: '' });
});

test('what is kept does not outlive its gateway', async () => {
  const { name } = file(small);
  const held = [];
  (() => {
    const gateway = Gateway.fromFile(name);
    const callback = () => {};
    held.push(new WeakRef(callback));
    gateway.observeHealth(callback);
    gateway.watch(0.001, callback);
  })();
  await until(() => {
    globalThis.gc();
    return held[0].deref() === undefined;
  });
});
