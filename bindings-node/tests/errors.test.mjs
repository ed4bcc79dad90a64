import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { inspect } from 'node:util';
import vm from 'node:vm';
import * as esm from 'tidegate';
import { chunk, hi, simulated } from './support.mjs';

const require = createRequire(import.meta.url);
const { RateLimited, Server, TidegateError } = esm;
const kinds = Object.values(esm).filter((value) => Object.getPrototypeOf(value) === TidegateError);

const limited = {
  status: 429,
  headers: { 'retry-after': '7', 'x-request-id': 'r1' },
  body: [{ json: { error: { message: 'slow down' } } }],
};

async function failure(then) {
  const { gateway } = simulated(then);
  const stream = gateway.stream({ model: 'a/m', messages: hi, timeout: 1 });
  return stream.collect().catch((error) => error);
}

test('an error has its class, its facts and what was tried', async () => {
  const error = await failure(limited);
  assert.ok(error instanceof RateLimited && error instanceof TidegateError && error instanceof Error);
  assert.ok(!(error instanceof Server));
  assert.equal(error.name, 'RateLimited');
  assert.equal(error.kind, RateLimited.kind);
  assert.deepEqual(
    [error.status, error.provider, error.requestId, error.retryAfter, error.retryable, error.origin],
    [429, 'a', 'r1', 7, true, 'provider'],
  );
  assert.equal(error.attempts[0].status, 429);
  assert.match(error.stack, /RateLimited/);
  assert.equal(error.partial, null);
});

test('an error is plain data where that is asked for', async () => {
  const error = await failure(limited);
  const plain = JSON.parse(JSON.stringify(error));
  assert.equal(plain.kind, 'rate_limited');
  assert.equal(plain.message, error.message);
  assert.equal(esm.canonicalJson(plain), esm.canonicalJson(error));
  assert.match(esm.canonicalJson(error), /^\{"kind":"rate_limited","message":.*"retry_after":7\.0/);
});

test('what had arrived is not printed with an error, but is part of its data', async () => {
  const error = await failure({
    headers: { 'content-type': 'text/event-stream' },
    body: [{ text: chunk('a secret ') }],
    end: 'rst',
  });
  assert.equal(error.partial.text, 'a secret ');
  assert.doesNotMatch(inspect(error, { depth: Infinity }), /a secret/);
  assert.equal(JSON.parse(JSON.stringify(error)).partial.text, 'a secret ');
  assert.match(esm.canonicalJson(error), /"partial":\{.*a secret /);
});

test('every kind has a class', () => {
  assert.ok(kinds.length > 20);
  for (const Kind of kinds) {
    const error = new Kind('words', { status: 418 });
    assert.ok(error instanceof Kind && error instanceof TidegateError);
    assert.equal(error.kind, Kind.kind);
    assert.equal(error.name, Kind.name);
    assert.equal(error.message, 'words');
    assert.equal(error.status, 418);
    assert.deepEqual(
      kinds.filter((Other) => error instanceof Other),
      [Kind],
    );
  }
});

test('instanceof knows errors of another realm and of another copy of the package', async () => {
  const error = await failure(limited);
  const context = vm.createContext({ require });
  const files = ['errors.js', 'native.js'].map((name) => require.resolve(`../${name}`));
  for (const file of files) delete require.cache[file];
  const copy = require('../errors.js');
  assert.notEqual(copy.CLASSES.RateLimited, RateLimited);
  assert.ok(error instanceof copy.CLASSES.RateLimited && error instanceof copy.TidegateError);
  assert.ok(!(error instanceof copy.CLASSES.Server));
  assert.ok(new copy.CLASSES.RateLimited('x') instanceof RateLimited);

  context.thrown = error;
  context.RateLimited = RateLimited;
  assert.equal(vm.runInContext('thrown instanceof RateLimited', context), true);
  const source = `(class extends Error { constructor() { super('x'); this.kind = 'rate_limited'; } get [Symbol.for('tidegate.error')]() { return true; } })`;
  const Foreign = vm.runInContext(source, context);
  assert.ok(!(new Foreign() instanceof Error));
  assert.ok(new Foreign() instanceof RateLimited);
});

test('instanceof says no to what is no error of this package', () => {
  for (const value of [undefined, null, 1, 'x', {}, new Error('x'), { kind: 'rate_limited' }]) {
    assert.ok(!(value instanceof TidegateError) && !(value instanceof RateLimited));
  }
  class Own extends RateLimited {}
  assert.ok(new Own('x') instanceof Own && new Own('x') instanceof RateLimited);
  assert.ok(!(new RateLimited('x') instanceof Own));
});

test('require and import give the same classes', () => {
  const cjs = require('tidegate');
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  assert.deepEqual({ ...esm }, cjs);
  assert.equal(esm.Gateway, cjs.Gateway);
  assert.equal(esm.RateLimited, cjs.RateLimited);
});
