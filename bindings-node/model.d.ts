// The model's types. Generated from `core/model.schema.json` by `core/codegen/typescript.py`: do not edit, run
// `make generate`.

import type { OpenAIMessage, OpenAIResponseFormat, OpenAITool, OpenAIToolChoice } from './openai';

type Keys<T> = T extends unknown ? keyof T : never;
/** Members of a union, where each may be asked for the properties of the others. */
type Union<T, All extends PropertyKey = Keys<T>> = T extends unknown
  ? T & { [Key in Exclude<All, keyof T>]?: undefined }
  : never;

/**
 * Who comes first where calls wait for a place at a target (the configuration's `concurrency`).
 *
 * - `interactive`: Somebody waits for the answer: before all `batch` requests.
 * - `batch`: Nobody does: behind the others, and where the queue is full, out of it for one of them.
 */
export type Priority = 'interactive' | 'batch';

/** One turn of a conversation. */
export interface Message {
  /** Who speaks. */
  role: Role;
  /** What is said. */
  content: Array<Part>;
  /** The speaker's name, where several share a role. */
  name?: string;
  /** Further keys for the provider's own form of this message, sent as they are. */
  extra?: Record<string, unknown>;
}

/**
 * Who speaks.
 *
 * - `system`: Instructions from the application.
 * - `developer`: The same under the name that newer OpenAI models use.
 * - `user`: The person.
 * - `assistant`: The model.
 * - `tool`: A tool's result.
 */
