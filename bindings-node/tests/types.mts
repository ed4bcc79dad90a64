// Checked by `tsc`, never run: whatever the types should allow and refuse.
import {
  type ChatRequest,
  canonicalJson,
  configSchema,
  type Event,
  type Explanation,
  Gateway,
  type Kind,
  type Message,
  type Part,
  RateLimited,
  type Response,
  Sim,
  type SimRequest,
  type Subscription,
  type TargetHealth,
  TidegateError,
  version,
} from 'tidegate';

export async function everything(signal: AbortSignal): Promise<void> {
  const gateway = new Gateway({ routes: { support: { targets: ['sim/x'] } } }, { fromEnv: true });
  const files: Gateway[] = [
    Gateway.fromFile('x.toml'),
    Gateway.fromFile(new URL('file:///x.toml')),
    Gateway.fromToml(''),
  ];
  const messages: ChatRequest['messages'] = [{ role: 'user', content: 'hi' }];

  const reply: Response = await gateway.chat({ model: 'm', messages, team: 'growth', maxTokens: 10n }, { signal });
  const text: string = reply.text;
  const tokens: number | undefined = reply.usage?.inputTokens;
  const cached: number | undefined = reply.usage?.cacheWrite1hTokens;
  const money: string | undefined = reply.cost?.usd;
  const why: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other' = reply.finishReason;
  const kinds: Array<Kind | null> = reply.attempts.map((attempt) => attempt.kind);
  for (const call of reply.toolCalls) {
    const raw: string = call.argumentsRaw;
    // @ts-expect-error arguments are not known before they are looked at
    call.arguments.city;
    messages.push(
      reply.message,
      { role: 'tool', tool_call_id: call.id, content: raw },
      { role: 'tool', toolCallId: call.id, content: '' },
    );
  }
  const message: Message = reply.message;

  const stream = gateway.stream({ model: 'm', messages }, { signal });
  for await (const event of stream) {
    process.stdout.write(event.text ?? '');
    inspect(event);
  }
  const whole: Response = stream.response;
  const collected: Response = await gateway.stream({ model: 'm', messages }).collect();
  await using disposed = gateway.stream({ model: 'm', messages });
  const left: IteratorResult<Event, undefined> = await disposed.return();

  const vectors: number[][] | undefined = (await gateway.embed({ model: 'm', input: ['a'], dimensions: 4 })).vectors;
  await gateway.embed({ model: 'm', input: 'a', inputType: 'query' });
  const ranked = await gateway.rerank({ model: 'm', query: 'q', documents: ['a'], top_n: 1 });
  const best: number | undefined = ranked.rankings?.[0]?.relevanceScore;

  // OpenAI's keys and shapes.
  await gateway.chat({
    model: 'm',
    max_tokens: 5,
    top_p: 0.5,
    tool_choice: { type: 'function', function: { name: 'find' } },
    tools: [{ type: 'function', function: { name: 'find', parameters: { type: 'object' } } }],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } },
    stop: 'x',
    messages: [
      { role: 'system', content: 'x' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'x' },
          { type: 'image_url', image_url: { url: 'https://x.test/' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'find', arguments: '{}' } }],
      },
    ],
  });
  // Ours.
  await gateway.chat({
    model: 'm',
    toolChoice: { tool: 'find' },
    tools: [
      { type: 'function', name: 'find', parameters: {} },
      { type: 'hosted', tool: { type: 'web_search' } },
    ],
    responseFormat: { type: 'json_schema', schema: {}, strict: true },
    reasoning: { effort: 'low' },
    labels: { costCenter: 'x' },
    extra: { any_key: 1 },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', url: 'https://x.test/' },
          { type: 'text', text: 'x', cacheControl: { ttl: '1h' } },
        ],
      },
    ],
  });

  gateway.reload({ routes: {} }, { fromEnv: true });
  gateway.reloadFile();
  using _watching: Subscription = gateway.watch(5, (error: TidegateError | null) => console.error(error?.message));
  gateway.watch(5).close();
  const alerts: Subscription = gateway.observeHealth(async ({ target, state }) =>
    console.error(target, state === 'open'),
  );
  alerts.close();
  // @ts-expect-error a function is needed
  gateway.observeHealth();
  const slow: TargetHealth | undefined = gateway.health().find((target) => (target.total.p95 ?? 0) > 2);
  const state: 'well' | 'failing' | 'open' | 'probing' | 'returning' | undefined = slow?.state;
  const plan: Explanation = gateway.explain({ model: 'm', messages, hedge: false });
  gateway.explain({ model: 'm', input: 'a' });
  const skipped: boolean = plan.candidates.some((each) => each.skipped === 'breaker' || each.waitFor === 'backoff');
  canonicalJson(plan);
  // @ts-expect-error the configuration is no path
  gateway.reload('tidegate.toml');

  // @ts-expect-error a chat has messages
  await gateway.chat({ model: 'm' });
  // @ts-expect-error nothing is called like this
  await gateway.chat({ model: 'm', messages, temprature: 1 });
  // @ts-expect-error roles are known
  await gateway.chat({ model: 'm', messages: [{ role: 'usr', content: 'x' }] });
  // @ts-expect-error a number is none
  await gateway.chat({ model: 'm', messages, temperature: '1' });
  // @ts-expect-error texts, not messages
  await gateway.embed({ model: 'm', messages });
  // @ts-expect-error a response has no such field
  reply.choices;
  // @ts-expect-error a gateway is not made of a path
  new Gateway('tidegate.toml');

  const sim = new Sim({ seed: 1, clock: 'stopped', upstreams: { 'a.test': { then: { status: 503 } } } });
  const seen: SimRequest[] = gateway.withSim(sim).withSim(sim) && sim.requests;
  // @ts-expect-error time runs or it does not
  new Sim({ clock: 'backwards' });

  gateway.close();
  const plain: Record<string, unknown> = configSchema();
  void [
    files,
    text,
    tokens,
    cached,
    money,
    why,
    kinds,
    message,
    whole,
    collected,
    left,
    vectors,
    best,
    state,
    skipped,
    seen,
    plain,
    version,
  ];
}

