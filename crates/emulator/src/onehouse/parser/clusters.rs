//! Statements about clusters.

use controlplane::onehouse::{AlterCluster, ClusterState, CreateCluster};

use super::super::words::Word;
use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_cluster(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let cluster_type = self.clause("TYPE", Self::choice)?;
        let mut command = CreateCluster::new(name, cluster_type);
        command.max_ocu = self.optional("MAX_OCU", Self::integer)?;
        command.min_ocu = self.optional("MIN_OCU", Self::integer)?;
        command.options = self.with()?;
        Ok(command.into())
    }

    pub(super) fn alter_cluster(&mut self) -> Parse<Parsed> {
        let mut command = AlterCluster::new(self.name()?);
        self.keyword("SET")?;
        let start = self.at;
        // Bare words here are the vendor's own: `unsafe_raw` of its Python SDK 0.3.0 leaves the quotes out.
        let state = self.optional("STATE", Self::text_or_word)?;
        command.state = state.map(|state| ClusterState::read(&state));
        command.max_ocu = self.optional("MAX_OCU", Self::integer)?;
        command.min_ocu = self.optional("MIN_OCU", Self::integer)?;
        command.new_name = self.optional("NEW_NAME", Self::text_or_word)?;
        command.options = self.with()?;
        if self.at == start {
            return Err(self.unexpected());
        }
        Ok(command.into())
    }
}
