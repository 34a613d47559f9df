//! The certificate authorities that a transport trusts.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::error::Error;

use super::config::HttpConfig;

/// A CA file larger than this is not read, and not more than this of a directory.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The most files of a directory that are read.
const MAX_FILES: usize = 10_000;

const FILE: &str = "SSL_CERT_FILE";
const DIRECTORIES: &str = "SSL_CERT_DIR";

/// Whom a transport trusts. The certificates are listed when the first connection with TLS is made: that
/// takes time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Roots {
    base: Base,
    /// Trusted in addition.
    extra: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Base {
    /// Mozilla's, as they are built in; with the feature `native-roots`, the system's.
    Default,
    /// Those that the environment names.
    Named(Vec<Vec<u8>>),
}

impl Roots {
    pub(super) fn new(config: &HttpConfig) -> Result<Self, Error> {
        Self::with_env(config, |name| std::env::var_os(name))
    }

    fn with_env(config: &HttpConfig, lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let extra = match &config.extra_ca_pem {
            Some(pem) => certificates_in(pem, "reading the extra CA certificates")?,
            None => Vec::new(),
        };
        // Where nothing is verified, nothing is read.
        let base = if config.verify_tls { named(lookup)?.map(Base::Named) } else { None };
        Ok(Self { base: base.unwrap_or(Base::Default), extra })
    }

    /// True if they are Mozilla's and no others, which ureq has by itself.
    pub(super) fn are_built_in(&self) -> bool {
        !cfg!(feature = "native-roots") && self.base == Base::Default && self.extra.is_empty()
    }

    pub(super) fn all(&self) -> Vec<Certificate<'static>> {
        let mut all = match &self.base {
            Base::Default => default_roots(),
            Base::Named(named) => owned(named),
        };
        all.extend(owned(&self.extra));
        all
    }
}

fn owned(certificates: &[Vec<u8>]) -> Vec<Certificate<'static>> {
    certificates.iter().map(|der| Certificate::from_der(der).to_owned()).collect()
}

fn built_in() -> Vec<Certificate<'static>> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der)).collect()
}

#[cfg(not(feature = "native-roots"))]
fn default_roots() -> Vec<Certificate<'static>> {
    built_in()
}

#[cfg(feature = "native-roots")]
fn default_roots() -> Vec<Certificate<'static>> {
    of_system(&rustls_native_certs::load_native_certs())
}

/// Returns the certificates of the system's store, or the built-in ones if it has none.
#[cfg(feature = "native-roots")]
fn of_system(found: &rustls_native_certs::CertificateResult) -> Vec<Certificate<'static>> {
    for error in &found.errors {
        log::warn!("reading the system's certificate authorities: {error}");
    }
    if found.certs.is_empty() {
        log::warn!("the system has no certificate authorities; the built-in ones are used");
        return built_in();
    }
    found.certs.iter().map(|der| Certificate::from_der(der).to_owned()).collect()
}

/// Returns the certificates that `SSL_CERT_FILE` and `SSL_CERT_DIR` name; `None` if neither is set.
fn named(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Option<Vec<Vec<u8>>>, Error> {
    let get = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let (file, directories) = (get(FILE), get(DIRECTORIES));
    if file.is_none() && directories.is_none() {
        return Ok(None);
    }
    let mut all = Vec::new();
    if let Some(path) = &file {
        let path = Path::new(path);
        let what = format!("reading the CA file {} that {FILE} names", path.display());
        all = certificates_in(&read_file(path, &what)?, &what)?;
    }
    if let Some(list) = &directories {
        let what = format!("reading the CA directories that {DIRECTORIES} names");
        for directory in std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()) {
            certificates_of(&directory, &what, &mut all)?;
        }
    }
    if all.is_empty() {
        let what = format!("reading the CA directories that {DIRECTORIES} names");
        return Err(Error::invalid(
            what,
            "no file in them is a certificate in PEM form; a directory that does not exist counts as empty",
        )
        .with_advice("Correct the variable, or unset it to trust the default certificate authorities."));
    }
    // The files of a directory are often there under two names.
    let mut seen = HashSet::new();
    all.retain(|der| seen.insert(der.clone()));
    Ok(Some(all))
}

/// Adds the certificates of all files of a directory. A directory that is not there has none, as with
/// OpenSSL, and neither has a file that is not PEM.
fn certificates_of(directory: &Path, what: &str, all: &mut Vec<Vec<u8>>) -> Result<(), Error> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let why = format!("{}: {error}", directory.display());
            return Err(Error::invalid(what, why).with_source(error));
        }
    };
    let mut left = MAX_BYTES;
    for (at, entry) in entries.enumerate() {
        let Ok(entry) = entry else { continue };
        if at >= MAX_FILES || left == 0 {
            let why = format!("{} has more than {MAX_FILES} files or {MAX_BYTES} bytes", directory.display());
            return Err(Error::invalid(what, why));
        }
        // A link that leads nowhere, a directory, a pipe.
        if !std::fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file()) {
            continue;
        }
        let mut pem = Vec::new();
        let read = std::fs::File::open(entry.path()).and_then(|file| file.take(left).read_to_end(&mut pem));
        left -= u64::try_from(pem.len()).unwrap_or(left).min(left);
        if read.is_ok() {
            all.extend(certificates_in(&pem, what).unwrap_or_default());
        }
    }
    Ok(())
}