export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** Visible text. */
export interface TextPart {
  type: 'text';
  /** The text. */
  text: string;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** A picture. */
export interface ImagePart {
  type: 'image';
  /** An address that the provider fetches; the gateway never opens it. */
  url?: string;
  /** The bytes, base64. */
  data?: string;
  /** The provider's id of an uploaded file. */
  fileId?: string;
  /** Plain text standing for a document. */
  text?: string;
  /** The media type, such as `image/png`. Required with `data`. */
  mime?: string;
  /** The name of the file. */
  filename?: string;
  /** How closely to look: `low`, `high`, `auto` (OpenAI). */
  detail?: string;
  /** What was said, where the provider transcribes its audio. */
  transcript?: string;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** Sound. */
export interface AudioPart {
  type: 'audio';
  /** An address that the provider fetches; the gateway never opens it. */
  url?: string;
  /** The bytes, base64. */
  data?: string;
  /** The provider's id of an uploaded file. */
  fileId?: string;
  /** Plain text standing for a document. */
  text?: string;
  /** The media type, such as `image/png`. Required with `data`. */
  mime?: string;
  /** The name of the file. */
  filename?: string;
  /** How closely to look: `low`, `high`, `auto` (OpenAI). */
  detail?: string;
  /** What was said, where the provider transcribes its audio. */
  transcript?: string;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** A document, a video or any other file; `mime` says which. */
export interface FilePart {
  type: 'file';
  /** An address that the provider fetches; the gateway never opens it. */
  url?: string;
  /** The bytes, base64. */
  data?: string;
  /** The provider's id of an uploaded file. */
  fileId?: string;
  /** Plain text standing for a document. */
  text?: string;
  /** The media type, such as `image/png`. Required with `data`. */
  mime?: string;
  /** The name of the file. */
  filename?: string;
  /** How closely to look: `low`, `high`, `auto` (OpenAI). */
  detail?: string;
  /** What was said, where the provider transcribes its audio. */
  transcript?: string;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** The model's thinking, as far as the provider shows it. May be empty where only the `state` was sent. */
export interface ReasoningPart {
  type: 'reasoning';
  /** The text. */
  text: string;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** The model asks for a tool. */
export interface ToolCallPart {
  type: 'tool_call';
  /** The id that the result has to carry. Where the wire has none (Gemini), one is made. */
  id: string;
  /** The tool. */
  name: string;
  /** The arguments, parsed; null where the text is not JSON. Empty text is the empty object. */
  arguments?: unknown;
  /** The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired. */
  argumentsRaw: string;
  /** Whether the arguments are JSON and follow the parameters of the tool. */
  argsValid?: boolean;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** What the tool answered. */
export interface ToolResultPart {
  type: 'tool_result';
  /** The id of the call. */
  id: string;
  /** The tool's name. Gemini needs it; where it is missing it is looked up in the calls before. */
  name?: string;
  /** The answer. */
  content: Array<Part>;
  /** Whether the tool failed. */
  isError?: boolean;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** The model declines. */
export interface RefusalPart {
  type: 'refusal';
  /** Its words. */
  text: string;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** A source for the text before it. */
export interface CitationPart {
  type: 'citation';
  /** The address of the source. */
  url?: string;
  /** Its title. */
  title?: string;
  /** The words that are quoted from it. */
  citedText?: string;
  /** Where the supported passage begins in the answer's text, in the provider's own unit. */
  start?: number;
  /** Where it ends. */
  end?: number;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/** Something only one provider has (a server-side tool's call or result, code it ran): kept as it came. */
export interface OtherPart {
  type: 'other';
  /** The provider's own name for it, such as `server_tool_use`. */
  kind: string;
  /** The whole of it. */
  data: unknown;
  /** Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another. */
  state?: ProviderState;
  /**
   * Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no marker,
   * and it is left out for them.
   */
  cacheControl?: CacheControl;
  /** Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`; ...). */
  extra?: Record<string, unknown>;
}

/**
 * One piece of a message or of an answer.
 *
 * The content says what it is; beside it stands what only the provider understands (`state`), which has to be sent
 * back on the next turn, and what the caller asks for this piece (`cacheControl`, `extra`).
 */
export type Part = Union<TextPart | ImagePart | AudioPart | FilePart | ReasoningPart | ToolCallPart | ToolResultPart | RefusalPart | CitationPart | OtherPart>;

/** The model asks for a tool. */
export interface ToolCall {
  /** The id that the result has to carry. Where the wire has none (Gemini), one is made. */
  id: string;
  /** The tool. */
  name: string;
  /** The arguments, parsed; null where the text is not JSON. Empty text is the empty object. */
  arguments: unknown;
  /** The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired. */
  argumentsRaw: string;
  /** Whether the arguments are JSON and follow the parameters of the tool. */
  argsValid: boolean;
}

/** Opaque provider state of a part. */
export interface ProviderState {
  /** The configured provider that sent it; empty where the caller's message did not say. */
  provider?: string;
  /** The state, in the provider's own words: `signature`, `thoughtSignature`, `reasoning_details`, ... */
  data: Record<string, unknown>;
}

/** A request to cache the prompt up to this part. */
export interface CacheControl {
  /** How long: `5m` (the default of the providers) or `1h`. */
  ttl?: string;
}

/** A function of the caller: the gateway hands back the call and the caller sends the result. */
export interface FunctionTool {
  type: 'function';
  /** Its name. */
  name: string;
  /** What it does, for the model. */
  description?: string | null;
  /** Its arguments as JSON Schema. */
  parameters?: unknown;
  /** Whether the arguments must follow the schema exactly. */
  strict?: boolean | null;
  /** Where the provider should end a cached prefix (Anthropic). */
  cacheControl?: CacheControl | null;
}

/**
 * A tool that only one provider has, in the provider's own words: one that it runs itself (web search, code), or one
 * of a form of its own (OpenAI's `custom`).
 */
export interface HostedTool {
  type: 'hosted';
  /** The definition, sent as it is. */
  tool: Record<string, unknown>;
}

/** What the model may call. */
export type Tool = Union<FunctionTool | HostedTool>;

/** Which tool the model must call. */
export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string };

/** Any text. */
export interface TextResponseFormat {
  type: 'text';
}

/** Any JSON object. */
export interface JsonObjectResponseFormat {
  type: 'json_object';
}

/** JSON that follows a schema. */
export interface JsonSchemaResponseFormat {
  type: 'json_schema';
  /** A name for it. */
  name?: string | null;
  /** What it is, for the model. */
  description?: string | null;
  /** The JSON Schema. */
  schema: unknown;
  /** Whether the answer must follow it exactly. */
  strict?: boolean | null;
}

/** The form of the answer. */
export type ResponseFormat = Union<TextResponseFormat | JsonObjectResponseFormat | JsonSchemaResponseFormat>;

/** How much to think. At most one of `effort` and `budgetTokens`. */
export interface Reasoning {
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`. */
  effort?: string | null;
  /** The most tokens to think. */
  budgetTokens?: number | bigint | null;
  /** Whether the answer should show the thinking (or its summary). */
  include?: boolean | null;
}

/**
 * What vectors are for: some models make others for a question than for the texts that may answer it.
 *
 * - `query`: A query that is to find documents.
 * - `document`: A document that is to be found.
 * - `classification`: To tell classes of texts apart.
 * - `clustering`: To find groups of texts.
 * - `similarity`: To compare texts of one kind with each other.
 */
export type InputType = 'query' | 'document' | 'classification' | 'clustering' | 'similarity';

/** The whole answer, the same whichever provider gave it. */
export interface Response {
  /** The provider's id of the answer. */
  id: string | null;
  /** The model that the provider says answered; the target's where it does not say. */
  model: string;
  /** The route (or `provider/model`) that was asked for. */
  route: string;
  /** The target that answered: `provider/model`. */
  target: string;
  /** All visible text, joined. */
  text: string;
  /** All thinking that the provider shows, joined. */
  reasoning: string | null;
  /** The refusal's words, if the model declined. */
  refusal: string | null;
  /** The tool calls, in order. */
  toolCalls: Array<ToolCall>;
  /** Everything that was said, in order. */
  parts: Array<Part>;
  /** Why it ended. */
  finishReason: FinishReason;
  /** The provider's own word for it. */
  finishReasonRaw: string | null;
  /** The stop sequence that was met, where the provider says it. */
  stopSequence?: string;
  /** The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `null` of anything else. */
  usage: Usage | null;
  /** What it cost; `null` where no price is known. */
  cost: Money | null;
  /** Whether it came from the gateway's cache. */
  cached: boolean;
  /** Set where it is not the real thing: the route failed, as `attempts` say, and its fallback answered. */
  fallback?: Fallback;
  /** Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`). */
  rejected?: string;
  /** Where other targets went on with an answer that had broken off (`stream.on_interrupt = "continue"`). */
  seams?: Array<Seam>;
  /** Log probabilities, where they were asked for. */
  logprobs?: Array<TokenLogprob>;
  /** The vectors of an embedding, one an input. */
  vectors?: Array<Array<number>>;
  /** The documents of a ranking, the best first. */
  rankings?: Array<Ranking>;
  /** What the request asked for and this target cannot do, where `on_unsupported = "drop"`. */
  dropped?: Array<string>;
  /** All attempts, the one that answered last. */
  attempts: Array<AttemptRecord>;
  /** How long it took. */
  latency: Latency;
  /** The provider's id of the request, for its support. */
  requestId: string | null;
  /** The answer as a message: append it to `messages` for the next turn. It keeps the provider's state. */
  message: Message;
}

/**
 * Why an answer ended.
 *
 * - `stop`: The model was done, or met a stop sequence.
 * - `length`: The token limit was reached.
 * - `tool_calls`: The model waits for the results of its tool calls.
 * - `content_filter`: The provider's content policy cut it off.
 * - `other`: Something else: `finishReasonRaw` has the provider's own word.
 */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other';

/** Tokens of one answer. Totals are inclusive: a part never exceeds its total. */
export interface Usage {
  /** All tokens read, `cachedInputTokens` and `cacheWriteTokens` among them. */
  inputTokens: number;
  /** All tokens written, `reasoningTokens` among them. */
  outputTokens: number;
  /** Input that was read from the provider's cache. */
  cachedInputTokens?: number;
  /** Input that was written to the provider's cache, of any lifetime. */
  cacheWriteTokens?: number;
  /** The part of `cacheWriteTokens` that is kept for an hour (Anthropic), which costs more. */
  cacheWrite1hTokens?: number;
  /** Output that was thinking. */
  reasoningTokens?: number;
  /** Input that was sound. */
  inputAudioTokens?: number;
  /** Output that is sound. */
  outputAudioTokens?: number;
  /** What a ranking is billed by where it is not by tokens (Cohere): a query with up to 100 documents is one. */
  searchUnits?: number;
  /** The gateway counted because the provider did not say. */
  estimated: boolean;
  /** The provider's numbers were impossible (negative, or a part above its total) and were clamped. */
  clamped?: boolean;
}

/** An amount of money: an integer of nano-dollars, so that sums are exact. */
export interface Money {
  /** Nano-dollars: 1 USD is 1,000,000,000. An integer, so that sums are exact. */
  nanoUsd: number;
  /** The same in dollars, as an exact decimal. */
  usd: string;
}

/**
 * What answers for a route that failed.
 *
 * - `route`: Another route.
 * - `reply`: The text that the configuration has for it: no model was asked.
 */
export type Fallback = 'route' | 'reply';

/** Where another target went on with the words of an answer that had broken off. */
export interface Seam {
  /** How many characters (code points) of `text` came before. */
  at: number;
  /** The target that went on: `provider/model`. */
  target: string;
  /** What became of the one before. */
  reason: Kind;
}

/**
 * What went wrong, in one word. Every binding derives its exception classes from this list.
 *
 * - `invalid_request`: The request is wrong in itself; sending it again anywhere is pointless.
 * - `unauthenticated`: The provider does not know the key, or there is none.
 * - `permission_denied`: The key is known and may not do this.
 * - `not_found`: The provider does not have this model or path.
 * - `rate_limited`: Too many requests or tokens in a window; it passes with time.
 * - `quota_exhausted`: The account's money or quota is used up; waiting does not help.
 * - `overloaded`: The provider is too busy (503, 529).
 * - `server`: The provider failed (5xx).
 * - `timeout`: One of the four timeouts passed; `context` names which.
 * - `connection`: No connection: name resolution, refused, reset, proxy, out of sockets.
 * - `tls`: The TLS handshake failed.
 * - `protocol`: The provider's answer breaks HTTP or its own format; `context` has the `reason`.
 * - `stream_incomplete`: A stream ended without its terminal marker; `partial` has what arrived.
 * - `context_too_long`: The prompt does not fit into the model's context window.
 * - `content_filtered`: The provider refused because of its content policy.
 * - `cancelled`: The caller cancelled.
 * - `budget_exceeded`: A budget of this gateway is spent.
 * - `throttled`: A rate limit of this gateway is reached.
 * - `blocked`: A guard of this gateway refused.
 * - `no_route`: The model names neither a route nor a known provider.
 * - `config`: The configuration is wrong.
 * - `unsupported`: A target cannot do what the request asks for.
 * - `store`: The state store failed.
 * - `invalid_output`: The answer is not what the request's schema or the route demands; `partial` has it.
 */
export type Kind = 'invalid_request' | 'unauthenticated' | 'permission_denied' | 'not_found' | 'rate_limited' | 'quota_exhausted' | 'overloaded' | 'server' | 'timeout' | 'connection' | 'tls' | 'protocol' | 'stream_incomplete' | 'context_too_long' | 'content_filtered' | 'cancelled' | 'budget_exceeded' | 'throttled' | 'blocked' | 'no_route' | 'config' | 'unsupported' | 'store' | 'invalid_output';

/** One token and how likely it was. */
export interface TokenLogprob {
  /** The token. */
  token: string;
  /** Its natural-log probability. */
  logprob: number;
  /** The likeliest alternatives. */
  top?: Array<TokenLogprob>;
}

/** How much one document says to the query of a ranking. */
export interface Ranking {
  /** Which document: its place in the request's `documents`. */
  index: number;
  /** How much it says, as the model has it: most answer 0 to 1, some any number. More is better. */
  relevanceScore: number;
}

/** One try at one target, or why there was none. */
export interface AttemptRecord {
  /** `provider/model`. */
  target: string;
  /** Why it was chosen; in JSON, left out for `first`. */
  why?: Why;
  /** Why it was passed over, so that nothing was sent. */
  skipped?: Skipped;
  /** What went wrong; `null` for the attempt that answered. */
  kind: Kind | null;
  /** The HTTP status, if there was an answer. */
  status: number | null;
  /** What went wrong, in words. */
  message?: string;
  /** How long the call waited before; in JSON, seconds, and left out where it did not. */
  waited?: number;
  /** What it waited for. */
  waitedFor?: WaitReason;
  /** The tokens that an attempt may have cost that was cut off, by a count of our own. */
  estimatedTokens?: number;
  /** How long it took; in JSON, seconds. */
  time: number;
}

/**
 * Why a target was chosen.
 *
 * - `first`: It stands first in the route.
 * - `weight`: Its share of the route's calls.
 * - `least_in_flight`: It has the fewest calls in flight.
 * - `latency`: It answers fastest.
 * - `exploration`: A try at one that is slower or little known, so that its latency is known.
 * - `price`: It is the cheapest.
 * - `sticky`: Calls with this label go there.
 * - `prompt_cache`: It has the beginning of this prompt in its cache.
 * - `failover`: The one before failed.
 * - `retry`: It failed, and is tried again.
 * - `hedge`: The one before took long: whichever answers first counts.
 * - `resume`: A stream broke, and the answer goes on there.
 */
export type Why = 'first' | 'weight' | 'least_in_flight' | 'latency' | 'exploration' | 'price' | 'sticky' | 'prompt_cache' | 'failover' | 'retry' | 'hedge' | 'resume';

/**
 * Why a target was passed over: nothing was sent to it.
 *
 * - `breaker`: Its circuit breaker is open, or its region's is.
 * - `cooldown`: It asked not to be called yet, or its rate limit is used up.
 * - `retry_budget`: Too many of the calls before were tried again already.
 * - `concurrency`: It has as many calls in flight as it may have, and the queue is full or took too long.
 * - `unsupported`: It cannot do what the request asks for.
 * - `unsent`: Nothing could be sent, such as without a key.
 */
export type Skipped = 'breaker' | 'cooldown' | 'retry_budget' | 'concurrency' | 'unsupported' | 'unsent';

/**
 * What a call waited for before an attempt.
 *
 * - `backoff`: The gateway's own delay before the same target is tried again.
 * - `retry_after`: The target asked for it.
 */
export type WaitReason = 'backoff' | 'retry_after';

/** How long an answer took. */
export interface Latency {
  /** From the call to the first content, retries included; in JSON, seconds. */
  firstContent: number;
  /** From the call to the end; in JSON, seconds. */
  total: number;
}

/** The answer has begun. Always first, and again behind `restart` and `continued`; not content. */
export interface StartEvent {
  type: 'start';
  /** The provider's id of the answer. */
  id: string | null;
  /** The model that the provider says answers. */
  model: string | null;
  /** Set where it is not the real thing: the route failed, and its fallback answers. */
  fallback?: Fallback;
}

/** A fragment of visible text. */
export interface TextEvent {
  type: 'text';
  /** The part. */
  index: number;
  /** The fragment. */
  text: string;
}

/** A fragment of the model's thinking. */
export interface ReasoningEvent {
  type: 'reasoning';
  /** The part. */
  index: number;
  /** The fragment. */
  text: string;
}

/** A tool call has begun. */
export interface ToolCallEvent {
  type: 'tool_call';
  /** The part. */
  index: number;
  /** The call's id. */
  id: string;
  /** The tool. */
  name: string;
}

/** A fragment of a tool call's arguments. */
export interface ArgumentsEvent {
  type: 'arguments';
  /** The part. */
  index: number;
  /** The fragment of JSON text. */
  fragment: string;
}

/** A fragment of a refusal. */
export interface RefusalEvent {
  type: 'refusal';
  /** The part. */
  index: number;
  /** The fragment. */
  text: string;
}

/** A source. */
export interface CitationEvent {
  type: 'citation';
  /** The part. */
  index: number;
  /** The address of the source. */
  url?: string;
  /** Its title. */
  title?: string;
  /** The words that are quoted from it. */
  citedText?: string;
  /** Where the supported passage begins in the answer's text, in the provider's own unit. */
  start?: number;
  /** Where it ends. */
  end?: number;
  /** The provider's own form of it, for the next turn. */
  state?: ProviderState;
}

/**
 * A part that arrives whole: an image, audio, a file, something of the provider's own. Audio may come in fragments, which
 * join if they have the same index.
 */
export interface PartEvent {
  type: 'part';
  /** The part's place. */
  index: number;
  /** The part. */
  part: Part;
}

/** Opaque provider state of the part `index`; it replaces the same keys sent before. Not content. */
export interface StateEvent {
  type: 'state';
  /** The part. */
  index: number;
  /** The state. */
  state: ProviderState;
}

/** Log probabilities of the tokens just sent. Not content. */
export interface LogprobsEvent {
  type: 'logprobs';
  /** One entry a token. */
  tokens: Array<TokenLogprob>;
}

/** One vector of an embedding. */
export interface EmbeddingEvent {
  type: 'embedding';
  /** Which input it belongs to. */
  index: number;
  /** The vector. */
  vector: Array<number>;
}

/** One document of a ranking, the best first. */
export interface RankingEvent {
  type: 'ranking';
  /** Which document: its place in the request's `documents`. */
  index: number;
  /** How much it says, as the model has it: most answer 0 to 1, some any number. More is better. */
  relevanceScore: number;
}

/**
 * The answer broke off, and another target begins anew: what came before this event is void. Only where the route
 * asks for it (`stream.on_interrupt`); not content.
 */
export interface RestartEvent {
  type: 'restart';
  /** The target that begins anew: `provider/model`. */
  target: string;
  /** What became of the one before. */
  reason: Kind;
}

/**
 * The answer broke off, and a target goes on with its words: what follows may be another model's. Only where the route
 * asks for it (`stream.on_interrupt`); not content.
 */
export interface ContinuedEvent {
  type: 'continued';
  /** The target that goes on: `provider/model`. */
  target: string;
  /** What became of the one before. */
  reason: Kind;
}

/** The answer is complete. Always last. */
export interface EndEvent {
  type: 'end';
  /** Why it ended. */
  finishReason: FinishReason;
  /** The provider's own word for it. */
  finishReasonRaw: string | null;
  /** The stop sequence that was met, where the provider says it. */
  stopSequence?: string;
  /** The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `null` of anything else. */
  usage: Usage | null;
  /** What the provider says it cost. */
  cost: Money | null;
  /** Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`). */
  rejected?: string;
}

/**
 * One event of a reply. `index` is the part that the event belongs to: its place in the response's `parts`.
 *
 * Events of one part may come interleaved with those of another; text fragments of the same index join to one part.
 */
export type Event = Union<StartEvent | TextEvent | ReasoningEvent | ToolCallEvent | ArgumentsEvent | RefusalEvent | CitationEvent | PartEvent | StateEvent | LogprobsEvent | EmbeddingEvent | RankingEvent | RestartEvent | ContinuedEvent | EndEvent>;

/**
 * Whose fault it is.
 *
 * - `caller`: The request or the configuration.
 * - `gateway`: This gateway.
 * - `provider`: The provider, or the way to it.
 */
export type Origin = 'caller' | 'gateway' | 'provider';

/** What would become of a request, at this moment. */
export interface Explanation {
  /** The route, or the `provider/model` that was asked for. */
  route: string;
  /** Its targets in the order in which they would be tried. */
  candidates: Array<Candidate>;
  /** The most attempts that there would be. */
  maxAttempts: number;
  /** When a second attempt would be sent beside the first: after so many seconds. `null` for not at all. */
  hedgeAfter: number | null;
  /** When the call would be given up: after so many seconds. */
  timeout: number;
}

/** What would become of one target of a request. */
export interface Candidate {
  /** `provider/model`. */
  target: string;
  /** Why it would be tried, in its turn. */
  why: Why;
  /** Why it would be passed over. */
  skipped: Skipped | null;
  /** That in words. */
  message: string | null;
  /** How long the call would wait before; in JSON, seconds. */
  wait: number;
  /** For what. */
  waitFor: WaitReason | null;
}

/** How a target is, from the calls that this process made. */
export interface TargetHealth {
  /** `provider/model`. */
  target: string;
  /** How it is. */
  state: HealthState;
  /** For how long its breaker has been in this state; in JSON, seconds. */
  since: number;
  /** Why its breaker is not closed. */
  why: string | null;
  /** When it may be called again: the seconds until then. */
  retryIn: number | null;
  /** What it said when it failed last. */
  lastError: string | null;
  /** The calls that are under way. */
  inFlight: number;
  /** The calls that it had. */
  requests: number;
  /** How many of them failed by its fault. */
  failures: number;
  /** The share of failures among its last calls, 0 to 1. */
  failureRate: number;
  /** The time to the first content. */
  firstContent: Quantiles;
  /** The time to the end. */
  total: Quantiles;
}

/**
 * How a target is.
 *
 * - `well`: It answers.
 * - `failing`: Its last calls failed, and it is still called.
 * - `open`: It is left alone: its breaker is open.
 * - `probing`: One call is under way to see whether it is back.
 * - `returning`: It is back, and gets more calls by and by.
 */
export type HealthState = 'well' | 'failing' | 'open' | 'probing' | 'returning';

/** The median and the slow end of what was seen lately, in seconds. `null` where nothing was. */
export interface Quantiles {
  /** Half of the answers took no longer. */
  p50: number | null;
  /** 95 of 100 took no longer. */
  p95: number | null;
  /** 99 of 100 took no longer. */
  p99: number | null;
}

/** What a chat asks for. */
export interface ChatRequest {
  /** A route of the configuration, or `provider/model`. */
  model: string;
  /** The conversation so far. */
  messages: Array<Message | OpenAIMessage>;
  /** What the model may call. */
  tools?: Array<Tool | OpenAITool>;
  /** Which tool it must call. */
  toolChoice?: ToolChoice | OpenAIToolChoice | null;
  /** Whether it may call several at once. */
  parallelToolCalls?: boolean | null;
  /** The form of the answer. */
  responseFormat?: ResponseFormat | OpenAIResponseFormat | null;
  /** Randomness, 0 to 2. */
  temperature?: number | null;
  /** Nucleus sampling, 0 to 1. */
  topP?: number | null;
  /** Sample from this many likeliest tokens. */
  topK?: number | bigint | null;
  /** The most tokens to write, thinking included. */
  maxTokens?: number | bigint | null;
  /** Texts that end the answer. */
  stop?: string | string[];
  /** For repeatable sampling, as far as the provider goes. */
  seed?: number | bigint | null;
  /** -2 to 2. */
  frequencyPenalty?: number | null;
  /** -2 to 2. */
  presencePenalty?: number | null;
  /** Whether to send log probabilities. */
  logprobs?: boolean | null;
  /** How many alternatives a token, 0 to 20. */
  topLogprobs?: number | bigint | null;
  /** How much to think. */
  reasoning?: Reasoning | string | null;
  /** The tenant that asks, for reports and limits: the label `tenant`. */
  tenant?: string | null;
  /** The team that asks: the label `team`. */
  team?: string | null;
  /** What it is for: the label `feature`. */
  feature?: string | null;
  /** Who asks and for what: `tenant`, `team`, `feature`, and any other. */
  labels?: Record<string, string>;
  /** The time for everything, retries included; overrides the route's `timeout.total`. In JSON, seconds. */
  timeout?: number | null;
  /** Who comes first where calls wait for a place at a target. */
  priority?: Priority;
  /**
   * Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
   * that must not be answered twice. Default: true.
   */
  hedge?: boolean;
  /**
   * How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
   * retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
   */
  retryAttempt?: number | bigint;
  /** Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote. */
  extra?: Record<string, unknown>;
}

/** What an embedding asks for. */
export interface EmbedRequest {
  /** A route of the configuration, or `provider/model`. */
  model: string;
  /** The texts. */
  input: string | string[];
  /** The length of the vectors, where the model can shorten them. */
  dimensions?: number | bigint | null;
  /** What the vectors are for, where the model makes others for each purpose. */
  inputType?: InputType | null;
  /** The tenant that asks, for reports and limits: the label `tenant`. */
  tenant?: string | null;
  /** The team that asks: the label `team`. */
  team?: string | null;
  /** What it is for: the label `feature`. */
  feature?: string | null;
  /** Who asks and for what: `tenant`, `team`, `feature`, and any other. */
  labels?: Record<string, string>;
  /** The time for everything, retries included; overrides the route's `timeout.total`. In JSON, seconds. */
  timeout?: number | null;
  /** Who comes first where calls wait for a place at a target. */
  priority?: Priority;
  /**
   * Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
   * that must not be answered twice. Default: true.
   */
  hedge?: boolean;
  /**
   * How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
   * retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
   */
  retryAttempt?: number | bigint;
  /** Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote. */
  extra?: Record<string, unknown>;
}

/** What a ranking asks for. */
export interface RerankRequest {
  /** A route of the configuration, or `provider/model`. */
  model: string;
  /** What is looked for. */
  query: string;
  /** The documents. */
  documents: Array<string>;
  /** How many to answer with, the best; all by default. */
  topN?: number | bigint | null;
  /** The tenant that asks, for reports and limits: the label `tenant`. */
  tenant?: string | null;
  /** The team that asks: the label `team`. */
  team?: string | null;
  /** What it is for: the label `feature`. */
  feature?: string | null;
  /** Who asks and for what: `tenant`, `team`, `feature`, and any other. */
  labels?: Record<string, string>;
  /** The time for everything, retries included; overrides the route's `timeout.total`. In JSON, seconds. */
  timeout?: number | null;
  /** Who comes first where calls wait for a place at a target. */
  priority?: Priority;
  /**
   * Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a request
   * that must not be answered twice. Default: true.
   */
  hedge?: boolean;
  /**
   * How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it is a
   * retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
   */
  retryAttempt?: number | bigint;
  /** Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote. */
  extra?: Record<string, unknown>;
}

/** What an error says, as plain data. */
export interface ErrorFields {
  /** What went wrong, in one word. */
  kind: Kind;
  /** What failed, with which value, and what to do. Never holds a key, a URL query or a prompt. */
  message: string;
  /** Whose fault it is. */
  origin: Origin;
  /** Whether the same target may answer if it is tried again, after `retryAfter` where there is one. */
  retryable: boolean;
  /** The HTTP status, if there was an answer. */
  status: number | null;
  /** The provider's name. */
  provider: string | null;
  /** The provider's id of the request, for its support. */
  requestId: string | null;
  /** How long the provider asked to wait, in seconds. */
  retryAfter: number | null;
  /** Facts, such as the `field` that is wrong or the `timeout` that passed. */
  context: Record<string, string>;
  /** What had arrived before the failure. */
  partial: Response | null;
  /** The attempts that were made, in order. */
  attempts: Array<AttemptRecord>;
}

/**
 * What failed, with which value, and what to do. Every kind of error has a class of its own.
 *
 * `instanceof` also knows errors that another realm or another copy of this package made.
 */
export class TidegateError extends Error implements ErrorFields {
  constructor(message: string, fields: Partial<Omit<ErrorFields, 'message'>> & { kind: Kind });
  /** What went wrong, in one word. */
  readonly kind: Kind;
  /** Whose fault it is. */
  readonly origin: Origin;
  /** Whether the same target may answer if it is tried again, after `retryAfter` where there is one. */
  readonly retryable: boolean;
  /** The HTTP status, if there was an answer. */
  readonly status: number | null;
  /** The provider's name. */
  readonly provider: string | null;
  /** The provider's id of the request, for its support. */
  readonly requestId: string | null;
  /** How long the provider asked to wait, in seconds. */
  readonly retryAfter: number | null;
  /** Facts, such as the `field` that is wrong or the `timeout` that passed. */
  readonly context: Record<string, string>;
  /** What had arrived before the failure. */
  readonly partial: Response | null;
  /** The attempts that were made, in order. */
  readonly attempts: Array<AttemptRecord>;
  /** As plain data, for `JSON.stringify`. */
  toJSON(): ErrorFields;
}

/** The request is wrong in itself; sending it again anywhere is pointless. */
export class InvalidRequest extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'invalid_request';
  readonly kind: 'invalid_request';
}

/** The provider does not know the key, or there is none. */
export class Unauthenticated extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'unauthenticated';
  readonly kind: 'unauthenticated';
}

/** The key is known and may not do this. */
export class PermissionDenied extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'permission_denied';
  readonly kind: 'permission_denied';
}

/** The provider does not have this model or path. */
export class NotFound extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'not_found';
  readonly kind: 'not_found';
}

/** Too many requests or tokens in a window; it passes with time. */
export class RateLimited extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'rate_limited';
  readonly kind: 'rate_limited';
}

/** The account's money or quota is used up; waiting does not help. */
export class QuotaExhausted extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'quota_exhausted';
  readonly kind: 'quota_exhausted';
}

/** The provider is too busy (503, 529). */
export class Overloaded extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'overloaded';
  readonly kind: 'overloaded';
}

