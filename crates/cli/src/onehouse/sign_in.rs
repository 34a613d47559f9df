//! `login` and `logout`: sessions of a person in place of an API key.

use clap::Args;
use controlplane::onehouse::{SignIn, SignedOut};
use serde_json::json;

use crate::app::App;
use crate::failure::Result;
use crate::output::Format;
use crate::{profile, stderr};

use super::Options;

#[derive(Args, Debug)]
pub(super) struct Login {
    /// Port on this machine to which the browser returns, to forward it by SSH [default: any free port]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Print the address of the sign-in page; do not open a browser
    #[arg(long)]
    no_browser: bool,
}

impl Login {
    pub(super) fn run(self, app: &App, options: &Options) -> Result {
        let mut sign_in = sign_in(app, options).port(self.port).cancel_with(app.interrupt.token());
        if let Some(timeout) = app.globals.timeout {
            sign_in = sign_in.timeout(timeout);
        }
        if app.globals.dry_run {
            let session = sign_in.session()?;
            let issuer = session.issuer();
            return print(app, issuer, "would sign in", &format!("Would sign in to {issuer}."));
        }
        if self.no_browser {
            sign_in = sign_in.no_browser(|url| stderr::say(&format!("Open this page to sign in:\n  {url}")));
        } else {
            app.progress.note("Waiting for the sign-in in your browser …");
        }
        let session = sign_in.run()?;
        let issuer = session.issuer();
        print(app, issuer, "signed in", &format!("Signed in to {issuer}."))
    }
}

/// Prints what was done with a session: a sentence for a person, else its issuer and its status.
fn print(app: &App, issuer: &str, status: &str, sentence: &str) -> Result {
    match app.out.format() {
        Format::Table if !app.out.has_query() => app.out.text(sentence),
        _ => app.out.value(&json!({ "name": issuer, "status": status })),
    }
}

/// Signs out.
pub(super) fn logout(app: &App, options: &Options) -> Result {
    let session = sign_in(app, options).session()?;
    let issuer = session.issuer();
    if app.globals.dry_run {
        return print(app, issuer, "would sign out", &format!("Would sign out of {issuer}."));
    }
    match session.sign_out()? {
        SignedOut::Revoked => print(app, issuer, "signed out", &format!("Signed out of {issuer}.")),
        SignedOut::Unconfirmed(why) => {
            app.progress.warn(&format!(
                "the server did not confirm the revocation: {}; the session expires within 30 days",
                crate::progress::one_line(&why.to_string())
            ));
            print(
                app,
                issuer,
                "signed out on this machine",
                &format!("Signed out of {issuer} on this machine."),
            )
        }
        _ => print(app, issuer, "not signed in", &format!("Not signed in to {issuer}.")),
    }
}

fn sign_in(app: &App, options: &Options) -> SignIn {
    SignIn::new().credentials(profile::lookup(app, options.base_url.as_deref()))
}
