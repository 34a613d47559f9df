//! Statements about transformations and validations.

use controlplane::onehouse::{CreateTransformation, CreateValidation};

use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_transformation(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let mut command = CreateTransformation::new(name, self.clause("TYPE", Self::choice)?);
        command.options = self.with()?;
        Ok(command.into())
    }

    pub(super) fn create_validation(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let mut command = CreateValidation::new(name, self.clause("TYPE", Self::choice)?);
        command.options = self.with()?;
        Ok(command.into())
    }
}
