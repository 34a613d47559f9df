//! What a failure of TLS means.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as TlsError, InvalidMessage};

use super::{SendError, SendErrorKind};

const CLOCK: &str =
    "Check this machine's clock. If it is right, the server's operator has to renew the certificate.";
const ISSUER: &str = "If the server, or a proxy in between, has a certificate authority of its own, add the authority's \
    certificate to the client as its CA file, or name it in SSL_CERT_FILE. With the feature `native-roots`, the client trusts the \
    authorities that the system trusts. It may also be that the server does not send its intermediate certificates.";
const NAME: &str = "Check the host in the base URL: it has to be one of the certificate's names.";
const OWN_CA: &str = "A CA certificate cannot be a server's own. Have one issued by that authority for the server's name, \
    install it at the server, and add the authority's certificate to the client as its CA file.";
const ALGORITHM: &str = "RSA, Ed25519, and ECDSA are supported, ECDSA only with P-256 and SHA-256 or P-384 and SHA-384 (not with \
    P-521 or SHA-512). The server, or the authority that issued its certificate, needs another key.";
const OTHER: &str = "The server's operator has to replace the certificate. If the server has a certificate authority of its \
    own, add that authority's certificate to the client as its CA file.";
const PLAIN: &str = "Check the port and the scheme of the base URL: https needs a port with TLS.";
const OLD: &str = "TLS 1.2 or 1.3 is needed. The server, or a proxy in between, has to allow one of them.";
const COMMON: &str = "The server and this client have no version, cipher or key algorithm in common. A certificate with a \
    P-521 key is a possible cause: only RSA, Ed25519, and ECDSA with P-256 or P-384 are supported.";
const CLIENT: &str = "The server asks for a certificate of the client, which is not supported.";

/// Returns the error for a failure of TLS with this peer, before anything of the request was sent, or after.
pub(super) fn error(error: &TlsError, peer: &str, sent: bool) -> SendError {
    use SendErrorKind as K;
    let (kind, message, advice) = match error {
        TlsError::InvalidCertificate(why) => certificate(why, peer),
        TlsError::NoCertificatesPresented | TlsError::UnsupportedNameType => {
            (K::Certificate, format!("the certificate of {peer} is not trusted: {error}"), Some(OTHER))
        }
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType) if !sent => {
            (K::Tls, format!("{peer} does not speak TLS on this port, perhaps plain HTTP"), Some(PLAIN))
        }
        TlsError::AlertReceived(AlertDescription::ProtocolVersion) | TlsError::PeerIncompatible(_) => {
            (K::Tls, format!("the TLS handshake with {peer} failed: {error}"), Some(OLD))
        }
        TlsError::AlertReceived(AlertDescription::HandshakeFailure) => {
            (K::Tls, format!("the TLS handshake with {peer} failed: {error}"), Some(COMMON))
        }
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::NoCertificate,
        ) => (K::Tls, format!("the TLS handshake with {peer} failed: {error}"), Some(CLIENT)),
        _ if sent => (K::Tls, format!("TLS with {peer} failed: {error}"), None),
        _ => (K::Tls, format!("the TLS handshake with {peer} failed: {error}"), None),
    };
    let result = SendError::new(kind, sent, message);
    match advice {
        Some(advice) => result.with_advice(advice),
        None => result,
    }
}

fn certificate(error: &CertificateError, peer: &str) -> (SendErrorKind, String, Option<&'static str>) {
    use CertificateError as C;
    use SendErrorKind as K;
    let dates = |what: &str, at: Option<UnixTime>, now: Option<UnixTime>| {
        let at = at.map(|at| format!(" {}", date(at))).unwrap_or_default();
        let now = now.map(|now| format!("; this machine's clock says {}", date(now))).unwrap_or_default();
        (K::CertificateExpired, format!("the certificate of {peer} {what}{at}{now}"), Some(CLOCK))
    };
    let not_trusted =
        |why: String, advice| (K::Certificate, format!("the certificate of {peer} {why}"), Some(advice));
    match error {
        C::ExpiredContext { time, not_after } => dates("expired on", Some(*not_after), Some(*time)),
        C::Expired => dates("has expired", None, None),
        C::NotValidYetContext { time, not_before } => {
            dates("is not valid before", Some(*not_before), Some(*time))
        }
        C::NotValidYet => dates("is not valid yet", None, None),
        C::UnknownIssuer => not_trusted("is not trusted: its issuer is unknown".into(), ISSUER),
        C::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            not_trusted(format!("is not for the name of the host, but for {}", names(presented)), NAME)
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            not_trusted("is not for the name of the host".into(), NAME)
        }
        C::UnsupportedSignatureAlgorithmContext { .. }
        | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            not_trusted("has a signature of an algorithm that is not supported".into(), ALGORITHM)
        }
        // The library has no variant for it.
        C::Other(why) if format!("{why:?}").contains("CaUsedAsEndEntity") => {
            not_trusted("is that of a certificate authority".into(), OWN_CA)
        }
        other => not_trusted(format!("is not trusted: {}", TlsError::from(other.clone())), OTHER),
    }
}

fn date(at: UnixTime) -> String {
    // What comes after the year 9999 cannot be written.
    let at = Duration::from_secs(at.as_secs().min(253_402_300_799));
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + at)
}

/// The first names of a certificate. They are the server's words.
fn names(presented: &[String]) -> String {
    const MOST: usize = 5;
    let shown = presented.iter().take(MOST).map(|name| {
        // `DnsName("h.example")`: the library writes them as they are in its source.
        let name = name.split('"').nth(1).unwrap_or(name);
        name.chars().filter(|c| c.is_ascii_graphic()).take(100).collect::<String>()
    });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if presented.len() > MOST {
        text.push_str(", …");
    }
    text
}

/// The TLS error in a chain of errors. An I/O error may hold another one, which is none of its sources.
pub(super) fn cause<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e TlsError> {
    find(error)
}

/// The error of this type in a chain of errors.
pub(super) fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error
        .downcast_ref::<E>()
        .or_else(|| inner.and_then(|inner| find(inner)))
        .or_else(|| error.source().and_then(find))
}

#[cfg(feature = "async")]
pub(super) use for_rustls::client_config;

#[cfg(feature = "async")]
mod for_rustls {
    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme};

    use crate::transport::roots::Roots;

    /// The same trust as ureq's, for rustls as it is.
    pub(in crate::transport) fn client_config(verify: bool, roots: &Roots) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        Ok(if verify {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(roots.all().iter().map(|c| CertificateDer::from(c.der())));
            builder.with_root_certificates(store).with_no_client_auth()
        } else {
            let anyone = Arc::new(Anyone(provider));
            builder.dangerous().with_custom_certificate_verifier(anyone).with_no_client_auth()
        })
    }

    /// Trusts every certificate: `verify_tls: false`. Signatures are checked, so that it is at least the
    /// holder of the certificate who answers.
    #[derive(Debug)]
    struct Anyone(Arc<CryptoProvider>);

    impl ServerCertVerifier for Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, TlsError> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, TlsError> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, TlsError> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}
