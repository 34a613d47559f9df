//! The spelling of every enum value in statements and payloads.
//!
//! These are the emulator's own, written down from the pages of the Onehouse SQL reference and from the
//! vendor's Python SDK 0.3.0, and not taken from the client: a misspelt word in the client must not agree
//! with one here. Of the client's enums only the variants are used.

use controlplane::onehouse::{
    CatalogType, ClusterState, ClusterType, CredentialType, JobType, LakeType, PartitionType,
    PerformanceProfile, RunnableService, SourceType, TableService, TableType, TransformationType,
    TriggerMode, ValidationType, WriteMode,
};

use serde::Deserializer;

pub(super) use crate::document::words::Word as Spelling;
use crate::document::words::{one_of, one_of_or_none};
use crate::text::shown;

/// An enum of the client, with the emulator's spelling of each value.
pub(super) trait Word: Clone + PartialEq + Sized + 'static {
    /// What it is, for messages: "cluster type".
    const WHAT: &'static str;
    /// The values that the service knows.
    const KNOWN: &'static [(Self, &'static str)];

    /// A value that the service does not know.
    fn other(text: String) -> Self;

    /// The text of a value that the service does not know.
    fn as_other(&self) -> Option<&str>;

    /// The value with exactly this spelling, or any other text.
    fn read_exactly(text: &str) -> Self {
        find(text, Self::KNOWN, |a, b| a == b)
    }

    /// The value with this spelling in any case, or any other text.
    fn read(text: &str) -> Self {
        find(text, Self::KNOWN, str::eq_ignore_ascii_case)
    }

    /// How it is spelt; `None` if the service does not know it.
    fn spelling(&self) -> Option<&'static str> {
        Self::KNOWN.iter().find(|(value, _)| value == self).map(|(_, spelling)| *spelling)
    }

    /// How it is spelt, or the text that is not a known spelling.
    fn text(&self) -> &str {
        self.spelling().or(self.as_other()).unwrap_or_default()
    }

    /// The message for a value that the service does not know.
    fn unknown(&self) -> String {
        let known: Vec<&str> = Self::KNOWN.iter().map(|(_, s)| *s).filter(|s| !s.is_empty()).collect();
        format!("unknown {} {:?}; known values: {}", Self::WHAT, shown(self.text()), known.join(", "))
    }
}

/// Reads a spelling out of a document.
pub(super) fn spelled<'de, W: Word, D: Deserializer<'de>>(from: D) -> Result<Spelling, D::Error> {
    one_of(from, &spellings::<W>())
}

/// Reads a spelling or null out of a document.
pub(super) fn spelled_or_none<'de, W: Word, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Spelling>, D::Error> {
    one_of_or_none(from, &spellings::<W>())
}

fn spellings<W: Word>() -> Vec<Spelling> {
    W::KNOWN.iter().map(|(_, spelling)| *spelling).collect()
}

fn find<W: Word>(text: &str, known: &[(W, &str)], same: fn(&str, &str) -> bool) -> W {
    let found = known.iter().find(|(_, spelling)| same(spelling, text));
    found.map_or_else(|| W::other(text.to_owned()), |(value, _)| value.clone())
}

macro_rules! words {
    ($name:ident, $what:literal, { $($variant:ident => $spelling:literal),+ $(,)? }) => {
        impl Word for $name {
            const WHAT: &'static str = $what;
            const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$variant, $spelling)),+];

            fn other(text: String) -> Self {
                Self::Other(text)
            }

            fn as_other(&self) -> Option<&str> {
                match self {
                    Self::Other(text) => Some(text),
                    _ => None,
                }
            }
        }
    };
}

words!(ClusterType, "cluster type", {
    Managed => "Managed",
    Sql => "SQL",
    Spark => "Spark",
    OpenEngines => "Open_Engines",
    Notebook => "Notebook",
    LakeBase => "LakeBase",
});

words!(ClusterState, "cluster state", {
    Start => "START",
    Stop => "STOP",
});

words!(LakeType, "lake type", {
    Managed => "MANAGED",
    Observed => "OBSERVED",
});

words!(CatalogType, "catalog type", {
    Glue => "GLUE",
    Hive => "HIVE",
    BigQuery => "BIGQUERY",
    DataHub => "DATAHUB",
    OneTable => "ONETABLE",
    Dataproc => "DATAPROC",
    Unity => "UNITY",
    Snowflake => "SNOWFLAKE",
    OneLake => "ONELAKE",
});

words!(CredentialType, "credential type", {
    Onehouse => "CREDENTIAL_TYPE_ONEHOUSE",
    SecretManager => "CREDENTIAL_TYPE_SECRET_MANAGER",
});

words!(SourceType, "source type", {
    ApacheKafka => "APACHE_KAFKA",
    MskKafka => "MSK_KAFKA",
    ConfluentKafka => "CONFLUENT_KAFKA",
    S3 => "S3",
    Gcs => "GCS",
    OnehouseTable => "ONEHOUSE_TABLE",
    Postgres => "POSTGRES",
    MySql => "MY_SQL",
});

words!(WriteMode, "write mode", {
    Immutable => "IMMUTABLE",
    Mutable => "MUTABLE",
});

words!(PerformanceProfile, "performance profile", {
    Balanced => "BALANCED",
    FastestRead => "FASTEST_READ",
    FastestWrite => "FASTEST_WRITE",
});

words!(TableType, "table type", {
    CopyOnWrite => "COPY_ON_WRITE",
    MergeOnRead => "MERGE_ON_READ",
});

words!(PartitionType, "partition type", {
    Plain => "",
    DateString => "DATE_STRING",
    EpochMillis => "EPOCH_MILLIS",
    EpochMicros => "EPOCH_MICROS",
});

words!(TransformationType, "transformation type", {
    ConvertCdc => "CONVERT_CDC",
    RowFiltering => "ROW_FILTERING",
    DerivedDate => "DERIVED_DATE",
    AddCurrentTimestamp => "ADD_CURRENT_TIMESTAMP",
    UserProvided => "USER_PROVIDED",
    DataMasking => "DATA_MASKING",
    ParseJson => "L_PARSE_JSON",
    FlattenStruct => "FLATTEN_STRUCT",
    ExplodeArray => "EXPLODE_ARRAY",
    VectorEmbedding => "VECTOR_EMBEDDING",
});

words!(ValidationType, "validation type", {
    Schema => "SCHEMA",
    Timestamp => "TIMESTAMP",
});

words!(TableService, "table service", {
    Cluster => "CLUSTER",
    Compact => "COMPACT",
    Clean => "CLEAN",
    MetaSync => "METASYNC",
});

words!(RunnableService, "table service", {
    Cluster => "CLUSTER",
    Compact => "COMPACT",
    Clean => "CLEAN",
    MetaSync => "METASYNC",
    AutoSavepoint => "AUTOSAVEPOINT",
    Restore => "RESTORE",
});

words!(TriggerMode, "trigger mode", {
    Automatic => "AUTOMATIC",
    OnDemand => "ON_DEMAND",
});

words!(JobType, "job type", {
    Jar => "JAR",
    Python => "PYTHON",
});
