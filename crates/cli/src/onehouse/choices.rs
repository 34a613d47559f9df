//! Values of which only some are known, in any case.

pub(super) use crate::choices::choice;

pub(super) const CLUSTER_TYPES: &[&str] =
    &["Managed", "SQL", "Spark", "Open_Engines", "Notebook", "LakeBase"];
pub(super) const CLUSTER_STATES: &[&str] = &["START", "STOP"];
pub(super) const LAKE_TYPES: &[&str] = &["MANAGED", "OBSERVED"];
pub(super) const CATALOG_TYPES: &[&str] =
    &["GLUE", "HIVE", "BIGQUERY", "DATAHUB", "ONETABLE", "DATAPROC", "UNITY", "SNOWFLAKE", "ONELAKE"];
pub(super) const CREDENTIAL_TYPES: &[&str] = &["CREDENTIAL_TYPE_ONEHOUSE", "CREDENTIAL_TYPE_SECRET_MANAGER"];
pub(super) const SOURCE_TYPES: &[&str] =
    &["APACHE_KAFKA", "MSK_KAFKA", "CONFLUENT_KAFKA", "S3", "GCS", "ONEHOUSE_TABLE", "POSTGRES", "MY_SQL"];
pub(super) const WRITE_MODES: &[&str] = &["IMMUTABLE", "MUTABLE"];
pub(super) const PERFORMANCE_PROFILES: &[&str] = &["BALANCED", "FASTEST_READ", "FASTEST_WRITE"];
pub(super) const TABLE_TYPES: &[&str] = &["COPY_ON_WRITE", "MERGE_ON_READ"];
pub(super) const FLOW_STATES: &[&str] = &["PAUSE", "RESUME", "CLEAN_AND_RESTART"];
pub(super) const TRANSFORMATION_TYPES: &[&str] = &[
    "CONVERT_CDC",
    "ROW_FILTERING",
    "DERIVED_DATE",
    "ADD_CURRENT_TIMESTAMP",
    "USER_PROVIDED",
    "DATA_MASKING",
    "L_PARSE_JSON",
    "FLATTEN_STRUCT",
    "EXPLODE_ARRAY",
    "VECTOR_EMBEDDING",
];
pub(super) const VALIDATION_TYPES: &[&str] = &["SCHEMA", "TIMESTAMP"];
pub(super) const TABLE_SERVICES: &[&str] = &["CLUSTER", "COMPACT", "CLEAN", "METASYNC"];
pub(super) const RUNNABLE_SERVICES: &[&str] =
    &["CLUSTER", "COMPACT", "CLEAN", "METASYNC", "AUTOSAVEPOINT", "RESTORE"];
pub(super) const TRIGGER_MODES: &[&str] = &["AUTOMATIC", "ON_DEMAND"];
pub(super) const JOB_TYPES: &[&str] = &["JAR", "PYTHON"];

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use controlplane::onehouse::*;
    use serde_json::Value;

    use super::*;

    /// Each list is the one of the SDK's schema, and each value is sent as it is listed.
    #[test]
    fn lists_are_those_of_the_sdk() {
        fn check<E: FromStr<Err: std::fmt::Debug> + ToString>(known: &[&str], schema: &Value, name: &str) {
            let ours = serde_json::to_string(known).unwrap();
            assert!(schema.to_string().contains(&ours), "{name}: {ours} is not in the schema");
            for text in known {
                for typed in [text.to_lowercase(), text.to_uppercase()] {
                    assert_eq!(typed.parse::<E>().unwrap().to_string(), *text);
                }
            }
        }
        let schema = serde_json::from_str(controlplane::onehouse::AnyCommand::schema()).unwrap();
        check::<ClusterType>(CLUSTER_TYPES, &schema, "cluster types");
        check::<ClusterState>(CLUSTER_STATES, &schema, "cluster states");
        check::<LakeType>(LAKE_TYPES, &schema, "lake types");
        check::<CatalogType>(CATALOG_TYPES, &schema, "catalog types");
        check::<CredentialType>(CREDENTIAL_TYPES, &schema, "credential types");
        check::<SourceType>(SOURCE_TYPES, &schema, "source types");
        check::<WriteMode>(WRITE_MODES, &schema, "write modes");
        check::<PerformanceProfile>(PERFORMANCE_PROFILES, &schema, "performance profiles");
        check::<TableType>(TABLE_TYPES, &schema, "table types");
        check::<TransformationType>(TRANSFORMATION_TYPES, &schema, "transformation types");
        check::<ValidationType>(VALIDATION_TYPES, &schema, "validation types");
        check::<TableService>(TABLE_SERVICES, &schema, "table services");
        check::<RunnableService>(RUNNABLE_SERVICES, &schema, "services that can be run");
        check::<TriggerMode>(TRIGGER_MODES, &schema, "trigger modes");
        check::<JobType>(JOB_TYPES, &schema, "job types");
        assert!(schema.to_string().contains(&serde_json::to_string(FLOW_STATES).unwrap()));
    }
}
