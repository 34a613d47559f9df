//! Typed rows keep every digit, whichever way the rows came.

use controlplane::hotdata::{Client, QueryOutcome, ResultOutcome};
use controlplane::http::Request;
use serde::Deserialize;

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};
use crate::waits::credentials;

#[derive(Debug, PartialEq, Deserialize)]
struct Order {
    id: u128,
    /// Text, so that nothing is rounded.
    customer: Option<String>,
}

/// Rows of which a number needs 128 bits. JSON libraries make a float of it.
const ROWS: [&str; 3] = ["[340282366920938463463374607431768211455, \"ada\"]", "[2, null]", "[3, \"\"]"];

fn orders() -> Vec<Order> {
    let order = |id, customer: Option<&str>| Order { id, customer: customer.map(str::to_owned) };
    vec![order(u128::MAX, Some("ada")), order(2, None), order(3, Some(""))]
}

fn rows(from: usize, to: usize) -> String {
    format!("\"columns\": [\"id\", \"customer\"], \"rows\": [{}]", ROWS[from..to].join(", "))
}

/// `whole`: responses to queries have all rows; else the first one, and the rest is in the result.
fn service(whole: bool, ticket: bool) -> Client {
    let transport = Scripted::new(move |request: &Request, _| {
        let number = |name: &str| -> Option<usize> {
            request.query.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok())
        };
        let text = match &*request.path {
            "/v1/query" if ticket => {
                return Reply::text(202, r#"{"query_run_id": "q1", "status": "running"}"#);
            }
            "/v1/query" | "/v1/queries/s1/execute" if whole => {
                format!("{{\"query_run_id\": \"q1\", {}}}", rows(0, 3))
            }
            "/v1/query" | "/v1/queries/s1/execute" => format!(
                "{{\"query_run_id\": \"q1\", \"result_id\": \"r1\", \"truncated\": true, \"total_row_count\": 3, {}}}",
                rows(0, 1)
            ),
            path if path.starts_with("/v1/query-runs/") => {
                r#"{"id": "q1", "status": "succeeded", "result_id": "r1", "row_count": 3}"#.to_owned()
            }
            _ => {
                let from = number("offset").unwrap_or(0).min(3);
                let to = number("limit").map_or(3, |limit| (from + limit).min(3));
                format!(
                    "{{\"result_id\": \"r1\", \"status\": \"ready\", \"total_row_count\": 3, {}}}",
                    rows(from, to)
                )
            }
        };
        Reply::text(200, text)
    });
    let builder = Client::builder().credentials(credentials()).clock(Leaping::new());
    builder.transport(transport).build().unwrap()
}

fn completed(outcome: QueryOutcome) -> Vec<Order> {
    outcome.completed().unwrap().rows_as().unwrap()
}

#[test]
fn every_way_to_rows_keeps_every_digit() {
    let (whole, parts, background) = (service(true, false), service(false, false), service(false, true));
    assert_eq!(completed(whole.query("S").send().unwrap()), orders());
    assert_eq!(completed(parts.query("S").page_size(2).send().unwrap()), orders());
    assert_eq!(background.query("S").and_wait().send().unwrap().rows_as::<Order>().unwrap(), orders());
    assert_eq!(completed(whole.saved_queries().execute("s1").send().unwrap()), orders());
    let first = parts.saved_queries().execute("s1").send().unwrap();
    assert_eq!(completed(first), orders()[..1]);

    let get = parts.results().get("r1").offset(0).limit(2).send().unwrap();
    assert!(matches!(get, ResultOutcome::Ready(_)));
    assert_eq!(get.json().unwrap().rows_as::<Order>().unwrap(), orders()[..2]);
    let fetched = parts.results().fetch_ready("r1").send().unwrap();
    assert_eq!(fetched.json().unwrap().rows_as::<Order>().unwrap(), orders());
}

#[test]
fn a_row_that_does_not_fit_names_what_it_came_from() {
    #[derive(Debug, Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "it is read, and does not fit")]
        customer: u8,
    }
    let client = service(true, false);
    let response = client.query("S").send().unwrap().completed().unwrap();
    let error = response.rows_as::<Other>().unwrap_err();
    assert_eq!(error.request_id(), Some("q1"));
    assert!(!format!("{error} {error:?}").contains("ada"), "{error}");
    let result = client.results().get("r1").send().unwrap().json().unwrap();
    assert_eq!(result.rows_as::<Other>().unwrap_err().resource(), Some("r1"));
}
