//! Statements about service principals and API tokens.

use controlplane::onehouse::{AlterServicePrincipal, CreateApiToken, CreateServicePrincipal, DeleteApiToken};

use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_service_principal(&mut self) -> Parse<Parsed> {
        self.named(CreateServicePrincipal::new)
    }

    pub(super) fn alter_service_principal(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        Ok(AlterServicePrincipal::new(name, self.clause("NEW_NAME", Self::text)?).into())
    }

    pub(super) fn create_api_token(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        Ok(CreateApiToken::new(name, self.clause("SERVICE_PRINCIPAL", Self::text)?).into())
    }

    pub(super) fn delete_api_token(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        Ok(DeleteApiToken::new(name, self.clause("SERVICE_PRINCIPAL", Self::text)?).into())
    }
}
