//! Embedding providers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::refusal::Refusal;

use super::{Space, room};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Provider {
    id: String,
    name: String,
    kind: String,
    config: Value,
    has_secret: bool,
    created: i64,
    updated: i64,
}

impl Provider {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "provider_type": self.kind,
            "config": self.config,
            "has_secret": self.has_secret,
            "source": "user",
            "created_at": time(self.created),
            "updated_at": time(self.updated),
        })
    }
}

/// Refuses a config with more levels than a state can have around which there are some more.
fn check_depth(config: &Value) -> Result<(), Refusal> {
    const MOST: usize = 64;
    fn is_deeper(value: &Value, than: usize) -> bool {
        match value {
            Value::Array(all) => than == 0 || all.iter().any(|one| is_deeper(one, than - 1)),
            Value::Object(map) => than == 0 || map.values().any(|one| is_deeper(one, than - 1)),
            _ => false,
        }
    }
    match is_deeper(config, MOST) {
        true => Err(Refusal::bad(format!("config has more than {MOST} levels"))),
        false => Ok(()),
    }
}

impl Space {
    fn provider_at(&self, id: &str) -> Result<usize, Refusal> {
        let place = self.providers.iter().position(|one| one.id == id);
        place.ok_or_else(|| Refusal::missing("embedding provider", id))
    }

    fn check_provider_name(&self, name: &str, id: Option<&str>) -> Result<(), Refusal> {
        let is_taken = self.providers.iter().any(|one| one.name == name && Some(one.id.as_str()) != id);
        if is_taken {
            Err(Refusal::conflict("an embedding provider with this name already exists"))
        } else {
            Ok(())
        }
    }

    pub(in super::super) fn has_provider(&self, id: &str) -> bool {
        self.provider_at(id).is_ok()
    }

    pub(in super::super) fn list_providers(&self) -> Value {
        json!({ "embedding_providers": self.providers.iter().map(Provider::shown).collect::<Vec<_>>() })
    }

    pub(in super::super) fn create_provider(&mut self, fields: &Fields) -> Result<Value, Refusal> {
        let name = fields.needed("name")?;
        let kind = fields.word("provider_type", &["local", "service"])?;
        let kind = kind.ok_or_else(|| Refusal::bad("provider_type is missing"))?.to_owned();
        let config = fields.object("config")?.cloned().map_or(Value::Null, Value::Object);
        check_depth(&config)?;
        // The key itself is looked at and forgotten.
        let (key, secret) = (fields.text("api_key")?, fields.text("secret_name")?);
        if key.is_some() && secret.is_some() {
            return Err(Refusal::bad("give api_key or secret_name, not both"));
        }
        self.check_provider_name(&name, None)?;
        room(&self.providers, "embedding providers")?;
        let (id, now) = (self.common.id("embp"), self.common.now());
        let has_secret = key.is_some() || secret.is_some();
        let provider =
            Provider { id: id.clone(), name, kind, config, has_secret, created: now, updated: now };
        let shown = json!({
            "id": provider.id,
            "name": provider.name,
            "provider_type": provider.kind,
            "config": provider.config,
            "created_at": time(now),
        });
        self.providers.push(provider);
        self.note("create_embedding_provider", &id);
        Ok(shown)
    }

    pub(in super::super) fn get_provider(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.providers[self.provider_at(id)?].shown())
    }

    pub(in super::super) fn update_provider(&mut self, id: &str, fields: &Fields) -> Result<Value, Refusal> {
        let place = self.provider_at(id)?;
        let name = fields.text("name")?.filter(|name| !name.is_empty());
        let config = fields.value("config").cloned();
        config.as_ref().map_or(Ok(()), check_depth)?;
        let (key, secret) = (fields.change("api_key")?, fields.change("secret_name")?);
        if matches!((&key, &secret), (Some(Some(_)), Some(Some(_)))) {
            return Err(Refusal::bad("give api_key or secret_name, not both"));
        }
        if let Some(name) = &name {
            self.check_provider_name(name, Some(id))?;
        }
        let now = self.common.now();
        let provider = &mut self.providers[place];
        if let Some(name) = name {
            provider.name = name;
        }
        if let Some(config) = config {
            provider.config = config;
        }
        for change in [key, secret].into_iter().flatten() {
            provider.has_secret = change.is_some();
        }
        provider.updated = now;
        let shown = json!({ "id": provider.id, "name": provider.name, "updated_at": time(now) });
        self.note("update_embedding_provider", id);
        Ok(shown)
    }

    pub(in super::super) fn delete_provider(&mut self, id: &str) -> Result<(), Refusal> {
        let place = self.provider_at(id)?;
        self.providers.remove(place);
        self.note("delete_embedding_provider", id);
        Ok(())
    }
}
