//! Requests recorded with one vendor, sent to the others: what failover does.

use regex::Regex;
use serde_json::{Value, json};

use crate::ask;
use crate::encoder::ENCODERS;
use crate::record::Record;
use crate::replay::Verdict;
use crate::schema::Schemas;

/// Sends every request of a chat through the encoders of the other vendors.
pub async fn run(records: &[Record], only: Option<&Regex>, schemas: &Schemas) -> Result<Vec<Verdict>, String> {
    let mut verdicts = Vec::new();
    for encoder in &ENCODERS {
        let stages = encoder.open().await?;
        let others = |record: &&Record| {
            // Where the vendor keeps the conversation, a request is only the end of it.
            let asks = record.intent.as_ref().is_some_and(|intent| {
                !intent.messages.is_empty() && !intent.settings.contains_key("previous_response_id")
            });
            asks && record.api.protocol() != encoder.api.protocol()
        };
        for record in records.iter().filter(others) {
            let id = format!("{}:{}", encoder.crossed, record.id);
            if only.is_none_or(|only| only.is_match(&id)) {
                let mut request = ask::request(record, &stages[0].provider);
                leave_behind(&mut request, &record.provider);
                let schema = encoder.check(&stages, request, record.stream, schemas).await;
                verdicts.push(Verdict { schema, ..Verdict::new(id, encoder.api, encoder.crossed) });
            }
        }
    }
    Ok(verdicts)
}

/// Says of all state whose it is, and drops what was meant for one vendor's body alone.
fn leave_behind(value: &mut Value, provider: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| leave_behind(item, provider)),
        Value::Object(object) => {
            object.remove("extra");
            object.remove("extra_content");
            // An answer always says whose its own items are.
            if object.get("type").is_some_and(|kind| kind == "other") {
                object.entry("state").or_insert_with(|| json!({"data": {}}));
            }
            if let Some(state) = object.get_mut("state") {
                state["provider"] = provider.into();
            }
            for (key, inner) in object.iter_mut() {
                if !["parameters", "schema", "arguments", "data"].contains(&key.as_str()) {
                    leave_behind(inner, provider);
                }
            }
        }
        _ => {}
    }
}
