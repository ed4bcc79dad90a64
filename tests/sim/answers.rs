//! What simulated providers answer, in each wire format.

use std::time::Duration;

use serde_json::{Value, json};
use tidegate::{Event, FinishReason, Gateway, Kind, Request, Sim, World as _};

use crate::{PROTOCOLS, chat, gateway, says, stream};

#[test]
fn answers_with_an_echo() {
    for protocol in PROTOCOLS {
        let reply = chat(protocol, json!({"model": "r", "messages": says("hi there")})).unwrap();
        assert_eq!(
            reply.text(),
            "You said \"hi there\". I am model-1, a simulated model: no key, no network, no bill.",
            "{protocol}"
        );
        assert_eq!((reply.finish_reason, reply.model.as_str()), (FinishReason::Stop, "model-1"), "{protocol}");
        let usage = reply.usage.unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (2, 16), "{protocol}");
        // Bedrock and Ollama name no answer, Gemini and Ollama no request.
        assert_eq!(reply.id.is_some(), !["bedrock-converse", "ollama"].contains(&protocol), "{protocol}");
        assert_eq!(reply.request_id.is_some(), !["gemini", "ollama"].contains(&protocol), "{protocol}");
    }
}

#[test]
fn streams_the_same_answer_word_by_word() {
    for protocol in PROTOCOLS {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({"latency": "200ms", "chunk_delay": "10ms"}));
        let request =
            json!({"model": "r", "messages": says("hi there"), "reasoning": {"effort": "low", "include": true}});
        let (events, reply) = stream(&sim, &gateway, request.clone());
        let reply = reply.unwrap();
        let texts = events.iter().filter_map(Event::text).filter(|text| !text.is_empty()).count();
        assert_eq!(texts, 16, "{protocol}");
        let thoughts = events.iter().filter(|event| matches!(event, Event::Reasoning { text, .. } if !text.is_empty()));
        assert_eq!(thoughts.count(), 11, "{protocol}");
        assert_eq!(sim.now().since_start(), Duration::from_millis(200 + 26 * 10), "{protocol}");

        let whole = sim.run(gateway.chat(Request::from_value(request).unwrap())).unwrap();
        assert_eq!((whole.text(), whole.reasoning()), (reply.text(), reply.reasoning()), "{protocol}");
        assert_eq!(whole.usage, reply.usage, "{protocol}");
        // All count it as output, and not by itself.
        let thought = if ["bedrock-converse", "mistral", "ollama"].contains(&protocol) { 0 } else { 11 };
        assert_eq!(whole.usage.unwrap().reasoning_tokens, thought, "{protocol}");
    }
}

#[test]
fn follows_a_schema() {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer", "minimum": 18},
            "mood": {"type": "string", "enum": ["good", "bad"]},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        },
        "required": ["name", "age", "mood", "tags"],
        "additionalProperties": false,
    });
    for protocol in PROTOCOLS {
        let format =
            json!({"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": true}});
        let reply =
            chat(protocol, json!({"model": "r", "messages": says("Describe Ada"), "response_format": format})).unwrap();
        let value: Value = serde_json::from_str(&reply.text()).unwrap();
        assert_eq!(value, json!({"name": "Ada", "age": 18, "mood": "good", "tags": ["tags", "tags"]}), "{protocol}");
    }
}

#[test]
fn obeys_the_token_limit_and_stop_sequences() {
    for protocol in PROTOCOLS {
        let reply = chat(protocol, json!({"model": "r", "messages": says("hi"), "max_tokens": 3})).unwrap();
        assert_eq!(
            (reply.text().trim_end(), reply.finish_reason),
            ("You said \"hi\".", FinishReason::Length),
            "{protocol}"
        );
        let stopped = chat(protocol, json!({"model": "r", "messages": says("hi"), "stop": ["simulated"]}));
        if protocol == "openai-responses" {
            assert_eq!(stopped.unwrap_err().kind(), Kind::Unsupported);
            continue;
        }
        let reply = stopped.unwrap();
        assert_eq!(reply.text().trim_end(), "You said \"hi\". I am model-1, a", "{protocol}");
        assert_eq!(reply.finish_reason, FinishReason::Stop, "{protocol}");
    }
}

#[test]
fn embeds_texts_as_unit_vectors() {
    for protocol in ["openai-chat", "cohere", "gemini", "mistral", "ollama"] {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({}));
        let embed =
            |input: Value| Request::from_value(json!({"model": "r", "input": input, "dimensions": 16})).unwrap();
        let vectors = sim.run(gateway.embed(embed(json!(["a", "b", "a"])))).unwrap().vectors;
        assert_eq!((vectors.len(), vectors[0].len()), (3, 16), "{protocol}");
        assert_eq!(vectors[0], vectors[2]);
        assert_ne!(vectors[0], vectors[1]);
        let norm: f32 = vectors[0].iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-5, "{protocol}: {norm}");
    }
}

