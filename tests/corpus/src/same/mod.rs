//! When two request bodies ask for the same. A recorded body is one client's spelling; every freedom that another client
//! has is one rule here, with its reason. What the rules leave has to be equal.

mod cohere;
mod ollama;
mod responses;
#[cfg(test)]
mod tests;
mod walk;

use serde_json::{Map, Value, json};

pub use self::walk::camel;
use self::walk::{
    as_list, as_parts, camel_case, drop_default, drop_entry, drop_key, drop_nulls, each, join_texts, join_turns,
    lower_types, number_calls, objects, rename, split_tools, take,
};

use crate::answer::{Difference, equal};
use crate::record::Protocol::{self, Anthropic, Completions, Converse, Gemini, Mistral, OpenAi};

/// A freedom of spelling: rewrites any body to the one spelling that is compared.
pub struct Rule {
    /// Whose bodies.
    pub protocol: Protocol,
    /// Why both spellings mean the same.
    #[allow(dead_code, reason = "the reasons are for readers")]
    pub reason: &'static str,
    apply: fn(&mut Value),
}

const fn rule(protocol: Protocol, reason: &'static str, apply: fn(&mut Value)) -> Rule {
    Rule { protocol, reason, apply }
}

/// All rules, in the order in which they apply.
pub static RULES: &[Rule] = &[
    rule(OpenAi, "an empty list of tools is none", |body| drop_default(body, "tools", &json!([]))),
    rule(Anthropic, "an empty list of tools is none", |body| drop_default(body, "tools", &json!([]))),
    rule(Gemini, "an empty list of tools is none", |body| drop_default(body, "tools", &json!([]))),
    rule(OpenAi, "a null field is a field left out", drop_nulls),
    rule(OpenAi, "stream: false, n: 1 and detail: auto are defaults", |body| {
        drop_default(body, "stream", &json!(false));
        drop_default(body, "n", &json!(1));
        objects(body, &mut |object| drop_entry(object, "detail", &json!("auto")));
    }),
    rule(OpenAi, "the gateway always asks a stream for its usage", |body| drop_key(body, "stream_options")),
    rule(OpenAi, "max_completion_tokens is the newer name of max_tokens", |body| {
        rename(body, "max_completion_tokens", "max_tokens");
    }),
    rule(OpenAi, "a text is a list of one text part", |body| {
        each(body, "messages", |message| as_parts(message, "content"));
    }),
    rule(OpenAi, "an assistant that only calls tools has no content: null, empty and left out are the same", |body| {
        each(body, "messages", |message| {
            let empty = json!([{"type": "text", "text": ""}]);
            if message.get("content").is_some_and(|content| *content == empty || *content == json!([])) {
                message.remove("content");
            }
        });
    }),
    rule(OpenAi, "annotations belong to answers and are not read in requests", |body| {
        each(body, "messages", |message| {
            message.remove("annotations");
        });
    }),
    rule(OpenAi, "reasoning is another name of reasoning_content, and a client may send both", |body| {
        each(body, "messages", |message| {
            if let Some(text) = message.remove("reasoning") {
                message.entry("reasoning_content").or_insert(text);
            }
        });
    }),
    rule(OpenAi, "an early form of image_url was the address alone", |body| {
        objects(body, &mut |object| {
            if let Some(url @ Value::String(_)) = object.get_mut("image_url") {
                *url = json!({"url": url.take()});
            }
        });
    }),
    rule(OpenAi, "requires_confirmation and external_execution are notes of a client to itself", |body| {
        objects(body, &mut |object| {
            object.remove("requires_confirmation");
            object.remove("external_execution");
        });
    }),
    rule(OpenAi, "one stop text is a list of one", |body| as_list(body, "stop")),
    rule(OpenAi, "one text to embed is a list of one", |body| as_list(body, "input")),
    rule(OpenAi, "the gateway reads vectors in either form", |body| drop_key(body, "encoding_format")),
    rule(OpenAi, "a tool is not strict unless it says so", |body| {
        objects(body, &mut |object| drop_entry(object, "strict", &json!(false)));
    }),
    rule(OpenAi, "an empty description is none", |body| {
        objects(body, &mut |object| drop_entry(object, "description", &json!("")));
    }),
    rule(OpenAi, "arguments are JSON in a text: blanks and the order of keys do not matter", |body| {
        objects(body, &mut |object| {
            if let Some(Value::String(text)) = object.get("arguments")
                && let Ok(parsed) = serde_json::from_str(text)
            {
                object.insert("arguments".into(), parsed);
            }
        });
    }),
    rule(Mistral, "any is the older name of required", |body| {
        if body["tool_choice"] == "any" {
            body["tool_choice"] = "required".into();
        }
    }),
    rule(
        Mistral,
        "prefix: false, closed: true and the type function are defaults, and calls have ids beside an index",
        |body| {
            objects(body, &mut |object| {
                drop_entry(object, "prefix", &json!(false));
                drop_entry(object, "closed", &json!(true));
                if object.contains_key("function") {
                    object.remove("index");
                    drop_entry(object, "type", &json!("function"));
                }
            });
        },
    ),
    rule(Mistral, "what the id of a call is does not matter, and a recorder put others in their place", number_calls),
    rule(Mistral, "no arguments are the empty object", |body| {
        objects(body, &mut |object| {
            if object.get("arguments").is_some_and(|text| *text == "") {
                object.insert("arguments".into(), json!({}));
            }
        });
    }),
    rule(Completions, "one prompt is a list of one", |body| as_list(body, "prompt")),
    rule(Anthropic, "a null field is a field left out", drop_nulls),
    rule(Anthropic, "stream: false and is_error: false are defaults", |body| {
        drop_default(body, "stream", &json!(false));
        objects(body, &mut |object| drop_entry(object, "is_error", &json!(false)));
    }),
    rule(Anthropic, "a text is a list of one text block", |body| {
        if let Some(object) = body.as_object_mut() {
            as_parts(object, "system");
        }
        objects(body, &mut |object| as_parts(object, "content"));
    }),
    rule(Anthropic, "5m is the default lifetime of a cache entry", |body| {
        objects(body, &mut |object| drop_entry(object, "ttl", &json!("5m")));
    }),
    rule(Anthropic, "custom is the default type of a tool, which is not strict unless it says so", |body| {
        each(body, "tools", |tool| {
            drop_entry(tool, "type", &json!("custom"));
            drop_entry(tool, "strict", &json!(false));
        });
    }),
    rule(Anthropic, "parallel calls are allowed unless they are forbidden", |body| {
        objects(body, &mut |object| drop_entry(object, "disable_parallel_tool_use", &json!(false)));
    }),
    rule(Anthropic, "output_format is the beta name of output_config.format", |body| {
        if let Some(format) = take(body, "output_format") {
            body["output_config"]["format"] = format;
        }
    }),
    rule(Anthropic, "messages of one role in a row are one turn", |body| join_turns(body, "messages", "content")),
    rule(Gemini, "the vendor reads snake_case too", camel_case),
    rule(Gemini, "a null field is a field left out", drop_nulls),
    rule(Gemini, "base64 has two alphabets, with padding or without", |body| {
        objects(body, &mut |object| {
            for key in ["data", "thoughtSignature"] {
                if let Some(Value::String(text)) = object.get_mut(key) {
                    *text = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
                }
            }
        });
    }),
    rule(Gemini, "names of modes and levels are read in any case", |body| {
        objects(body, &mut |object| {
            for key in ["mode", "thinkingLevel"] {
                if let Some(Value::String(word)) = object.get_mut(key) {
                    *word = word.to_uppercase();
                }
            }
        });
    }),
    rule(Gemini, "one part is a list of one, and an empty text says nothing", |body| {
        objects(body, &mut |object| {
            if let Some(part @ Value::Object(_)) = object.get_mut("parts") {
                *part = json!([part.take()]);
            }
            if let Some(Value::Array(parts)) = object.get_mut("parts") {
                parts.retain(|part| *part != json!({"text": ""}));
            }
        });
        let empty = body.get("systemInstruction").is_some_and(|system| system["parts"] == json!([]));
        if empty {
            drop_key(body, "systemInstruction");
        }
    }),
    rule(Gemini, "the role of a system instruction is not read", |body| {
        if let Some(system) = body.get_mut("systemInstruction").and_then(Value::as_object_mut) {
            system.remove("role");
        }
    }),
    rule(Gemini, "one candidate is the default", |body| {
        objects(body, &mut |object| drop_entry(object, "candidateCount", &json!(1)));
    }),
    rule(Gemini, "an empty generationConfig or toolConfig is none", |body| {
        for key in ["generationConfig", "toolConfig"] {
            drop_default(body, key, &json!({}));
        }
    }),
    rule(
        Gemini,
        "tools may stand in one object or in several, functions before or behind the vendor's own",
        split_tools,
    ),
    rule(Gemini, "a schema is written as JSON Schema or in the vendor's dialect of OpenAPI", |body| {
        objects(body, &mut |object| {
            for (from, to) in [("parametersJsonSchema", "parameters"), ("responseJsonSchema", "responseSchema")] {
                if let Some(schema) = object.remove(from) {
                    object.insert(to.into(), schema);
                }
            }
            for key in ["parameters", "responseSchema"] {
                object.get_mut(key).map(lower_types);
            }
        });
    }),
    rule(Gemini, "texts in a row are one text", |body| each(body, "contents", join_texts)),
    rule(Gemini, "turns of one role in a row are one turn", |body| join_turns(body, "contents", "parts")),
    rule(Converse, "no instructions, no settings and no stop texts are the defaults", |body| {
        if let Some(config) = body.get_mut("inferenceConfig") {
            drop_default(config, "stopSequences", &json!([]));
        }
        drop_default(body, "system", &json!([]));
        drop_default(body, "inferenceConfig", &json!({}));
        drop_default(body, "additionalModelRequestFields", &json!({}));
    }),
    rule(Converse, "a result is a success unless it says error", |body| {
        objects(body, &mut |object| drop_entry(object, "status", &json!("success")));
    }),
    rule(Converse, "a tool is not strict unless it says so", |body| {
        objects(body, &mut |object| drop_entry(object, "strict", &json!(false)));
    }),
    rule(Converse, "a call is a client's unless it says whose", |body| {
        objects(body, &mut |object| drop_entry(object, "type", &json!("tool_use")));
    }),
    rule(Converse, "a schema is JSON in a text: blanks and the order of keys do not matter", |body| {
        objects(body, &mut |object| {
            if let Some(Value::String(text)) = object.get("schema")
                && let Ok(parsed) = serde_json::from_str(text)
            {
                object.insert("schema".into(), parsed);
            }
        });
    }),
    rule(Converse, "the vendor's guide calls the thinking of Anthropic's models reasoning_config", |body| {
        if let Some(fields) = body.get_mut("additionalModelRequestFields")
            && fields.get("reasoning_config").is_some_and(Value::is_object)
        {
            rename(fields, "reasoning_config", "thinking");
        }
    }),
    rule(Converse, "messages of one role in a row are one turn", |body| join_turns(body, "messages", "content")),
];

