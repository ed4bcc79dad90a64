//! Servers on this machine, where they listen if nothing else is said. They ask for no key, unless they were given one.

use super::{ALL, BASE, Batch, Embeddings, Features, RETRIEVAL, Reranking, row};
use crate::auth::Scheme;
use crate::codec::Provider;
use crate::providers::{Dialect, Replay};

/// What their rows begin with. Whoever runs a server names its models.
const HERE: Dialect = Dialect { known_models: false, ..BASE };

const fn local(name: &'static str, base_url: &'static str, dialect: Dialect) -> Provider {
    Provider { auth: Scheme::None, ..row(name, base_url, &[], dialect) }
}

const OLLAMA: Dialect = Dialect {
    // Recorded: its thinking is called reasoning, both ways.
    reasoning_replay: Replay::Field("reasoning"),
    // "OpenAI compatibility" does not list them: they would be ignored.
    can: Features { forced_tools: false, parallel_tool_calls: false, top_k: false, ..ALL },
    ..HERE
};

/// Of servers that rerank as Cohere does.
const RANKING: Dialect = Dialect { rerank: Some(Reranking::Cohere), ..HERE };
/// What is known to send vectors as base64 of their numbers.
const PACKED: Embeddings = Embeddings { base64: Embeddings::BASE64, ..Embeddings::PLAIN };

/// By name.
pub(super) static PROVIDERS: &[Provider] = &[
    // Docker Model Runner: `docker model install-runner` for the port, Spring AI for the path. LiteLLM has port 22088.
    local("docker", "http://localhost:12434/engines/v1", HERE),
    // "GPT4All API server"; the project's wiki, "Local API server": its endpoints are those of chat, completions and models.
    local("gpt4all", "http://localhost:4891/v1", Dialect { can: Features { embeddings: false, ..ALL }, ..HERE }),
    // LiteLLM, LangChain's documentation: "/rerank", "/embeddings".
    local("infinity", "http://localhost:7997", Dialect { embeddings: PACKED, can: RETRIEVAL, ..RANKING }),
    // "Local API server": it asks for the key that was set there.
    local("jan", "http://localhost:1337/v1", HERE),
    // Public code that talks to it, LibreChat without /api; LiteLLM has the former port 8000.
    local("lemonade", "http://localhost:13305/api/v1", HERE),
    // LiteLLM's proxy, "Quick start".
    local("litellm", "http://localhost:4000/v1", RANKING),
    // Recorded: it takes its thinking back.
    local(
        "llamacpp",
        "http://localhost:8080/v1",
        // The server's README: /v1/rerank, and encoding_format of embeddings.
        Dialect { reasoning_replay: Replay::Field("reasoning_content"), embeddings: PACKED, ..RANKING },
    ),
    // LiteLLM, after the project's README.
    local("llamafile", "http://localhost:8080/v1", HERE),
    // "Serving LLM with OpenAI compatible server".
    local("lmdeploy", "http://localhost:23333/v1", HERE),
    // "'response_format.type' must be 'json_schema' or 'text'".
    local("lmstudio", "http://localhost:1234/v1", Dialect { can: Features { json: false, ..ALL }, ..HERE }),
    // LlamaIndex, promptfoo; the project's own example publishes port 8080. "Reranker".
    local("localai", "http://localhost:8080/v1", RANKING),
    // mlx_lm.server, SERVER.md: logprobs is a number there, not a switch.
    local("mlx", "http://localhost:8080/v1", Dialect { can: Features { logprobs: false, ..ALL }, ..HERE }),
    // Ollama's other face: "ollama" speaks its own protocol.
    local("ollama-openai", "http://localhost:11434/v1", OLLAMA),
    // LangChain's documentation.
    local("openllm", "http://localhost:3000/v1", HERE),
    // "OpenAI-compatible APIs"; "Rerank models".
    local("sglang", "http://localhost:30000/v1", RANKING),
    // Text Embeddings Inference, "Quick tour": 32 texts, --max-client-batch-size allows more; its rankings are not those of others.
    local(
        "tei",
        "http://localhost:8080",
        Dialect {
            embeddings: Embeddings { batch: Batch::texts(32), ..PACKED },
            rerank: Some(Reranking::Tei),
            can: RETRIEVAL,
            ..HERE
        },
    ),
    // trtllm-serve, "OpenAI chat client".
    local("tensorrt-llm", "http://localhost:8000/v1", HERE),
    // text-generation-webui, "OpenAI compatible API".
    local("textgen", "http://localhost:5000/v1", HERE),
    // Text Generation Inference, "HTTP API reference"; its images are mostly started on port 8080.
    local("tgi", "http://localhost:3000/v1", HERE),
    // vLLM reads an assistant's thinking under this name only, since it was renamed there.
    // "OpenAI-compatible server": the encoding_format of embeddings, the re-rank API.
    local(
        "vllm",
        "http://localhost:8000/v1",
        Dialect { reasoning_replay: Replay::Field("reasoning"), embeddings: PACKED, ..RANKING },
    ),
    // "Using Xinference" for the port; for the path RAGFlow's documentation. "Rerank".
    local("xinference", "http://localhost:9997/v1", RANKING),
];
