//! Bodies of the kind `application/x-www-form-urlencoded`.

use std::fmt::Write as _;

/// Fields as one body.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        escape(name, &mut out);
        out.push('=');
        escape(value, &mut out);
    }
    out
}

/// Writes a text as it stands in a form or as one segment of a path.
pub(crate) fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_there_is_escaped() {
        assert_eq!(form(&[("a", "1/2+3=x y"), ("b", "é&~")]), "a=1%2F2%2B3%3Dx%20y&b=%C3%A9%26~");
    }
}
