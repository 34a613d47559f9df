//! Statements without a helper.

use super::super::extra::{ExtraCommand, Grant, PolicyChange};
use super::{Parse, Parsed, Parser};

const PRIVILEGES: &[&str] =
    &["ALL_PRIVILEGES", "DESCRIBE", "CREATE", "SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "DROP"];
const PRIVILEGE_OBJECTS: &[&str] = &["LAKE", "DATABASE", "TABLE"];
const ROLES: &[&str] = &["ADMIN", "MEMBER", "VIEWER", "EDITOR", "USER", "MANAGER"];
const ROLE_OBJECTS: &[&str] = &[
    "ACCOUNT",
    "PROJECT",
    "GROUP",
    "SERVICE_PRINCIPAL",
    "CLUSTER",
    "JOB",
    "SOURCE",
    "CATALOG",
    "STREAM_CAPTURE",
];
const PRINCIPALS: &[&str] = &["USER", "GROUP", "SERVICE_PRINCIPAL"];

impl Parser<'_> {
    pub(super) fn extra(&mut self, command: fn(String) -> ExtraCommand) -> Parse<Parsed> {
        Ok(command(self.name()?).into())
    }

    pub(super) fn delete_table_service(&mut self) -> Parse<Parsed> {
        let (lake, database, table, service) = self.one_service()?;
        Ok(ExtraCommand::DeleteTableService { lake, database, table, service }.into())
    }

    pub(super) fn grant(&mut self) -> Parse<Parsed> {
        let command = if self.eat("PRIVILEGE") {
            ExtraCommand::GrantPrivilege(self.grant_of(PRIVILEGES, PRIVILEGE_OBJECTS, "TO")?)
        } else if self.eat("ROLE") {
            ExtraCommand::GrantRole(self.grant_of(ROLES, ROLE_OBJECTS, "TO")?)
        } else {
            return self.change_policies(PolicyChange::Grant);
        };
        Ok(command.into())
    }

    pub(super) fn revoke(&mut self) -> Parse<Parsed> {
        let command = if self.eat("PRIVILEGE") {
            ExtraCommand::RevokePrivilege(self.grant_of(PRIVILEGES, PRIVILEGE_OBJECTS, "FROM")?)
        } else if self.eat("ROLE") {
            ExtraCommand::RevokeRole(self.grant_of(ROLES, ROLE_OBJECTS, "FROM")?)
        } else {
            return self.change_policies(PolicyChange::Revoke);
        };
        Ok(command.into())
    }

    fn grant_of(
        &mut self,
        what: &'static [&'static str],
        objects: &'static [&'static str],
        preposition: &'static str,
    ) -> Parse<Grant> {
        let what = self.word_of(what)?;
        self.keyword("ON")?;
        let object_type = self.word_of(objects)?;
        let object = self.text()?;
        self.keyword(preposition)?;
        let principal_type = self.word_of(PRINCIPALS)?;
        Ok(Grant { what, object_type, object, principal_type, principal: self.text()? })
    }

    /// One of these keywords.
    fn word_of(&mut self, known: &'static [&'static str]) -> Parse<String> {
        match known.iter().find(|word| self.eat(word)) {
            Some(word) => Ok((*word).to_owned()),
            None => Err(self.unexpected()),
        }
    }

    pub(super) fn show_policies(&mut self) -> Parse<Parsed> {
        let diff = self.eat("DIFF");
        let catalog = self.clause("CATALOG", Self::name)?;
        if diff {
            self.keyword("FOR")?;
            self.word_of(&["IMPORT", "SYNC"])?;
        }
        Ok(ExtraCommand::ShowPolicies { catalog, diff }.into())
    }

    pub(super) fn change_policies(&mut self, change: PolicyChange) -> Parse<Parsed> {
        self.keyword("POLICIES")?;
        let catalog = self.clause("CATALOG", Self::name)?;
        let changes_path = self.clause("CHANGES_PATH", Self::text)?;
        Ok(ExtraCommand::ChangePolicies { change, catalog, changes_path }.into())
    }

    pub(super) fn alter_ocu(&mut self) -> Parse<Parsed> {
        self.keyword("SET")?;
        Ok(ExtraCommand::AlterOcuLimit { limit: self.clause("LIMIT", Self::text)? }.into())
    }

    /// A statement of which no more is known than its name.
    pub(super) fn unknown_grammar(&mut self) -> Parse<Parsed> {
        Err(self.error(
            "the emulator does not support this statement of the vendor, because no source shows its grammar",
        ))
    }
}
