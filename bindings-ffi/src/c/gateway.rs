//! `tidegate_gateway` and `tidegate_sim`, and what the library says of itself.

use std::ffi::{CString, c_char};
use std::ptr::null_mut;
use std::sync::LazyLock;

use tidegate::Config;

use super::call::arguments;
use super::entry::{Str, c_string, json};
use super::error::Error;
use super::handles::{get, insert, remove};

/// A configuration and its connections. All threads may share one. End it with tidegate_gateway_close.
pub enum Gateway {}

/// A simulated world for tests: a virtual clock, seeded chance, a scripted network. End it with tidegate_sim_free.
pub enum Sim {}

/// The version of the library, such as `0.1.0`. It lives for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_version() -> *const c_char {
    static VERSION: LazyLock<CString> = LazyLock::new(|| c_string(env!("CARGO_PKG_VERSION")));
    entry!(tidegate_version, null_mut(), c"".as_ptr(), VERSION.as_ptr())
}

/// The JSON Schema of what a configuration may hold, as JSON text. It lives for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_config_schema() -> *const c_char {
    static SCHEMA: LazyLock<CString> = LazyLock::new(|| c_string(&Config::schema().to_string()));
    entry!(tidegate_config_schema, null_mut(), c"".as_ptr(), SCHEMA.as_ptr())
}

/// Opens a gateway for a TOML file. NULL and an error if it cannot be read or is wrong. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_gateway_open_s(path: Str, error: *mut *mut Error) -> *mut Gateway {
    entry!(tidegate_gateway_open_s, error, null_mut(), insert(tidegate::Gateway::from_file(path.read("path")?)?))
}

/// Opens a gateway for TOML text: what a configuration file holds. NULL and an error if it is wrong. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_gateway_from_toml_s(toml: Str, error: *mut *mut Error) -> *mut Gateway {
    entry!(tidegate_gateway_from_toml_s, error, null_mut(), insert(tidegate::Gateway::from_toml(toml.read("toml")?)?))
}

/// Opens a gateway for a JSON object with the keys of a configuration file. NULL and an error if it is wrong. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_gateway_from_json_s(config: Str, error: *mut *mut Error) -> *mut Gateway {
    entry!(tidegate_gateway_from_json_s, error, null_mut(), insert(tidegate::Gateway::new(&read(config)?)?))
}

/// # Safety
/// As for `Str::read`.
unsafe fn read(config: Str) -> tidegate::Result<Config> {
    // SAFETY: the caller keeps it.
    let config = serde_json::from_str(unsafe { config.read("config") }?).map_err(|error| {
        let place = format!("the configuration is not JSON (line {}, column {})", error.line(), error.column());
        tidegate::Error::new(tidegate::Kind::Config, place)
    });
    Config::from_value(config?)
}

/// Takes another configuration from now on: a JSON object with the keys of a configuration file. Calls under way end as they
/// began, and what is known of targets stays. False and an error if it is wrong: then nothing has changed. Any thread, also
/// in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_reload_s(gateway: *const Gateway, config: Str, error: *mut *mut Error) -> bool {
    entry!(tidegate_reload_s, error, false, {
        get::<tidegate::Gateway, _>("gateway", gateway)?.reload(&read(config)?)?;
        true
    })
}

/// Reads the file of the configuration again, and takes what it says now, as tidegate_reload_s does. False and an error if it
/// is wrong or there is no file: then nothing has changed. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_reload_file(gateway: *const Gateway, error: *mut *mut Error) -> bool {
    entry!(tidegate_reload_file, error, false, {
        get::<tidegate::Gateway, _>("gateway", gateway)?.reload_file()?;
        true
    })
}

/// What would become of a request, of any operation, at this moment: a JSON object with its targets in order, and why each
/// would be tried or passed over; free it with tidegate_string_free. Nothing is sent. NULL and an error if the request cannot
/// be sent. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_explain_s(gateway: *const Gateway, request: Str, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_explain_s, error, null_mut(), {
        let (gateway, request) = arguments(gateway, request)?;
        json(&gateway.explain(request)?)?
    })
}

/// How the targets are that a gateway has called: a JSON array; free it with tidegate_string_free. NULL and an error for a
/// handle that ended. Any thread, also in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_health(gateway: *const Gateway, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_health, error, null_mut(), json(&get::<tidegate::Gateway, _>("gateway", gateway)?.health())?)
}

/// Opens the same gateway in a simulated world, for tests. Both gateways are open and closed each on its own. NULL and an
/// error if one of the handles ended. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_gateway_with_sim(
    gateway: *const Gateway,
    sim: *const Sim,
    error: *mut *mut Error,
) -> *mut Gateway {
    entry!(tidegate_gateway_with_sim, error, null_mut(), {
        let gateway = get::<tidegate::Gateway, _>("gateway", gateway)?;
        insert(gateway.with_world(tidegate::Sim::clone(&*get("sim", sim)?)))
    })
}

/// Closes a gateway: true, or false for NULL or one that was closed. Running calls go on to their end. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_gateway_close(gateway: *mut Gateway) -> bool {
    entry!(tidegate_gateway_close, null_mut(), false, remove::<tidegate::Gateway, _>(gateway).is_some())
}

/// Makes a simulated world: `{"seed": 1, "clock": "runs", "upstreams": {"a.test": {...}}}`. With the clock `runs` virtual
/// time passes by itself; with `stopped` what waits stays waiting until it is cancelled. NULL and an error if it is wrong.
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_sim_from_json_s(sim: Str, error: *mut *mut Error) -> *mut Sim {
    entry!(tidegate_sim_from_json_s, error, null_mut(), insert(tidegate::Sim::from_json(sim.read("sim")?)?))
}

/// What the upstreams of a simulation saw so far, in order: a JSON array; free it with tidegate_string_free. NULL and an
/// error for a handle that ended. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_sim_requests(sim: *const Sim, error: *mut *mut Error) -> *mut c_char {
    entry!(tidegate_sim_requests, error, null_mut(), json(&get::<tidegate::Sim, _>("sim", sim)?.exchanges())?)
}

/// Frees a simulation: true, or false for NULL or one that was freed. Gateways in it go on. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn tidegate_sim_free(sim: *mut Sim) -> bool {
    entry!(tidegate_sim_free, null_mut(), false, remove::<tidegate::Sim, _>(sim).is_some())
}
