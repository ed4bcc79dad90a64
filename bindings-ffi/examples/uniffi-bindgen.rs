//! The generator of `uniffi`, of the version that the library is built with: see `generate.py`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
