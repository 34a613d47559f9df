//! Managed tables, by connection.

mod commands;
mod model;
mod profile;

pub use commands::{AddManagedSchema, AddManagedTable, DeleteManagedTable, SetManagedTableConstantPerKey};
pub use model::{
    ManagedSchemaResponse, ManagedTableConstantPerKeyResponse, ManagedTableResponse, NullsOrder,
    PartitionTransform, SchemaDecl, SortDirection, TableDecl, TablePartitionKey, TableSortKey,
    UpdateManagedTableRequest,
};
pub use profile::{
    CategoryValueInfo, ColumnProfileDetail, ColumnProfileInfo, GetTableProfile, TableProfileResponse,
};
