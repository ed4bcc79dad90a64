//! Prints `include/tidegate.h`: `cargo run -p tidegate-ffi --example c_header > bindings-ffi/include/tidegate.h`.
#![allow(clippy::print_stdout, reason = "it is what it is for")]

use std::error::Error;
use std::fmt::Write as _;

use tidegate::Kind;

/// In the order of the header.
const SOURCES: [&str; 6] = ["entry", "error", "gateway", "call", "stream", "hooks"];

/// The constants of the kinds, from the one list that every language has.
fn kinds() -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "\n/** The kinds of errors, as in every language. Numbers do not change: new kinds get new ones. */\n\
         typedef enum tidegate_kind {\n    /** A bug in Tidegate: see tidegate.h. */\n    TIDEGATE_KIND_INTERNAL = -1,\n    \
         /** No error. */\n    TIDEGATE_KIND_NONE = 0,\n",
    );
    for (place, kind) in Kind::ALL.iter().enumerate() {
        let name = kind.as_str().to_uppercase();
        writeln!(text, "    /** {} */\n    TIDEGATE_KIND_{name} = {},", kind.description(), place + 1)?;
    }
    text.push_str("} tidegate_kind;");
    Ok(text)
}

fn main() -> Result<(), Box<dyn Error>> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(here.join("cbindgen.toml"))?;
    let version = concat!("#define TIDEGATE_VERSION \"", env!("CARGO_PKG_VERSION"), "\"");
    config.after_includes = Some(format!("\n/** The version of this header. */\n{version}\n{}", kinds()?));
    let sources = SOURCES.map(|name| here.join("src/c").join(name).with_extension("rs"));
    let builder = sources.iter().fold(cbindgen::Builder::new(), cbindgen::Builder::with_src);
    builder.with_config(config).generate()?.write(std::io::stdout());
    Ok(())
}
