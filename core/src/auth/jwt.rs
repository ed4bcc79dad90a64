//! JSON Web Tokens signed with RSA, which is all that Google's token endpoint wants.
//!
//! Thirty lines over `ring`, which is there anyway, and not a crate for tokens of every kind that would bring its own
//! cryptography. Sources: RFC 7515 (JWS), RFC 7518 (`RS256`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

/// A private key.
pub(crate) struct Key {
    pair: RsaKeyPair,
    /// Its id, by which the other side finds the public key.
    id: Option<String>,
}

impl Key {
    /// A key out of its PEM. `None` where it is no RSA key of 2048 bits or more.
    pub(crate) fn from_pem(pem: &str, id: Option<String>) -> Option<Self> {
        let pair = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return None,
        };
        Some(Key { pair: pair.ok()?, id })
    }

    /// A token that says `claims`.
    pub(super) fn sign(&self, claims: &Value) -> Option<String> {
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        if let (Some(header), Some(id)) = (header.as_object_mut(), &self.id) {
            header.insert("kid".to_owned(), Value::from(id.as_str()));
        }
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public().modulus_len()];
        // Chance only blinds the computation: the signature of the same words is the same.
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
