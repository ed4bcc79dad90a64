// What several tests need.
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { Gateway, Sim } from 'tidegate';

export const hi = [{ role: 'user', content: 'hi' }];
export const config = {
  providers: { a: { protocol: 'openai-chat', base_url: 'http://a.test/v1', api_key: 'not-a-real-key' } },
};

/** A gateway whose provider `a` does what is scripted. */
export function simulated(then, more = {}) {
  const sim = new Sim({ upstreams: { 'a.test': { then } }, ...more });
  return { sim, gateway: new Gateway(config).withSim(sim) };
}

/** An upstream that takes requests and never answers. */
export const hanging = () => simulated({ raw: [], end: 'hang' }, { clock: 'stopped' });

/** Waits until `condition` holds: the event loop turns meanwhile. */
export async function until(condition) {
  while (!condition()) await turn();
}

/** A chunk of a stream, as OpenAI sends it. */
export const chunk = (content, finish = null) =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

/** A gateway whose provider `a` is a server on this machine, and that server. */
export async function served(answer) {
  const server = http.createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}/v1`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { base, gateway: new Gateway({ providers: { a: { ...config.providers.a, base_url: base } } }), close };
}

/** Runs a script in a process of its own. It is killed if it hangs. */
export function run(script, ...flags) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '--eval', script],
    { cwd: new URL('.', import.meta.url), encoding: 'utf8', timeout: 60_000 },
  );
  return { status, signal, stdout, stderr };
}
