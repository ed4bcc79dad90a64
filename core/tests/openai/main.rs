//! OpenAI Chat Completions and what speaks like it, through the public API and over a simulated network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests may panic as they do")]
#![allow(clippy::needless_pass_by_value, reason = "json! values are written where they are used")]

mod answers;
mod embeddings;
mod errors;
mod providers;
mod requests;
mod rerank;

use serde_json::{Value, json};
use tidegate::sim::Answer;
use tidegate::{Gateway, Request, Response, Result, Sim};

/// A gateway whose only way out is a simulated network with one upstream, which answers all the same.
struct House {
    sim: Sim,
    gateway: Gateway,
}

impl House {
    /// `on_unsupported` is that of the only route, `r`.
    fn new(provider: &str, answer: Answer, on_unsupported: &str) -> Self {
        let sim = Sim::new(1);
        sim.on("o.test", answer);
        let mut table = json!({"base_url": "http://o.test/v1", "api_key": "k"});
        if tidegate::providers::provider(provider).is_none() {
            table["protocol"] = json!("openai-chat");
        }
        let config = json!({
            "providers": {provider: table},
            "routes": {"r": {
                "targets": [format!("{provider}/m")],
                "retry": {"max_attempts": 1},
                "on_unsupported": on_unsupported,
            }},
        });
        let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
        House { sim, gateway }
    }

    fn chat(&self, mut request: Value) -> Result<Response> {
        request["model"] = json!("r");
        self.sim.run(self.gateway.chat(Request::from_value(request)?))
    }
}
