//! Conversations as callers have them: of any vendor's shape, each call answered once, and nothing else promised.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A request to be written: a conversation and the settings beside it.
#[derive(Clone, Debug)]
pub struct History {
    pub turns: Vec<Turn>,
    /// Whether the tools that are called are declared.
    pub tools: bool,
    pub choice: Option<&'static str>,
    pub stops: usize,
    pub max_tokens: Option<u32>,
    pub stream: bool,
}

#[derive(Clone, Debug)]
pub enum Turn {
    /// Instructions, wherever they stand.
    Instructions {
        role: &'static str,
        words: Words,
    },
    User(Vec<Piece>),
    Assistant(Vec<Said>),
    /// The model calls tools, and their results come in one way or another.
    Calls {
        said: Vec<Said>,
        calls: Vec<Call>,
        results: Results,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum Words {
    Plain,
    /// What has to be escaped, and more bytes than characters.
    Odd,
    /// White space at the end.
    Trailing,
    Blank,
    Empty,
}

#[derive(Clone, Debug)]
pub enum Piece {
    Text(Words),
    Image,
    ImageAddress,
    Pdf,
    Document(Words),
}

#[derive(Clone, Debug)]
pub enum Said {
    Text(Words),
    Refusal,
    /// Thinking, with the state of the vendor at this place of the list, if of any.
    Reasoning(Option<usize>),
    Citation,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub id: Id,
    pub tool: usize,
    pub arguments: Arguments,
    pub answer: Answer,
}

#[derive(Clone, Copy, Debug)]
pub enum Arguments {
    None,
    Object,
}

#[derive(Clone, Debug)]
pub enum Answer {
    Text(Words),
    Json,
    Failed(Words),
    WithImage,
}

/// Ids in the shapes of all vendors. They are counted within their turn, so that they come again in later ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Id {
    Empty,
    OpenAi,
    Anthropic,
    /// `functions.f:0`.
    Kimi,
    /// What becomes the former where some characters are replaced by others.
    Twin,
    Mistral,
    Long,
    Longest,
    Uuid,
    Foreign,
}

#[derive(Clone, Debug)]
pub struct Results {
    /// The results come in the order of these.
    pub order: Vec<u8>,
    pub layout: Layout,
}

/// Where the results stand.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// A message of its own for each.
    Each,
    /// All in one message.
    Together,
    /// In the user's message, before and behind what else it says.
    InUser { before: bool, after: bool },
    /// A message for each, with another in the midst.
    Interrupted { by: &'static str },
}

pub fn history(vendors: usize) -> impl Strategy<Value = History> {
    let choice = prop_oneof![4 => Just(None), 1 => select(vec![Some("auto"), Some("none"), Some("required")])];
    let stops = prop_oneof![6 => Just(0_usize), 3 => 1..=4_usize, 1 => 5..=8_usize];
    let settings = (any::<bool>(), choice, stops, proptest::option::of(1000..4000_u32), any::<bool>());
    (vec(turn(vendors), 1..8), settings).prop_map(|(turns, (tools, choice, stops, max_tokens, stream))| History {
        turns,
        tools,
        choice,
        stops,
        max_tokens,
        stream,
    })
}

fn turn(vendors: usize) -> impl Strategy<Value = Turn> {
    let instructions = (select(vec!["system", "developer"]), words());
    prop_oneof![
        1 => instructions.prop_map(|(role, words)| Turn::Instructions { role, words }),
        4 => vec(piece(), 1..4).prop_map(Turn::User),
        2 => vec(said(vendors), 1..4).prop_map(Turn::Assistant),
        3 => (vec(said(vendors), 0..3), vec(call(), 1..4), results())
            .prop_map(|(said, calls, results)| Turn::Calls { said, calls, results }),
    ]
}

fn words() -> impl Strategy<Value = Words> {
    prop_oneof![
        8 => Just(Words::Plain),
        2 => Just(Words::Odd),
        1 => Just(Words::Trailing),
        1 => Just(Words::Blank),
        1 => Just(Words::Empty),
    ]
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        12 => words().prop_map(Piece::Text),
        1 => Just(Piece::Image),
        1 => Just(Piece::ImageAddress),
        1 => Just(Piece::Pdf),
        1 => words().prop_map(Piece::Document),
    ]
}

fn said(vendors: usize) -> impl Strategy<Value = Said> {
    prop_oneof![
        6 => words().prop_map(Said::Text),
        1 => Just(Said::Refusal),
        3 => proptest::option::of(0..vendors).prop_map(Said::Reasoning),
        1 => Just(Said::Citation),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let ids = vec![
        Id::Empty,
        Id::OpenAi,
        Id::Anthropic,
        Id::Kimi,
        Id::Twin,
        Id::Mistral,
        Id::Long,
        Id::Longest,
        Id::Uuid,
        Id::Foreign,
    ];
    let answer = prop_oneof![
        5 => words().prop_map(Answer::Text),
        2 => Just(Answer::Json),
        2 => words().prop_map(Answer::Failed),
        1 => Just(Answer::WithImage),
    ];
    (select(ids), 0..3_usize, select(vec![Arguments::None, Arguments::Object]), answer)
        .prop_map(|(id, tool, arguments, answer)| Call { id, tool, arguments, answer })
}

fn results() -> impl Strategy<Value = Results> {
    let layout = prop_oneof![
        3 => Just(Layout::Each),
        2 => Just(Layout::Together),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(before, after)| Layout::InUser { before, after }),
        1 => select(vec!["system", "user"]).prop_map(|by| Layout::Interrupted { by }),
    ];
    (vec(any::<u8>(), 3), layout).prop_map(|(order, layout)| Results { order, layout })
}
