//! What the services' codes and texts mean, as far as it is known.

use super::{Error, ErrorKind};

/// A code without its spelling: `ALREADY_EXISTS`, `AlreadyExists` and `already exists` are one.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Error {
    /// The code, if there is one, or what the server says.
    fn says(&self, codes: &[&str], texts: &[&str]) -> bool {
        if let Some(code) = self.api_code() {
            let code = plain(code);
            if codes.contains(&code.as_str()) {
                return true;
            }
        }
        let text = self.api_message().unwrap_or_default().to_ascii_lowercase();
        texts.iter().any(|part| text.contains(part))
    }

    /// Returns true if the error says that something does not exist.
    ///
    /// It is true for [`NotFound`](ErrorKind::NotFound) (HTTP 404), and for an
    /// [`OperationFailed`](ErrorKind::OperationFailed) whose payload has the code `NOT_FOUND` or, without a
    /// code, a message with `does not exist` or `not found`. Onehouse reports a missing resource in the
    /// second way, as a failed operation. Onehouse does not publish its codes and texts; the emulator uses
    /// `NOT_FOUND` and `does not exist`.
    ///
    /// The missing thing need not be the one that the call is about: creating a flow reports that its source
    /// does not exist.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// let error = client.describe_cluster("nobody").send().unwrap_err();
    /// assert!(error.is_not_found() && !error.is_already_exists());
    /// assert_eq!(error.api_message(), Some("cluster 'nobody' does not exist"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_not_found(&self) -> bool {
        match self.kind() {
            ErrorKind::NotFound => true,
            ErrorKind::OperationFailed => {
                let texts: &[&str] =
                    if self.api_code().is_some() { &[] } else { &["does not exist", "not found"] };
                self.says(&["notfound"], texts)
            }
            _ => false,
        }
    }

    /// Returns true if the error says that something with this name exists already.
    ///
    /// It is true for a [`Conflict`](ErrorKind::Conflict) (HTTP 409) or an
    /// [`OperationFailed`](ErrorKind::OperationFailed), if either has the code `ALREADY_EXISTS`, or a message
    /// that contains `already exists` or `exists already`. A 409 alone is not enough: Hotdata also returns it
    /// for locks and for uploads in use. Onehouse does not publish its codes and texts; the emulator uses
    /// `ALREADY_EXISTS` and `exists already`.
    ///
    /// ```
    /// # use controlplane::onehouse::Client;
    /// # let emulator = controlplane_emulator::onehouse::Emulator::builder().pending_polls(0).start()?;
    /// # let client = Client::new(emulator.credentials())?;
    /// client.create_cluster("prod", "Managed").send()?;
    /// let error = client.create_cluster("prod", "Managed").send().unwrap_err();
    /// assert!(error.is_already_exists() && !error.is_not_found());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_already_exists(&self) -> bool {
        let may = matches!(self.kind(), ErrorKind::Conflict | ErrorKind::OperationFailed);
        may && self.says(&["alreadyexists"], &["already exists", "exists already"])
    }
}
