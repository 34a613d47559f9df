//! Advice for errors, and how to recognize a missing cluster.

use crate::error::{Error, ErrorKind};

use super::credentials::DEFAULT_BASE_URL;
use super::protocol::without_passwords;

/// Removes passwords from an error, and adds advice that only EloqCloud needs. `name`: the vendor's name of
/// the call.
pub(super) fn advised(name: &str, error: Error) -> Error {
    let error = match error.body().map(without_passwords) {
        Some(body) => error.with_body(body),
        None => error,
    };
    let is_about_one = matches!(name, "cluster" | "cluster_credentials" | "cluster_delete");
    match error.kind() {
        // It did not come from the server and has its own advice.
        _ if error.status().is_none() => error,
        // The protocol has given its advice, with what looks wrong with the credentials.
        ErrorKind::Authentication => error,
        ErrorKind::PermissionDenied if name == "cluster_delete" => error.with_advice(
            "EloqCloud also returns this if the cluster does not exist or is not `available`: only an available cluster \
             can be deleted.",
        ),
        ErrorKind::PermissionDenied if is_about_one => error
            .with_advice("EloqCloud also returns this if the cluster does not exist. List the existing clusters with `clusters`."),
        ErrorKind::NotFound if is_about_one => {
            error.with_advice("Check the name and the project: `clusters` lists the clusters of the project.")
        }
        ErrorKind::NotFound => {
            error.with_advice(format!("Check the base URL: the default is {DEFAULT_BASE_URL}."))
        }
        ErrorKind::OperationFailed => {
            error.with_advice("EloqCloud gives no reason here; look at the cluster in its console.")
        }
        _ => error,
    }
}

/// Returns true if an error may mean that there is no such cluster. For a missing cluster, EloqCloud returns
/// 404, or 403 with a text like "permission denied or cluster not found". The result is true for every error
/// of the kind [`NotFound`](ErrorKind::NotFound), and for a [`PermissionDenied`](ErrorKind::PermissionDenied)
/// whose message contains "not found".
///
/// ```
/// # use controlplane::eloq::{Client, may_be_missing};
/// # let emulator = controlplane_emulator::eloq::Emulator::start()?;
/// # let client = Client::from_key_and_url(emulator.api_key(), emulator.url())?;
/// match client.cluster("c1").send() {
///     Ok(cluster) => println!("it is {}", cluster.status),
///     Err(error) if may_be_missing(&error) => println!("there is none"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn may_be_missing(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::NotFound => true,
        ErrorKind::PermissionDenied => error.api_message().is_some_and(says_not_found),
        _ => false,
    }
}

pub(super) fn says_not_found(message: &str) -> bool {
    message.to_ascii_lowercase().contains("not found")
}
