use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Scheme, hosts, local, providers, routers, vendors};
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
    assert_eq!(["developer", "system"], [&openai[0]["role"], &deepseek[0]["role"]].map(|role| role.as_str().unwrap()));
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
    assert_eq!(sent("ollama-openai", forced.clone()), Err(vec!["tool_choice".to_owned()]));
    assert_eq!(sent("perplexity", forced), Err(vec!["tools".to_owned(), "tool_choice".to_owned()]));
    let schema = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}});
    assert_eq!(sent("deepseek", ask(&json!({"response_format": schema}))), Err(vec!["response_format".to_owned()]));
}

#[test]
fn rows_stand_by_name_and_no_name_twice() {
    for rows in [vendors::PROVIDERS, hosts::PROVIDERS, routers::PROVIDERS, local::PROVIDERS] {
        for pair in rows.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} stands before {}", pair[0].name, pair[1].name);
        }
    }
    let names: BTreeSet<_> = crate::providers::builtin().map(|provider| provider.name).collect();
    assert_eq!(names.len(), crate::providers::builtin().count());
    assert!(providers().count() >= 60);
}

#[test]
fn every_row_says_where_it_is_and_how_it_is_signed() {
    for row in providers() {
        assert!(!row.simulated && !row.name.is_empty() && !row.name.contains('/'), "{}", row.name);
        if row.auth == Scheme::None {
            assert!(row.key_env.is_empty() && row.base_url.starts_with("http://localhost:"), "{}", row.name);
        } else {
            assert!(!row.key_env.is_empty(), "{} has no key variable", row.name);
            assert!(row.base_url.is_empty() || row.base_url.starts_with("https://"), "{}", row.name);
        }
        for key in row.key_env {
            let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            assert!(key.chars().all(letter), "{}: {key} is not the name of a variable", row.name);
        }
        assert!(!row.base_url.ends_with('/'), "{}: the paths begin with the slash", row.name);
        assert!(row.base_url.is_empty() || row.base_url.parse::<http::Uri>().is_ok(), "{}", row.name);
    }
}

#[test]
fn those_at_another_address_differ_alike() {
    let dialect = |name: &str| &crate::providers::provider(name).unwrap().dialect;
    for (one, other) in [
        ("alibaba", "alibaba-cn"),
        ("byteplus", "volcengine"),
        ("minimax", "minimax-cn"),
        ("moonshot", "moonshot-cn"),
        ("siliconflow", "siliconflow-cn"),
        ("zai", "zhipu"),
    ] {
        assert_eq!(dialect(one), dialect(other), "{one} and {other}");
    }
}
