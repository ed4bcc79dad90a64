//! Simulated providers: no key, no network, and their own wire formats.
//!
//! A provider with a `simulate` table, and the built-in [`sim`](crate::providers::provider), answers inside the process.
//! What it answers goes through encode, sign, frame and decode as it does live: only the socket is missing. A `Vendor`
//! reads the request and writes the answer in one wire format, the `model` in between knows none, and the `sim` module
//! plays the answer on the world's clock.

mod anthropic;
mod azure;
mod bedrock;
mod chat_form;
mod cohere;
mod config;
mod gemini;
mod mistral;
mod model;
mod ollama;
mod openai;
mod openai_completions;
mod openai_responses;
mod schema;
mod vendor;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

pub use self::config::{Outcome, SimulateConfig, Span};
pub(crate) use self::config::{share, status};
use self::vendor::{Ids, Reason, Refusal, Step, Task, Vendor, refuse, scores, vector};
use crate::auth::Scheme;
use crate::codec::Provider;
use crate::error::{Error, Kind, Result};
use crate::fault;
use crate::model::Request;
use crate::providers::of_protocol;
use crate::sim::{Answer, Chance, End, Piece, play};
use crate::target::{StandIn, Target};
use crate::world::{BoxFuture, ByteStream, World};

/// The providers that are simulated without any configuration, one for each wire format. Each is like the vendor of its
/// protocol, and needs no key.
pub(crate) static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    let like = |(name, protocol)| Provider {
        name,
        protocol,
        base_url: "http://sim.invalid/v1",
        key_env: &[],
        auth: Scheme::None,
        simulated: true,
        ..of_protocol(protocol).clone()
    };
    let names = [
        ("sim", "openai-chat"),
        ("sim-azure", "azure-openai"),
        ("sim-openai-completions", "openai-completions"),
        ("sim-openai-responses", "openai-responses"),
        ("sim-anthropic", "anthropic"),
        ("sim-bedrock", "bedrock-converse"),
        ("sim-bedrock-anthropic", "bedrock-anthropic"),
        ("sim-cohere", "cohere"),
        ("sim-gemini", "gemini"),
        ("sim-vertex-gemini", "vertex-gemini"),
        ("sim-vertex-anthropic", "vertex-anthropic"),
        ("sim-mistral", "mistral"),
        ("sim-ollama", "ollama"),
    ];
    names.map(like).into()
});

/// The protocols that can be simulated.
static VENDORS: &[(&str, &dyn Vendor)] = &[
    ("openai-chat", &openai::OpenAi),
    ("azure-openai", &azure::Azure),
    ("openai-completions", &openai_completions::Completions),
    ("openai-responses", &openai_responses::Responses),
    ("anthropic", &anthropic::Anthropic),
    ("bedrock-converse", &bedrock::Bedrock),
    ("bedrock-anthropic", &bedrock::BedrockAnthropic),
    ("cohere", &cohere::Cohere),
    ("gemini", &gemini::Gemini),
    ("vertex-gemini", &gemini::VertexGemini),
    ("vertex-anthropic", &anthropic::VertexAnthropic),
    ("mistral", &mistral::Mistral),
    ("ollama", &ollama::Ollama),
];

/// The model that no provider has.
const MISSING_MODEL: &str = "missing-model";
/// The key that no provider accepts.
const WRONG_KEY: &str = "wrong";
/// How long a refusal by chance asks to wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// An answer that breaks off by chance does so after fewer words than this.
const BREAKS_WITHIN: u64 = 8;
/// The length of vectors where the request does not say.
const DIMENSIONS: usize = 64;
/// The longest vectors that there are.
const MOST_DIMENSIONS: usize = 8192;

/// A simulated provider.
pub struct Simulation {
    config: SimulateConfig,
    vendor: &'static dyn Vendor,
    state: Mutex<State>,
}

struct State {
    /// Its own chance, where it has a seed.
    chance: Option<Chance>,
    /// How many requests came so far.
    requests: u64,
}

impl Simulation {
    /// A simulation of a provider that speaks `protocol`.
    pub fn new(config: SimulateConfig, protocol: &str) -> Result<Self> {
        let Some((_, vendor)) = VENDORS.iter().find(|(name, _)| *name == protocol) else {
            let known: Vec<_> = VENDORS.iter().map(|(name, _)| *name).collect();
            let known = known.join(", ");
            let problem = format!("protocol '{protocol}' cannot be simulated: remove simulate, or use one of {known}");
            return Err(Error::new(Kind::Config, problem));
        };
        let state = State { chance: config.seed.map(Chance::new), requests: 0 };
        Ok(Simulation { config, vendor: *vendor, state: Mutex::new(state) })
    }

