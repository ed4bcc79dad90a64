// One adapter for each library. All do the same: send the same two messages, read text and usage of the answer.
//
// `connect(name, library, base)` makes the client of a library that is loaded: an object with
//
// * `call()`, a promise of the tokens used;
// * `stream()`, a promise of the number of pieces with text.
//
// Retries and telemetry are off where a library has them.

import { readFileSync } from 'node:fs';

const SYSTEM = 'You are a helpful assistant.';
const USER = 'Explain in two sentences what an LLM gateway does.';
const MODEL = 'gpt-4o-mini';
const MESSAGES = [
  { role: 'system', content: SYSTEM },
  { role: 'user', content: USER },
];

// What is loaded, in this order. A library that is not named here has its own name.
const MODULES = {
  policies: ['tidegate'],
  napifloor: ['./napifloor.node'],
  ai: ['ai', '@ai-sdk/openai'],
  'liter-llm': ['@xberg-io/liter-llm'],
};

/** The names of the modules of a client. */
export const modules = (name) => MODULES[name] ?? [name];

/** Fails on an empty answer. */
function need(text) {
  if (!text) throw new Error('no text');
}

/** The pieces of a stream that have a text. */
async function count(stream, text) {
  let pieces = 0;
  for await (const piece of stream) if (text(piece)) pieces++;
  return pieces;
}

const openaiText = (chunk) => chunk.choices?.[0]?.delta?.content;

function ours({ Gateway }, config, model) {
  const gateway = new Gateway(config);
  const request = { model, messages: MESSAGES };
  return {
    async call() {
      const { text, usage } = await gateway.chat(request);
      need(text);
      return usage.inputTokens + usage.outputTokens;
    },
    stream: () => count(gateway.stream(request), (event) => event.type === 'text' && event.text),
  };
}

const CLIENTS = {
  tidegate([library], base) {
    const provider = { protocol: 'openai-chat', base_url: base, api_key: 'sk-x' };
    return ours(library, { providers: { bench: provider } }, `bench/${MODEL}`);
  },

  // Ours with every policy on.
  policies([library], base) {
    const config = readFileSync(new URL('../policies.json', import.meta.url), 'utf8');
    return ours(library, JSON.parse(config.replaceAll('BASE', base)), 'bench');
  },

  napifloor([{ Client }], base) {
    const client = new Client(base);
    return {
      async call() {
        const reply = await client.chat(MODEL, MESSAGES);
        need(reply.content);
        return reply.totalTokens;
      },
      async stream() {
        const chunks = client.stream(MODEL, MESSAGES);
        let pieces = 0;
        for (let batch = await chunks.next(); batch !== null; batch = await chunks.next()) {
          for (const chunk of batch) if (chunk.content) pieces++;
        }
        return pieces;
      },
    };
  },

  openai([{ OpenAI }], base) {
    const { completions } = new OpenAI({ baseURL: base, apiKey: 'sk-x', maxRetries: 0 }).chat;
    const request = { model: MODEL, messages: MESSAGES };
    const streamed = { ...request, stream: true, stream_options: { include_usage: true } };
    return {
      async call() {
        const reply = await completions.create(request);
        need(reply.choices[0].message.content);
        return reply.usage.total_tokens;
      },
      stream: async () => count(await completions.create(streamed), openaiText),
    };
  },

  ai([{ generateText, streamText }, { createOpenAI }], base) {
    globalThis.AI_SDK_LOG_WARNINGS = false;
    const model = createOpenAI({ baseURL: base, apiKey: 'sk-x' }).chat(MODEL);
    const request = { model, system: SYSTEM, prompt: USER, maxRetries: 0 };
    return {
      async call() {
        const { text, usage } = await generateText(request);
        need(text);
        return usage.totalTokens;
      },
      stream: () => count(streamText(request).textStream, (text) => text),
    };
  },

  'liter-llm'([library], base) {
    const { createClient } = library.default ?? library;
    const client = createClient('sk-x', base, null, 0, `openai/${MODEL}`);
    const messages = [
      { role: 'system', system: { content: SYSTEM } },
      { role: 'user', user: { content: USER } },
    ];
    const request = { model: `openai/${MODEL}`, messages };
    return {
      async call() {
        const reply = await client.chat(request);
        need(reply.choices[0].message.content);
        return reply.usage.totalTokens;
      },
      stream: async () => count(await client.chatStream(request), openaiText),
    };
  },
};

export const connect = (name, libraries, base) => CLIENTS[name](libraries, base);
