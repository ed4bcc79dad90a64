'use strict';

// Callers' values as JSON text. `JSON.stringify` would leave out functions, turn bytes into lists and fail on BigInt;
// here whatever cannot be sent is an error that says where it stands.

const native = require('./native.js');
const { revive } = require('./errors.js');

/** Long texts are mostly base64, which needs no escapes. To see that takes a third of the time of `JSON.stringify`. */
const LONG = 4096;
const PLAIN = /^[ !#-[\]-~]*$/;

/** How deep a value may be nested: deeper ones are most likely cycles. */
const DEEPEST = 100;

const [, , opaque, irregular] = JSON.parse(native.facts());
const OPAQUE = new Set(opaque);
const IRREGULAR = new Map(irregular);

/** The core's name of a key. */
const snakeCase = (key) =>
  /[A-Z]/.test(key) ? (IRREGULAR.get(key) ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) : key;

/** The JSON text of a value. Where `ours`, its keys become the core's, but for those below an opaque one. */
function write(value, ours, path = []) {
  switch (typeof value) {
    case 'string':
      return text(value, path);
    case 'number':
      return Number.isFinite(value) ? String(value) : refuse(path, `is ${value}, which is not a finite number`);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value
        ? String(value)
        : refuse(path, 'is a BigInt of more than 64 bits');
    case 'object':
      return value === null ? 'null' : compound(value, ours, path);
    default:
      return refuse(
        path,
        `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}, which cannot be sent`,
      );
  }
}

function compound(value, ours, path) {
  if (path.length > DEEPEST) refuse(path.slice(0, 3), 'is nested too deep, or contains itself');
  let out = '';
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      path.push(index);
      out += `${index === 0 ? '' : ','}${write(value[index], ours, path)}`;
      path.pop();
    }
    return `[${out}]`;
  }
  // Bytes have a `toJSON` that makes a list of numbers of them.
  const tag = ArrayBuffer.isView(value) ? value.constructor.name : Object.prototype.toString.call(value).slice(8, -1);
  if (typeof value.toJSON === 'function' && tag !== 'Buffer') return write(value.toJSON(), ours, path);
  if (tag !== 'Object') {
    const advice = tag === 'Promise' ? 'await it first' : 'give text, numbers, lists and plain objects';
    refuse(path, `is a ${tag}, which cannot be sent: ${advice}`);
  }
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    path.push(key);
    const name = ours ? snakeCase(key) : key;
    out += `${out === '' ? '' : ','}${text(name, path)}:${write(item, ours && !OPAQUE.has(name), path)}`;
    path.pop();
  }
  return `{${out}}`;
}

function text(value, path) {
  if (!isWellFormed.call(value)) refuse(path, 'holds half of a character (a lone surrogate)');
  return value.length >= LONG && PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

/** Node 18 does not have the method yet. */
const isWellFormed =
  String.prototype.isWellFormed ??
  function () {
    return !/\p{Surrogate}/u.test(this);
  };

/** Names the place and the type, never the value: values may be prompts. */
function refuse(path, problem) {
  let place = '';
  for (const step of path) {
    if (typeof step === 'number') place += `[${step}]`;
    else place += (place && '.') + (/^[\w-]+$/.test(step) ? step : JSON.stringify(step));
  }
  throw revive(JSON.parse(native.invalid(place, problem)));
}

module.exports = { write };
