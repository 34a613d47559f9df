//! The command line.

use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, Styles};
use clap::{ArgAction, Args, Parser, Subcommand};

use crate::completions::{Completions, Man};
use crate::output::Format;
use crate::pointer::{Pointer, pointer};
use crate::{apply, doctor, duration, eloq, h2o, hotdata, onehouse, resume, status};

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 failed, 2 wrong command line, 3 refused or not found, 4 still running,
5 outcome unknown, 6 credentials, 130 interrupted.";

/// Command line for the control planes of managed data platforms
///
/// A command waits until the operation that it starts has ended. A change is not sent again after the service
/// may have accepted it; if a wait ends early, the message says how to resume it. Results are written to
/// standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "controlplane",
    version,
    after_help = AFTER_HELP,
    styles = Styles::plain(),
    disable_version_flag = true,
    // The last of several wins, as in the vendor's `oh`.
    args_override_self = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,

    #[command(flatten)]
    pub(crate) globals: Globals,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of all commands. They may stand before the command or after it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Format of results
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        ignore_case = true,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub(crate) output: Format,

    /// Print only the part of the JSON result at this JSON pointer, for example /0/name
    #[arg(long, global = true, value_parser = pointer, value_name = "POINTER")]
    pub(crate) query: Option<Pointer>,

    /// Time limit of the command, for example 90s, 20m or 1h30m; a bare number is minutes
    #[arg(short, long, global = true, value_parser = duration::timeout, value_name = "DURATION")]
    pub(crate) timeout: Option<Duration>,

    /// Return as soon as the service has accepted the command, and print its id
    #[arg(long, global = true)]
    pub(crate) no_wait: bool,

    /// Print what would be sent and send nothing; needs no credentials
    #[arg(long, visible_alias = "show-sql", global = true)]
    pub(crate) dry_run: bool,

    /// Carry out deletions without asking
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,

    /// Write nothing but errors to standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Profile of Onehouse's credentials file; wins over the ONEHOUSE_… variables
    #[arg(short, long, global = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) profile: Option<String>,
}

/// The services and the commands that belong to none.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Onehouse(Box<onehouse::Args>),
    /// EloqCloud: clusters, and the other calls of the vendor's client
    Eloq(eloq::Args),
    /// H2O Workflows: workflows, revisions, runs and logs
    H2o(h2o::Args),
    /// Hotdata: queries, uploads, databases, tables, indexes, jobs and runs
    Hotdata(hotdata::Args),
    Apply(apply::Args),
    Resume(resume::Args),
    Status(status::Args),
    Doctor(doctor::Args),
    Completions(Completions),
    Man(Man),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_consistent() {
        Arguments::command().debug_assert();
    }

    /// Fails unless the commands of a group are in the order of help: verbs of resources, other commands, and those
    /// that belong to no resource.
    fn check_order(group: &clap::Command) {
        // `show` of Onehouse's groups lists; it has `describe` besides.
        const FIRST: [&str; 7] = ["create", "describe", "show", "list", "update", "alter", "delete"];
        const LAST: [&str; 5] = ["call", "login", "logout", "configure", "help"];
        let rank = |name: &str| match FIRST.iter().position(|first| *first == name) {
            Some(rank) => rank,
            None => FIRST.len() + LAST.iter().position(|last| *last == name).map_or(0, |last| last + 1),
        };
        let names: Vec<&str> = group.get_subcommands().map(clap::Command::get_name).collect();
        assert!(names.is_sorted_by_key(|name| rank(name)), "{}: {names:?}", group.get_name());
        group.get_subcommands().for_each(check_order);
    }

    #[test]
    fn all_groups_have_their_commands_in_the_same_order() {
        check_order(&Arguments::command());
    }
}
