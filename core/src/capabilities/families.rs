//! The table. Only families of which something is known that a request can run into have a row.
//!
//! Sources: OpenAI, "Models" and each model's page; Anthropic, "Models overview" and "Structured outputs"; Google, "Gemini
//! models"; Mistral, "Models"; Cohere, "Models"; the Bedrock user guide, "Supported models and features" and `ToolChoice`; the
//! Amazon Nova user guide, "What is Amazon Nova"; and for sizes the lists of `LiteLLM` and models.dev of November 2026. Where
//! they differ, the larger size and the longer list of abilities stand here: what is wrongly refused helps nobody.

use super::Family;

const fn of(name: &'static str, context: u32, output: u32, abilities: &'static str) -> Family {
    Family::of(name, context, output, abilities)
}

/// Every family.
#[rustfmt::skip]
pub static FAMILIES: &[Family] = &[
    // name                     context     output     tools, forced tools, parallel tools, JSON schema, images, PDF, audio,
    //                                                 reasoning, prompt caching, logprobs
    of("gpt-3.5-turbo",           16_385,     4_096, "tfp------l"),
    of("gpt-4",                    8_192,     8_192, "tfp------l"),
    of("gpt-4-32k",               32_768,    32_768, "tfp------l"),
    of("gpt-4-0125-preview",     128_000,     4_096, "tfp------l"),
    of("gpt-4-1106-preview",     128_000,     4_096, "tfp------l"),
    of("gpt-4-turbo",            128_000,     4_096, "tfp-i----l"),
    of("gpt-4-turbo-preview",    128_000,     4_096, "tfp------l"),
    of("gpt-4-vision-preview",   128_000,     4_096, "tfp-i----l"),
    of("gpt-4-1106-vision-preview", 128_000,  4_096, "tfp-i----l"),
    of("gpt-4o",                 128_000,    16_384, "tfpsid--cl"),
    of("gpt-4o-2024-05-13",      128_000,     4_096, "tfp-i----l"),
    of("gpt-4o-audio-preview",   128_000,    16_384, "tfp---a--l"),
    of("gpt-4o-mini-audio-preview", 128_000, 16_384, "tfp---a--l"),
    of("gpt-audio",              128_000,    16_384, "tfp---a--l"),
    of("gpt-4.1",              1_047_576,    32_768, "tfpsid--cl"),
    of("o1",                     200_000,   100_000, "tf-sid-rc-"),
    of("o1-mini",                128_000,    65_536, "-------rc-"),
    of("o1-preview",             128_000,    32_768, "-------rc-"),
    of("o3",                     200_000,   100_000, "tfpsid-rc-"),
    of("o3-mini",                200_000,   100_000, "tfps---rc-"),
    of("o4-mini",                200_000,   100_000, "tfpsid-rc-"),
    of("gpt-5",                  400_000,   272_000, "tfpsid-rc-"),
    of("gpt-5.1",                400_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.2",                400_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.3",                400_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.4",              1_050_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.4-mini",           400_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.4-nano",           400_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.5",              1_050_000,   128_000, "tfpsid-rcl"),
    of("gpt-5.6",              1_050_000,   128_000, "tfpsid-rcl"),
    of("gpt-oss-120b",           131_072,   131_072, "tfps---rcl"),
    of("gpt-oss-20b",            131_072,   131_072, "tfps---rcl"),

    of("claude-2",               200_000,     4_096, "----------"),
    of("claude-instant",         100_000,     4_096, "----------"),
    of("claude-3-haiku",         200_000,     4_096, "tfp-i---c-"),
    of("claude-3-sonnet",        200_000,     4_096, "tfp-i---c-"),
    of("claude-3-opus",          200_000,     4_096, "tfp-i---c-"),
    of("claude-3-5-haiku",       200_000,     8_192, "tfp-id--c-"),
    of("claude-3-5-sonnet",      200_000,     8_192, "tfp-id--c-"),
    // With the beta header output-128k-2025-02-19.
    of("claude-3-7-sonnet",      200_000,   128_000, "tfp-id-rc-"),
    // With the beta header context-1m-2025-08-07.
    of("claude-sonnet-4-0",    1_000_000,    64_000, "tfp-id-rc-"),
    of("claude-sonnet-4-20250514", 1_000_000, 64_000, "tfp-id-rc-"),
    of("claude-sonnet-4@20250514", 1_000_000, 64_000, "tfp-id-rc-"),
    of("claude-4-sonnet",      1_000_000,    64_000, "tfp-id-rc-"),
    of("claude-opus-4-0",        200_000,    32_000, "tfp-id-rc-"),
    of("claude-opus-4-20250514", 200_000,    32_000, "tfp-id-rc-"),
    of("claude-opus-4@20250514", 200_000,    32_000, "tfp-id-rc-"),
    of("claude-4-opus",          200_000,    32_000, "tfp-id-rc-"),
    of("claude-opus-4-1",        200_000,    32_000, "tfpsid-rc-"),
    of("claude-sonnet-4-5",    1_000_000,    64_000, "tfpsid-rc-"),
    of("claude-haiku-4-5",       200_000,    64_000, "tfpsid-rc-"),
    of("claude-opus-4-5",        200_000,    64_000, "tfpsid-rc-"),
    of("claude-opus-4-6",      1_000_000,   128_000, "tfpsid-rc-"),
    of("claude-opus-4-7",      1_000_000,   128_000, "tfpsid-rc-"),
    of("claude-opus-4-8",      1_000_000,   128_000, "tfpsid-rc-"),
    of("claude-opus-5",        1_000_000,   128_000, "tfpsid-rc-"),
    of("claude-sonnet-4-6",    1_000_000,   128_000, "tfpsid-rc-"),
    of("claude-sonnet-5",      1_000_000,   128_000, "tfpsid-rc-"),
    of("claude-haiku-5-5",     1_000_000,   128_000, "tfpsid-rc-"),

    of("gemini-2.0-flash",     1_048_576,     8_192, "tfpsida-cl"),
    of("gemini-2.5-pro",       1_048_576,    65_536, "tfpsidarcl"),
    of("gemini-2.5-flash",     1_048_576,    65_536, "tfpsidarcl"),
    of("gemini-2.5-flash-lite", 1_048_576,   65_536, "tfpsidarcl"),
    of("gemini-3-pro-preview", 1_048_576,    65_536, "tfpsidarcl"),
    of("gemini-3-flash-preview", 1_048_576,  65_536, "tfpsidarcl"),
    of("gemini-3.1-pro",       1_048_576,    65_536, "tfpsidarcl"),
    of("gemini-3.1-flash-lite", 1_048_576,   65_536, "tfpsidarcl"),
    of("gemini-3.5-flash",     1_048_576,    65_536, "tfpsidarcl"),

    of("codestral",              262_144,   262_144, "tfps-----l"),
    of("devstral",               262_144,   262_144, "tfpsid-r-l"),
    of("ministral-3b",           131_072,   131_072, "tfpsid---l"),
    of("ministral-8b",           262_144,   262_144, "tfpsid---l"),
    of("open-mistral-nemo",      131_072,   131_072, "tfps-----l"),
    of("pixtral",                131_072,   131_072, "tfpsid---l"),
    of("voxtral-small",           32_768,    32_768, "tfps--a--l"),

    of("command-r",              128_000,     4_096, "tfps-----l"),
    of("command-r-plus",         128_000,     4_096, "tfps-----l"),
    of("command-r7b",            128_000,     4_096, "tfps-----l"),
    of("command-a-03-2025",      256_000,     8_192, "tfps-----l"),
    of("command-a-vision",       128_000,     8_192, "---si----l"),
    of("command-a-reasoning",    256_000,    32_768, "tfps---r-l"),
    of("c4ai-aya-expanse",       128_000,     4_096, "---s-----l"),

    of("nova-micro",             128_000,    10_240, "tfp-----c-"),
    of("nova-lite",              300_000,    10_240, "tfp-id--c-"),
    of("nova-pro",               300_000,    10_240, "tfp-id--c-"),
    of("nova-premier",         1_000_000,    32_768, "tfp-id--c-"),
    of("nova-2-lite",          1_000_000,    65_536, "tfp-id-rc-"),
    // Bedrock cannot make the models of these makers call a tool, and reads documents for all of them.
    of("llama3-8b",                8_192,     8_192, "-----d----").on("bedrock-converse"),
    of("llama3-70b",               8_192,     8_192, "-----d----").on("bedrock-converse"),
    of("llama3-1",               131_072,   131_072, "t----d----").on("bedrock-converse"),
    of("llama3-2-1b",            131_072,   131_072, "t----d----").on("bedrock-converse"),
    of("llama3-2-3b",            131_072,   131_072, "t----d----").on("bedrock-converse"),
    of("llama3-2-11b",           131_072,   131_072, "t---id----").on("bedrock-converse"),
    of("llama3-2-90b",           131_072,   131_072, "t---id----").on("bedrock-converse"),
    of("llama3-3",               131_072,   131_072, "t----d----").on("bedrock-converse"),
    of("jamba-1-5",              262_144,     4_096, "t----d----").on("bedrock-converse"),
    of("r1-v1",                  131_072,    32_768, "-----d-r--").on("bedrock-converse"),
    of("titan-text",              42_000,    32_000, "-----d----").on("bedrock-converse"),
];
