//! Completions for shells, and manual pages: both come from the definition of the arguments.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::app::App;
use crate::args::Arguments;
use crate::failure::{Exit, Failure, Result};

/// Print the completions for a shell
///
/// bash: controlplane completions bash > ~/.local/share/bash-completion/completions/controlplane
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page, or write those of all commands to a directory
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Write one file for each command to this directory
    #[arg(long, value_name = "DIRECTORY")]
    dir: Option<PathBuf>,
}

impl Completions {
    pub(crate) fn run(self, app: &App) -> Result {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "controlplane", &mut script);
        app.out.bytes(&script)
    }
}

impl Man {
    pub(crate) fn run(self, app: &App) -> Result {
        // There is no page for the command `help`.
        let mut command = Arguments::command().disable_help_subcommand(true);
        command.build();
        let Some(dir) = self.dir else {
            let page = page(&clap_mangen::Man::new(command))
                .map_err(|e| Failure::new(Exit::Failed, format!("writing the manual page: {e}")))?;
            return app.out.bytes(page.as_bytes());
        };
        std::fs::create_dir_all(&dir)
            .and_then(|()| write_pages(command, &dir))
            .map_err(|e| Failure::new(Exit::Failed, format!("writing manual pages to {dir:?}: {e}")))
    }
}

/// Writes the page of a command, and those of its commands.
fn write_pages(command: clap::Command, dir: &Path) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write_pages(inner.clone(), dir)?;
    }
    let man = clap_mangen::Man::new(command);
    std::fs::write(dir.join(man.get_filename()), page(&man)?)
}

/// Returns a page with the headings that manual pages have.
fn page(man: &clap_mangen::Man) -> io::Result<String> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    let page = String::from_utf8_lossy(&page);
    Ok(page.replace(".SH SUBCOMMANDS\n", ".SH COMMANDS\n").replace(".SH EXTRA\n", ".SH \"EXIT STATUS\"\n"))
}
