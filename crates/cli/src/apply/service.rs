//! The services that a plan or a journal may be for.

use clap::ValueEnum;
use controlplane::{eloq, h2o_workflows, hotdata, onehouse};

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    Onehouse,
    Eloq,
    #[value(alias = "h2o-workflows", alias = "h2o_workflows")]
    H2o,
    Hotdata,
}

impl Service {
    pub(crate) const ALL: [Self; 4] = [Self::Onehouse, Self::Eloq, Self::H2o, Self::Hotdata];

    /// Returns its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Onehouse => "onehouse",
            Self::Eloq => "eloq",
            Self::H2o => "h2o",
            Self::Hotdata => "hotdata",
        }
    }

    /// Returns the service's own word for the id of something that a command has started.
    pub(crate) fn id_word(self, id: &str) -> &'static str {
        match self {
            Self::Onehouse => "request id",
            Self::Eloq => "cluster",
            Self::H2o => "run",
            Self::Hotdata if id.starts_with("qrun") => "query run",
            Self::Hotdata => "job",
        }
    }

    /// Returns the service that a journal names.
    pub(super) fn of_journal(name: &str) -> Option<Self> {
        match name {
            "h2o_workflows" => Some(Self::H2o),
            name => Self::ALL.into_iter().find(|service| service.name() == name),
        }
    }

    /// Returns the JSON Schema of its commands.
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::Onehouse => onehouse::AnyCommand::schema(),
            Self::Eloq => eloq::AnyCommand::schema(),
            Self::H2o => h2o_workflows::AnyCommand::schema(),
            Self::Hotdata => hotdata::AnyCommand::schema(),
        }
    }
}
