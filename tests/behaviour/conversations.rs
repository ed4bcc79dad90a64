//! Any valid conversation becomes a body that obeys the vendor's rules, with every word in it, or is refused by the name
//! of what the vendor cannot do.
//!
//! `PROPTEST_CASES` says how many conversations each test tries; they are the same in every run. Those that broke something
//! are in `regressions.txt`, and are tried first.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestError, TestRunner};
use serde_json::Value;
use tidegate::{Error, Kind};

use crate::history::{History, history};
use crate::vendors::{Sent, Vendor};
use crate::written::{Written, write};

/// Runs a check over many conversations. The error has the least that breaks it.
fn for_all(vendors: &[Vendor], check: impl Fn(&History, &Written) -> Result<(), String>) -> Result<(), String> {
    let config = Config {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("behaviour/regressions.txt"))),
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&history(vendors.len()), |history| {
        check(&history, &write(&history, vendors)).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, history)) => {
            Err(format!("{reason}\nrequest: {:#}", write(&history, vendors).request))
        }
        Err(TestError::Abort(reason)) => Err(reason.to_string()),
    }
}

/// Fails with what is wrong with any of the vendors.
fn report(outcomes: impl IntoIterator<Item = Result<(), String>>) {
    let problems: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn any_conversation_obeys_the_vendor_or_is_refused_by_name() {
    let vendors = Vendor::all();
    report(vendors.iter().map(|vendor| {
        let (sent, refused, returned) = (Cell::new(0), Cell::new(0), Cell::new(0));
        for_all(&vendors, |history, written| match vendor.send(&written.request, "strict", history.stream) {
            Sent::Body(body) => {
                sent.set(sent.get() + 1);
                obeys(vendor, &body)?;
                whole(&vendor.name, written, &body)?;
                returned.set(returned.get() + discreet(vendor, written, &body)?);
                Ok(())
            }
            Sent::Refused(error) => {
                refused.set(refused.get() + 1);
                named(&vendor.name, &error, &written.request)?;
                match vendor.send(&written.request, "lenient", history.stream) {
                    Sent::Body(body) => obeys(vendor, &body),
                    Sent::Refused(error) => named(&vendor.name, &error, &written.request),
                }
            }
        })?;
        // A vendor that refuses nearly everything, and one that was never given its own state, show nothing.
        assert!(sent.get() * 32 > refused.get(), "{}: {} sent, {} refused", vendor.name, sent.get(), refused.get());
        assert!(vendor.state("s1x").is_none() || returned.get() > 0, "{}: no state went back", vendor.name);
        Ok(())
    }));
}

fn obeys(vendor: &Vendor, body: &Value) -> Result<(), String> {
    vendor.check(body).map_err(|problem| format!("{}: {problem}\nbody: {body:#}", vendor.name))
}

/// No word is lost, and none comes twice.
fn whole(vendor: &str, written: &Written, body: &Value) -> Result<(), String> {
    let text = body.to_string();
    for word in &written.words {
        let count = text.matches(word.as_str()).count();
        if count != 1 {
            return Err(format!("{vendor}: '{word}' comes {count} times\nbody: {body:#}"));
        }
    }
    Ok(())
}

/// State goes back to the vendor that it came from, whatever was said by others since, and to no other. Says how many
/// pieces went back.
fn discreet(vendor: &Vendor, written: &Written, body: &Value) -> Result<usize, String> {
    let text = body.to_string();
    let mut returned = 0;
    for secret in &written.secrets {
        match (secret.provider == vendor.name, text.contains(&secret.mark)) {
            (false, true) => return Err(format!("{}: has another's state\nbody: {body:#}", vendor.name)),
            (true, false) if secret.led_on => {
                return Err(format!("{}: its state is lost\nbody: {body:#}", vendor.name));
            }
            (true, true) => returned += 1,
            _ => {}
        }
    }
    Ok(returned)
}

/// A refusal says which field the vendor cannot do.
fn named(vendor: &str, error: &Error, request: &Value) -> Result<(), String> {
    let field = error.get("field").unwrap_or_default();
    let pointer = format!("/{}", field.replace('[', "/").replace(']', "").replace('.', "/"));
    // A setting inside a part may be absent, or be written in another form.
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let exists = request.pointer(if parent.is_empty() { &pointer } else { parent }).is_some();
    match error.kind() {
        Kind::Unsupported | Kind::InvalidRequest if exists => Ok(()),
        kind => Err(format!("{vendor}: refused as {kind:?}, field '{field}': {error}")),
    }
}
