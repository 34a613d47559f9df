//! EloqCloud's waits in virtual time: when they ask, what they bear, when they give up. No sockets, and
//! nobody sleeps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use controlplane::eloq::{Client, ClientBuilder, ClusterStatus, Credentials};
use controlplane::http::{Method, Request, Response};
use controlplane::transport::{SendError, SendErrorKind, Transport};
use controlplane::{Clock, ErrorKind, Progress};
use serde_json::json;

use crate::clock::Leaping;
use crate::scripted::{Reply, Scripted};

const ORG: &str = r#"{"code": 0, "message": "success", "data": {"org_info": {"org_id": 1, "projects": [{"project_id": 147}]}}}"#;
const TAKEN: &str = r#"{"code": 200, "message": "", "data": null}"#;

/// A world in which time passes when somebody sleeps, and while a request is on its way.
#[derive(Clone)]
struct World {
    clock: Leaping,
    sent: Arc<Mutex<Vec<Sent>>>,
}

#[derive(Clone, Debug)]
struct Sent {
    at: Duration,
    /// How long it may take.
    limit: Duration,
    method: Method,
    path: String,
}

impl World {
    fn new() -> Self {
        Self { clock: Leaping::new(), sent: Arc::default() }
    }

    fn now(&self) -> Duration {
        self.clock.slept.lock().unwrap().iter().sum()
    }

    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// When the cluster was asked for, in seconds.
    fn polls(&self) -> Vec<f64> {
        let sent = self.sent();
        sent.iter().filter(|s| s.path.ends_with("/clusters/c1")).map(|s| s.at.as_secs_f64()).collect()
    }

    fn count(&self, method: Method) -> usize {
        self.sent().iter().filter(|s| s.method == method).count()
    }
}

/// A script whose responses take so long.
struct Slow {
    world: World,
    latency: Duration,
    script: Scripted,
}

impl Transport for Slow {
    fn send(&self, request: &Request, limit: Duration) -> Result<Response, SendError> {
        let at = self.world.now();
        let Request { method, path, .. } = request.clone();
        self.world.sent.lock().unwrap().push(Sent { at, limit, method, path });
        let late = self.latency > limit;
        self.world.clock.sleep(self.latency.min(limit));
        if late {
            return Err(SendError::new(SendErrorKind::Timeout, true, "no answer in time"));
        }
        Transport::send(&self.script, request, limit)
    }
}

/// A client in a world where a cluster answers like this, by the seconds that have passed.
fn credentials() -> Credentials {
    Credentials::builder().api_key("key").base_url("http://eloq.test").build().unwrap()
}

fn client(world: &World, cluster: impl Fn(f64) -> Reply + Send + Sync + 'static) -> ClientBuilder {
    let seconds = world.clone();
    let script = Scripted::new(move |request, _| match (request.method, request.path.as_str()) {
        (_, "/org-info") => Reply::text(200, ORG),
        (Method::Get, _) => cluster(seconds.now().as_secs_f64()),
        _ => Reply::text(200, TAKEN),
    });
    let transport = Slow { world: world.clone(), latency: Duration::ZERO, script };
    Client::builder().credentials(credentials()).transport(transport).clock(world.clock.clone())
}

fn cluster(status: &str, elb_addr: &str) -> Reply {
    let data = json!({
        "display_cluster_name": "c1", "status": status, "elb_addr": elb_addr, "elb_port": 6378,
        "elb_state": "active", "admin_user": "MTQ3LWMx", "admin_password": "c2VjcmV0",
    });
    Reply::text(200, json!({"code": 0, "message": "success", "data": data}).to_string())
}

fn refused(status: u16, message: &str) -> Reply {
    Reply::text(status, json!({"code": status, "message": message, "data": null}).to_string())
}

