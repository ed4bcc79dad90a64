// Functions of the caller's that judge answers.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Gateway, InvalidOutput } from 'tidegate';

const CONFIG = { routes: { r: { targets: ['sim/small', 'sim/large'], reject: { check: 'grounded' } } } };
const HI = { model: 'r', messages: [{ role: 'user', content: 'hi' }] };
const notSmall = (response) => (response.target === 'sim/small' ? 'too small' : undefined);

test('a rejected answer sends the call on', async () => {
  for (const grounded of [notSmall, async (response) => notSmall(response)]) {
    const reply = await new Gateway(CONFIG, { checks: { grounded } }).chat(HI);
    assert.equal(reply.target, 'sim/large');
    assert.deepEqual(
      reply.attempts.map((attempt) => attempt.kind),
      ['invalid_output', null],
    );
  }
});

test('the reason is told where no target is left', async () => {
  const gateway = new Gateway(CONFIG, { checks: { grounded: (response) => `${response.target} guesses` } });
  await assert.rejects(gateway.chat(HI), (error) => {
    assert(error instanceof InvalidOutput);
    assert.match(error.message, /sim\/large guesses/);
    assert.deepEqual(error.context, { reject: 'check' });
    return true;
  });
});

test('a function may call the gateway', async () => {
  const judge = new Gateway();
  const grounded = async () => ((await judge.chat({ ...HI, model: 'sim/judge' })).text ? null : 'silent');
  assert.equal((await new Gateway(CONFIG, { checks: { grounded } }).chat(HI)).target, 'sim/small');
});

test('a function that fails rejects nothing and tells no words', async () => {
  for (const grounded of [
    (response) => {
      throw new RangeError(response.text);
    },
    () => 5,
  ]) {
    const warned = once(process, 'warning');
    assert.equal((await new Gateway(CONFIG, { checks: { grounded } }).chat(HI)).target, 'sim/small');
    const [warning] = await warned;
    assert.match(warning.message, /^checks\.grounded failed with (Range|Type)Error, and so the answer was accepted/);
  }
});

test('what is no function is refused, and files take functions too', async () => {
  assert.throws(() => new Gateway(CONFIG, { checks: { grounded: 'words' } }), /checks\.grounded is not a function/);
  const toml = "routes.r = { targets = ['sim/small', 'sim/large'], reject.check = 'grounded' }";
  const gateway = Gateway.fromToml(toml, { checks: { grounded: notSmall } });
  assert.equal((await gateway.chat(HI)).target, 'sim/large');
});
