// OpenAI's shapes, which requests take as they are beside the package's own.

import type { Part } from './model';

/** A key as OpenAI writes it: `toolCalls` becomes `tool_calls`. */
export type SnakeCase<Key> = Key extends `${infer Head}${infer Tail}`
  ? `${Head extends Uppercase<Head> ? (Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`) : Head}${SnakeCase<Tail>}`
  : Key;

/** The same object, whose own keys may be written either way. */
export type EitherCase<T> = T & { [Key in keyof T as SnakeCase<Key>]?: T[Key] };

/** A part of a message as OpenAI has it. */
export type OpenAIPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: string | { url: string; detail?: string } }
  | { type: 'input_audio'; input_audio: { data: string; format: string } }
  | { type: 'file'; file: { filename?: string; file_data?: string; file_id?: string } }
  | { type: 'refusal'; refusal: string };

/** A call of a tool as OpenAI has it: the arguments are JSON text. */
export interface OpenAIToolCall {
  id: string;
  type?: 'function';
  function: { name: string; arguments: string };
}

/** A message as OpenAI has it, or as an SDK dumps it; keys may be in camelCase too. */
export type OpenAIMessage = EitherCase<{
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content?: string | Array<Part | OpenAIPart | string> | null;
  name?: string | null;
  /** What an assistant asked for. */
  toolCalls?: OpenAIToolCall[] | null;
  /** What a tool's message answers. */
  toolCallId?: string | null;
  refusal?: string | null;
  reasoningContent?: string | null;
}>;

/** A tool as OpenAI has it. */
export interface OpenAITool {
  type: 'function';
  function: { name: string; description?: string; parameters?: Record<string, unknown>; strict?: boolean | null };
}

/** Which tool must be called, as OpenAI has it. */
export type OpenAIToolChoice = 'auto' | 'none' | 'required' | { type: 'function'; function: { name: string } };

/** The form of the answer, as OpenAI has it. */
export type OpenAIResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema';
      json_schema: { name: string; description?: string; schema?: Record<string, unknown>; strict?: boolean | null };
    };
