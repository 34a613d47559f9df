//! Saved queries and their versions.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hotdata::analysis::Analysis;
use crate::hotdata::common::time;
use crate::hotdata::fields::Fields;
use crate::hotdata::pages::{Size, by_offset};
use crate::hotdata::refusal::Refusal;
use crate::parameters::Parameters;

use super::{MAX_KEPT, Space, room};

/// The pages of lists, as an older server has them.
const PAGE: Size = Size { default: 100, most: 1000 };
/// The limits of an older server, in characters.
const MAX_NAME: usize = 255;
const MAX_SQL: usize = 1_000_000;
const MAX_DESCRIPTION: usize = 10_000;
const MAX_TAGS: usize = 50;
const MAX_TAG: usize = 100;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Saved {
    id: String,
    name: String,
    description: String,
    tags: Vec<String>,
    category: Option<String>,
    table_size: Option<String>,
    created: i64,
    updated: i64,
    versions: Vec<Version>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    sql: String,
    created: i64,
    /// What is found in the SQL.
    #[serde(skip)]
    analysis: Analysis,
}

impl Saved {
    /// Looks again at the SQL of all versions.
    pub(super) fn analyse(&mut self) {
        for version in &mut self.versions {
            version.analysis = Analysis::of(&version.sql);
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "tags": self.tags,
            "latest_version": self.versions.len(),
            "created_at": time(self.created),
            "updated_at": time(self.updated),
        })
    }

    fn detail(&self) -> Value {
        let mut shown = self.summary();
        if let Some(version) = self.versions.last() {
            self.add(&mut shown, version);
        }
        shown
    }

    fn version(&self, number: usize) -> Value {
        let version = &self.versions[number];
        let mut shown = json!({ "version": number + 1, "created_at": time(version.created) });
        self.add(&mut shown, version);
        shown
    }

    /// The SQL and what was found in it.
    fn add(&self, shown: &mut Value, version: &Version) {
        shown["sql"] = json!(version.sql);
        shown["sql_hash"] = json!(version.analysis.hash);
        version.analysis.add_to(shown);
        if let Some(category) = &self.category {
            shown["category"] = json!(category);
        }
        shown["table_size"] = json!(self.table_size);
    }
}

fn name_of(text: String) -> Result<String, Refusal> {
    if text.trim().is_empty() || text.chars().count() > MAX_NAME {
        return Err(Refusal::bad(format!("name is empty or longer than {MAX_NAME} characters")));
    }
    Ok(text)
}

fn sql_of(text: String) -> Result<String, Refusal> {
    if text.trim().is_empty() || text.chars().count() > MAX_SQL {
        return Err(Refusal::bad(format!("sql is empty or longer than {MAX_SQL} characters")));
    }
    Ok(text)
}

fn description_of(text: String) -> Result<String, Refusal> {
    if text.chars().count() > MAX_DESCRIPTION {
        return Err(Refusal::bad(format!("description is longer than {MAX_DESCRIPTION} characters")));
    }
    Ok(text)
}

fn tags_of(tags: Vec<String>) -> Result<Vec<String>, Refusal> {
    if tags.len() > MAX_TAGS || tags.iter().any(|tag| tag.chars().count() > MAX_TAG) {
        return Err(Refusal::bad(format!(
            "tags has more than {MAX_TAGS} tags, or a tag of more than {MAX_TAG} characters"
        )));
    }
    Ok(tags)
}

impl Space {
    fn saved_at(&self, id: &str) -> Result<usize, Refusal> {
        let place = self.saved.iter().position(|one| one.id == id);
        place.ok_or_else(|| Refusal::missing("saved query", id))
    }

    /// In the order in which they were made.
    pub(in super::super) fn list_saved(&self, query: &Parameters) -> Result<Value, Refusal> {
        by_offset("queries", query, PAGE, self.saved.iter().collect(), Saved::summary)
    }

    pub(in super::super) fn create_saved(&mut self, fields: &Fields) -> Result<Value, Refusal> {
        let name = name_of(fields.needed("name")?)?;
        let sql = sql_of(fields.needed("sql")?)?;
        let description = description_of(fields.text("description")?.unwrap_or_default())?;
        let tags = tags_of(fields.texts("tags")?.unwrap_or_default())?;
        room(&self.saved, "saved queries")?;
        let (id, now) = (self.common.id("svqr"), self.common.now());
        let versions = vec![Version { analysis: Analysis::of(&sql), sql, created: now }];
        let saved = Saved {
            id: id.clone(),
            name,
            description,
            tags,
            category: None,
            table_size: None,
            created: now,
            updated: now,
            versions,
        };
        let shown = saved.detail();
        self.saved.push(saved);
        self.note("create_saved_query", &id);
        Ok(shown)
    }

    pub(in super::super) fn get_saved(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.saved[self.saved_at(id)?].detail())
    }

    /// What is not said stays; another SQL is another version.
    pub(in super::super) fn update_saved(&mut self, id: &str, fields: &Fields) -> Result<Value, Refusal> {
        let place = self.saved_at(id)?;
        let name = fields.text("name")?.map(name_of).transpose()?;
        let sql = fields.text("sql")?.map(sql_of).transpose()?;
        let description = fields.text("description")?.map(description_of).transpose()?;
        let tags = fields.texts("tags")?.map(tags_of).transpose()?;
        let (category, size) = (fields.change("category_override")?, fields.change("table_size_override")?);
        let now = self.common.now();
        let saved = &mut self.saved[place];
        if let Some(sql) = sql.filter(|sql| saved.versions.last().is_none_or(|last| last.sql != *sql)) {
            if saved.versions.len() >= MAX_KEPT {
                return Err(Refusal::full("versions of a saved query", MAX_KEPT));
            }
            saved.versions.push(Version { analysis: Analysis::of(&sql), sql, created: now });
        }
        if let Some(name) = name {
            saved.name = name;
        }
        if let Some(description) = description {
            saved.description = description;
        }
        if let Some(tags) = tags {
            saved.tags = tags;
        }
        if let Some(category) = category {
            saved.category = category;
        }
        if let Some(size) = size {
            saved.table_size = size;
        }
        saved.updated = now;
        let shown = saved.detail();
        self.note("update_saved_query", id);
        Ok(shown)
    }

    pub(in super::super) fn delete_saved(&mut self, id: &str) -> Result<(), Refusal> {
        let place = self.saved_at(id)?;
        self.saved.remove(place);
        self.note("delete_saved_query", id);
        Ok(())
    }

    /// The newest first.
    pub(in super::super) fn list_saved_versions(
        &self,
        id: &str,
        query: &Parameters,
    ) -> Result<Value, Refusal> {
        let saved = &self.saved[self.saved_at(id)?];
        let numbers: Vec<usize> = (0..saved.versions.len()).rev().collect();
        let mut page = by_offset("versions", query, PAGE, numbers, |number| saved.version(number))?;
        page["saved_query_id"] = json!(id);
        Ok(page)
    }

    /// The SQL of a version, and its number; the newest if none is named.
    pub(in super::super) fn saved_sql(
        &self,
        id: &str,
        version: Option<u64>,
    ) -> Result<(String, u64), Refusal> {
        let saved = &self.saved[self.saved_at(id)?];
        let number = version.unwrap_or(saved.versions.len() as u64);
        let place = number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| saved.versions.get(place));
        let found = found.ok_or_else(|| Refusal::missing("version", &number.to_string()))?;
        Ok((found.sql.clone(), number))
    }
}
