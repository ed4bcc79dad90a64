//! Makers of models that serve their own. One that has another address in China has two rows.

use super::{ALL, BASE, Batch, Embeddings, Features, InputTypes, MARKED, RETRIEVAL, Reranking, row};
use crate::codec::Provider;
use crate::model::InputType;
use crate::providers::{Dialect, MaxTokens, ReasoningStyle, Replay, StreamEnd};

const ALIBABA: Dialect = Dialect {
    // Model Studio, "Deep thinking": enable_thinking and thinking_budget.
    reasoning: ReasoningStyle::EnableThinking,
    // "batch size is invalid, it should not be larger than 10." Older models take 25.
    embeddings: Embeddings { batch: Batch::texts(10), ..Embeddings::PLAIN },
    // The compatible mode refuses parts of type file.
    can: Features { files: false, ..MARKED },
    ..BASE
};

const ARK: Dialect = Dialect {
    // models.dev, after the chat reference: thinking.type and reasoning_effort. arkruntime: both services take the same.
    reasoning: ReasoningStyle::Thinking,
    ..BASE
};

const MINIMAX: Dialect = Dialect {
    // AgentScope's documentation: max_tokens is deprecated for max_completion_tokens, thinking.type turns thinking off.
    max_tokens: MaxTokens::MaxCompletionTokens,
    reasoning: ReasoningStyle::Thinking,
    ..BASE
};

const MOONSHOT: Dialect = Dialect {
    // "Thinking models": thinking.type turns it off, reasoning_effort says how much; with tools,
    // reasoning_content must come back.
    reasoning: ReasoningStyle::Thinking,
    reasoning_replay: Replay::Required("reasoning_content"),
    ..BASE
};

const ZAI: Dialect = Dialect {
    // "Thinking mode"; recorded: reasoning_effort is taken, and reasoning_content may come back.
    reasoning: ReasoningStyle::Thinking,
    reasoning_replay: Replay::Field("reasoning_content"),
    // API reference, "Text embedding": 64 texts at most.
    embeddings: Embeddings { batch: Batch::texts(64), ..Embeddings::PLAIN },
    // API reference: response_format is text or json_object, and there are no penalties.
    can: Features { json_schema: false, penalties: false, ..ALL },
    ..BASE
};

