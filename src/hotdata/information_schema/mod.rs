//! Tables and columns.

mod commands;
mod model;

pub use commands::{InformationSchema, ListTables};
pub use model::{ColumnInfo, InformationSchemaResponse, TableInfo};
