//! A custom transport, in both modes: it records what a program sends and responds without a network, for
//! tests of your own code.
//!
//! ```text
//! cargo run --example recording_transport
//! ```

use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::Error;
use controlplane::http::{Headers, Method, Request, Response};
use controlplane::onehouse::{AsyncClient, Client, Credentials};
use controlplane::transport::{AsyncTransport, SendError, Transport};

#[derive(Clone, Default)]
struct Recording(Arc<Mutex<Vec<String>>>);

impl Recording {
    fn answer(&self, request: &Request) -> Response {
        let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned();
        let line = format!("{} {} {body}", request.method.as_str(), request.path);
        self.0.lock().unwrap_or_else(|e| e.into_inner()).push(line.trim_end().to_owned());
        let answer = match request.method {
            Method::Post => r#"{"requestId": "recorded"}"#,
            _ => r#"{"apiStatus": "API_OPERATION_STATUS_SUCCESS", "apiResponse": [{"name": "raw"}]}"#,
        };
        Response::new(200, Headers::new(), answer)
    }
}

impl Transport for Recording {
    fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        Ok(self.answer(request))
    }
}

impl AsyncTransport for Recording {
    async fn send(&self, request: &Request, _: Duration) -> Result<Response, SendError> {
        Ok(self.answer(request))
    }
}

/// The code under test.
fn names_of_lakes(client: &Client) -> Result<Vec<String>, Error> {
    let lakes = client.show_lakes().send()?;
    Ok(lakes.rows().iter().filter_map(|row| row.text("name").map(str::to_owned)).collect())
}

fn main() -> Result<(), Error> {
    let credentials = Credentials::builder()
        .env([("HOME", "/nowhere")])
        .account_uid("a")
        .project_uid("p")
        .api_key("k")
        .api_secret("s")
        .link_uid("l")
        .region("us-west-2")
        .user_uid("u")
        .build()?;

    let recording = Recording::default();
    let client = Client::builder().credentials(credentials.clone()).transport(recording.clone()).build()?;
    println!("blocking: {:?}", names_of_lakes(&client)?);

    let client = AsyncClient::builder().credentials(credentials).transport(recording.clone()).build()?;
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() {
        println!("async:    {:?}", runtime.block_on(client.show_lakes().send())?.rows());
    }

    println!("\nrecorded:");
    for line in recording.0.lock().unwrap_or_else(|e| e.into_inner()).iter() {
        println!("  {line}");
    }
    Ok(())
}
