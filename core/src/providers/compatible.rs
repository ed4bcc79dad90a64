//! OpenAI-like providers: one row each. What differs from [`Dialect::COMPATIBLE`] is documented by the vendor or seen in
//! recorded traffic, as the comment beside it says; what is not known is sent, and the server's answer decides.

use super::{Dialect, Dimensions, Features, MaxTokens, ReasoningStyle, Replay, Seed, StreamEnd, ToolIds};
use crate::auth::Scheme;
use crate::codec::Provider;

const fn row(
    name: &'static str,
    base_url: &'static str,
    key_env: &'static [&'static str],
    dialect: Dialect,
) -> Provider {
    Provider { name, protocol: "openai-chat", base_url, key_env, auth: Scheme::Bearer, dialect, simulated: false }
}

/// A server on this machine: it asks for no key.
const fn local(name: &'static str, base_url: &'static str, dialect: Dialect) -> Provider {
    Provider { auth: Scheme::None, ..row(name, base_url, &[], dialect) }
}

/// What a row begins with. Most vendors cache by themselves, and some refuse the marker as a field that they do not know.
const BASE: Dialect = Dialect { can: ALL, ..Dialect::COMPATIBLE };
const ALL: Features = Features { cache_control: false, ..Features::ALL };
/// For the few that take the marker.
const MARKED: Features = Features::ALL;

/// A server of which nothing is known but the protocol.
pub(super) static UNKNOWN: Provider = row("", "", &[], Dialect::COMPATIBLE);

