import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Gateway, ResponseStream, StreamIncomplete } from 'tidegate';
import { chunk, hanging, hi, served, simulated, until } from './support.mjs';

const ask = { model: 'sim/x', messages: hi };
const words = (...texts) => [
  ...texts.map((text) => ({ text: chunk(text) })),
  { text: chunk('', 'stop') },
  { text: 'data: [DONE]\n\n' },
];
const sse = { 'content-type': 'text/event-stream' };

test('a stream is its events, and then its response', async () => {
  const stream = new Gateway().stream(ask);
  assert.ok(stream instanceof ResponseStream);
  assert.throws(() => stream.response, /the stream has not come to its end/);
  const events = [];
  for await (const event of stream) events.push(event);
  assert.equal(events[0].type, 'start');
  assert.equal(events.at(-1).type, 'end');
  assert.equal(events.map((event) => event.text ?? '').join(''), stream.response.text);
  assert.equal(stream.response.finishReason, events.at(-1).finishReason);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

test('a stream is collected, from the beginning or from anywhere', async () => {
  const stream = new Gateway().stream(ask);
  assert.equal((await stream.next()).value.type, 'start');
  const response = await stream.collect();
  assert.equal(response.finishReason, 'stop');
  assert.equal(await stream.collect(), response);
});

test('steps that are asked for together come in order', async () => {
  const stream = new Gateway().stream(ask);
  const steps = await Promise.all(Array.from({ length: 40 }, () => stream.next()));
  const first = steps.findIndex((step) => step.done);
  assert.ok(first > 2 && steps.slice(first).every((step) => step.done));
  assert.equal(
    steps
      .slice(0, first)
      .map((step) => step.value.text ?? '')
      .join(''),
    stream.response.text,
  );
});

test('a stream that breaks throws after its events, with what had arrived', async () => {
  const { gateway } = simulated({ headers: sse, body: [{ text: chunk('half ') }], end: 'rst' });
  const stream = gateway.stream({ model: 'a/m', messages: hi });
  const texts = [];
  await assert.rejects(
    async () => {
      for await (const event of stream) texts.push(event.text ?? '');
    },
    (error) =>
      error instanceof StreamIncomplete && error.partial.text === 'half ' && error.partial.message.role === 'assistant',
  );
  assert.equal(texts.join(''), 'half ');
  assert.throws(() => stream.response);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

for (const [how, leave] of Object.entries({
  'leaving the loop': async (stream) => {
    for await (const event of stream) if (event.text) break;
  },
  'return()': async (stream) => {
    await stream.next();
    assert.deepEqual(await stream.return(), { done: true, value: undefined });
  },
  'an error in the loop': async (stream) => {
    await assert.rejects(async () => {
      for await (const event of stream) throw new Error(event.type);
    });
  },
  'a signal': async (stream, abort) => {
    await stream.next();
    abort.abort();
    await assert.rejects(stream.next(), { name: 'AbortError' });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  },
  'a signal while it waits': async (stream, abort) => {
    await assert.rejects(
      async () => {
        for await (const event of stream) if (event.text) setImmediate(() => abort.abort());
      },
      { name: 'AbortError' },
    );
  },
  'its disposal': async (stream) => {
    await stream.next();
    await (Symbol.asyncDispose ? stream[Symbol.asyncDispose]() : stream.return());
  },
})) {
  test(`${how} closes the connection`, async () => {
    const { sim, gateway } = simulated(
      { headers: sse, body: [{ text: chunk('one') }], end: 'hang' },
      { clock: 'stopped' },
    );
    const abort = new AbortController();
    await leave(gateway.stream({ model: 'a/m', messages: hi }, { signal: abort.signal }), abort);
    await until(() => sim.requests[0].closedBy === 'client');
  });
}

test('a stream that cannot begin says so at its first step', async () => {
  const reason = new Error('enough');
  const signals = [
    [AbortSignal.abort(reason), reason],
    [{}, { name: 'TypeError', message: /AbortSignal/ }],
  ];
  for (const [signal, error] of signals) {
    const stream = new Gateway().stream(ask, { signal });
    assert.throws(() => stream.response);
    await assert.rejects(async () => {
      for await (const event of stream) assert.fail(event.type);
    }, error);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    await assert.rejects(new Gateway().stream(ask, { signal }).collect(), error);
    assert.deepEqual(await new Gateway().stream(ask, { signal }).return(), { done: true, value: undefined });
  }
});

test('a stream that is left has no response, even if all of it had arrived', async () => {
  const stream = new Gateway().stream(ask);
  for await (const event of stream) if (event.type === 'start') break;
  assert.throws(() => stream.response, /has not come to its end/);
  await assert.rejects(async () => {
    for await (const event of stream) assert.fail(event.type);
  }, /was left before its end/);
  await assert.rejects(stream.collect(), /has not come to its end/);
});

test('a stream that is left at its last event is whole', async () => {
  const stream = new Gateway().stream(ask);
  for await (const event of stream) if (event.type === 'end') break;
  assert.equal(stream.response.finishReason, 'stop');
  assert.equal(await stream.collect(), stream.response);
});

test('an abort ends a stream even if all of it had arrived', async () => {
  const abort = new AbortController();
  const stream = new Gateway().stream(ask, { signal: abort.signal });
  const types = [];
  await assert.rejects(
    async () => {
      for await (const event of stream) {
        types.push(event.type);
        abort.abort();
      }
    },
    { name: 'AbortError' },
  );
  assert.deepEqual(types, ['start']);
  assert.throws(() => stream.response);
});

test('an abort after the last event does nothing', async () => {
  const abort = new AbortController();
  const stream = new Gateway().stream(ask, { signal: abort.signal });
  for await (const event of stream) if (event.type === 'end') abort.abort();
  assert.equal(stream.response.finishReason, 'stop');
});

test('a step that waits ends when the stream is left', async () => {
  const { sim, gateway } = hanging();
  const stream = gateway.stream({ model: 'a/m', messages: hi });
  const step = stream.next();
  await until(() => sim.requests.length === 1);
  await stream.return();
  assert.deepEqual(await step, { done: true, value: undefined });
  assert.throws(() => stream[Symbol.asyncIterator](), /this stream was left before its end/);
});

test('a stream that is let go of closes its connection, even where a signal outlives it', async () => {
  const { sim, gateway } = hanging();
  const abort = new AbortController();
  await (async () => {
    gateway.stream({ model: 'a/m', messages: hi }, { signal: abort.signal });
  })();
  await until(() => sim.requests.length === 1);
  await until(() => {
    globalThis.gc();
    return sim.requests[0].closedBy === 'client';
  });
});

test('no more is read from upstream than there is room for', async () => {
  const text = chunk('x'.repeat(4000));
  let sent = 0;
  let draining = false;
  const { gateway, close } = await served((_, response) => {
    response.writeHead(200, sse);
    const write = () => {
      draining = false;
      while (!draining && !response.destroyed) {
        sent += text.length;
        draining = !response.write(text);
      }
      response.once('drain', write);
    };
    write();
  });
  const stream = gateway.stream({ model: 'a/m', messages: hi });
  await stream.next();
  // The socket takes no more, for as many turns of the event loop as would drain it a thousand times if somebody read.
  for (let still = 0, before = 0; still < 10_000; still = sent === before ? still + 1 : 0) {
    before = sent;
    await turn();
    assert.ok(sent < 100e6, `${sent} bytes were read for nobody`);
  }
  const before = sent;
  while (sent === before) await stream.next();
  await stream.return();
  close();
});

test('many streams run at the same time', async () => {
  const { gateway } = simulated({ headers: sse, body: words('a', 'b', 'c') });
  const streams = Array.from({ length: 300 }, () => gateway.stream({ model: 'a/m', messages: hi }).collect());
  for (const response of await Promise.all(streams)) assert.equal(response.text, 'abc');
});

test('a stream that fails unread is nobody’s unhandled rejection', async () => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const { sim, gateway } = simulated({ status: 400 });
  const abort = new AbortController();
  const stream = gateway.stream({ model: 'a/m', messages: hi });
  const aborted = hanging().gateway.stream({ model: 'a/m', messages: hi }, { signal: abort.signal });
  await until(() => sim.requests[0]?.closedBy);
  abort.abort();
  globalThis.gc();
  for (let at = 0; at < 20; at++) await turn();
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
  await assert.rejects(stream.next(), { kind: 'invalid_request' });
  await assert.rejects(aborted.next(), { name: 'AbortError' });
});