/// By name.
pub(super) static PROVIDERS: &[Provider] = &[
    // "Authentication", "Chat request", "Chat response" and "Jamba foundation models", as NeuroLink quotes them. The key's
    // name: LiteLLM, promptfoo.
    row(
        "ai21",
        "https://api.ai21.com/studio/v1",
        &["AI21_API_KEY"],
        Dialect {
            // The stream ends with [DONE].
            stream_end: StreamEnd::Sentinel,
            // response_format is text or json_object, and input is text.
            can: Features { json_schema: false, images: false, audio: false, video: false, files: false, ..ALL },
            ..BASE
        },
    ),
    row(
        "alibaba",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_API_KEY", "ALIBABA_API_KEY"],
        ALIBABA,
    ),
    // Model Studio in China, whose keys are others. The keys' names: models.dev of two dates.
    row(
        "alibaba-cn",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_CN_API_KEY", "DASHSCOPE_API_KEY"],
        ALIBABA,
    ),
    // Qianfan, "OpenAI SDK compatibility". The key's name: OpenClaw's documentation.
    row("baidu", "https://qianfan.baidubce.com/v2", &["QIANFAN_API_KEY"], BASE),
    // Ark outside China: address and key of the vendor's own package, arkruntime.
    row("byteplus", "https://ark.ap-southeast.bytepluses.com/api/v3", &["ARK_API_KEY"], ARK),
    row(
        "deepseek",
        "https://api.deepseek.com",
        &["DEEPSEEK_API_KEY"],
        Dialect {
            // API reference, "Create chat completion".
            stream_end: StreamEnd::Sentinel,
            // "Thinking mode": with tools, reasoning_content must come back; an empty one is taken (recorded).
            reasoning: ReasoningStyle::Thinking,
            reasoning_replay: Replay::Required("reasoning_content"),
            can: Features {
                // "unknown variant `image_url`, expected `text`", and the same for files (recorded).
                images: false,
                audio: false,
                files: false,
                // "This response_format type is unavailable now"; the reference lists text and json_object.
                json_schema: false,
                embeddings: false,
                ..ALL
            },
            ..BASE
        },
    ),
    // models.dev, LiteLLM, Pipecat.
    row("inception", "https://api.inceptionlabs.ai/v1", &["INCEPTION_API_KEY"], BASE),
    // API reference, "Embeddings" and "Reranker". A chat is at another address only.
    row(
        "jina",
        "https://api.jina.ai/v1",
        &["JINA_API_KEY"],
        Dialect {
            embeddings: Embeddings {
                input_types: Some(InputTypes {
                    field: "task",
                    words: &[
                        (InputType::Query, "retrieval.query"),
                        (InputType::Document, "retrieval.passage"),
                        (InputType::Classification, "classification"),
                        (InputType::Clustering, "separation"),
                        (InputType::Similarity, "text-matching"),
                    ],
                }),
                base64: Some(("embedding_type", "base64")),
                // LlamaIndex's documentation.
                batch: Batch::texts(2048),
                ..Embeddings::PLAIN
            },
            rerank: Some(Reranking::Jina),
            can: RETRIEVAL,
            ..BASE
        },
    ),
    // models.dev, LiteLLM. BAML's documentation has the host llama-api.meta.com instead.
    row("llama", "https://api.llama.com/compat/v1", &["LLAMA_API_KEY"], BASE),
    // LiteLLM, Pydantic AI and models.dev, which calls the key META_MODEL_API_KEY.
    row("meta", "https://api.meta.ai/v1", &["META_API_KEY", "META_MODEL_API_KEY"], BASE),
    // platform.minimax.io, text-openai-api, as NeuroLink quotes it; the key's name: Vercel's AI SDK, models.dev.
    row("minimax", "https://api.minimax.io/v1", &["MINIMAX_API_KEY"], MINIMAX),
    // The same in China: LiteLLM, AgentScope.
    row("minimax-cn", "https://api.minimaxi.com/v1", &["MINIMAX_API_KEY"], MINIMAX),
    row("moonshot", "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY", "MOONSHOTAI_API_KEY"], MOONSHOT),
    // The same in China: models.dev, Pydantic AI.
    row("moonshot-cn", "https://api.moonshot.cn/v1", &["MOONSHOT_API_KEY"], MOONSHOT),
    // models.dev, LiteLLM.
    row("morph", "https://api.morphllm.com/v1", &["MORPH_API_KEY"], BASE),
    // Amazon's own, not Bedrock: models.dev, and LiteLLM, which calls the key AMAZON_NOVA_API_KEY.
    row("nova", "https://api.nova.amazon.com/v1", &["NOVA_API_KEY", "AMAZON_NOVA_API_KEY"], BASE),
    row("openai", "https://api.openai.com/v1", &["OPENAI_API_KEY"], Dialect::OPENAI),
    row(
        "perplexity",
        "https://api.perplexity.ai",
        &["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
        Dialect {
            // The API reference of Sonar does not list them: they would be ignored.
            can: Features {
                tools: false,
                forced_tools: false,
                parallel_tool_calls: false,
                json: false,
                seed: false,
                stop: false,
                logprobs: false,
                names: false,
                // Sound is not read, documents are parts of another form, and vectors come as packed bytes only.
                audio: false,
                files: false,
                embeddings: false,
                ..ALL
            },
            ..BASE
        },
    ),
    // LiteLLM.
    row("reka", "https://api.reka.ai/v1", &["REKA_API_KEY"], BASE),
    // "Authentication": the header api-subscription-key, or a bearer token on all endpoints.
    row("sarvam", "https://api.sarvam.ai/v1", &["SARVAM_API_KEY"], BASE),
    // OpenClaw's documentation; the vendor's examples call the key STEP_API_KEY.
    row("stepfun", "https://api.stepfun.ai/v1", &["STEPFUN_API_KEY", "STEP_API_KEY"], BASE),
    // The same in China, whose keys are others: models.dev, OpenClaw's documentation.
    row("stepfun-cn", "https://api.stepfun.com/v1", &["STEPFUN_API_KEY", "STEP_API_KEY"], BASE),
    // TokenHub outside China: LiteLLM, after tencentcloud.com/document/product/1300/82345.
    row("tencent", "https://tokenhub-intl.tencentcloudmaas.com/v1", &["TENCENT_API_KEY"], BASE),
    // TokenHub in China: models.dev, after cloud.tencent.com/document/product/1823: thinking.type and reasoning_effort.
    row(
        "tencent-cn",
        "https://tokenhub.tencentmaas.com/v1",
        &["TENCENT_TOKENHUB_API_KEY"],
        Dialect { reasoning: ReasoningStyle::Thinking, ..BASE },
    ),
    // The console's example, with reasoning_effort. models.dev has /v1/solar, where it is too.
    row("upstage", "https://api.upstage.ai/v1", &["UPSTAGE_API_KEY"], BASE),
    // LiteLLM, after v0.dev/docs/v0-model-api; the key's name: models.dev too.
    row("v0", "https://api.v0.dev/v1", &["V0_API_KEY"], BASE),
    // Ark in China: address and key of the vendor's own package, arkruntime. LiteLLM calls the key VOLCENGINE_API_KEY.
    row("volcengine", "https://ark.cn-beijing.volces.com/api/v3", &["ARK_API_KEY", "VOLCENGINE_API_KEY"], ARK),
    // API reference, "Text embeddings" and "Rerankers": there is no chat. The limits are those of the models that take least.
    row(
        "voyage",
        "https://api.voyageai.com/v1",
        &["VOYAGE_API_KEY"],
        Dialect {
            embeddings: Embeddings {
                dimensions: "output_dimension",
                input_types: Some(InputTypes {
                    field: "input_type",
                    words: &[(InputType::Query, "query"), (InputType::Document, "document")],
                }),
                base64: Embeddings::BASE64,
                batch: Batch::tokens(1000, 120_000),
            },
            rerank: Some(Reranking::Voyage),
            can: RETRIEVAL,
            ..BASE
        },
    ),
    row(
        "xai",
        "https://api.x.ai/v1",
        &["XAI_API_KEY"],
        // API reference: the stream ends with [DONE]. Recorded: reasoning_content may come back.
        Dialect { stream_end: StreamEnd::Sentinel, reasoning_replay: Replay::Field("reasoning_content"), ..BASE },
    ),
    // models.dev, Agno and LiteLLM, each with a name of its own for the key.
    row(
        "xiaomi",
        "https://api.xiaomimimo.com/v1",
        &["XIAOMI_API_KEY", "MIMO_API_KEY", "XIAOMI_MIMO_API_KEY"],
        Dialect {
            // models.dev, after the "OpenAI API" page: thinking.type.
            reasoning: ReasoningStyle::Thinking,
            // Agno's documentation: any JSON, but none by a schema.
            can: Features { json_schema: false, ..ALL },
            ..BASE
        },
    ),
    row("zai", "https://api.z.ai/api/paas/v4", &["ZAI_API_KEY", "ZHIPU_API_KEY"], ZAI),
    // Z.ai in China: models.dev; LiteLLM calls the key BIGMODEL_API_KEY.
    row("zhipu", "https://open.bigmodel.cn/api/paas/v4", &["ZHIPU_API_KEY", "BIGMODEL_API_KEY"], ZAI),
];