/// The first place at which two bodies do not ask for the same.
pub fn first_difference(protocol: Protocol, recorded: &Value, ours: &Value) -> Option<Difference> {
    differ("body", &canonical(protocol, recorded), &canonical(protocol, ours))
}

/// A body as the vendor itself spells it, for its schema.
pub fn vendor_spelling(protocol: Protocol, body: &Value) -> Value {
    let mut body = body.clone();
    if protocol == Gemini {
        camel_case(&mut body);
        drop_nulls(&mut body);
    }
    body
}

/// A body in the one spelling that is compared.
fn canonical(protocol: Protocol, body: &Value) -> Value {
    let mut body = body.clone();
    RULES
        .iter()
        .chain(responses::RULES)
        .chain(cohere::RULES)
        .chain(ollama::RULES)
        .filter(|rule| rule.protocol == protocol || (is_like_openai(protocol) && rule.protocol == OpenAi))
        .for_each(|rule| (rule.apply)(&mut body));
    body
}

/// Whose spelling has OpenAI's freedoms, and some more.
fn is_like_openai(protocol: Protocol) -> bool {
    matches!(protocol, Mistral | Completions)
}

fn differ(path: &str, expected: &Value, got: &Value) -> Option<Difference> {
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = a.keys().chain(b.keys()).find(|key| a.contains_key(*key) != b.contains_key(*key));
            let shared = a.iter().find_map(|(key, value)| differ(&format!("{path}.{key}"), value, b.get(key)?));
            shared.or_else(|| {
                let key = missing?;
                let at = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_else(|| json!("(absent)"));
                Some(Difference { fact: format!("{path}.{key}"), expected: at(a), got: at(b) })
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| differ(&format!("{path}[{index}]"), a, b))
        }
        _ if equal(expected, got) => None,
        _ => Some(Difference { fact: path.to_owned(), expected: expected.clone(), got: got.clone() }),
    }
}
