import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Config, canonicalJson, configSchema, Gateway, InvalidRequest, Sim, TidegateError } from 'tidegate';
import { config, hanging, hi, simulated, until } from './support.mjs';

const answer = (text) => ({
  body: [
    {
      json: {
        id: 'x',
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      },
    },
  ],
});

test('a chat is answered with plain data in camelCase', async () => {
  const gateway = new Gateway({ routes: { support: { targets: ['sim/primary'] } } });
  const reply = await gateway.chat({ model: 'support', messages: hi, team: 'growth' });
  assert.equal(reply.target, 'sim/primary');
  assert.equal(reply.finishReason, 'stop');
  assert.equal(reply.text, reply.parts[0].text);
  assert.deepEqual(reply.message, { role: 'assistant', content: reply.parts });
  assert.equal(reply.usage.inputTokens, 1);
  assert.equal(typeof reply.latency.firstContent, 'number');
  assert.deepEqual(structuredClone(reply), reply);
  assert.deepEqual(JSON.parse(JSON.stringify(reply)), reply);
});

test('keys of requests are taken in camelCase and as OpenAI has them', async () => {
  const { sim, gateway } = simulated(answer('{}'));
  const tool = { name: 'find', parameters: { type: 'object', properties: { maxResults: { type: 'integer' } } } };
  const schema = { type: 'object', properties: { innerKey: { type: 'string' } } };
  const messages = [
    ...hi,
    {
      role: 'assistant',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"maxResults":1}' } }],
    },
    { role: 'tool', toolCallId: 'c1', content: 'none' },
  ];
  await gateway.chat({
    model: 'a/m',
    messages,
    maxTokens: 5n,
    top_p: 0.5,
    seed: 2n ** 62n,
    stop: undefined,
    tools: [{ type: 'function', function: tool }],
    responseFormat: { type: 'json_schema', json_schema: { name: 'out', schema } },
    extra: { someKey: { innerKey: 1 } },
    labels: { costCenter: 'x' },
  });
  const { body } = sim.requests[0];
  assert.equal(body.max_tokens ?? body.max_completion_tokens, 5);
  assert.equal(body.top_p, 0.5);
  assert.match(sim.requestsJson, /"seed":4611686018427387904/);
  assert.ok(!('stop' in body));
  assert.deepEqual(body.tools[0].function.parameters, tool.parameters);
  assert.deepEqual(body.response_format.json_schema.schema, schema);
  assert.deepEqual(body.someKey, { innerKey: 1 });
  assert.equal(body.messages[2].tool_call_id, 'c1');
});

