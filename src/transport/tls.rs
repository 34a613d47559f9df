//! Whom a transport trusts.

use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::error::Error;

use super::SendErrorKind;

/// The built-in roots.
fn built_in() -> impl Iterator<Item = Certificate<'static>> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der))
}

/// The built-in roots and those of a PEM text.
pub(super) fn roots_with(pem: &[u8]) -> Result<Vec<Certificate<'static>>, Error> {
    let what = "reading the extra CA certificates";
    let mut extra = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => extra.push(certificate),
            Ok(_) => {}
            Err(e) => return Err(Error::invalid(what, format!("not PEM: {e}"))),
        }
    }
    if extra.is_empty() {
        return Err(Error::invalid(what, "there is no certificate in the text")
            .with_advice("A CA file holds one or more blocks `-----BEGIN CERTIFICATE-----`."));
    }
    Ok(built_in().chain(extra).collect())
}

/// What a TLS failure is, by its text: the certificate's, or the handshake's.
pub(super) fn failure(message: &str) -> (SendErrorKind, String) {
    if message.to_ascii_lowercase().contains("certificate") {
        (SendErrorKind::Certificate, format!("the server's certificate is not trusted: {message}"))
    } else {
        (SendErrorKind::Tls, format!("the TLS handshake failed: {message}"))
    }
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

    use crate::error::Error;
    use crate::transport::HttpConfig;

    /// The same trust as ureq's, for rustls as it is.
    pub(in crate::transport) fn client_config(config: &HttpConfig) -> Result<ClientConfig, Error> {
        let certificates = match &config.extra_ca_pem {
            Some(pem) => super::roots_with(pem)?,
            None => super::built_in().collect(),
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().map(|c| CertificateDer::from(c.der())));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::invalid("setting up TLS", e.to_string()).with_source(e))?;
        Ok(if config.verify_tls {
            builder.with_root_certificates(roots).with_no_client_auth()
        } else {
            let anyone = Arc::new(Anyone(provider));
            builder.dangerous().with_custom_certificate_verifier(anyone).with_no_client_auth()
        })
    }

    /// Trusts every certificate: `verify_tls: false`. Signatures are checked, so that it is at least the holder of the
    /// certificate who answers.
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
