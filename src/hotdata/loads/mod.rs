//! Loads of tables.

mod commands;
mod load;
mod model;

pub use commands::{LoadDatabaseTable, LoadManagedTable};
pub use load::{HoldsLoad, Load, LoadAndWait, LoadCommand};
pub use model::{
    ColumnDefinition, ColumnTypeSpec, LoadFormat, LoadManagedTableRequest, LoadManagedTableResponse,
    LoadMode, LoadOutcome,
};

pub(super) use load::check;
