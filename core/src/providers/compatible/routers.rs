//! Gateways that pass requests on to others.

use super::{BASE, Embeddings, MARKED, MARKING, Reranking, row};
use crate::auth::Scheme;
use crate::codec::Provider;
use crate::providers::{Dialect, ReasoningStyle, Replay, StreamEnd};

/// By name.
pub(super) static PROVIDERS: &[Provider] = &[
    // LiteLLM; models.dev, after "Unified inference": reasoning_effort, none among its values.
    // "Jina AI integration": its rankings are like Jina's.
    row(
        "aihubmix",
        "https://aihubmix.com/v1",
        &["AIHUBMIX_API_KEY"],
        Dialect { rerank: Some(Reranking::Jina), ..BASE },
    ),
    // LiteLLM, which knows both keys.
    row("aimlapi", "https://api.aimlapi.com/v1", &["AIML_API_KEY", "AIMLAPI_KEY"], BASE),
    // LiteLLM, which knows both keys.
    row("cometapi", "https://api.cometapi.com/v1", &["COMETAPI_KEY", "COMETAPI_API_KEY"], BASE),
    // models.dev and LiteLLM; after "Prompt caching": cache_control for Claude.
    row("cortecs", "https://api.cortecs.ai/v1", &["CORTECS_API_KEY"], MARKING),
    // LiteLLM, after edenai.co/docs.
    row("edenai", "https://api.edenai.run/v3", &["EDENAI_API_KEY"], BASE),
    // models.dev; after "Prompt caching": cache_control for Anthropic's models.
    row("fastrouter", "https://go.fastrouter.ai/api/v1", &["FASTROUTER_API_KEY"], MARKING),
    // models.dev; after "Prompt caching": cache_control. LiteLLM has the address without /v1, but the vendor's reference has
    // POST /v1/chat/completions.
    row("helicone", "https://ai-gateway.helicone.ai/v1", &["HELICONE_API_KEY"], MARKING),
    // Streams of some of the providers behind it end without [DONE] (recorded), which BASE allows.
    row("huggingface", "https://router.huggingface.co/v1", &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"], BASE),
    // models.dev; after "Reasoning": reasoning_effort, none among its values.
    row("llmgateway", "https://api.llmgateway.io/v1", &["LLMGATEWAY_API_KEY"], BASE),
    // LiteLLM, and models.dev, which calls the key NANO_GPT_API_KEY; after "Prompt caching" and "Extended thinking":
    // cache_control, reasoning_effort.
    row("nanogpt", "https://nano-gpt.com/api/v1", &["NANOGPT_API_KEY", "NANO_GPT_API_KEY"], MARKING),
    // Zen: models.dev, after its list of endpoints. Models of OpenAI, Anthropic and Google are at other paths there.
    row("opencode", "https://opencode.ai/zen/v1", &["OPENCODE_API_KEY"], BASE),
    row(
        "openrouter",
        "https://openrouter.ai/api/v1",
        &["OPENROUTER_API_KEY"],
        Dialect {
            stream_end: StreamEnd::Sentinel,
            // "Reasoning tokens": the reasoning object; reasoning_details come back as they were. Recorded: text does too.
            reasoning: ReasoningStyle::Object,
            reasoning_replay: Replay::Details,
            developer_role: true,
            // API reference, "Submit an embedding request" and "Submit a rerank request".
            embeddings: Embeddings { base64: Embeddings::BASE64, ..Embeddings::PLAIN },
            rerank: Some(Reranking::Cohere),
            // "PDF inputs": "works on any model", by a parser of its own where the model has none.
            reads_files: true,
            can: MARKED,
            ..BASE
        },
    ),
    // "OpenAI compatible API".
    row("poe", "https://api.poe.com/v1", &["POE_API_KEY"], BASE),
    // "Make your first request", "OpenAI": models are @PROVIDER/MODEL, or a header names the provider.
    Provider {
        auth: Scheme::Header("x-portkey-api-key"),
        ..row("portkey", "https://api.portkey.ai/v1", &["PORTKEY_API_KEY"], BASE)
    },
    // models.dev.
    row("requesty", "https://router.requesty.ai/v1", &["REQUESTY_API_KEY"], BASE),
    // LiteLLM and Pydantic AI; the vendor's own examples have AI_GATEWAY_API_KEY.
    row(
        "vercel",
        "https://ai-gateway.vercel.sh/v1",
        &["AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"],
        Dialect {
            // AI Gateway, "Reasoning" of the Chat Completions API: the reasoning object.
            reasoning: ReasoningStyle::Object,
            ..BASE
        },
    ),
    // models.dev; after "Prompt cache" and "Reasoning": cache_control, reasoning_effort.
    row("zenmux", "https://zenmux.ai/api/v1", &["ZENMUX_API_KEY"], MARKING),
];