    async fn respond(
        &self,
        target: &Target,
        request: http::Request<Bytes>,
        world: Arc<dyn World>,
    ) -> Result<http::Response<ByteStream>> {
        let host = request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
        let (mut chance, outcome) = self.next(&*world);
        let delay = outcome.delay.unwrap_or(self.config.latency).pick(chance.next());
        if outcome.refuse {
            world.sleep(world.now() + delay).await;
            return Err(fault::no_connection(&host, "refused"));
        }
        let ids = Ids { number: chance.next(), unix_time: world.unix_time() };
        let answer = self.answer(&request, &outcome, ids, &mut chance, target).after(delay);
        play(answer, &host, world).await
    }

    /// What it answers to a request, as if this were the outcome.
    pub(crate) fn answer_with(
        &self,
        request: &http::Request<Bytes>,
        outcome: &Outcome,
        world: &dyn World,
        target: &Target,
    ) -> Answer {
        let mut chance = Chance::new(0);
        let ids = Ids { number: chance.next(), unix_time: world.unix_time() };
        self.answer(request, outcome, ids, &mut chance, target)
    }

    /// The chance of one request, drawn once so that requests under way together do not disturb each other, and what
    /// becomes of it.
    fn next(&self, world: &dyn World) -> (Chance, Outcome) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chance = Chance::new(state.chance.as_mut().map_or_else(|| world.random(), Chance::next));
        let mut before = state.requests;
        state.requests += 1;
        for outcome in &self.config.script {
            let times = u64::from(outcome.times.unwrap_or(1));
            if before < times {
                return (chance, outcome.clone());
            }
            before -= times;
        }
        let outcome = self.by_chance(&mut chance);
        (chance, outcome)
    }

    fn by_chance(&self, chance: &mut Chance) -> Outcome {
        let SimulateConfig { error_rate, error_status, rate_limit_rate, break_rate, .. } = self.config;
        let (fate, breaks, place) = (chance.share(), chance.share(), chance.next() % BREAKS_WITHIN);
        let outcome = Outcome::default();
        if fate < error_rate {
            return Outcome { status: Some(error_status.unwrap_or(503)), ..outcome };
        }
        if fate < error_rate + rate_limit_rate {
            return Outcome { status: Some(429), retry_after: Some(RETRY_AFTER), ..outcome };
        }
        if breaks < break_rate {
            return Outcome { cut_after: u32::try_from(place).ok(), ..outcome };
        }
        outcome
    }

    fn answer(
        &self,
        request: &http::Request<Bytes>,
        outcome: &Outcome,
        ids: Ids,
        chance: &mut Chance,
        target: &Target,
    ) -> Answer {
        if outcome.hang {
            return Answer::nothing(End::Hang);
        }
        let failure = outcome.status.map(|status| failure(status, outcome.retry_after));
        match (self.read(request, target), failure) {
            (Ok(Task::Chat(prompt)), failure)
                if prompt.stream && (failure.is_none() || outcome.cut_after.is_some()) =>
            {
                let steps = self.steps(&prompt, outcome, failure.as_ref(), ids);
                self.streamed(steps, outcome, failure.is_some(), ids, chance)
            }
            (_, Some(failure)) => refuse(self.vendor, &failure, ids),
            (Err(refusal), None) => refuse(self.vendor, &refusal, ids),
            (Ok(Task::Chat(prompt)), None) => {
                let reply = model::reply(&prompt, outcome.text.as_deref(), self.config.reply.as_deref());
                self.whole(&self.vendor.whole(&prompt, &reply, ids), outcome, ids)
            }
            (Ok(Task::Embed(embed)), None) => {
                let dimensions = embed.dimensions.unwrap_or(DIMENSIONS);
                let purpose = embed.purpose.as_deref();
                let vectors: Vec<_> = embed.input.iter().map(|text| vector(text, purpose, dimensions)).collect();
                self.whole(&self.vendor.vectors(&embed, &vectors), outcome, ids)
            }
            (Ok(Task::Rerank(rerank)), None) => {
                self.whole(&self.vendor.rankings(&rerank, &scores(&rerank), ids), outcome, ids)
            }
        }
    }

    /// What is asked for, unless the provider refuses it.
    fn read(&self, request: &http::Request<Bytes>, target: &Target) -> Result<Task, Refusal> {
        if self.vendor.key(request.headers()) == Some(WRONG_KEY) {
            return Err(Refusal::new(401, "Incorrect API key provided.").because(Reason::BadKey));
        }
        let mut task = self.vendor.read(request)?;
        if let Task::Embed(embed) = &task
            && !(1..=MOST_DIMENSIONS).contains(&embed.dimensions.unwrap_or(DIMENSIONS))
        {
            return Err(Refusal::invalid(format!("The dimensions must be between 1 and {MOST_DIMENSIONS}.")));
        }
        if let Task::Chat(prompt) = &mut task {
            let shows = self.vendor.shows_thinking(target.dialect().can.shown_reasoning);
            prompt.thinking = match prompt.thinking {
                model::Thinking::Shown if !shows => model::Thinking::Hidden,
                thinking => thinking,
            };
        }
        let (Task::Chat(model::Prompt { model, .. })
        | Task::Embed(vendor::Embed { model, .. })
        | Task::Rerank(vendor::Rerank { model, .. })) = &task;
        if model == MISSING_MODEL {
            let message = format!("The model `{model}` does not exist or you do not have access to it.");
            return Err(Refusal::new(404, message).because(Reason::NoModel));
        }
        Ok(task)
    }

    /// A stream, as far as it comes: with `cut_after`, up to so many words, and then the failure, if there is one.
    fn steps(&self, prompt: &model::Prompt, outcome: &Outcome, failure: Option<&Refusal>, ids: Ids) -> Vec<Step> {
        let reply = model::reply(prompt, outcome.text.as_deref(), self.config.reply.as_deref());
        let mut steps = self.vendor.stream(prompt, &reply, ids);
        if let Some(words) = outcome.cut_after {
            let mut left = words;
            // An answer that is shorter is cut before its end all the same.
            let last = steps.iter().rposition(|step| step.content).map_or(0, |last| last + 1);
            let cut =
                steps.iter().position(|step| step.content && left.checked_sub(1).map(|less| left = less).is_none());
            steps.truncate(cut.unwrap_or(last).min(last));
        }
        steps.extend(failure.map(|failure| Step::structure(self.vendor.stream_error(failure, ids))));
        steps
    }

    fn streamed(&self, steps: Vec<Step>, outcome: &Outcome, fails: bool, ids: Ids, chance: &mut Chance) -> Answer {
        let mut body = Vec::with_capacity(steps.len());
        let mut begun = false;
        for Step { piece, content } in steps {
            let pause = self.config.chunk_delay.pick(chance.next());
            if content && begun && !pause.is_zero() {
                body.push(Piece::Wait(pause));
            }
            begun |= content;
            body.push(piece);
        }
        let end = if outcome.cut_after.is_some() && !fails { End::Rst } else { End::Keep };
        self.with_headers(Answer { body, ..Answer::default() }.then(end), ids)
            .header("content-type", self.vendor.stream_type())
    }

    /// One document; with `cut_after`, half of it.
    fn whole(&self, document: &serde_json::Value, outcome: &Outcome, ids: Ids) -> Answer {
        let mut answer = Answer::json(200, document);
        if outcome.cut_after.is_some() {
            let mut bytes = Bytes::from(document.to_string());
            bytes.truncate(bytes.len() / 2);
            answer.body = vec![Piece::bytes(bytes)];
            answer = answer.header("content-type", "application/json").then(End::Rst);
        }
        self.with_headers(answer, ids)
    }

    fn with_headers(&self, answer: Answer, ids: Ids) -> Answer {
        self.vendor.headers(ids).into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))
    }
}

impl StandIn for Simulation {
    fn fetch<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Request,
        request: http::Request<Bytes>,
        world: Arc<dyn World>,
    ) -> BoxFuture<'a, Result<http::Response<ByteStream>>> {
        Box::pin(self.respond(target, request, world))
    }
}

/// A failure that is told rather than found.
fn failure(status: u16, retry_after: Option<Duration>) -> Refusal {
    let message = match status {
        429 => "Rate limit reached: this is simulated.",
        503 | 529 => "The model is overloaded: this is simulated.",
        500.. => "Something went wrong on our side: this is simulated.",
        _ => "The request is refused: this is simulated.",
    };
    Refusal { retry_after, ..Refusal::new(status, message) }
}
