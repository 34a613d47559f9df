//! Statements about catalogs and sources.

use controlplane::onehouse::{CreateCatalog, CreateSource};

use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_catalog(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        let mut command = CreateCatalog::new(name, self.clause("TYPE", Self::choice)?);
        command.credential_type = self.optional("CREDENTIAL_TYPE", Self::exact_choice)?;
        command.options = self.with()?;
        Ok(command.into())
    }

    pub(super) fn create_source(&mut self) -> Parse<Parsed> {
        // A source may be called `if`, bare.
        let if_not_exists = self.is_word(0, "IF") && self.is_word(1, "NOT");
        if if_not_exists {
            self.keyword("IF")?;
            self.keyword("NOT")?;
            self.keyword("EXISTS")?;
        } else {
            self.expected.push("IF NOT EXISTS");
        }
        let name = self.name()?;
        let mut command = CreateSource::new(name, self.clause("SOURCE_TYPE", Self::choice)?);
        command.if_not_exists = if_not_exists;
        command.credential_type = self.optional("CREDENTIAL_TYPE", Self::exact_choice)?;
        command.options = self.with()?;
        Ok(command.into())
    }
}
