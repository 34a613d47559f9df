//! `login` and `logout`: sessions of a person in place of an API key.

use clap::Args;
use controlplane::onehouse::{Credentials, SignIn, SignedOut};

use crate::app::App;
use crate::failure::Result;
use crate::stderr;

use super::Options;

#[derive(Args, Debug)]
pub(super) struct Login {
    /// Port of the page that the browser ends at, for a forward by SSH; any that is free by default
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Print the address of the page in place of opening a browser
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
            return app.out.text(&format!("Would sign in to {}.", sign_in.session()?.issuer()));
        }
        if self.no_browser {
            sign_in = sign_in.no_browser(|url| stderr::say(&format!("Open this page to sign in:\n  {url}")));
        } else {
            app.progress.note("Waiting for the sign-in in your browser …");
        }
        let session = sign_in.run()?;
        app.out.text(&format!("Signed in to {}.", session.issuer()))
    }
}

/// Signs out.
pub(super) fn logout(app: &App, options: &Options) -> Result {
    let session = sign_in(app, options).session()?;
    let issuer = session.issuer();
    if app.globals.dry_run {
        return app.out.text(&format!("Would sign out of {issuer}."));
    }
    match session.sign_out()? {
        SignedOut::Revoked => app.out.text(&format!("Signed out of {issuer}.")),
        SignedOut::Unconfirmed(why) => {
            app.progress.warn(&format!(
                "the server did not confirm it: {}; the session ends there within 30 days",
                crate::progress::one_line(&why.to_string())
            ));
            app.out.text(&format!("Signed out of {issuer} on this machine."))
        }
        _ => app.out.text(&format!("Not signed in to {issuer}.")),
    }
}

fn sign_in(app: &App, options: &Options) -> SignIn {
    let mut lookup = Credentials::builder();
    if let Some(profile) = &app.globals.profile {
        lookup = lookup.profile(profile);
    }
    if let Some(url) = &options.base_url {
        lookup = lookup.base_url(url);
    }
    SignIn::new().credentials(lookup)
}