test('a message of a response is sent back in the next request, and arguments keep their keys', async () => {
  const call = {
    id: 'c1',
    type: 'function',
    function: { name: 'find', arguments: '{"some_key":{"innerKey":12345678901234567890}}' },
  };
  const message = { role: 'assistant', content: null, tool_calls: [call] };
  const { sim, gateway } = simulated({
    body: [{ json: { id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] } }],
  });
  const reply = await gateway.chat({ model: 'a/m', messages: hi });
  assert.equal(reply.finishReason, 'tool_calls');
  assert.deepEqual(Object.keys(reply.toolCalls[0].arguments), ['some_key']);
  assert.equal(reply.toolCalls[0].argumentsRaw, call.function.arguments);
  assert.equal(reply.toolCalls[0].argsValid, true);
  const answered = { role: 'tool', tool_call_id: reply.toolCalls[0].id, content: 'none' };
  for (const next of [reply.message, structuredClone(reply).message, JSON.parse(JSON.stringify(reply.message))]) {
    await gateway.chat({ model: 'a/m', messages: [...hi, next, answered] });
    assert.match(sim.requestsJson, /12345678901234567890/);
    assert.deepEqual(sim.requests.at(-1).body.messages[1].tool_calls, [call]);
  }
  assert.match(canonicalJson(reply.message), /^\{"role":"assistant","content":\[\{"type":"tool_call","id":"c1"/);
});

test('text of any script arrives as it was sent', async () => {
  const text = 'naïve café “quotes” 大規模言語モデル 🌊 \u0000 \\ "';
  const { sim, gateway } = simulated(answer(text));
  const reply = await gateway.chat({ model: 'a/m', messages: [{ role: 'user', content: text }] });
  assert.equal(reply.text, text);
  assert.equal(sim.requests[0].body.messages[0].content, text);
  assert.ok(canonicalJson(reply).includes('大規模言語モデル 🌊'));
});

test('texts become vectors', async () => {
  const reply = await new Gateway().embed({ model: 'sim/embed', input: ['a', 'b'], dimensions: 4 });
  assert.deepEqual(
    reply.vectors.map((vector) => vector.length),
    [4, 4],
  );
  assert.equal((await new Gateway().embed({ model: 'sim/embed', input: 'a' })).vectors.length, 1);
});

test('documents are ranked', async () => {
  const documents = ['a dog', 'cats and milk', 'no cats'];
  const reply = await new Gateway().rerank({ model: 'sim/rank', query: 'cats milk', documents, topN: 2 });
  assert.deepEqual(reply.rankings, [
    { index: 1, relevanceScore: 1 },
    { index: 2, relevanceScore: 0.5 },
  ]);
  assert.equal(reply.usage.searchUnits, 1);
});

test('what cannot be sent is refused with its place', async () => {
  const cycle = { role: 'user' };
  cycle.content = [cycle];
  const cases = [
    [{ messages: [{ role: 'user', content: () => 'x' }] }, 'messages[0].content', /is a function/],
    [{ extra: { 'a b': Symbol('x') } }, 'extra."a b"', /is a symbol/],
    [{ messages: [undefined] }, 'messages[0]', /is undefined/],
    [{ temperature: Number.NaN }, 'temperature', /is NaN, which is not a finite number/],
    [{ seed: 2n ** 64n }, 'seed', /more than 64 bits/],
    [{ messages: [{ role: 'user', content: 'x\ud800' }] }, 'messages[0].content', /lone surrogate/],
    [{ extra: { 'x\udfff': 1 } }, /^extra/, /lone surrogate/],
    [{ messages: [cycle] }, /^messages\[0\]/, /nested too deep, or contains itself/],
    [{ messages: Promise.resolve(hi) }, 'messages', /is a Promise, which cannot be sent: await it first/],
    [{ extra: { x: new Map() } }, 'extra.x', /is a Map/],
    [{ extra: { x: Buffer.from('x') } }, 'extra.x', /is a Buffer/],
    [{ extra: { x: new Float32Array(2) } }, 'extra.x', /is a Float32Array/],
    [{ messages: [{ role: 'usr', content: 'x' }] }, 'messages[0].role', /unknown role 'usr'/],
    [{ temprature: 1 }, 'temprature', /did you mean 'temperature'/],
  ];
  const gateway = new Gateway();
  for (const [fields, field, problem] of cases) {
    const request = { model: 'sim/x', messages: hi, ...fields };
    const isRefusal = (error) => {
      assert.ok(error instanceof InvalidRequest, String(error));
      assert.match(error.message, problem);
      if (typeof field === 'string') assert.equal(error.context.field, field);
      else assert.match(error.context.field, field);
      return true;
    };
    await assert.rejects(gateway.chat(request), isRefusal);
    await assert.rejects(gateway.stream(request).next(), isRefusal);
  }
  for (const request of [undefined, null, 'hi', 5, []]) await assert.rejects(gateway.chat(request), TidegateError);
});

test('long texts arrive as they were sent, with and without escapes', async () => {
  const { sim, gateway } = simulated(answer('ok'));
  const long = 'abc+/= '.repeat(2000);
  for (const content of [long, `${long}"`, `${long}\\`, `${long}\n`, `${long}\u007f`, `${long}é`]) {
    await gateway.chat({ model: 'a/m', messages: [{ role: 'user', content }] });
    assert.equal(sim.requests.at(-1).body.messages[0].content, content);
  }
});

test('dates and what else has toJSON are sent as that', async () => {
  const { sim, gateway } = simulated(answer('ok'));
  await gateway.chat({ model: 'a/m', messages: hi, extra: { when: new Date(0), where: new URL('http://b.test/') } });
  const { when, where } = sim.requests[0].body;
  assert.deepEqual([when, where], ['1970-01-01T00:00:00.000Z', 'http://b.test/']);
});

test('an aborted chat rejects with the reason, before and during the call', async () => {
  const { sim, gateway } = hanging();
  await assert.rejects(gateway.chat({ model: 'a/m', messages: hi }, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });
  assert.equal(sim.requests.length, 0);
  const abort = new AbortController();
  const call = gateway.chat({ model: 'a/m', messages: hi }, { signal: abort.signal });
  await until(() => sim.requests.length === 1);
  const reason = new Error('enough');
  abort.abort(reason);
  await assert.rejects(call, (error) => error === reason);
  await until(() => sim.requests[0].closedBy === 'client');
});

test('an abort after the end does nothing, and many calls share a signal', async () => {
  const warnings = [];
  const warn = (warning) => warnings.push(warning);
  process.on('warning', warn);
  const abort = new AbortController();
  const calls = Array.from({ length: 64 }, () =>
    new Gateway().chat({ model: 'sim/x', messages: hi }, { signal: abort.signal }),
  );
  const replies = await Promise.all(calls);
  abort.abort();
  assert.equal(replies.length, 64);
  assert.ok(replies.every((reply) => reply.finishReason === 'stop'));
  process.off('warning', warn);
  assert.deepEqual(warnings, []);
});

test('a signal that is none is a TypeError', async () => {
  await assert.rejects(new Gateway().chat({ model: 'sim/x', messages: hi }, { signal: {} }), TypeError);
});

test('a closed gateway refuses new calls and finishes running ones', async () => {
  const gateway = new Gateway();
  const running = gateway.chat({ model: 'sim/x', messages: hi });
  gateway.close();
  gateway.close();
  assert.equal((await running).finishReason, 'stop');
  const closed = (error) => error instanceof InvalidRequest && /^gateway: it is closed/.test(error.message);
  await assert.rejects(gateway.chat({ model: 'sim/x', messages: hi }), closed);
  await assert.rejects(gateway.stream({ model: 'sim/x', messages: hi }).next(), closed);
  assert.throws(() => gateway.withSim(new Sim()), closed);
  if (Symbol.dispose) assert.equal(typeof gateway[Symbol.dispose], 'function');
});

test('a gateway is made of a file, of text and of an object', async () => {
  const toml = '[routes.support]\ntargets = ["sim/x"]\n';
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tidegate-')), 'tidegate.toml');
  writeFileSync(file, toml);
  for (const gateway of [Gateway.fromFile(file), Gateway.fromFile(pathToFileURL(file)), Gateway.fromToml(toml)]) {
    assert.ok(gateway instanceof Gateway);
    assert.equal((await gateway.chat({ model: 'support', messages: hi })).target, 'sim/x');
  }
  assert.throws(() => Gateway.fromFile('/nowhere/tidegate.toml'), Config);
  assert.throws(() => Gateway.fromToml('[route.x]'), { kind: 'config', message: /did you mean 'routes'/ });
  assert.throws(() => new Gateway({ route: {} }), Config);
  assert.throws(() => new Gateway('tidegate.toml'), /Gateway\.fromFile/);
  assert.throws(() => new Sim({ sed: 1 }), Config);
  assert.ok(configSchema().properties.routes);
});

test('keys come from the environment where that is asked for', async () => {
  process.env.GROQ_API_KEY = 'not-a-real-key';
  const sim = new Sim();
  await assert.rejects(new Gateway().withSim(sim).chat({ model: 'groq/m', messages: hi }), { kind: 'unauthenticated' });
  const gateway = new Gateway({}, { fromEnv: true }).withSim(sim);
  await assert.rejects(gateway.chat({ model: 'groq/m', messages: hi }), { kind: 'connection' });
});

test('a world that is none is a TypeError', () => {
  for (const sim of [undefined, null, {}, 'x']) {
    assert.throws(() => new Gateway().withSim(sim), { name: 'TypeError', message: /^withSim takes a Sim/ });
  }
});

test('a world answers as scripted, and shows what was sent', async () => {
  const { sim, gateway } = simulated({ status: 503, delay: 3_600_000 });
  await assert.rejects(gateway.chat({ model: 'a/m', messages: hi }), TidegateError);
  assert.equal(sim.requests[0].headers.authorization, '***');
  assert.equal(sim.requests[0].body.model, 'm');
  assert.ok(new Gateway(config).withSim(sim) instanceof Gateway);
});
