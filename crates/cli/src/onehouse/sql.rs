//! `sql`: statements as text, and the status of requests.

use clap::{Args, Subcommand};
use controlplane::onehouse::{Command, NameCheck, RawSql};

use crate::app::App;
use crate::failure::Result;
use crate::input;
use crate::output::Format;

use super::Options;
use super::send::{Sending, client, print, send};

#[derive(Debug, Subcommand)]
pub(super) enum Sql {
    /// Execute a SQL statement
    Exec(Exec),
    /// Read the status of a request once, without waiting for its end
    Status {
        /// Id of the request
        request_id: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Exec {
    /// Statement to execute; `-` reads it from standard input
    #[arg(short, long, value_name = "SQL", allow_hyphen_values = true)]
    command: String,
    /// Same as --no-wait
    #[arg(long)]
    async_mode: bool,
}

impl Sql {
    pub(super) fn run(self, app: &App, options: &Options) -> Result {
        match self {
            Self::Exec(Exec { command, async_mode }) => {
                let sql = if command == "-" { input::text(app, "-")? } else { command };
                let command = RawSql::new(&sql);
                let sql = command.to_sql()?;
                let sending = Sending {
                    sql: &sql,
                    label: "SQL statement",
                    names: NameCheck::Strict,
                    done: None,
                    is_silent: false,
                    is_detached: async_mode,
                };
                send(app, options, command, &sending)
            }
            Self::Status { request_id } => {
                let status =
                    client(app, options)?.get_status(request_id).cancel_with(app.interrupt.token()).send()?;
                if app.out.format() == Format::Table {
                    app.out.text(&format!("Status: {}", status.api_status))?;
                    return print(app, &status);
                }
                app.out.value(&serde_json::to_value(&status).unwrap_or_default())
            }
        }
    }
}