/** The provider failed (5xx). */
export class Server extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'server';
  readonly kind: 'server';
}

/** One of the four timeouts passed; `context` names which. */
export class Timeout extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'timeout';
  readonly kind: 'timeout';
}

/** No connection: name resolution, refused, reset, proxy, out of sockets. */
export class Connection extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'connection';
  readonly kind: 'connection';
}

/** The TLS handshake failed. */
export class Tls extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'tls';
  readonly kind: 'tls';
}

/** The provider's answer breaks HTTP or its own format; `context` has the `reason`. */
export class Protocol extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'protocol';
  readonly kind: 'protocol';
}

/** A stream ended without its terminal marker; `partial` has what arrived. */
export class StreamIncomplete extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'stream_incomplete';
  readonly kind: 'stream_incomplete';
}

/** The prompt does not fit into the model's context window. */
export class ContextTooLong extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'context_too_long';
  readonly kind: 'context_too_long';
}

/** The provider refused because of its content policy. */
export class ContentFiltered extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'content_filtered';
  readonly kind: 'content_filtered';
}

/** The caller cancelled. */
export class Cancelled extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'cancelled';
  readonly kind: 'cancelled';
}

/** A budget of this gateway is spent. */
export class BudgetExceeded extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'budget_exceeded';
  readonly kind: 'budget_exceeded';
}

/** A rate limit of this gateway is reached. */
export class Throttled extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'throttled';
  readonly kind: 'throttled';
}

/** A guard of this gateway refused. */
export class Blocked extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'blocked';
  readonly kind: 'blocked';
}

/** The model names neither a route nor a known provider. */
export class NoRoute extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'no_route';
  readonly kind: 'no_route';
}

/** The configuration is wrong. */
export class Config extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'config';
  readonly kind: 'config';
}

/** A target cannot do what the request asks for. */
export class Unsupported extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'unsupported';
  readonly kind: 'unsupported';
}

/** The state store failed. */
export class Store extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'store';
  readonly kind: 'store';
}

/** The answer is not what the request's schema or the route demands; `partial` has it. */
export class InvalidOutput extends TidegateError {
  constructor(message?: string, fields?: Partial<Omit<ErrorFields, 'message' | 'kind'>>);
  static readonly kind: 'invalid_output';
  readonly kind: 'invalid_output';
}
