'use strict';

// One class a kind of error, made from the core's own list.

const [version, kinds] = JSON.parse(require('./native.js').facts());

/** What marks an error of this package, whichever realm or copy of the package made it. */
const BRAND = Symbol.for('tidegate.error');
const ordinary = Function.prototype[Symbol.hasInstance];

class TidegateError extends Error {
  constructor(message = '', fields = {}) {
    super(message);
    const unknown = { status: null, provider: null, requestId: null, retryAfter: null };
    const { partial = null, ...rest } = fields;
    const own = { kind: this.constructor.kind, origin: 'gateway', retryable: false, context: {}, attempts: [] };
    Object.assign(this, own, unknown, rest);
    // Not enumerable: whoever prints an error does not mean to print an answer.
    Object.defineProperty(this, 'partial', { value: partial, configurable: true, writable: true });
  }

  toJSON() {
    return { kind: this.kind, message: this.message, ...this, partial: this.partial };
  }

  static [Symbol.hasInstance](value) {
    if (!OWN.has(this)) return ordinary.call(this, value);
    if (typeof value !== 'object' || value === null || value[BRAND] !== true) return false;
    return this === TidegateError ? typeof value.kind === 'string' : value.kind === this.kind;
  }
}
Object.defineProperty(TidegateError.prototype, BRAND, { value: true });
Object.defineProperty(TidegateError.prototype, 'name', { value: 'TidegateError', configurable: true, writable: true });

const CLASSES = {};
const BY_KIND = new Map();
for (const [kind, name] of kinds) {
  const Class = { [name]: class extends TidegateError {} }[name];
  Class.kind = kind;
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
  CLASSES[name] = Class;
  BY_KIND.set(kind, Class);
}
const OWN = new Set([TidegateError, ...BY_KIND.values()]);

/** A response as callers see it: with the message for the next turn. */
function complete(response) {
  response.message = { role: 'assistant', content: response.parts };
  return response;
}

/** The error that the core's fields describe. */
function revive(fields) {
  if (fields.partial) complete(fields.partial);
  const Class = BY_KIND.get(fields.kind) ?? TidegateError;
  return new Class(fields.message, fields);
}

/** The error to throw for one that was thrown: the core's come as JSON, and others are left as they are. */
function raised(error) {
  const text = error instanceof Error ? error.message : '';
  return text.startsWith('{"kind":') ? revive(JSON.parse(text)) : error;
}

module.exports = { CLASSES, TidegateError, complete, raised, revive, version };
