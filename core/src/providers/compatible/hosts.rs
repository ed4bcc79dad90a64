//! Clouds that serve models of others.

use super::{ALL, BASE, Batch, Embeddings, Features, InputTypes, MARKED, MARKING, Reranking, row};
use crate::codec::Provider;
use crate::model::InputType;
use crate::providers::{Dialect, MaxTokens, ReasoningStyle, Replay, StreamEnd};

const SILICONFLOW: Dialect = Dialect {
    // "Create a chat completion": enable_thinking and thinking_budget.
    reasoning: ReasoningStyle::EnableThinking,
    // "Create embeddings": encoding_format; "Create rerank".
    embeddings: Embeddings { base64: Embeddings::BASE64, ..Embeddings::PLAIN },
    rerank: Some(Reranking::Cohere),
    ..BASE
};

/// By name.
pub(super) static PROVIDERS: &[Provider] = &[
    // "Chat Completions" of Model APIs.
    row("baseten", "https://inference.baseten.co/v1", &["BASETEN_API_KEY"], BASE),
    // models.dev.
    row("berget", "https://api.berget.ai/v1", &["BERGET_API_KEY"], BASE),
    row(
        "cerebras",
        "https://api.cerebras.ai/v1",
        &["CEREBRAS_API_KEY"],
        Dialect {
            // API reference, "Chat completions".
            max_tokens: MaxTokens::MaxCompletionTokens,
            reasoning_replay: Replay::Field("reasoning"),
            developer_role: true,
            // The API reference does not list them, and fields that it does not list are answered with 400.
            can: Features { top_k: false, audio: false, files: false, video: false, embeddings: false, ..ALL },
            ..BASE
        },
    ),
    // models.dev, LiteLLM.
    row("chutes", "https://llm.chutes.ai/v1", &["CHUTES_API_KEY"], BASE),
    // "Providers", "OpenAI": a personal access token. LiteLLM calls it CLARIFAI_API_KEY.
    row("clarifai", "https://api.clarifai.com/v2/ext/openai/v1", &["CLARIFAI_PAT", "CLARIFAI_API_KEY"], BASE),
    // "OpenAI compatible API endpoints". Every account has its own address:
    // https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai/v1.
    // Its models of vectors: a text has an array of 100 at most.
    row(
        "cloudflare",
        "",
        &["CLOUDFLARE_API_KEY"],
        Dialect { embeddings: Embeddings { batch: Batch::texts(100), ..Embeddings::PLAIN }, ..BASE },
    ),
    // LiteLLM.
    row("compactifai", "https://api.compactif.ai/v1", &["COMPACTIFAI_API_KEY"], BASE),
    // "Getting started with serverless inference". An older page has api.crusoe.ai.
    row("crusoe", "https://api.inference.crusoecloud.com/v1", &["CRUSOE_API_KEY"], BASE),
    // Every workspace has its own address: https://WORKSPACE/serving-endpoints.
    row("databricks", "", &["DATABRICKS_TOKEN"], Dialect { can: MARKED, ..BASE }),
    // "OpenAI API"; of the keys' names, the first is LiteLLM's.
    row(
        "deepinfra",
        "https://api.deepinfra.com/v1/openai",
        &["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN", "DEEPINFRA_API_TOKEN"],
        BASE,
    ),
    // "Serverless inference" of the Gradient SDK; doctl's reference: an access token will do. models.dev, after "Prompt
    // caching": cache_control for Anthropic's models.
    row(
        "digitalocean",
        "https://inference.do-ai.run/v1",
        &["GRADIENT_MODEL_ACCESS_KEY", "DIGITALOCEAN_ACCESS_TOKEN"],
        MARKING,
    ),
    row(
        "doubleword",
        "https://api.doubleword.ai/v1",
        &["DOUBLEWORD_API_KEY"],
        // Recorded.
        Dialect { reasoning_replay: Replay::Field("reasoning_content"), ..BASE },
    ),
    // "Overview and common options". LiteLLM calls the key FEATHERLESS_AI_API_KEY.
    row("featherless", "https://api.featherless.ai/v1", &["FEATHERLESS_API_KEY", "FEATHERLESS_AI_API_KEY"], BASE),
    row(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        &["FIREWORKS_API_KEY"],
        Dialect {
            // API reference, "Create chat completion"; "Reasoning": reasoning_content of earlier turns.
            stream_end: StreamEnd::Sentinel,
            reasoning_replay: Replay::Field("reasoning_content"),
            // "Rerank documents".
            rerank: Some(Reranking::Jina),
            // There: parts are texts, images and videos.
            can: Features { audio: false, files: false, ..ALL },
            ..BASE
        },
    ),
    // Package friendli-client, models.dev; LiteLLM knows both keys. models.dev: reasoning_effort.
    row("friendli", "https://api.friendli.ai/serverless/v1", &["FRIENDLI_TOKEN", "FRIENDLIAI_API_KEY"], BASE),
    // "GitHub Models"; the key's name: models.dev.
    row("github", "https://models.github.ai/inference", &["GITHUB_TOKEN"], BASE),
    // LiteLLM, and models.dev, which calls the key GMICLOUD_API_KEY.
    row("gmi", "https://api.gmi-serving.com/v1", &["GMI_API_KEY", "GMICLOUD_API_KEY"], BASE),
    row(
        "groq",
        "https://api.groq.com/openai/v1",
        &["GROQ_API_KEY"],
        Dialect {
            // API reference: max_tokens is deprecated; the stream ends with [DONE].
            max_tokens: MaxTokens::MaxCompletionTokens,
            stream_end: StreamEnd::Sentinel,
            // Models that do not think refuse it: "messages[2].reasoning: reasoning is not supported with this model".
            reasoning_replay: Replay::Never,
            developer_role: true,
            // "OpenAI compatibility": these fields are answered with 400. Parts are texts and images. There are no
            // embeddings.
            can: Features {
                logprobs: false,
                names: false,
                top_k: false,
                audio: false,
                files: false,
                video: false,
                embeddings: false,
                ..ALL
            },
            ..BASE
        },
    ),
    // Package n8n-nodes-heroku-ai, Pydantic AI, which calls the key HEROKU_INFERENCE_KEY.
    row("heroku", "https://us.inference.heroku.com/v1", &["INFERENCE_KEY", "HEROKU_INFERENCE_KEY"], BASE),
    // LiteLLM, after docs.hyperbolic.xyz/docs/rest-api.
    row("hyperbolic", "https://api.hyperbolic.xyz/v1", &["HYPERBOLIC_API_KEY"], BASE),
    // models.dev.
    row("inference-net", "https://api.inference.net/v1", &["INFERENCE_API_KEY"], BASE),
    // models.dev, after the guide to reasoning: reasoning_effort is taken.
    row("io-net", "https://api.intelligence.io.solutions/api/v1", &["IOINTELLIGENCE_API_KEY"], BASE),
    // models.dev, LiteLLM.
    row("modelscope", "https://api-inference.modelscope.cn/v1", &["MODELSCOPE_API_KEY"], BASE),
    // Token Factory, API reference, "Introduction". Older lists have api.studio.nebius.com, its former name.
    row("nebius", "https://api.tokenfactory.nebius.com/v1", &["NEBIUS_API_KEY"], BASE),
    // models.dev, after the chat reference; its own list is without /v1, LiteLLM's is /v3/openai.
    // "Create rerank".
    row(
        "novita",
        "https://api.novita.ai/openai/v1",
        &["NOVITA_API_KEY"],
        Dialect { rerank: Some(Reranking::Cohere), ..BASE },
    ),
    // LiteLLM; the address: API Evangelist too.
    row("nscale", "https://inference.api.nscale.com/v1", &["NSCALE_API_KEY"], BASE),
    // NIM's API reference; the key's name: models.dev.
    row(
        "nvidia",
        "https://integrate.api.nvidia.com/v1",
        &["NVIDIA_API_KEY"],
        Dialect {
            embeddings: Embeddings {
                // NeMo Retriever, "Passage and query modes".
                input_types: Some(InputTypes {
                    field: "input_type",
                    words: &[(InputType::Query, "query"), (InputType::Document, "passage")],
                }),
                ..Embeddings::PLAIN
            },
            ..BASE
        },
    ),
    // AI Endpoints: the vendor's Airflow provider. The keys' names: LlamaIndex, Docker Agent.
    row(
        "ovhcloud",
        "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
        &["OVHCLOUD_API_KEY", "OVH_AI_ENDPOINTS_ACCESS_TOKEN"],
        BASE,
    ),
    // LiteLLM.
    row("parasail", "https://api.parasail.io/v1", &["PARASAIL_API_KEY"], BASE),
    // LiteLLM.
    row("publicai", "https://api.publicai.co/v1", &["PUBLICAI_API_KEY"], BASE),
    row(
        "sambanova",
        "https://api.sambanova.ai/v1",
        &["SAMBANOVA_API_KEY"],
        Dialect {
            // API reference: the thinking of an assistant's message is called so.
            reasoning_replay: Replay::Field("reasoning"),
            // "OpenAI compatibility": penalties are not supported yet, ignored. Sound has a part of another form,
            // documents have none.
            can: Features { penalties: false, audio: false, files: false, ..ALL },
            ..BASE
        },
    ),
    // "Using the Chat API". models.dev calls the key SCALEWAY_API_KEY.
    row("scaleway", "https://api.scaleway.ai/v1", &["SCW_SECRET_KEY", "SCALEWAY_API_KEY"], BASE),
    // "OpenAI SDK setup"; the key's name: models.dev.
    row("siliconflow", "https://api.siliconflow.com/v1", &["SILICONFLOW_API_KEY"], SILICONFLOW),
    // "Quick start" in China; models.dev calls its key SILICONFLOW_CN_API_KEY.
    row(
        "siliconflow-cn",
        "https://api.siliconflow.cn/v1",
        &["SILICONFLOW_CN_API_KEY", "SILICONFLOW_API_KEY"],
        SILICONFLOW,
    ),
    // Cortex, after Pydantic AI. Every account has its own address:
    // https://ACCOUNT.snowflakecomputing.com/api/v2/cortex/v1.
    row("snowflake", "", &["SNOWFLAKE_TOKEN"], BASE),
    // models.dev.
    row("stackit", "https://api.openai-compat.model-serving.eu01.onstackit.cloud/v1", &["STACKIT_API_KEY"], BASE),
    // models.dev, LiteLLM.
    row("synthetic", "https://api.synthetic.new/openai/v1", &["SYNTHETIC_API_KEY"], BASE),
    row(
        "together",
        "https://api.together.xyz/v1",
        &["TOGETHER_API_KEY"],
        Dialect {
            // API reference: the stream ends with [DONE]; logprobs is a number there, not a switch; sound is WAV, and
            // there are no documents.
            stream_end: StreamEnd::Sentinel,
            reasoning_replay: Replay::Field("reasoning"),
            // API reference, "Create a rerank request".
            rerank: Some(Reranking::Cohere),
            can: Features { logprobs: false, any_audio_format: false, files: false, ..ALL },
            ..BASE
        },
    ),
    row(
        "venice",
        "https://api.venice.ai/api/v1",
        &["VENICE_API_KEY", "VENICE_AI_API_KEY"],
        // API reference: it knows the role.
        Dialect { developer_role: true, ..BASE },
    ),
    // models.dev, after the API reference: reasoning_effort is taken.
    row("vultr", "https://api.vultrinference.com/v1", &["VULTR_API_KEY"], BASE),
    // models.dev, LiteLLM.
    row("wandb", "https://api.inference.wandb.ai/v1", &["WANDB_API_KEY"], BASE),
];
