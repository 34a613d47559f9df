//! Loads of rows into tables.

mod any;
mod commands;
mod load;
mod model;

pub use any::AnyLoad;
pub use commands::{LoadDatabaseTable, LoadManagedTable};
pub use load::{Load, LoadAndWait};
pub use model::{
    ColumnDefinition, ColumnTypeSpec, LoadFormat, LoadManagedTableRequest, LoadManagedTableResponse,
    LoadMode, LoadOutcome,
};

pub(super) use load::{HoldsLoad, LoadCommand, check};
