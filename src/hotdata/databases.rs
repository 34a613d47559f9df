//! Databases.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::http::{Method, Request};

use super::client::Client;
use super::command::{Answer, Call, Command, Spec, about, request};
use super::database_model::DatabaseDetailResponse;

/// Databases ("instant databases"): see [`Client::databases`].
#[derive(Debug)]
pub struct Databases<M> {
    client: Client<M>,
}

impl<M> Client<M> {
    /// Operations about databases.
    pub fn databases(&self) -> Databases<M> {
        Databases { client: self.clone() }
    }
}

impl<M> Databases<M> {
    /// One database with what is attached to it: `GET /v1/databases/{database_id}` (`get_database`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of this id.
    #[doc(alias = "get_database")]
    pub fn get(&self, database_id: impl Into<String>) -> Call<M, GetDatabase> {
        self.client.call(GetDatabase::new(database_id))
    }
}

/// See [`Databases::get`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct GetDatabase {
    /// Its id.
    pub database_id: String,
}

impl GetDatabase {
    /// The one of this id.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self { database_id: database_id.into() }
    }
}

impl Command for GetDatabase {
    type Output = DatabaseDetailResponse;

    fn spec(&self) -> Spec {
        Spec::reads("get_database")
    }

    fn label(&self) -> String {
        about("get_database", &self.database_id)
    }

    fn to_request(&self) -> Result<Request, Error> {
        request(self, Method::Get, "/v1/databases/{database_id}", &[("database_id", &self.database_id)])
    }

    fn read(&self, answer: Answer<'_>) -> Result<DatabaseDetailResponse, Error> {
        answer.json()
    }
}
