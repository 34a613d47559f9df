//! Completions for shells, and manual pages: both come from the definition of the arguments.

use std::path::PathBuf;

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
        let Some(dir) = self.dir else {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut page)
                .map_err(|e| Failure::new(Exit::Failed, format!("writing the manual page: {e}")))?;
            return app.out.bytes(&page);
        };
        std::fs::create_dir_all(&dir)
            .and_then(|()| clap_mangen::generate_to(Arguments::command(), &dir))
            .map_err(|e| Failure::new(Exit::Failed, format!("writing manual pages to {dir:?}: {e}")))
    }
}