#[test]
fn it_asks_at_once_and_then_ever_less_often_for_a_quarter_of_an_hour() {
    let world = World::new();
    let client = client(&world, |_| cluster("provisioning", "")).build().unwrap();
    let error = client.cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap_err();
    let polls = world.polls();
    assert_eq!(polls[..6], [0.0, 5.0, 12.5, 23.75, 40.625, 65.9375]);
    assert!(polls[6..].windows(2).all(|pair| pair[1] - pair[0] <= 30.0), "{polls:?}");
    assert!(polls.last().unwrap() > &898.0 && world.now() <= Duration::from_secs(900), "{polls:?}");
    assert_eq!((error.kind(), error.resource()), (ErrorKind::OperationTimeout, Some("c1")));
    assert_eq!(error.api_status(), Some("provisioning"));
    assert_eq!(world.count(Method::Post), 1);
}

#[test]
fn the_clients_own_time_counts_if_it_is_longer_and_the_calls_always() {
    for (own, call, seconds) in [(60, None, 900), (3600, None, 3600), (3600, Some(20), 20)] {
        let world = World::new();
        let client = client(&world, |_| cluster("provisioning", ""));
        let client = client.timeout(Duration::from_secs(own)).build().unwrap();
        let mut wait = client.wait_for_cluster("c1");
        if let Some(call) = call {
            wait = wait.timeout(Duration::from_secs(call));
        }
        let error = wait.send().unwrap_err();
        assert!(error.is_timeout(), "{error}");
        let (now, all) = (world.now(), Duration::from_secs(seconds));
        assert!(now <= all && now + Duration::from_secs(2) >= all, "{now:?}, not {all:?}");
    }
}

#[test]
fn a_new_cluster_may_be_unknown_for_half_a_minute() {
    let world = World::new();
    let late =
        client(
            &world,
            |at| {
                if at < 29.0 { refused(404, "cluster not found") } else { cluster("available", "h") }
            },
        );
    late.build().unwrap().cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap();

    for status in [404, 403] {
        let world = World::new();
        let never = client(&world, move |_| refused(status, "permission denied or cluster not found"));
        let error =
            never.build().unwrap().cluster_create("c1", "us-west-1", 3).and_wait().send().unwrap_err();
        assert_eq!((error.status(), error.resource()), (Some(status), Some("c1")), "{error}");
        assert!(error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::PermissionDenied);
        let last = *world.polls().last().unwrap();
        assert!((30.0..60.0).contains(&last), "{last}");
    }
}

/// A wait for something that another program has made, or nobody: no error says that something may still be
/// running.
#[test]
fn a_cluster_that_was_never_seen_is_not_said_to_be_on_its_way() {
    for status in [404, 403] {
        let world = World::new();
        let client = client(&world, move |_| refused(status, "permission denied or cluster not found"));
        let error = client.build().unwrap().wait_for_cluster("c1").send().unwrap_err();
        assert_eq!((error.status(), error.resource()), (Some(status), Some("c1")), "{error}");
        // It may be so new that the service does not know it yet.
        let last = *world.polls().last().unwrap();
        assert!((30.0..60.0).contains(&last), "{last}");
        assert!(!error.to_string().contains("running") && !error.is_resumable(), "{error}");
    }
    let world = World::new();
    let client = client(&world, |_| Reply::text(503, "busy")).timeout(Duration::from_secs(60));
    let wait = client.build().unwrap().wait_for_cluster("c1").timeout(Duration::from_secs(60));
    let error = wait.send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationTimeout, None), "{error}");
    assert_eq!(error.resource(), Some("c1"));
    assert!(!error.to_string().contains("running"), "{error}");
    assert!(error.to_string().contains("HTTP 503"), "{error}");
}

#[test]
fn a_cluster_is_usable_when_everything_for_connecting_is_there() {
    let world = World::new();
    let statuses = Arc::new(Mutex::new(Vec::new()));
    let seen = statuses.clone();
    let client = client(&world, |at| match at {
        at if at < 6.0 => cluster("provisioning", ""),
        at if at < 20.0 => cluster("IDLE", ""),
        _ => cluster("IDLE", "h"),
    });
    let wait = client.build().unwrap().cluster_create("c1", "us-west-1", 3).and_wait().on_progress(
        move |progress| {
            if let Progress::Polled { status, .. } = progress {
                seen.lock().unwrap().push(status.clone());
            }
        },
    );
    assert_eq!(wait.send().unwrap().status, ClusterStatus::Idle);
    let statuses = statuses.lock().unwrap();
    assert_eq!(*statuses, ["provisioning", "provisioning", "IDLE, but without host"]);
}

