'use strict';

const { fileURLToPath } = require('node:url');
const native = require('./native.js');
const { bridge, call, guard } = require('./calls.js');
const { CLASSES, TidegateError, complete, revive, version } = require('./errors.js');
const { write } = require('./json.js');
const { ResponseStream } = require('./stream.js');

/** Marks a native gateway that is there already. */
const MADE = Symbol('made');

const made = (make, options) => new Gateway(MADE, checked(guard(make), options?.checks));
const configText = (config, { fromEnv }, advice = 'Gateway.fromFile(path)') => {
  if (typeof config !== 'object') throw new TypeError(`the configuration must be an object (for a file: ${advice})`);
  return write(fromEnv ? { ...config, from_env: true } : config, false);
};
const file = (path) => (typeof path === 'string' ? path : fileURLToPath(path));

/** The native gateway with functions that judge answers. */
function checked(gateway, checks) {
  return Object.entries(checks ?? {}).reduce((all, [name, check]) => {
    if (typeof check !== 'function') throw new TypeError(`checks.${name} is not a function`);
    return all.withCheck(name, (id, text) => {
      judge(name, check, text).then((reason) => native.judged(id, reason));
    });
  }, gateway);
}

/** The reason to reject a response, or null. A function that fails rejects nothing; what it says may hold the answer. */
async function judge(name, check, text) {
  try {
    const reason = (await check(complete(JSON.parse(text)))) ?? null;
    if (reason !== null && typeof reason !== 'string') throw new TypeError();
    return reason;
  } catch (error) {
    process.emitWarning(
      `checks.${name} failed with ${error?.name ?? typeof error}, and so the answer was accepted: ` +
        'a check returns a string or nothing',
    );
    return null;
  }
}

/**
 * What the native half calls, which keeps it and all that is in its scope: neither gateway nor subscription, or they would
 * never be collected.
 */
function teller(name, callback, read, state) {
  if (typeof callback !== 'function') throw new TypeError(`${name}() takes a function`);
  return async (text) => {
    try {
      if (state.open) await callback(read(JSON.parse(text)));
    } catch (error) {
      process.emitWarning(`the function given to ${name}() failed with ${error?.name ?? typeof error}`);
    }
  };
}
const asReloaded = (error) => error && revive(error);
const asHealth = (health) => health;

/** A function of the caller's that is called until this is closed. */
class Subscription {
  #native;
  #state = { open: true };
  #kept;

  constructor(kept, name, callback, read, start) {
    const tell = teller(name, callback, read, this.#state);
    this.#native = guard(() => start(tell));
    this.#kept = kept.add(this);
  }

  close() {
    this.#state.open = false;
    this.#native.close();
    this.#kept.delete(this);
  }
}

class Gateway {
  #native;
  /** Until they are closed: callers need not keep them, or the collector would decide when they end. */
  #subscriptions = new Set();

  constructor(config = {}, options = {}) {
    if (config === MADE) {
      this.#native = options;
      return;
    }
    this.#native = checked(
      guard(() => native.Gateway.fromJson(configText(config, options))),
      options.checks,
    );
  }

  static fromFile(path, options) {
    return made(() => native.Gateway.fromFile(file(path)), options);
  }

  static fromToml(text, options) {
    return made(() => native.Gateway.fromToml(text), options);
  }

  withSim(sim) {
    return made(() => this.#native.withSim(Sim.native(sim)));
  }

  chat(request, options) {
    return this.#call('chat', request, options);
  }

  stream(request, options) {
    return new ResponseStream(() => this.#native.stream(bridge, write(request, true)), options?.signal);
  }

  embed(request, options) {
    return this.#call('embed', request, options);
  }

  rerank(request, options) {
    return this.#call('rerank', request, options);
  }

  explain(request) {
    return JSON.parse(guard(() => this.#native.explain(write(request, true))));
  }

  health() {
    return JSON.parse(guard(() => this.#native.health()));
  }

  reload(config, options = {}) {
    guard(() => this.#native.reload(configText(config, options, 'reloadFile()')));
  }

  reloadFile() {
    guard(() => this.#native.reloadFile());
  }

  watch(every, callback = () => {}) {
    const start = (tell) => this.#native.watch(every, tell);
    return new Subscription(this.#subscriptions, 'watch', callback, asReloaded, start);
  }

  observeHealth(callback) {
    const start = (tell) => this.#native.observeHealth(tell);
    return new Subscription(this.#subscriptions, 'observeHealth', callback, asHealth, start);
  }

  #call(method, request, options) {
    return call((id) => this.#native.call(bridge, id, write(request, true), method), options?.signal);
  }

  close() {
    for (const subscription of this.#subscriptions) subscription.close();
    this.#native.close();
  }
}

class Sim {
  #native;

  constructor(description = {}) {
    this.#native = guard(() => new native.Sim(write(description, false)));
  }

  get requestsJson() {
    return this.#native.requests();
  }

  get requests() {
    return JSON.parse(this.requestsJson).map(({ closed_by: closedBy, ...request }) => ({ ...request, closedBy }));
  }

  static native(sim) {
    if (!(sim instanceof Sim)) throw new TypeError('withSim takes a Sim: new Sim({ upstreams: { ... } })');
    return sim.#native;
  }
}

// Older releases of Node 18 have no `using`.
if (Symbol.dispose) {
  for (const { prototype } of [Gateway, Subscription]) prototype[Symbol.dispose] = prototype.close;
}
if (Symbol.asyncDispose) {
  ResponseStream.prototype[Symbol.asyncDispose] = async function () {
    await this.return();
  };
}

const canonicalJson = (value) => guard(() => native.canonical(write(value, true)));
const configSchema = () => JSON.parse(native.configSchema());

module.exports = { Gateway, Sim, ResponseStream, TidegateError, ...CLASSES, canonicalJson, configSchema, version };
