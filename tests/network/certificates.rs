//! Certificates, good and bad, and servers that show them.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

/// The name that servers have.
pub const NAME: &str = "llm.example";

/// Who signs certificates.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// How a certificate is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Good,
    Expired,
    NotYetValid,
    OtherName,
    SelfSigned,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    /// TLS with such a certificate, agreeing on one of these protocols.
    pub fn acceptor(&self, state: State, protocols: &[&str]) -> TlsAcceptor {
        let name = if state == State::OtherName { "other.example" } else { NAME };
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        match state {
            State::Expired => params.not_after = date_time_ymd(2020, 1, 1),
            State::NotYetValid => params.not_before = date_time_ymd(2200, 1, 1),
            State::Good | State::OtherName | State::SelfSigned => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match state {
            State::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        acceptor(certificate.unwrap().der().clone(), &key, protocols)
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair, protocols: &[&str]) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config =
        ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key.into()).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config).into()
}

/// The server's side of a handshake, where it comes to an end.
pub async fn accept(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
    acceptor.accept(stream).await.ok()
}
