'use strict';

const { fileURLToPath } = require('node:url');
const native = require('./native.js');
const { bridge, call, guard } = require('./calls.js');
const { CLASSES, TidegateError, version } = require('./errors.js');
const { write } = require('./json.js');
const { ResponseStream } = require('./stream.js');

/** Marks a native gateway that is there already. */
const MADE = Symbol('made');

const made = (make) => new Gateway(MADE, guard(make));
const file = (path) => (typeof path === 'string' ? path : fileURLToPath(path));

class Gateway {
  #native;

  constructor(config = {}, options = {}) {
    if (config === MADE) {
      this.#native = options;
      return;
    }
    if (typeof config !== 'object') {
      throw new TypeError('the configuration must be an object (for a file: Gateway.fromFile(path))');
    }
    const all = options.fromEnv ? { ...config, from_env: true } : config;
    this.#native = guard(() => native.Gateway.fromJson(write(all, false)));
  }

  static fromFile(path) {
    return made(() => native.Gateway.fromFile(file(path)));
  }

  static fromToml(text) {
    return made(() => native.Gateway.fromToml(text));
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

  #call(method, request, options) {
    return call((id) => this.#native.call(bridge, id, write(request, true), method), options?.signal);
  }

  close() {
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
if (Symbol.dispose) Gateway.prototype[Symbol.dispose] = Gateway.prototype.close;
if (Symbol.asyncDispose) {
  ResponseStream.prototype[Symbol.asyncDispose] = async function () {
    await this.return();
  };
}

const canonicalJson = (value) => guard(() => native.canonical(write(value, true)));
const configSchema = () => JSON.parse(native.configSchema());

module.exports = { Gateway, Sim, ResponseStream, TidegateError, ...CLASSES, canonicalJson, configSchema, version };
