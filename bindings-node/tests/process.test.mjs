// What only a whole process or thread can show.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { run, served, until } from './support.mjs';

const hanging = `
  import { Gateway, Sim } from 'tidegate';
  const sim = new Sim({ clock: 'stopped', upstreams: { 'a.test': { then: { raw: [], end: 'hang' } } } });
  const config = { providers: { a: { protocol: 'openai-chat', base_url: 'http://a.test/v1', api_key: 'not-a-real-key' } } };
  const gateway = new Gateway(config).withSim(sim);
  const ask = { model: 'a/m', messages: [{ role: 'user', content: 'hi' }] };
`;
const clean = { status: 0, signal: null, stderr: '' };

test('a process ends with idle gateways and streams that nobody reads', () => {
  const script = `${hanging} gateway.stream(ask); gateway.stream(ask); process.stdout.write('ended');`;
  assert.deepEqual(run(script), { ...clean, stdout: 'ended' });
});

test('a process stays for what is awaited', () => {
  const script = `
    import { Gateway } from 'tidegate';
    const simulate = { latency: '50ms' };
    const gateway = new Gateway({ providers: { a: { protocol: 'openai-chat', simulate } } });
    const ask = { model: 'a/m', messages: [{ role: 'user', content: 'hi' }] };
    gateway.chat(ask).then((reply) => process.stdout.write(reply.finishReason + ' '));
    gateway.stream(ask).collect().then((reply) => process.stdout.write(reply.finishReason + ' '));
  `;
  assert.deepEqual(run(script), { ...clean, stdout: 'stop stop ' });
});

test('process.exit does not wait for calls under way', () => {
  const script = `${hanging}
    for (let at = 0; at < 100; at++) { gateway.chat(ask); gateway.stream(ask).next(); }
    while (sim.requests.length < 200) await new Promise(setImmediate);
    process.exit(0);
  `;
  assert.deepEqual(run(script), { ...clean, stdout: '' });
});

test('an uncaught error ends the process with streams open', () => {
  const { status, signal, stderr } = run(`${hanging} gateway.stream(ask).next(); throw new Error('on purpose');`);
  assert.deepEqual([status, signal], [1, null]);
  assert.match(stderr, /on purpose/);
});

test('rejections that the caller does not handle are the only ones', () => {
  const { status, stderr } = run(`${hanging}
    process.on('unhandledRejection', (error) => { process.stderr.write('unhandled ' + error.name); });
    const abort = new AbortController();
    gateway.chat(ask, { signal: abort.signal });
    gateway.chat(ask, { signal: abort.signal }).catch(() => {});
    gateway.stream(ask, { signal: abort.signal });
    abort.abort();
  `);
  assert.deepEqual([status, stderr], [0, 'unhandled AbortError']);
});

const threaded = `
  const { parentPort } = require('node:worker_threads');
  const { Gateway } = require('tidegate');
  const ask = { model: 'sim/x', messages: [{ role: 'user', content: 'hi' }] };
`;
const worker = (script) => new Worker(script, { eval: true });

test('several threads use the package at the same time', async () => {
  const script = `${threaded}
    (async () => {
      const gateway = new Gateway();
      const replies = await Promise.all(Array.from({ length: 50 }, () => gateway.chat(ask)));
      for await (const event of gateway.stream(ask)) replies.push({ finishReason: 'stop' });
      parentPort.postMessage(replies.every((reply) => reply.finishReason === 'stop'));
    })();
  `;
  const workers = Array.from({ length: 4 }, () => worker(script));
  const ended = workers.map((each) => Promise.all([once(each, 'message'), once(each, 'exit')]));
  for (const [[message], [code]] of await Promise.all(ended)) assert.deepEqual([message, code], [true, 0]);
});

test('a thread that is terminated closes the connections of its calls', async () => {
  const sockets = new Set();
  const { base, close } = await served((request) => sockets.add(request.socket));
  const script = `${threaded}
    const gateway = new Gateway({ providers: { a: { protocol: 'openai-chat', base_url: '${base}', api_key: 'x' } } });
    for (let at = 0; at < 10; at++) {
      gateway.chat({ ...ask, model: 'a/m' });
      gateway.stream({ ...ask, model: 'a/m' }).next();
    }
  `;
  const thread = worker(script);
  await until(() => sockets.size === 20);
  await thread.terminate();
  await until(() => [...sockets].every((socket) => socket.destroyed));
  close();
});
