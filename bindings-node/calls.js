'use strict';

// What this thread waits for. The native half hands over all that ended since it was last heard of, in one JSON text.

const native = require('./native.js');
const { complete, raised, revive } = require('./errors.js');

/** How to settle what is waited for, by id. */
const waiting = new Map();
let last = 0;

const bridge = new native.Bridge((text) => {
  const ended = JSON.parse(text);
  for (let at = 0; at < ended.length; at += 3) forget(ended[at])?.(ended[at + 1] === 1, ended[at + 2]);
});

function newId() {
  last = (last + 1) >>> 0;
  return last;
}

/** Calls `settle(failed, value)` when `id` has ended, and keeps the process alive until then. */
function expect(id, settle) {
  if (waiting.size === 0) bridge.hold(true);
  waiting.set(id, settle);
}

/** No longer waits for `id`. */
function forget(id) {
  const settle = waiting.get(id);
  if (waiting.delete(id) && waiting.size === 0) bridge.hold(false);
  return settle;
}

/** What is to be stopped when a signal aborts. Signals get one listener each: Node warns of more than ten. */
const stops = new WeakMap();

/** Throws where a call must not begin. */
function check(signal) {
  if (signal === undefined || signal === null) return;
  if (typeof signal.addEventListener !== 'function') throw new TypeError('signal must be an AbortSignal');
  if (signal.aborted) throw signal.reason;
}

/** Calls `stop(reason)` when the signal aborts. Returns what takes that back. */
function listen(signal, stop) {
  if (signal === undefined || signal === null) return undefined;
  let all = stops.get(signal);
  if (all === undefined) {
    all = new Set();
    stops.set(signal, all);
    const aborted = () => {
      for (const each of all) each(signal.reason);
    };
    signal.addEventListener('abort', aborted, { once: true });
  }
  all.add(stop);
  return () => all.delete(stop);
}

/** The error of a call that ended without an answer. */
const lost = () => new Error('the call ended without an answer: this is a bug of tidegate, please report it');

/** Runs `start`, and throws what the native half throws as it is meant. */
function guard(start) {
  try {
    return start();
  } catch (error) {
    throw raised(error);
  }
}

/** The response of the call that `start(id)` starts. */
function call(start, signal) {
  return new Promise((resolve, reject) => {
    check(signal);
    const id = newId();
    guard(() => start(id));
    const unlisten = listen(signal, (reason) => {
      forget(id);
      bridge.cancel(id);
      reject(reason);
    });
    expect(id, (failed, value) => {
      unlisten?.();
      if (failed) reject(revive(value));
      else if (value === null) reject(lost());
      else resolve(complete(value));
    });
  });
}

module.exports = { bridge, call, check, expect, forget, guard, listen, lost, newId };