/// The rows, by name.
pub(crate) static PROVIDERS: &[Provider] = &[
    row(
        "alibaba",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_API_KEY", "ALIBABA_API_KEY"],
        Dialect {
            // Model Studio, "Deep thinking": enable_thinking and thinking_budget.
            reasoning: ReasoningStyle::EnableThinking,
            // The compatible mode refuses parts of type file.
            can: Features { files: false, ..MARKED },
            ..BASE
        },
    ),
    // Every resource has its own address, https://RESOURCE.openai.azure.com/openai/v1: no api-version is needed there.
    Provider { auth: Scheme::Header("api-key"), ..row("azure", "", &["AZURE_OPENAI_API_KEY"], Dialect::OPENAI) },
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
    // Every workspace has its own address: https://WORKSPACE/serving-endpoints.
    row("databricks", "", &["DATABRICKS_TOKEN"], Dialect { can: MARKED, ..BASE }),
    row(
        "deepinfra",
        "https://api.deepinfra.com/v1/openai",
        &["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN", "DEEPINFRA_API_TOKEN"],
        BASE,
    ),
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
    row(
        "doubleword",
        "https://api.doubleword.ai/v1",
        &["DOUBLEWORD_API_KEY"],
        // Recorded.
        Dialect { reasoning_replay: Replay::Field("reasoning_content"), ..BASE },
    ),
    row(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        &["FIREWORKS_API_KEY"],
        Dialect {
            // API reference, "Create chat completion"; "Reasoning": reasoning_content of earlier turns.
            stream_end: StreamEnd::Sentinel,
            reasoning_replay: Replay::Field("reasoning_content"),
            // There: parts are texts, images and videos.
            can: Features { audio: false, files: false, ..ALL },
            ..BASE
        },
    ),
    row("github", "https://models.github.ai/inference", &["GITHUB_TOKEN"], BASE),
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
    // Streams of some of the providers behind it end without [DONE] (recorded), which BASE allows.
    row("huggingface", "https://router.huggingface.co/v1", &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"], BASE),
    // Recorded: it takes its thinking back.
    local(
        "llamacpp",
        "http://localhost:8080/v1",
        Dialect { reasoning_replay: Replay::Field("reasoning_content"), ..BASE },
    ),
    // "'response_format.type' must be 'json_schema' or 'text'".
    local("lmstudio", "http://localhost:1234/v1", Dialect { can: Features { json: false, ..ALL }, ..BASE }),
    row(
        "mistral",
        "https://api.mistral.ai/v1",
        &["MISTRAL_API_KEY"],
        Dialect {
            // The API's schema forbids what it does not list: seed is random_seed, there is no stream_options (the usage
            // comes unasked), no top_k and no name; sound and documents have parts of another form.
            seed: Seed::RandomSeed,
            stream_usage: false,
            stream_end: StreamEnd::Sentinel,
            // "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9."
            tool_ids: ToolIds::NineAlphanumeric,
            dimensions: Dimensions::OutputDimension,
            can: Features { top_k: false, names: false, audio: false, files: false, ..ALL },
            ..BASE
        },
    ),
    row(
        "moonshot",
        "https://api.moonshot.ai/v1",
        &["MOONSHOT_API_KEY", "MOONSHOTAI_API_KEY"],
        Dialect {
            // "Thinking models": thinking.type turns it off, reasoning_effort says how much; with tools,
            // reasoning_content must come back.
            reasoning: ReasoningStyle::Thinking,
            reasoning_replay: Replay::Required("reasoning_content"),
            ..BASE
        },
    ),
    row("nvidia", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY"], BASE),
    local(
        "ollama",
        "http://localhost:11434/v1",
        Dialect {
            // Recorded: its thinking is called reasoning, both ways.
            reasoning_replay: Replay::Field("reasoning"),
            // "OpenAI compatibility" does not list them: they would be ignored.
            can: Features { forced_tools: false, parallel_tool_calls: false, top_k: false, ..ALL },
            ..BASE
        },
    ),
    row("openai", "https://api.openai.com/v1", &["OPENAI_API_KEY"], Dialect::OPENAI),
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
            can: MARKED,
            ..BASE
        },
    ),
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
    row(
        "together",
        "https://api.together.xyz/v1",
        &["TOGETHER_API_KEY"],
        Dialect {
            // API reference: the stream ends with [DONE]; logprobs is a number there, not a switch; sound is WAV, and
            // there are no documents.
            stream_end: StreamEnd::Sentinel,
            reasoning_replay: Replay::Field("reasoning"),
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
    // vLLM reads an assistant's thinking under this name only, since it was renamed there.
    local("vllm", "http://localhost:8000/v1", Dialect { reasoning_replay: Replay::Field("reasoning"), ..BASE }),
    row(
        "xai",
        "https://api.x.ai/v1",
        &["XAI_API_KEY"],
        // API reference: the stream ends with [DONE]. Recorded: reasoning_content may come back.
        Dialect { stream_end: StreamEnd::Sentinel, reasoning_replay: Replay::Field("reasoning_content"), ..BASE },
    ),
    row(
        "zai",
        "https://api.z.ai/api/paas/v4",
        &["ZAI_API_KEY", "ZHIPU_API_KEY"],
        Dialect {
            // "Thinking mode"; recorded: reasoning_effort is taken, and reasoning_content may come back.
            reasoning: ReasoningStyle::Thinking,
            reasoning_replay: Replay::Field("reasoning_content"),
            // API reference: response_format is text or json_object, and there are no penalties.
            can: Features { json_schema: false, penalties: false, ..ALL },
            ..BASE
        },
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{PROVIDERS, Scheme};
    use crate::config::{Config, Settings};
    use crate::model::Request;

    /// What a provider is sent for a request, or the fields that it is refused for.
    fn sent(provider: &str, mut request: Value) -> Result<Value, Vec<String>> {
        let model = format!("{provider}/some-model");
        request["model"] = json!(model);
        let own = json!({"providers": {provider: {"base_url": "https://llm.example.com/v1"}}});
        let settings = Settings::resolve(&Config::from_value(own).unwrap()).unwrap();
        let route = settings.route(&model).unwrap();
        let mut request = Request::from_value(request).unwrap();
        request.stream = true;
        let codec = route.targets[0].endpoint.codec;
        let lacking = codec.unsupported(&request, &route.targets[0]);
        if !lacking.is_empty() {
            return Err(lacking.into_iter().map(|field| field.field).collect());
        }
        let http = codec.encode(&request, &route.targets[0]).unwrap();
        Ok(serde_json::from_slice(http.body()).unwrap())
    }

    fn ask(more: &Value) -> Value {
        let mut request = json!({"messages": [{"role": "user", "content": "hi"}]});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    }

    #[test]
    fn fields_have_the_names_that_a_provider_gives_them() {
        let openai = sent("openai", ask(&json!({"max_tokens": 5, "seed": 7}))).unwrap();
        assert_eq!((&openai["max_completion_tokens"], &openai["seed"]), (&json!(5), &json!(7)));
        let mistral = sent("mistral", ask(&json!({"max_tokens": 5, "seed": 7}))).unwrap();
        assert_eq!((&mistral["max_tokens"], &mistral["random_seed"]), (&json!(5), &json!(7)));
        assert!(mistral.get("stream_options").is_none() && mistral.get("seed").is_none());
        let embed = json!({"input": ["a"], "dimensions": 64});
        assert_eq!(sent("openai", embed.clone()).unwrap()["dimensions"], 64);
        assert_eq!(sent("mistral", embed).unwrap()["output_dimension"], 64);
    }

    #[test]
    fn thinking_is_asked_for_as_a_provider_understands_it() {
        let high = ask(&json!({"reasoning": {"effort": "high"}}));
        let none = ask(&json!({"reasoning": {"effort": "none"}}));
        assert_eq!(sent("groq", high.clone()).unwrap()["reasoning_effort"], "high");
        assert_eq!(sent("deepseek", high.clone()).unwrap()["reasoning_effort"], "high");
        assert_eq!(sent("deepseek", none.clone()).unwrap()["thinking"], json!({"type": "disabled"}));
        assert_eq!(sent("openrouter", high).unwrap()["reasoning"], json!({"effort": "high"}));
        assert_eq!(sent("alibaba", none).unwrap()["enable_thinking"], json!(false));
    }

    #[test]
    fn messages_are_written_as_a_provider_takes_them() {
        let marked = json!({"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}});
        let history = json!({"messages": [
            {"role": "developer", "content": "be brief"},
            {"role": "user", "content": [marked]},
            {"role": "assistant", "content": [
                {"type": "reasoning", "text": "hm", "state": {"provider": "anthropic", "data": {"signature": "s"}}},
                {"type": "tool_call", "id": "toolu_01A", "name": "f", "arguments": "{}"}
            ]},
            {"role": "tool", "tool_call_id": "toolu_01A", "content": "1"}
        ]});
        let messages = |provider| sent(provider, history.clone()).unwrap()["messages"].clone();
        let (openai, deepseek, mistral) = (messages("openai"), messages("deepseek"), messages("mistral"));
        assert_eq!(
            ["developer", "system"],
            [&openai[0]["role"], &deepseek[0]["role"]].map(|role| role.as_str().unwrap())
        );
        // The marker is left out for those that cache by themselves.
        assert_eq!(messages("openrouter")[1]["content"], json!([marked]));
        assert_eq!(mistral[1]["content"], "hi");
        // Another provider's thinking stays there, and the field that DeepSeek insists on is empty.
        assert_eq!(deepseek[2]["reasoning_content"], "");
        assert_eq!(mistral[2].get("reasoning_content"), None);
        assert_eq!(openai[3]["tool_call_id"], "toolu_01A");
        let id = mistral[3]["tool_call_id"].as_str().unwrap();
        assert_eq!((id.len(), &mistral[2]["tool_calls"][0]["id"]), (9, &mistral[3]["tool_call_id"]));
    }

    #[test]
    fn what_a_provider_lacks_is_refused_by_name() {
        let named = json!({"messages": [{"role": "user", "content": "hi", "name": "ann"}]});
        assert_eq!(sent("groq", named.clone()), Err(vec!["messages[0].name".to_owned()]));
        assert!(sent("openai", named).is_ok());
        let tools = json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]);
        let forced = ask(&json!({"tools": tools, "tool_choice": "required"}));
        assert_eq!(sent("ollama", forced.clone()), Err(vec!["tool_choice".to_owned()]));
        assert_eq!(sent("perplexity", forced), Err(vec!["tools".to_owned(), "tool_choice".to_owned()]));
        let schema = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}});
        assert_eq!(sent("deepseek", ask(&json!({"response_format": schema}))), Err(vec!["response_format".to_owned()]));
    }

    #[test]
    fn names_are_sorted_and_unique() {
        for pair in PROVIDERS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} stands before {}", pair[0].name, pair[1].name);
        }
    }

    #[test]
    fn every_row_says_where_it_is_and_how_it_is_signed() {
        for row in PROVIDERS {
            assert!(!row.simulated && !row.name.is_empty() && !row.name.contains('/'), "{}", row.name);
            if row.auth == Scheme::None {
                assert!(row.key_env.is_empty() && row.base_url.starts_with("http://localhost:"), "{}", row.name);
            } else {
                assert!(!row.key_env.is_empty(), "{} has no key variable", row.name);
                assert!(row.base_url.is_empty() || row.base_url.starts_with("https://"), "{}", row.name);
            }
            assert!(!row.base_url.ends_with('/'), "{}: the paths begin with the slash", row.name);
            assert!(row.base_url.is_empty() || row.base_url.parse::<http::Uri>().is_ok(), "{}", row.name);
        }
    }

    #[test]
    fn all_that_were_asked_for_are_there() {
        for name in [
            "alibaba",
            "azure",
            "cerebras",
            "databricks",
            "deepinfra",
            "deepseek",
            "doubleword",
            "fireworks",
            "github",
            "groq",
            "huggingface",
            "llamacpp",
            "lmstudio",
            "mistral",
            "moonshot",
            "nvidia",
            "ollama",
            "openai",
            "openrouter",
            "perplexity",
            "sambanova",
            "together",
            "venice",
            "vllm",
            "xai",
            "zai",
        ] {
            assert!(PROVIDERS.iter().any(|row| row.name == name), "{name}");
        }
    }
}
