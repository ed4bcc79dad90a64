//! The encoders, each held to its vendor's schema whatever it is asked; where the vendor has none, to what its simulation
//! accepts, which reads requests strictly.

use serde_json::{Value, json};
use tidegate::Kind;

use crate::answer::Difference;
use crate::record::Api;
use crate::replay::Stage;
use crate::schema::Schemas;
use crate::server::Script;

/// An encoder, and the vendor whose schema it has to follow.
pub struct Encoder {
    pub api: Api,
    vendor: &'static str,
    /// The table's rows: of random requests, and of requests recorded with other vendors.
    pub generated: &'static str,
    pub crossed: &'static str,
}

pub static ENCODERS: [Encoder; 10] = [
    Encoder {
        api: Api::OpenAiChat,
        vendor: "openai",
        generated: "generated:openai-chat",
        crossed: "crossed:openai-chat",
    },
    Encoder {
        api: Api::OpenAiResponses,
        vendor: "openai",
        generated: "generated:openai-responses",
        crossed: "crossed:openai-responses",
    },
    Encoder { api: Api::Mistral, vendor: "mistral", generated: "generated:mistral", crossed: "crossed:mistral" },
    Encoder {
        api: Api::Anthropic,
        vendor: "anthropic",
        generated: "generated:anthropic",
        crossed: "crossed:anthropic",
    },
    Encoder { api: Api::Gemini, vendor: "google", generated: "generated:gemini", crossed: "crossed:gemini" },
    Encoder {
        api: Api::Gemini,
        vendor: "vertex",
        generated: "generated:vertex-gemini",
        crossed: "crossed:vertex-gemini",
    },
    Encoder {
        api: Api::Anthropic,
        vendor: "vertex",
        generated: "generated:vertex-anthropic",
        crossed: "crossed:vertex-anthropic",
    },
    Encoder {
        api: Api::Converse,
        vendor: "bedrock",
        generated: "generated:bedrock-converse",
        crossed: "crossed:bedrock-converse",
    },
    Encoder { api: Api::CohereChat, vendor: "cohere", generated: "generated:cohere", crossed: "crossed:cohere" },
    Encoder { api: Api::OllamaChat, vendor: "ollama", generated: "generated:ollama", crossed: "crossed:ollama" },
];

impl Encoder {
    /// A gateway that refuses what the vendor cannot do, and one that leaves it out.
    pub async fn open(&self) -> Result<[Stage; 2], String> {
        if self.has_schema() {
            return Ok([
                Stage::open(self.api, self.vendor, "refuse").await?,
                Stage::open(self.api, self.vendor, "drop").await?,
            ]);
        }
        Ok([Stage::simulated(self.vendor, "refuse").await?, Stage::simulated(self.vendor, "drop").await?])
    }

    fn has_schema(&self) -> bool {
        !matches!(self.api, Api::CohereChat | Api::OllamaChat)
    }

    /// What the vendor's schema says against the body of a request; `None` where there is no body, because the vendor
    /// cannot do what is asked and it cannot be left out either.
    pub async fn check(
        &self,
        stages: &[Stage; 2],
        request: Value,
        stream: bool,
        schemas: &Schemas,
    ) -> Option<Vec<Difference>> {
        let problem = match self.problem(&stages[0], &request, stream, schemas).await {
            None => self.problem(&stages[1], &request, stream, schemas).await?,
            Some(problem) => problem,
        };
        let difference = |problem| Difference {
            fact: "schema".into(),
            expected: json!("valid or unsupported"),
            got: json!({"problem": problem, "request": request}),
        };
        Some(problem.into_iter().map(difference).collect())
    }
}

impl Encoder {
    /// What is wrong with the body of a request, if anything; `None` where it is refused as unsupported.
    async fn problem(&self, stage: &Stage, request: &Value, stream: bool, schemas: &Schemas) -> Option<Option<String>> {
        if self.has_schema() {
            return match sent(stage, request, stream).await? {
                Ok(body) => Some(schemas.check(self.api, self.vendor, &body).unwrap_or_default().first().cloned()),
                Err(problem) => Some(Some(problem)),
            };
        }
        match stage.call(request.clone(), stream).await {
            Err(error) if error.kind() == Kind::Unsupported => None,
            Err(error) if error.http_status() == Some(400) => Some(Some(format!("{error:#}"))),
            _ => Some(None),
        }
    }
}

/// The body that is sent for a request; `None` where it is refused as unsupported.
async fn sent(stage: &Stage, request: &Value, stream: bool) -> Option<Result<Value, String>> {
    let (outcome, received) = stage.send(request.clone(), stream, Script::refusal()).await;
    match (received.as_slice(), outcome) {
        ([one], _) => Some(serde_json::from_slice(&one.body).map_err(|error| error.to_string())),
        ([], Err(error)) if error.kind() == Kind::Unsupported => None,
        (_, outcome) => Some(Err(format!("{} requests, {outcome:?}", received.len()))),
    }
}
