// OpenAI's shapes, which requests take as they are beside the package's own.

import type { Part, Role } from './model';

/** A key as OpenAI writes it: `maxTokens` becomes `max_tokens`. */
export type SnakeCase<Key> = Key extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : Key;

/** The same object, whose own keys may be written either way. */
export type EitherCase<T> = T & { [Key in keyof T as SnakeCase<Key>]?: T[Key] };

/** Anything of OpenAI's that says its `type`: the gateway checks it. */
export type OpenAIShape<Type extends string = string> = { type: Type; [key: string]: unknown };

/** A message as OpenAI has it, or as an SDK dumps it (`tool_calls`, `tool_call_id`, ...). */
export interface OpenAIMessage {
  role: Role;
  content?: string | Array<Part | OpenAIShape | string> | null;
  [key: string]: unknown;
}

export type OpenAITool = OpenAIShape<'function' | 'custom'>;
export type OpenAIToolChoice = OpenAIShape<'function'>;
export type OpenAIResponseFormat = OpenAIShape<'text' | 'json_object' | 'json_schema'>;
