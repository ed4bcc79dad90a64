//! The vendors of all protocols, each as a gateway with a network that keeps what was sent.

use serde_json::{Map, Value, json};
use tidegate::sim::Answer;
use tidegate::{Error, Gateway, Request, Sim, providers};

use crate::rules::{self, Rules};

/// One vendor, as a provider of the configuration.
pub struct Vendor {
    pub name: String,
    pub protocol: &'static str,
    pub rules: Rules,
    model: &'static str,
    gateway: Gateway,
}

/// What became of a request.
pub enum Sent {
    Body(Value),
    Refused(Error),
}

impl Vendor {
    /// One of each protocol of this build, and those whose dialect has rules of its own.
    pub fn all() -> Vec<Vendor> {
        let of_protocol = |protocol| {
            let of_model = move |&model| Vendor::new(format!("our-{protocol}"), protocol, model, rules::of(protocol));
            models(protocol).iter().map(of_model)
        };
        let openai: [(_, Rules); 2] = [
            ("openai-chat", rules::openai_chat::of_openai),
            ("openai-completions", rules::openai_completions::of_openai),
        ];
        let openai = openai.map(|(protocol, rules)| Vendor::new("openai".to_owned(), protocol, "gpt-5-mini", rules));
        let mistral = providers::provider("mistral")
            .into_iter()
            .map(|row| Vendor::new(row.name.to_owned(), row.protocol, "mistral-large-latest", rules::mistral::check));
        providers::protocols().flat_map(of_protocol).chain(openai).chain(mistral).collect()
    }

    fn new(name: String, protocol: &'static str, model: &'static str, rules: Rules) -> Self {
        let mut table = json!({"protocol": protocol, "base_url": "http://vendor.test", "api_key": "k"});
        match protocol {
            "bedrock-converse" | "bedrock-anthropic" => table["region"] = "eu-central-1".into(),
            "vertex-gemini" | "vertex-anthropic" => {
                table["project"] = "p".into();
                table["location"] = "europe-west1".into();
            }
            _ => {}
        }
        let route = |mode| json!({"targets": [format!("{name}/{model}")], "retry": {"max_attempts": 1}, "on_unsupported": mode});
        let config = json!({
            "providers": {name.clone(): table},
            "routes": {"strict": route("refuse"), "lenient": route("drop")},
        });
        let gateway = Gateway::from_value(config).unwrap_or_else(|error| panic!("{protocol}: {error}"));
        Vendor { name, protocol, rules, model, gateway }
    }

    /// Sends a request on a route: `strict` refuses what the vendor cannot do, `lenient` leaves it out.
    pub fn send(&self, request: &Value, route: &str, stream: bool) -> Sent {
        let sim = Sim::new(1);
        sim.on("vendor.test", Answer::json(400, &json!({"error": {"message": "read and refused"}})));
        let mut request = request.clone();
        request["model"] = route.into();
        let request = Request::from_value(request).unwrap();
        let gateway = self.gateway.clone().with_world(sim.clone());
        let outcome = if stream {
            sim.run(gateway.stream(request)).map(|_| ())
        } else {
            sim.run(gateway.chat(request)).map(|_| ())
        };
        match (sim.exchanges().as_slice(), outcome) {
            ([one], _) => Sent::Body(serde_json::from_slice(&one.body).unwrap()),
            ([], Err(error)) => Sent::Refused(error),
            (exchanges, outcome) => panic!("{}: {} requests, {outcome:?}", self.name, exchanges.len()),
        }
    }

    /// What the vendor's rules say against a body.
    pub fn check(&self, body: &Value) -> Result<(), String> {
        (self.rules)(body, self.model)
    }

    /// State of thinking in the vendor's words, with a mark in it; `None` where it has none that is known here.
    pub fn state(&self, mark: &str) -> Option<Map<String, Value>> {
        let state = match self.protocol {
            "anthropic" | "bedrock-anthropic" | "vertex-anthropic" | "bedrock-converse" => json!({"signature": mark}),
            "gemini" | "vertex-gemini" => json!({"thoughtSignature": mark}),
            "openai-responses" => {
                json!({"item": {"id": format!("rs_{mark}"), "encrypted_content": format!("{mark}AAAA")}})
            }
            _ => return None,
        };
        state.as_object().cloned()
    }
}

/// Models of a protocol that are told things in different ways.
fn models(protocol: &str) -> &'static [&'static str] {
    match protocol {
        "anthropic" | "vertex-anthropic" => &["claude-sonnet-4-5", "claude-opus-4-8"],
        "bedrock-anthropic" => &["eu.anthropic.claude-sonnet-4-5-20250929-v1:0"],
        "bedrock-converse" => &["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "moonshot.kimi-k2-thinking"],
        "gemini" | "vertex-gemini" => &["gemini-2.5-flash", "gemini-3-pro-preview"],
        _ => &["gpt-5-mini"],
    }
}