function inspect(event: Event): string {
  switch (event.type) {
    case 'start':
      return event.model ?? '';
    case 'text':
    case 'reasoning':
    case 'refusal':
      return event.text;
    case 'tool_call':
      return event.name;
    case 'arguments':
      return event.fragment;
    case 'citation':
      return event.citedText ?? '';
    case 'part':
      return describe(event.part);
    case 'state':
      return Object.keys(event.state.data).join();
    case 'logprobs':
      return event.tokens.map((token) => token.token).join();
    case 'embedding':
      return String(event.vector.length);
    case 'ranking':
      return String(event.relevanceScore);
    case 'restart':
    case 'continued':
      return `${event.target} after ${event.reason}`;
    case 'end':
      return event.finishReason;
    default: {
      const never: never = event;
      return never;
    }
  }
}

function describe(part: Part): string {
  if (part.type === 'tool_call') return part.name;
  if (part.type === 'other') return part.kind;
  return part.text ?? part.type;
}

export function failed(error: unknown): number {
  if (error instanceof RateLimited) {
    const kind: 'rate_limited' = error.kind;
    return kind.length + (error.retryAfter ?? 0);
  }
  if (error instanceof TidegateError) {
    const kind: Kind = error.kind;
    // @ts-expect-error there is no such kind
    if (kind === 'rate_limit') return 0;
    return (
      (error.status ?? 0) + error.attempts.length + (error.partial?.text.length ?? 0) + canonicalJson(error).length
    );
  }
  // @ts-expect-error a base error needs its kind
  new TidegateError('x');
  return (
    new RateLimited('slow down', { retryAfter: 7 }).retryAfter ??
    new TidegateError('x', { kind: 'server' }).toJSON().attempts.length
  );
}
