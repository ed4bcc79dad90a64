'use strict';

// `npx tidegate demo`: no key, no network. Three simulated vendors, each of which speaks its real wire format.

const { Gateway, TidegateError, version } = require('./index.js');

const VENDORS = { nautilus: 'openai-chat', kraken: 'anthropic', pearl: 'gemini' };
const POEM = 'The tide comes in, the tide goes out, the harbour gate stands still; when one ship sinks another sails.';

const plain = !process.stdout.isTTY || 'NO_COLOR' in process.env;
const paint = (code) => (text) => (plain ? String(text) : `\x1b[${code}m${text}\x1b[0m`);
const [bold, dim, red, green, cyan] = ['1', '2', '31', '32', '36'].map(paint);
const print = (text) => console.log(`  ${text}`);
const ask = (content) => ({ model: 'harbour', messages: [{ role: 'user', content }] });

/** A configuration of the three, where `changes` says what is different about one. */
function config(fast, changes = {}) {
  const providers = {};
  for (const [name, protocol] of Object.entries(VENDORS)) {
    const simulate = { seed: 1, chunk_delay: fast ? '0ms' : '45ms', ...changes[name] };
    providers[name] = { protocol, simulate };
  }
  const targets = Object.keys(VENDORS).map((name) => `${name}/${name}-1`);
  return { providers, routes: { harbour: { targets, retry: { max_attempts: 3, base_delay: '10ms' } } } };
}

/** Prints a stream as it arrives. */
async function show(stream) {
  process.stdout.write('  ');
  for await (const event of stream) process.stdout.write(green(event.text ?? ''));
  process.stdout.write('\n');
}

/** The scenes: each returns the number of attempts and the outcome. */
const scenes = {
  async 'A chat'(fast) {
    const reply = await new Gateway(config(fast)).chat(ask('What does a gateway do?'));
    print(green(reply.text));
    print(dim(`from ${reply.target}, ${reply.usage.inputTokens} tokens in, ${reply.usage.outputTokens} out`));
    return [reply.attempts.length, reply.finishReason];
  },
  async 'A streamed answer, word by word'(fast) {
    const stream = new Gateway(config(fast, { nautilus: { reply: POEM } })).stream(ask('A poem, please'));
    await show(stream);
    return [stream.response.attempts.length, stream.response.finishReason];
  },
  async 'A tool call, there and back'(fast) {
    const gateway = new Gateway(config(fast));
    const parameters = { type: 'object', properties: { harbour: { type: 'string' } }, required: ['harbour'] };
    const tools = [{ type: 'function', function: { name: 'water_level', parameters } }];
    const request = { ...ask('Can I sail from Hamburg?'), tools };
    const reply = await gateway.chat(request);
    const [call] = reply.toolCalls;
    print(`the model asks for ${bold(call.name)}(${call.argumentsRaw})`);
    request.messages.push(reply.message, { role: 'tool', tool_call_id: call.id, content: 'high water at 14:32' });
    const final = await gateway.chat(request);
    print(green(final.text));
    return [reply.attempts.length + final.attempts.length, `${reply.finishReason}, ${final.finishReason}`];
  },
  async 'The same request, answered by three vendors: one form of answer'(fast) {
    const same = { reply: 'A gateway keeps the door.' };
    const gateway = new Gateway(config(fast, { nautilus: same, kraken: same, pearl: same }));
    const kinds = new Set();
    for (const [name, protocol] of Object.entries(VENDORS)) {
      const reply = await gateway.chat({ ...ask('What does a gateway do?'), model: `${name}/${name}-1` });
      kinds.add(`${Object.keys(reply)} ${reply.finishReason} ${reply.text}`);
      print(`${name.padEnd(9)} ${protocol.padEnd(12)} '${reply.finishReasonRaw}' -> '${reply.finishReason}'`);
    }
    return [3, kinds.size === 1 ? 'identical' : 'different'];
  },
  async 'Two vendors are down: the third answers'(fast) {
    const down = { script: [{ status: 503 }, { status: 503 }] };
    const reply = await new Gateway(config(fast, { nautilus: down, kraken: down })).chat(ask('Anyone there?'));
    for (const { target, kind, status, time } of reply.attempts) {
      const mark = kind ? red('x') : green('✓');
      print(`${mark} ${target.padEnd(20)} ${kind ?? 'answered'} (${status}), ${(time * 1000).toFixed(1)} ms`);
    }
    return [reply.attempts.length, `answered by ${reply.target}`];
  },
  async 'A stream breaks in the middle: an error to act on, not half an answer'(fast) {
    const cut = { script: [{ text: POEM, cut_after: 9 }] };
    try {
      await show(new Gateway(config(fast, { nautilus: cut })).stream(ask('A poem, please')));
    } catch (error) {
      if (!(error instanceof TidegateError)) throw error;
      console.log(red('~ snap ~'));
      print(`${bold(error.name)}: ${error.message}`);
      print(dim(`error.partial.text is '${error.partial.text}'`));
      return [error.attempts.length, error.kind];
    }
    return [1, 'no error?!'];
  },
  async 'A typo in the configuration is caught before it costs anything'(fast) {
    try {
      new Gateway({ ...config(fast), routes: { harbour: { targts: ['nautilus/nautilus-1'] } } });
    } catch (error) {
      print(`${bold(error.name)}: ${error.message}`);
      return [0, error.kind];
    }
    return [0, 'no error?!'];
  },
};

/** Plays all scenes; with `--fast` without the pauses between words. */
async function run(args) {
  const fast = args.includes('--fast');
  console.log(`${bold('Tidegate')} ${version}: a gateway in this process, three simulated vendors`);
  const rows = [];
  for (const [title, play] of Object.entries(scenes)) {
    console.log(`\n${cyan('~~~')} ${bold(title)}`);
    const began = performance.now();
    const [attempts, outcome] = await play(fast);
    rows.push([title, attempts, performance.now() - began, outcome]);
  }
  const wide = Math.max(...rows.map(([title]) => title.length));
  console.log(`\n${bold('scene'.padEnd(wide))}  attempts      time  outcome`);
  for (const [title, attempts, time, outcome] of rows) {
    console.log(
      `${title.padEnd(wide)}  ${String(attempts).padStart(8)}  ${time.toFixed(0).padStart(5)} ms  ${outcome}`,
    );
  }
  console.log(
    dim("\nOne process, no server, no key, no network. Next: README.md, or Gateway.fromFile('tidegate.toml')."),
  );
}

module.exports = { run };
