/// <reference lib="esnext.disposable" />

import type {
  ChatRequest,
  EmbedRequest,
  ErrorFields,
  Event,
  Explanation,
  Message,
  RerankRequest,
  Response,
  TargetHealth,
  TidegateError,
} from './model';
import type { EitherCase } from './openai';

export * from './model';
export type * from './openai';

/** What may be said beside a request. */
export interface CallOptions {
  /** Aborting it closes the connection to the provider at once and rejects with the signal's reason. */
  signal?: AbortSignal | null;
}

/** A function that judges an answer: it returns the reason to reject it, or nothing. */
export type Check = (response: Response) => string | null | undefined | Promise<string | null | undefined>;

/** What a gateway is given beside its configuration. */
export interface GatewayOptions {
  /**
   * Functions by name, for routes whose `reject.check` names one. The deadline of the call holds for them too; one that
   * throws rejects nothing, and the process is warned of it.
   */
  checks?: Record<string, Check>;
}

/** What a simulated world holds. */
export interface SimDescription {
  /** Decides everything that is left to chance. Default: 1. */
  seed?: number;
  /** `runs`: time passes by itself, at once. `stopped`: what waits keeps waiting until it is cancelled. Default: `runs`. */
  clock?: 'runs' | 'stopped';
  /** What upstreams do, by host. */
  upstreams?: Record<string, object>;
}

/** A request that reached a simulated upstream. */
export interface SimRequest {
  /** Seconds since the simulation began. */
  at: number;
  method: string;
  url: string;
  /** Keys are shown as `***`. */
  headers: Record<string, string>;
  /** Parsed where it is JSON, else its text. */
  body: unknown;
  /** `client` where the client gave up before the upstream was done; null while it is under way. */
  closedBy: 'client' | 'upstream' | null;
}

/**
 * A simulated world for tests: a virtual clock, seeded chance and a scripted network, where an hour of outage takes no time.
 *
 * ```js
 * const sim = new Sim({ upstreams: { 'api.test': { then: { status: 503 } } } });
 * const gateway = new Gateway(config).withSim(sim);
 * ```
 */
export class Sim {
  /** @throws {Config} where the description cannot be read. */
  constructor(description?: SimDescription);
  /** What all upstreams saw so far, in order. */
  readonly requests: SimRequest[];
  /** The same as canonical JSON, for snapshots: the same text in every language. */
  readonly requestsJson: string;
}

/**
 * An LLM gateway inside this process. It may be used for any number of calls at the same time.
 *
 * A call that is awaited keeps the process alive; a gateway, or a stream that nobody reads, does not.
 */
