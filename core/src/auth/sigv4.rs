//! AWS Signature Version 4: pure, keys and time are passed in.
//!
//! Source: the IAM user guide, "Create a signed AWS API request".

use std::fmt::{self, Write as _};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Uri};
use ring::{digest, hmac};

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// An access key. It cannot be printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
}

impl Keys {
    /// What must not be seen in any text.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let token = self.session_token.as_deref();
        [Some(self.secret_access_key.as_str()), token, Some(self.access_key_id.as_str())].into_iter().flatten()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// Where a signature holds.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// Signs a finished request. `None` where a key cannot stand in a header.
pub(crate) fn sign(request: &mut Request<Bytes>, keys: &Keys, scope: Scope<'_>, now: Duration) -> Option<()> {
    let time = basic(now);
    request.headers_mut().insert(DATE, HeaderValue::from_str(&time).ok()?);
    if let Some(token) = &keys.session_token {
        request.headers_mut().insert(TOKEN, secret(token)?);
    }
    // What proxies may change stays outside: headers of the caller's own, and those of the connection.
    let is_signed = |name: &HeaderName| *name == CONTENT_TYPE || name.as_str().starts_with("x-amz-");
    let authorization = authorization(request, keys, scope, &time, is_signed);
    request.headers_mut().insert(AUTHORIZATION, secret(&authorization)?);
    Some(())
}

/// The value of the header `Authorization`.
fn authorization(
    request: &Request<Bytes>,
    keys: &Keys,
    Scope { region, service }: Scope<'_>,
    time: &str,
    is_signed: impl Fn(&HeaderName) -> bool,
) -> String {
    let day = time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let (canonical, signed) = canonical(request, is_signed);
    let text = format!("{ALGORITHM}\n{time}\n{scope}\n{}", hex(digest::digest(&digest::SHA256, canonical.as_bytes())));
    let first = format!("AWS4{}", keys.secret_access_key);
    let key = [day, region, service, "aws4_request"]
        .iter()
        .fold(mac_key(first.as_bytes()), |key, part| mac_key(hmac::sign(&key, part.as_bytes()).as_ref()));
    let signature = hex(hmac::sign(&key, text.as_bytes()));
    format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}", keys.access_key_id)
}

/// The canonical request, and the names of the headers in it.
fn canonical(request: &Request<Bytes>, is_signed: impl Fn(&HeaderName) -> bool) -> (String, String) {
    let uri = request.uri();
    let mut headers: Vec<_> = request.headers().keys().filter(|name| **name != HOST && is_signed(name)).collect();
    headers.push(&HOST);
    headers.sort_by_key(|name| name.as_str());
    let mut out = format!("{}\n{}\n{}\n", request.method(), path(uri), query(uri));
    for name in &headers {
        let value = if **name == HOST { host(uri) } else { values(request.headers(), name) };
        let _ = writeln!(out, "{name}:{value}");
    }
    let names = headers.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(";");
    let _ = write!(out, "\n{names}\n{}", hex(digest::digest(&digest::SHA256, request.body())));
    (out, names)
}

/// The path, encoded once more than it is sent: so all services but S3 want it.
fn path(uri: &Uri) -> String {
    let mut out = String::with_capacity(uri.path().len());
    for byte in uri.path().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn query(uri: &Uri) -> String {
    let mut pairs: Vec<_> = uri.query().unwrap_or_default().split('&').collect();
    pairs.sort_unstable();
    pairs.join("&")
}

/// The header `Host` as the HTTP client writes it: the port only where it is not the scheme's own.
fn host(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match (uri.port_u16(), uri.scheme_str()) {
        (None, _) | (Some(443), Some("https")) | (Some(80), Some("http")) => host.to_owned(),
        (Some(port), _) => format!("{host}:{port}"),
    }
}

fn values(headers: &HeaderMap, name: &HeaderName) -> String {
    let one = |value: &HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    headers.get_all(name).iter().map(one).collect::<Vec<_>>().join(",")
}

/// A moment as `20150830T123600Z`.
fn basic(now: Duration) -> String {
    let text = humantime::format_rfc3339_seconds(UNIX_EPOCH + now).to_string();
    text.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn mac_key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let mut out = String::with_capacity(2 * bytes.as_ref().len());
    for byte in bytes.as_ref() {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The cases are those of AWS's published test suite that need no path cleaned, which no path of ours does.
#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_440_938_160);
    const SCOPE: Scope<'_> = Scope { region: "us-east-1", service: "service" };

    /// Method, path, headers, body, and the signature.
    type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

    const FORM: &[(&str, &str)] = &[
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", "13"),
        ("x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"),
    ];

    fn keys(token: Option<&str>) -> Keys {
        Keys {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: token.map(str::to_owned),
        }
    }

    fn request(method: &str, path: &str, headers: &[(&str, &'static str)], body: &'static str) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("https://example.amazonaws.com{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.header("x-amz-date", basic(NOW)).body(body.into()).unwrap()
    }

    #[test]
    fn the_published_cases() {
        let table: [Case; 10] = [
            ("GET", "/", &[], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "GET",
                "/?Param2=value2&Param1=value1",
                &[],
                "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "GET",
                "/",
                &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
                "",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ),
            (
                "GET",
                "/",
                &[("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")],
                "",
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            ),
            (
                "GET",
                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                &[],
                "",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            ),
            ("POST", "/", &[], "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "POST",
                "/",
                &[("my-header1", "value1")],
                "",
                "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
            ),
            (
                "POST",
                "/",
                &[("my-header1", "VALUE1")],
                "",
                "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
            ),
            ("POST", "/?Param1=value1", &[], "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
            ("POST", "/", FORM, "Param1=value1", "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"),
        ];
        for (method, path, headers, body, signature) in table {
            let request = request(method, path, headers, body);
            let got = authorization(&request, &keys(None), SCOPE, &basic(NOW), |_| true);
            assert!(got.ends_with(&format!("Signature={signature}")), "{method} {path} {headers:?}: {got}");
        }
    }

    #[test]
    fn a_session_token_is_signed_too() {
        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        let mut request = request("GET", "/", &[], "");
        sign(&mut request, &keys(Some(token)), SCOPE, NOW).unwrap();
        let headers = request.headers();
        assert_eq!(
            headers["authorization"],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-security-token, \
             Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
        );
        assert!(headers["authorization"].is_sensitive() && headers["x-amz-security-token"].is_sensitive());
    }

    #[test]
    fn what_is_encoded_is_encoded_again() {
        let request = request("POST", "/test/@connections/JBDvjfGEIAMCERw%3D", &[], "");
        assert_eq!(path(request.uri()), "/test/%40connections/JBDvjfGEIAMCERw%253D");
    }

    #[test]
    fn the_host_is_the_one_that_is_sent() {
        let table = [
            ("https://a.test/x", "a.test"),
            ("https://a.test:443/x", "a.test"),
            ("http://a.test:443/x", "a.test:443"),
            ("http://[::1]:80/", "[::1]"),
        ];
        for (uri, want) in table {
            assert_eq!(host(&uri.parse().unwrap()), want);
        }
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", keys(Some("token"))), "Keys(..)");
    }
}
