//! One request, sent once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::Once;
use super::at;
use crate::engine::Machine;
use crate::engine::machine::{Event, Step, Steps};
use crate::http::{Method, Request};
use crate::transport::SendErrorKind;

#[test]
fn a_request_that_is_sent_once_is_not_sent_after_a_cancel() {
    let request = Arc::new(Request::new(Method::Post, "https://api.test", "/v1/x"));
    let mut once = Once::new(request, Duration::from_secs(30));
    let now = Instant::now();
    once.on(at(now), Event::Cancelled);
    assert!(matches!(once.next(now), Step::Done));
    let error = once.finish().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_sent()), (SendErrorKind::Cancelled, false));
}