/// Reads a file of certificates, unless it is none or too large.
pub(super) fn read_file(path: &Path, what: &str) -> Result<Vec<u8>, Error> {
    let failed = |e: std::io::Error| Error::invalid(what, e.to_string()).with_source(e);
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::invalid(what, "it is not a regular file"));
    }
    let mut pem = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut pem).map_err(failed)?;
    if pem.len() as u64 > MAX_BYTES {
        return Err(Error::invalid(what, format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(pem)
}

/// Returns the certificates of a PEM text, which has at least one.
fn certificates_in(pem: &[u8], what: &str) -> Result<Vec<Vec<u8>>, Error> {
    let mut all = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => all.push(certificate.der().to_vec()),
            Ok(_) => {}
            Err(e) => return Err(Error::invalid(what, format!("not PEM: {e}"))),
        }
    }
    if all.is_empty() {
        return Err(Error::invalid(what, "there is no certificate in the text")
            .with_advice("A CA file holds one or more blocks `-----BEGIN CERTIFICATE-----`."));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use base64::prelude::{BASE64_STANDARD, Engine};

    use super::*;

    /// A certificate, as PEM. No two are the same.
    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let text = BASE64_STANDARD.encode(made.cert.der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
    }

    fn roots(env: &[(&str, &Path)]) -> Result<Roots, Error> {
        let env: Vec<(String, OsString)> =
            env.iter().map(|(name, path)| ((*name).to_owned(), path.as_os_str().to_owned())).collect();
        Roots::with_env(&HttpConfig::default(), |name| {
            env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        })
    }

    /// A directory that is removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("controlplane-roots-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn without_variables_the_default_ones_are_trusted() {
        let empty = Path::new("");
        for env in [&[][..], &[(FILE, empty)], &[(DIRECTORIES, empty)]] {
            let roots = roots(env).unwrap();
            assert_eq!(roots.are_built_in(), !cfg!(feature = "native-roots"));
            assert!(roots.all().len() > 10);
        }
    }

    #[test]
    fn the_variables_replace_the_default_and_an_extra_ca_is_added() {
        let scratch = Scratch::new("variables");
        let file = scratch.0.join("ca.pem");
        let ca = certificate();
        std::fs::write(&file, &ca).unwrap();
        let by_file = roots(&[(FILE, &file)]).unwrap();
        assert_eq!((by_file.all().len(), by_file.are_built_in()), (1, false));
        // The same certificate twice, a file that is none, and directories that are not there.
        std::fs::write(scratch.0.join("0a1b2c3d.0"), &ca).unwrap();
        std::fs::write(scratch.0.join("README"), "no PEM").unwrap();
        std::fs::write(scratch.0.join("broken"), "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
        std::fs::create_dir(scratch.0.join("more")).unwrap();
        let list = std::env::join_paths([Path::new("/does/not/exist"), &scratch.0]).unwrap();
        let by_directory = roots(&[(DIRECTORIES, Path::new(&list))]).unwrap();
        assert_eq!(by_directory.all().len(), 1);
        let config = HttpConfig { extra_ca_pem: Some(ca), ..HttpConfig::default() };
        let added = Roots::with_env(&config, |name| (name == FILE).then(|| file.clone().into())).unwrap();
        assert_eq!(added.all().len(), 2);
        let plain = Roots::with_env(&config, |_| None).unwrap();
        assert!(plain.all().len() > 10 && !plain.are_built_in());
    }

    /// As the feature `native-roots` reads the store of the system, from the files that it is in.
    #[cfg(feature = "native-roots")]
    #[test]
    fn the_store_of_the_system_is_used_and_one_without_certificates_is_not() {
        use rustls_native_certs::load_certs_from_paths;

        let scratch = Scratch::new("system");
        let bundle = scratch.0.join("bundle.pem");
        let first = certificate();
        std::fs::write(&bundle, [first.clone(), certificate()].concat()).unwrap();
        let found = of_system(&load_certs_from_paths(Some(&bundle), None));
        assert_eq!(found.len(), 2);
        let ca = certificates_in(&first, "").unwrap();
        assert!(found.iter().any(|certificate| certificate.der() == ca[0]));

        let (empty, text) = (scratch.0.join("empty.pem"), scratch.0.join("text.pem"));
        std::fs::write(&empty, "").unwrap();
        std::fs::write(&text, "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
        let directory = scratch.0.join("directory");
        std::fs::create_dir(&directory).unwrap();
        for unusable in [&empty, &text, &directory, &scratch.0.join("nowhere.pem")] {
            let found = of_system(&load_certs_from_paths(Some(unusable), None));
            assert_eq!(found.len(), built_in().len(), "{}", unusable.display());
        }
        // One that is read is used, whatever else is wrong.
        let mut both = load_certs_from_paths(Some(&bundle), None);
        both.errors.extend(load_certs_from_paths(Some(&scratch.0.join("nowhere.pem")), None).errors);
        assert!(!both.errors.is_empty());
        assert_eq!(of_system(&both).len(), 2);
    }

    #[test]
    fn a_variable_that_leads_nowhere_is_named() {
        let scratch = Scratch::new("nowhere");
        let empty = scratch.0.join("empty.pem");
        std::fs::write(&empty, "").unwrap();
        for (name, path) in [
            (FILE, Path::new("/does/not/exist.pem")),
            (FILE, &scratch.0),
            (FILE, &empty),
            (DIRECTORIES, Path::new("/does/not/exist")),
            (DIRECTORIES, &scratch.0),
        ] {
            let error = roots(&[(name, path)]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            let config = HttpConfig { verify_tls: false, ..HttpConfig::default() };
            Roots::with_env(&config, |known| (known == name).then(|| path.into())).unwrap();
        }
    }
}
