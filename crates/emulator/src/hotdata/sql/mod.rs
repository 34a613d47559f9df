//! Tables and queries: SQLite in memory, with what Postgres has and SQLite has not translated where that is
//! cheap.
//!
//! Each Hotdata database is one [`Database`]. A query has a connection of its own, which reads the databases
//! in its [`Scope`] and can change none; loads are atomic and one at a time for each database.

mod calculations;
mod checks;
mod database;
mod dump;
mod error;
mod functions;
mod items;
mod lexer;
mod load;
mod operators;
mod profile;
mod query;
mod temporal;
mod translate;
mod types;

pub(crate) use checks::Check;
pub(crate) use database::Database;
pub(crate) use error::SqlError;
pub(crate) use load::{Load, Mode, Source, SourceFormat};
pub(crate) use query::{Limits, Scope, query};
pub(crate) use types::{Column, ColumnType};

#[cfg(test)]
mod tests;
