//! SKUs: the sizes of clusters.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Effect;
use crate::error::Error;
use crate::http::{Method, Request};
use crate::open_enum::strict;

use super::call::Call;
use super::client::Client;
use super::command::{Command, Success};
use super::enums::{CloudProvider, EloqModule, SkuType};
use super::wire::{Spelled, or_default};

/// A SKU: a size of a cluster. Limits may be 0: a free serverless SKU has no CPU and no memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias = "SKUInfo")]
pub struct SkuInfo {
    /// The id, which `cluster_create` takes.
    pub sku_id: i64,
    /// The name: `free`, for example.
    #[serde(default, deserialize_with = "or_default")]
    pub sku_name: String,
    /// The kind of the SKU.
    #[serde(default, deserialize_with = "or_default")]
    pub sku_type: Spelled<SkuType>,
    /// The database.
    #[serde(default, deserialize_with = "or_default")]
    pub module_type: Spelled<EloqModule>,
    /// The version of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub version: String,
    /// CPUs of the transaction service.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_cpu_limit: f64,
    /// Memory of the transaction service, in MiB.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_memory_mi_limit: f64,
    /// Ephemeral volume of the transaction service, in GiB.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_ev_gi_limit: f64,
    /// Persistent volume of the transaction service, in GiB.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_pv_gi_limit: f64,
    /// CPUs of the log service.
    #[serde(default, deserialize_with = "or_default")]
    pub log_cpu_limit: f64,
    /// Memory of the log service, in MiB.
    #[serde(default, deserialize_with = "or_default")]
    pub log_memory_mi_limit: f64,
    /// Persistent volume of the log service, in GiB.
    #[serde(default, deserialize_with = "or_default")]
    pub log_pv_gi_limit: f64,
    /// The cloud provider.
    #[serde(default, deserialize_with = "or_default")]
    pub cloud_provider: Spelled<CloudProvider>,
    /// Replicas of the transaction service.
    #[serde(default, deserialize_with = "or_default")]
    pub tx_replica: i64,
    /// Replicas of the log service.
    #[serde(default, deserialize_with = "or_default")]
    pub log_replica: i64,
}

/// The command of [`Client::get_skus`](crate::eloq::client::Client::get_skus). In JSON each value must be a
/// known one or `{"other": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
#[doc(alias = "SKUListRequest")]
pub struct GetSkus {
    /// The kind of the SKU.
    #[serde(with = "strict")]
    pub sku_type: SkuType,
    /// The database.
    #[serde(with = "strict")]
    pub eloq_module: EloqModule,
    /// The cloud provider.
    #[serde(with = "strict")]
    pub cloud_provider: CloudProvider,
}

impl GetSkus {
    /// Returns the command for the SKUs of this kind, database and cloud.
    pub fn new(sku_type: SkuType, eloq_module: EloqModule, cloud_provider: CloudProvider) -> Self {
        Self { sku_type, eloq_module, cloud_provider }
    }
}

impl Command for GetSkus {
    const NAME: &'static str = "get_skus";

    type Output = Vec<SkuInfo>;

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn label(&self) -> String {
        "reading the SKUs".to_owned()
    }

    fn to_request(&self) -> Result<Request, Error> {
        let mut request = Request::new(Method::Get, "", "/skus-by-args");
        request.query = vec![
            ("type".to_owned(), self.sku_type.to_string()),
            ("eloqModule".to_owned(), self.eloq_module.to_string()),
            ("cloudProvider".to_owned(), self.cloud_provider.to_string()),
        ];
        Ok(request)
    }

    fn read(&self, mut success: Success<'_>) -> Result<Vec<SkuInfo>, Error> {
        match success.envelope.data {
            Some(Value::Null) => Ok(Vec::new()),
            _ => success.data(),
        }
    }
}

/// # SKUs
impl<M> Client<M> {
    /// Returns the SKUs that the plan of the key's user allows.
    ///
    /// `GET skus-by-args`. Needs no project.
    ///
    /// ```
    /// # use controlplane::eloq::{Client, CloudProvider, EloqModule, SkuType};
    /// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
    /// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
    /// let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).send()?;
    /// let free = skus.iter().find(|sku| sku.sku_name.contains("free"));
    /// # assert!(free.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_skus(
        &self,
        sku_type: SkuType,
        eloq_module: EloqModule,
        cloud_provider: CloudProvider,
    ) -> Call<M, GetSkus> {
        self.call(GetSkus::new(sku_type, eloq_module, cloud_provider))
    }
}