#[test]
fn a_deletion_that_does_not_happen_is_over_with_the_time() {
    let world = World::new();
    let client =
        client(&world, |at| cluster(if at < 60.0 { "deleting_error_retrying" } else { "available" }, "h"));
    let error = client.build().unwrap().cluster_delete("c1").and_wait().send().unwrap_err();
    assert_eq!((error.kind(), error.api_status()), (ErrorKind::OperationTimeout, Some("available")));
    assert_eq!(world.count(Method::Delete), 1);
    assert!(world.now() > Duration::from_secs(890));
}

#[test]
fn what_may_pass_is_borne_to_the_end() {
    let world = World::new();
    let client = client(&world, |at| match at {
        at if at < 100.0 => Reply::text(503, "busy"),
        at if at < 200.0 => Reply::Fails(SendErrorKind::Closed, true),
        at if at < 300.0 => refused(429, "too many requests"),
        at if at < 400.0 => Reply::text(200, json!({"code": 500, "message": "stale"}).to_string()),
        _ => refused(404, "cluster not found"),
    });
    client.build().unwrap().cluster_delete("c1").and_wait().send().unwrap();
    assert!(world.now() > Duration::from_secs(400));
    assert_eq!(world.count(Method::Delete), 1);
}

/// One deadline: what org-info has used up is gone.
#[test]
fn the_deadline_covers_org_info_too() {
    let build = |latency: u64| {
        let world = World::new();
        let script = Scripted::new(|request, _| match request.path.as_str() {
            "/org-info" => Reply::text(200, ORG),
            _ => cluster("available", "h"),
        });
        let transport = Slow { world: world.clone(), latency: Duration::from_secs(latency), script };
        let client = Client::builder().credentials(credentials()).transport(transport);
        (client.clock(world.clock.clone()).timeout(Duration::from_secs(10)).build().unwrap(), world)
    };
    let (client, world) = build(4);
    client.cluster("c1").send().unwrap();
    let limits: Vec<u64> = world.sent().iter().map(|s| s.limit.as_secs()).collect();
    assert_eq!(limits, [10, 6]);

    let (client, world) = build(6);
    let error = client.cluster("c1").send().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(world.now(), Duration::from_secs(10));
    // What was learned on the way is kept: the next call needs one request only.
    client.cluster("c1").send().unwrap();
    assert_eq!(world.sent().len(), 3);

    // A creation that was not sent for lack of time is not an unknown outcome.
    let (client, world) = build(11);
    let error = client.cluster_create("c1", "us-west-1", 3).send().unwrap_err();
    assert!(error.is_timeout() && error.kind() == ErrorKind::Transport, "{error}");
    assert!(error.to_string().contains("(reading org-info)"), "{error}");
    assert_eq!(world.count(Method::Post), 0);
}

/// The password shows neither in the error of a wait nor in its progress.
#[test]
fn errors_and_progress_have_no_password() {
    let world = World::new();
    let told = Arc::new(Mutex::new(String::new()));
    let seen = told.clone();
    let client =
        client(&world, |at| cluster(if at < 20.0 { "starting" } else { "failed" }, "h")).build().unwrap();
    let wait = client.wait_for_cluster("c1").on_progress(move |progress| {
        seen.lock().unwrap().push_str(&format!("{progress:?} {progress}"));
    });
    let error = wait.send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    let all =
        format!("{error} {error:?} {:?} {:?} {}", error.body(), error.api_response(), told.lock().unwrap());
    assert!(!all.contains("c2VjcmV0") && !all.contains("secret"), "{all}");
    assert_eq!(error.api_response(), Some(&json!({"elb_state": "active", "region": "", "zone": ""})));
}