export class Gateway {
  /**
   * A gateway for the keys of the configuration file. Opens no connection. Without configuration every built-in provider is
   * there, as `provider/model`.
   *
   * @throws {Config} where a key is unknown or has a wrong value; the message names it.
   */
  constructor(
    config?: object,
    /** `fromEnv`: built-in providers take their keys from the environment, such as `GROQ_API_KEY`. Default: false. */
    options?: { fromEnv?: boolean } & GatewayOptions,
  );
  /** A gateway for a TOML file. */
  static fromFile(path: string | URL, options?: GatewayOptions): Gateway;
  /** A gateway for TOML text. */
  static fromToml(text: string, options?: GatewayOptions): Gateway;
  /**
   * The same gateway in a simulated world.
   *
   * @throws {TypeError} where it is no {@link Sim}.
   */
  withSim(sim: Sim): Gateway;
  /** Answers a chat with the whole response. Rejects with a {@link TidegateError}, or with the signal's reason. */
  chat(request: EitherCase<ChatRequest>, options?: CallOptions): Promise<Response>;
  /**
   * Answers a chat event by event. It begins at once, whether it is read or not, and reads only a little ahead. Leaving the
   * loop closes the connection, and so do `return()`, the signal, and letting go of the stream.
   *
   * It throws nothing itself: a request that cannot be sent, a signal that has aborted, and whatever fails later are thrown
   * by the loop, at its first step or where they happen.
   */
  stream(request: EitherCase<ChatRequest>, options?: CallOptions): ResponseStream;
  /** Turns texts into vectors: the response's `vectors`, one a text of `input`. */
  embed(request: EitherCase<EmbedRequest>, options?: CallOptions): Promise<Response>;
  /** Ranks documents by how much they say to a query: the response's `rankings`, the best first. */
  rerank(request: EitherCase<RerankRequest>, options?: CallOptions): Promise<Response>;
  /**
   * What would become of a request at this moment: its targets in order, and why each would be tried or passed over. Nothing
   * is sent, and nothing counts.
   *
   * @throws {TidegateError} where the request cannot be sent.
   */
  explain(request: EitherCase<ChatRequest> | EitherCase<EmbedRequest> | EitherCase<RerankRequest>): Explanation;
  /** How the targets are that this gateway has called, by their names. */
  health(): TargetHealth[];
  /**
   * Takes another configuration from now on, with the keys of the configuration file.
   *
   * Calls under way end as they began, and what is known of targets stays: breakers, latencies, waits that were asked for.
   *
   * @throws {Config} where the configuration is wrong; then nothing has changed.
   */
  reload(config: object, options?: { fromEnv?: boolean }): void;
  /**
   * Reads the file of the configuration again, and takes what it says now, as {@link reload} does.
   *
   * @throws {Config} where it is wrong or there is no file; then nothing has changed.
   */
  reloadFile(): void;
  /**
   * Looks every so many seconds whether the file of the configuration has changed, and takes what it says then, as
   * {@link reloadFile} does.
   *
   * `callback` is told of each change: null if it was taken, or the error that says why it was not. It goes on until what
   * this returns is closed, or the gateway, and does not keep the process alive.
   *
   * @throws {Config} where there is no file, or `every` is not above zero.
   */
  watch(every: number, callback?: (error: TidegateError | null) => unknown): Subscription;
  /**
   * Tells `callback` of each target whose state changes, such as one whose breaker opens: for logs and alerts. It goes on
   * until what this returns is closed, or the gateway, and does not keep the process alive.
   */
  observeHealth(callback: (health: TargetHealth) => unknown): Subscription;
  /** Closes idle connections, and what was subscribed. Running calls go on; new ones fail with {@link InvalidRequest}. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Keeps a function called that a gateway was given. The process is warned of one that throws, or whose promise rejects, and it
 * goes on being called.
 */
export interface Subscription {
  /** Ends it. */
  close(): void;
  [Symbol.dispose](): void;
}

// Not derived from `AsyncIterableIterator`, whose parameters changed with TypeScript 5.6.
/** The events of an answer as they arrive, for one `for await` loop. */
export interface ResponseStream {
  /** The next event. Rejects where the answer fails, and with the signal's reason. */
  next(): Promise<IteratorResult<Event, undefined>>;
  /** The whole response, once the last event has been read. Throws before that. */
  readonly response: Response;
  /** Reads what is left and returns the whole response. */
  collect(): Promise<Response>;
  /** Stops the answer and closes its connection. */
  return(): Promise<IteratorResult<Event, undefined>>;
  [Symbol.asyncIterator](): this;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The class of streams, for `instanceof`; {@link Gateway.stream} makes them. */
export const ResponseStream: { readonly prototype: ResponseStream };

/**
 * The canonical JSON of a response, an event, a message, an error, an explanation or the health of a target: the same text in
 * every language. Useful for logs and snapshots.
 */
export function canonicalJson(
  value: Response | Event | Message | TidegateError | ErrorFields | Explanation | TargetHealth,
): string;

/** The JSON Schema of the configuration. */
export function configSchema(): Record<string, unknown>;

/** The version of the package. */
export const version: string;
