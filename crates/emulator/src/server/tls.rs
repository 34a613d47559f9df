//! TLS for the server, with a certificate authority that lives as long as the emulator does.
//!
//! The keys are made at start and stay in memory. Only the certificate of the authority goes out: whoever is
//! to trust the emulator has to be told of it.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_STANDARD, Engine};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{Duplex, Layer, Socket};

/// Under which names the certificate is valid, beside the address that is listened on.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long the certificates are valid. Some clients refuse those that are valid for more than 825 days.
const VALID: Duration = Duration::from_secs(365 * 24 * 3600);
/// How far the clocks of client and server may be apart.
const SKEW: Duration = Duration::from_secs(24 * 3600);

/// Ready to speak TLS.
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    ca_pem: String,
}

impl Tls {
    /// Makes an authority, and a certificate for this machine and for the host of `listen` (`host:port`).
    pub(crate) fn new(listen: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let ca_key = KeyPair::generate()?;
        let mut ca = params(&[], "controlplane-emulator CA")?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_pem = pem(ca.self_signed(&ca_key)?.der());
        let issuer = Issuer::new(ca, ca_key);

        let mut names = NAMES.map(str::to_owned).to_vec();
        names.extend(host(listen).filter(|host| !NAMES.contains(&host.as_str())));
        let key = KeyPair::generate()?;
        let mut server = params(&names, "controlplane-emulator")?;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        let certificate = server.signed_by(&key, &issuer)?.der().clone();

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // With its own choice of cryptography: the process may have set none, or another.
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        Ok(Self { config: Arc::new(config), ca_pem })
    }

    /// The certificate of the authority.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

impl Layer for Tls {
    fn wrap<'a>(&self, socket: &'a Socket<'a>) -> io::Result<Box<dyn Duplex + 'a>> {
        // Hands are shaken when the first byte is waited for.
        let connection = ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(Box::new(Secured(StreamOwned::new(connection, socket))))
    }
}

struct Secured<'a>(StreamOwned<ServerConnection, &'a Socket<'a>>);

impl Read for Secured<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Secured<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Duplex for Secured<'_> {
    fn finish(&mut self) {
        self.0.conn.send_close_notify();
        let _ = self.0.flush();
    }
}

fn params(names: &[String], common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    let now = date_time_ymd(1970, 1, 1) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    params.not_before = now - SKEW;
    params.not_after = now + VALID;
    Ok(params)
}

/// The host of `host:port`, unless it stands for all addresses.
fn host(listen: &str) -> Option<String> {
    let (host, _) = listen.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() => None,
        _ => Some(host.to_owned()),
    }
}

fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).filter_map(|at| text.get(at..text.len().min(at + 64))).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_that_is_listened_on_gets_a_certificate_too() {
        for (listen, expected) in [
            ("192.0.2.1:0", Some("192.0.2.1")),
            ("[2001:db8::1]:80", Some("2001:db8::1")),
            ("example.test:80", Some("example.test")),
            ("0.0.0.0:80", None),
            ("[::]:80", None),
            ("no-port", None),
        ] {
            assert_eq!(host(listen).as_deref(), expected, "{listen}");
        }
    }
}
