//! Opening the page on which a person signs in.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, shown};

/// Who opens the page.
#[derive(Clone, Default)]
pub(super) enum Browser {
    /// The browser of the system.
    #[default]
    System,
    /// A callback of the program.
    Callback(Arc<dyn Fn(&str) + Send + Sync>),
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Callback(_) => "Callback",
        })
    }
}

impl Browser {
    /// Does not wait for the browser.
    pub(super) fn open(&self, url: &str) -> Result<(), Error> {
        match self {
            Self::System => open::that_detached(url).map_err(|error| {
                let happened = format!("no browser could be opened: {}", shown(&error.to_string()));
                Error::new(ErrorKind::Transport, "signing in to Onehouse", happened)
                    .with_source(error)
                    .with_advice(
                        "Show the person the address of the page instead, with `SignIn::no_browser`.",
                    )
            }),
            Self::Callback(callback) => {
                callback(url);
                Ok(())
            }
        }
    }
}
