//! A request made to fit a target: as it is, emulated, or without what the target cannot do.

use std::sync::Arc;

use super::emulate::{FromTool, as_tool};
use crate::codec::{Decoder, Unsupported};
use crate::config::OnUnsupported;
use crate::error::{Error, Result};
use crate::model::Request;
use crate::target::Target;

/// A request that its target can do.
pub(crate) struct Fit {
    pub(crate) request: Arc<Request>,
    /// What was left out.
    pub(crate) dropped: Vec<String>,
    /// The tool that stands for the schema of the answer.
    tool: Option<String>,
}

impl Fit {
    /// The decoder of an answer to the request that was asked.
    pub(crate) fn decoder(&self, inner: Box<dyn Decoder>) -> Box<dyn Decoder> {
        match &self.tool {
            Some(name) => Box::new(FromTool::new(inner, name.clone())),
            None => inner,
        }
    }
}

/// Refuses what the target cannot do, or leaves it out where the route says so.
pub(crate) fn fit(request: Arc<Request>, target: &Target, mode: OnUnsupported) -> Result<Fit> {
    let lacking = lacking(&request, target);
    let (request, lacking, tool) = match emulated(&request, target, &lacking) {
        Some((emulated, name, lacking)) => (Arc::new(emulated), lacking, Some(name)),
        None => (request, lacking, None),
    };
    let Some(first) = lacking.first() else { return Ok(Fit { request, dropped: Vec::new(), tool }) };
    if mode == OnUnsupported::Refuse {
        return Err(refused(first, &request, target));
    }
    let mut lean = Request::clone(&request);
    // From the last to the first, and what is in a part before the part, so that none moves those still to be removed.
    let mut in_order: Vec<&Unsupported> = lacking.iter().collect();
    in_order.sort_by_key(|item| place(&item.field));
    for item in in_order.into_iter().rev() {
        if !lean.remove(&item.field) {
            return Err(needed(item, target));
        }
    }
    // Without them there may be nothing left that could be sent.
    if !self::lacking(&lean, target).is_empty() {
        return Err(needed(first, target));
    }
    Ok(Fit { request: Arc::new(lean), dropped: lacking.into_iter().map(|item| item.field).collect(), tool })
}

/// Where a field stands: the numbers in its path, and how deep it is.
fn place(field: &str) -> (Vec<usize>, usize) {
    let numbers = field.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    (numbers.collect(), field.len())
}

/// What a target cannot do: its provider, and then its model.
fn lacking(request: &Request, target: &Target) -> Vec<Unsupported> {
    let mut found = target.endpoint.codec.unsupported(request, target);
    for item in super::unsupported(request, target) {
        if found.iter().all(|known| known.field != item.field) {
            found.push(item);
        }
    }
    found
}

/// The same request by other means, where that helps: with the tool's name, and what is lacking still.
fn emulated(
    request: &Request,
    target: &Target,
    lacking: &[Unsupported],
) -> Option<(Request, String, Vec<Unsupported>)> {
    lacking.iter().find(|item| item.field == "response_format")?;
    let (request, name) = as_tool(request, target)?;
    let rest = self::lacking(&request, target);
    let is_known = |item: &Unsupported| lacking.iter().any(|known| known.field == item.field);
    rest.iter().all(is_known).then_some((request, name, rest))
}

fn needed(item: &Unsupported, target: &Target) -> Error {
    let problem = format!("{}, and it cannot be left out", item.reason);
    Error::unsupported(item.field.clone(), target.provider(), problem)
}

fn refused(item: &Unsupported, request: &Request, target: &Target) -> Error {
    // Only what can be left out is worth the advice.
    let advice = if request.clone().remove(&item.field) {
        " (on_unsupported = \"drop\" in [defaults] or the route leaves it out)"
    } else {
        ""
    };
    Error::unsupported(item.field.clone(), target.provider(), format!("{}, nothing was sent{advice}", item.reason))
}
