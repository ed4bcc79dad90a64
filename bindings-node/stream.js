'use strict';

const { check, expect, forget, guard, listen, lost, newId } = require('./calls.js');
const { complete, revive } = require('./errors.js');

const DONE = Object.freeze({ done: true, value: undefined });

/** The events of an answer as they arrive. The native half reads ahead a little; here they come in batches. */
class ResponseStream {
  #native;
  #events = [];
  /** How many of the events were handed out. */
  #read = 0;
  #response;
  /** What the next step throws, once all events were handed out. */
  #failure;
  /** Nothing will be handed out any more. */
  #over = false;
  /** The step that waits for a batch: `{ id, promise, resolve, reject }`. */
  #waiting;
  #unlisten;

  constructor(start, signal) {
    try {
      check(signal);
      this.#native = guard(start);
    } catch (error) {
      // One place where a stream fails: the loop over it.
      this.#failure = error;
      this.#over = true;
      return;
    }
    // The signal outlives streams: it must not keep one that was let go of, and with it its connection.
    const self = new WeakRef(this);
    this.#unlisten = listen(signal, (reason) => self.deref()?.#abort(reason));
  }

  get response() {
    if (this.#ended) return this.#response;
    throw new Error('the stream has not come to its end: the response is there after the last event');
  }

  next() {
    if (this.#waiting !== undefined) {
      const next = () => this.next();
      return this.#waiting.promise.then(next, next);
    }
    try {
      const step = this.#step();
      if (step !== undefined) return Promise.resolve(step);
      const id = newId();
      const batch = this.#native.pull(id);
      if (batch === null) return this.#wait(id);
      this.#accept(JSON.parse(batch));
      return this.next();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  return(value) {
    this.#close();
    const step = this.#waiting;
    if (step !== undefined) {
      this.#waiting = undefined;
      forget(step.id);
      step.resolve(DONE);
    }
    return Promise.resolve({ done: true, value });
  }

  async collect() {
    while (!(await this.next()).done);
    return this.response;
  }

  [Symbol.asyncIterator]() {
    // Its rest would look like an empty answer.
    if (this.#over && this.#response === undefined && this.#failure === undefined) {
      throw new Error('this stream was left before its end, which closed it: start a new one');
    }
    return this;
  }

  /** All events were handed out, and the answer is whole. */
  get #ended() {
    return this.#response !== undefined && this.#read === this.#events.length;
  }

  /** The next step if it is known. */
  #step() {
    if (this.#read < this.#events.length) {
      const value = this.#events[this.#read++];
      if (this.#ended) this.#unlisten?.();
      return { done: false, value };
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      this.#over = true;
      this.#unlisten?.();
      throw failure;
    }
    if (!this.#over && this.#response === undefined) return undefined;
    this.#over = true;
    return DONE;
  }

  #wait(id) {
    const step = { id };
    step.promise = new Promise((resolve, reject) => Object.assign(step, { resolve, reject }));
    this.#waiting = step;
    expect(id, (_, batch) => {
      this.#waiting = undefined;
      this.#accept(batch);
      try {
        step.resolve(this.#step());
      } catch (error) {
        step.reject(error);
      }
    });
    return step.promise;
  }

  #accept(batch) {
    this.#events = batch ?? [{ error: null }];
    this.#read = 0;
    const { response, error } = this.#events.at(-1);
    if (response === undefined && error === undefined) return;
    this.#events.pop();
    if (response) this.#response = complete(response);
    else this.#failure = error ? revive(error) : lost();
  }

  #abort(reason) {
    if (this.#over || this.#ended) return;
    this.#close();
    const step = this.#waiting;
    if (step === undefined) {
      this.#failure = reason;
      return;
    }
    this.#waiting = undefined;
    forget(step.id);
    step.reject(reason);
  }

  #close() {
    // Without its last events the answer would pass for one that was read.
    if (!this.#ended) this.#response = undefined;
    this.#over = true;
    this.#events = [];
    this.#read = 0;
    this.#failure = undefined;
    this.#unlisten?.();
    this.#native?.close();
  }
}

module.exports = { ResponseStream };
