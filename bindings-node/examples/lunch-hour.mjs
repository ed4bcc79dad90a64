// The lunch hour: the near region becomes slow, and the gateway is turned to the other one without a restart.
//
// `node lunch-hour.mjs`: no key, no network. The regions are simulated, and a second of the story is a tenth of one here.
import { setTimeout as sleep } from 'node:timers/promises';
import { Config, Gateway } from 'tidegate';

/** How much faster time passes than in the story. */
const SPEED = 10;
/** How many calls there are at the same time. */
const CALLS = 20;

const MORNING = { min: '60ms', max: '90ms' };
const LUNCH = { min: '240ms', max: '300ms' };
const CREEPING = [MORNING, { min: '90ms', max: '130ms' }, { min: '120ms', max: '170ms' }, LUNCH];

/** Where calls go, and how long they may take. */
const config = (regions, seconds) => ({
  providers: {
    eu: {
      protocol: 'openai-chat',
      simulate: { seed: 1, latency: LUNCH, script: CREEPING.map((delay) => ({ delay, times: CALLS })) },
    },
    us: { protocol: 'openai-chat', simulate: { seed: 2, latency: { min: '80ms', max: '100ms' } } },
  },
  routes: {
    support: {
      targets: regions.map((region) => `${region}/assistant`),
      timeout: { total: `${(1000 * seconds) / SPEED}ms` },
    },
  },
});

const ask = (model = 'support') => ({ model, messages: [{ role: 'user', content: 'Where is my parcel?' }] });
const gateway = new Gateway(config(['eu', 'us'], 120));
const together = (model) => Promise.all(Array.from({ length: CALLS }, () => gateway.chat(ask(model))));
/** How the target in a region is. */
const at = (region) => gateway.health().find((target) => target.target.startsWith(region));
/** In seconds of the story. */
const p95 = (target) => target.total.p95 * SPEED;
const clock = (minute) => `12:${String(minute).padStart(2, '0')}`;

// People ask, and the operator looks at the health of the region that answers them.
let minute = 0;
for (let slow = false; !slow; minute += 5) {
  await together();
  const eu = at('eu');
  slow = p95(eu) > 2;
  console.log(`${clock(minute)}  ${eu.target} answers, p95 ${p95(eu).toFixed(1)} s${slow ? ': more than 2 s' : ''}`);
}

// Is the other region better? A few calls tell, and the gateway says what it would do as it is.
await together('us/assistant');
console.log(`       ${at('us').target} answers too, p95 ${p95(at('us')).toFixed(1)} s`);
const plan = gateway.explain(ask()).candidates.map((each) => `${each.target} (${each.why})`);
console.log(`       in order: ${plan.join(', ')}`);

// Calls go out, and are under way when the gateway is turned to the other region.
const before = at('eu').requests;
const calls = together();
while (at('eu').requests + at('eu').inFlight < before + CALLS) await sleep(1);
try {
  gateway.reload({ routes: { support: { targts: ['us/assistant'] } } });
} catch (error) {
  if (!(error instanceof Config)) throw error;
  console.log(`       refused, and nothing has changed: ${error.message}`);
}
const underWay = at('eu').inFlight;
gateway.reload(config(['us', 'eu'], 30));
console.log(`${clock(minute)}  us first from now on, at most 30 s a call; ${underWay} calls under way at eu`);
const kept = new Set((await calls).map((reply) => reply.target));
console.log(`       all of them were answered by ${[...kept].join(' and ')}`);

// Who asks now is answered by the faster region.
const now = new Set((await together()).map((reply) => reply.target));
const order = gateway.explain(ask()).candidates.map((each) => each.target);
console.log(
  `${clock(minute + 5)}  ${[...now].join(' and ')} answers, p95 ${p95(at('us')).toFixed(1)} s, in order: ${order.join(', ')}`,
);
