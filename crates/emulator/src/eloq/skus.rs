//! The SKUs that there are. Numbers and sizes are made up, in the shape that the vendor's pages show.

use serde_json::{Value, json};

/// One SKU.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sku {
    pub(super) id: i64,
    pub(super) name: &'static str,
    pub(super) sku_type: &'static str,
    pub(super) module: &'static str,
    /// In small letters, as requests and describe have it.
    pub(super) provider: &'static str,
    /// CPUs, memory in MiB, ephemeral and persistent volume in GiB, replicas of the transaction service.
    pub(super) tx: (f64, f64, f64, f64, i64),
    /// CPUs, memory in MiB, persistent volume in GiB, replicas of the log service.
    pub(super) log: (f64, f64, f64, i64),
}

/// The version of the database, in the vendor's form.
pub(super) const VERSION: &str = "nightly-2025-05-16";

const NO_LOG: (f64, f64, f64, i64) = (0.0, 0.0, 0.0, 0);
const LOG: (f64, f64, f64, i64) = (2.0, 1024.0, 4.0, 3);

/// All of them.
pub(super) const SKUS: [Sku; 8] = [
    sku(3, "free", "serverless", "EloqKV", "aws", (0.0, 0.0, 0.0, 0.0, 1), NO_LOG),
    sku(4, "serverless-4", "serverless", "EloqKV", "aws", (0.5, 512.0, 10.0, 0.0, 1), NO_LOG),
    sku(5, "free-doc", "serverless", "EloqDoc", "aws", (0.0, 0.0, 0.0, 0.0, 1), NO_LOG),
    sku(6, "serverless-6", "serverless", "EloqDoc", "aws", (0.5, 512.0, 10.0, 0.0, 1), NO_LOG),
    sku(28, "dedicated-28", "dedicated", "EloqKV", "aws", (4.0, 4096.0, 10.0, 4.0, 1), LOG),
    sku(29, "dedicated-29", "dedicated", "EloqDoc", "aws", (4.0, 4096.0, 10.0, 4.0, 1), LOG),
    sku(40, "serverless-40", "serverless", "EloqKV", "gcp", (0.5, 512.0, 10.0, 0.0, 1), NO_LOG),
    sku(41, "dedicated-41", "dedicated", "EloqKV", "gcp", (4.0, 4096.0, 10.0, 4.0, 1), LOG),
];

const fn sku(
    id: i64,
    name: &'static str,
    sku_type: &'static str,
    module: &'static str,
    provider: &'static str,
    tx: (f64, f64, f64, f64, i64),
    log: (f64, f64, f64, i64),
) -> Sku {
    Sku { id, name, sku_type, module, provider, tx, log }
}

/// One of the list. The alias keeps serde from borrowing it from a document.
pub(super) type Known = &'static Sku;

/// A SKU in a document, by its id.
pub(super) mod by_id {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Known, Sku};

    pub(in super::super) fn serialize<Z: Serializer>(sku: &Known, to: Z) -> Result<Z::Ok, Z::Error> {
        to.serialize_i64(sku.id)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Known, D::Error> {
        let id = i64::deserialize(from)?;
        Sku::find(id).ok_or_else(|| D::Error::custom(format!("there is no SKU {id}")))
    }
}

impl Sku {
    pub(super) fn find(id: i64) -> Option<&'static Self> {
        SKUS.iter().find(|sku| sku.id == id)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "sku_id": self.id,
            "sku_name": self.name,
            "sku_type": self.sku_type,
            "module_type": self.module,
            "version": VERSION,
            "tx_cpu_limit": self.tx.0,
            "tx_memory_mi_limit": self.tx.1,
            "tx_ev_gi_limit": self.tx.2,
            "tx_pv_gi_limit": self.tx.3,
            "log_cpu_limit": self.log.0,
            "log_memory_mi_limit": self.log.1,
            "log_pv_gi_limit": self.log.2,
            "cloud_provider": self.provider.to_ascii_uppercase(),
            "tx_replica": self.tx.4,
            "log_replica": self.log.3,
        })
    }
}

/// The SKUs of this type, database and cloud, all in the words of requests; an error names the one that is
/// unknown.
pub(super) fn list(sku_type: &str, module: &str, provider: &str) -> Result<Value, String> {
    for (what, value, known) in [
        ("type", sku_type, ["serverless", "dedicated"]),
        ("eloqModule", module, ["eloqkv", "eloqdoc"]),
        ("cloudProvider", provider, ["aws", "gcp"]),
    ] {
        if !known.contains(&value) {
            return Err(format!("{what} has to be one of {}", known.join(", ")));
        }
    }
    let fits = |sku: &&Sku| {
        sku.sku_type == sku_type && sku.module.eq_ignore_ascii_case(module) && sku.provider == provider
    };
    Ok(SKUS.iter().filter(fits).map(Sku::to_json).collect())
}