#[test]
fn bedrock_embeds_and_ranks_with_the_models_that_do() {
    let sim = Sim::new(1);
    let gateway = Gateway::from_value(json!({"providers": {"bedrock": {"simulate": {}}}})).unwrap();
    let gateway = gateway.with_world(sim.clone());
    for model in ["amazon.titan-embed-text-v2:0", "cohere.embed-v4:0"] {
        let request = json!({"model": format!("bedrock/{model}"), "input": ["a", "b"], "dimensions": 16});
        let reply = sim.run(gateway.embed(Request::from_value(request).unwrap())).unwrap();
        assert_eq!(reply.vectors.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16], "{model}");
        assert_ne!(reply.vectors[0], reply.vectors[1], "{model}");
    }
    for model in ["cohere.rerank-v3-5:0", "amazon.rerank-v1:0"] {
        let documents = ["a dog", "Cats, and milk!", "no cats"];
        let request =
            json!({"model": format!("bedrock/{model}"), "query": "cats milk", "documents": documents, "top_n": 2});
        let reply = sim.run(gateway.rerank(Request::from_value(request).unwrap())).unwrap();
        let ranked: Vec<_> = reply.rankings.iter().map(|it| (it.index, it.relevance_score)).collect();
        assert_eq!(ranked, [(1, 1.0), (2, 0.5)], "{model}");
    }
}

#[test]
fn vectors_depend_on_what_they_are_for() {
    for provider in ["voyage", "gemini"] {
        let sim = Sim::new(1);
        let table = json!({"providers": {provider: {"simulate": {}}}});
        let gateway = Gateway::from_value(table).unwrap().with_world(sim.clone());
        let embed = |purpose: Value| {
            let request = json!({"model": format!("{provider}/m"), "input": "a", "input_type": purpose});
            sim.run(gateway.embed(Request::from_value(request).unwrap())).unwrap().vectors
        };
        assert_eq!(embed(json!("query")), embed(json!("query")));
        assert_ne!(embed(json!("query")), embed(json!("document")));
        assert_ne!(embed(json!("query")), embed(json!(null)));
    }
}

#[test]
fn documents_with_the_words_of_the_query_are_the_best() {
    for provider in ["sim", "voyage", "jina", "tei"] {
        let sim = Sim::new(1);
        let table = json!({"providers": {provider: {"simulate": {}}}});
        let gateway = Gateway::from_value(table).unwrap().with_world(sim.clone());
        let documents = ["a dog", "Cats, and milk!", "no cats"];
        let request =
            json!({"model": format!("{provider}/m"), "query": "cats milk", "documents": documents, "top_n": 2});
        let reply = sim.run(gateway.rerank(Request::from_value(request).unwrap())).unwrap();
        let ranked: Vec<_> = reply.rankings.iter().map(|it| (it.index, it.relevance_score)).collect();
        assert_eq!(ranked, [(1, 1.0), (2, 0.5)], "{provider}");
    }
}

#[test]
fn the_built_in_providers_need_nothing() {
    let sim = Sim::new(1);
    let gateway = Gateway::builtin().unwrap().with_world(sim.clone());
    let models = [
        "sim/hello",
        "sim-openai-responses/hello",
        "sim-anthropic/hello",
        "sim-bedrock/hello",
        "sim-bedrock-anthropic/hello",
        "sim-cohere/hello",
        "sim-gemini/hello",
        "sim-mistral/hello",
        "sim-azure/hello",
        "sim-ollama/hello",
    ];
    for model in models {
        let request = Request::from_value(json!({"model": model, "messages": says("hi")})).unwrap();
        let reply = sim.run(gateway.chat(request)).unwrap();
        assert!(reply.text().starts_with("You said \"hi\". I am hello"), "{model}");
    }
    assert!(sim.exchanges().is_empty());
}

#[test]
fn gives_log_probabilities() {
    for protocol in ["openai-chat", "openai-responses", "gemini", "ollama"] {
        let sim = Sim::new(1);
        let gateway = gateway(&sim, protocol, json!({"reply": "one two"}));
        let request = json!({"model": "r", "messages": says("hi"), "logprobs": true, "top_logprobs": 2});
        let whole = sim.run(gateway.chat(Request::from_value(request.clone()).unwrap())).unwrap();
        let tokens: Vec<_> = whole.logprobs.iter().map(|token| (token.token.as_str(), token.top.len())).collect();
        assert_eq!(tokens, [("one ", 2), ("two", 2)], "{protocol}");
        assert!(whole.logprobs.iter().all(|token| token.logprob < 0.0));
        let (_, streamed) = stream(&sim, &gateway, request);
        assert_eq!(streamed.unwrap().logprobs, whole.logprobs, "{protocol}");
    }
}

#[test]
fn answers_in_the_real_world_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let config = json!({"providers": {"sim": {"simulate": {"latency": "1ms", "chunk_delay": "1ms"}}}});
    let gateway = Gateway::from_value(config).unwrap();
    let request = Request::from_value(json!({"model": "sim/hello", "messages": says("hi")})).unwrap();
    let stream = runtime.block_on(async { gateway.stream(request).await.unwrap().collect().await });
    assert!(stream.unwrap().text().starts_with("You said \"hi\"."));
}
