//! The look-up of the service: with the first call, within its time, once for many calls.

use super::*;
use crate::client::{Action, Call};
use crate::engine::machine::{Detached, Event, Now, Step, Steps};
use crate::engine::{BoxMachine, Machine};
use crate::error::ErrorKind;
use crate::h2o_workflows::ListWorkflows;

const CLOUD: &str = "https://cloud.test";

/// A cloud with a service, an issuer and a workflow.
fn cloud(request: &Request) -> Result<Response, SendError> {
    let url = request.url();
    let text = match url.strip_prefix(CLOUD).unwrap_or(&url).split('?').next().unwrap_or_default() {
        "/.ai.h2o.cloud.discovery/v1/environment" => {
            r#"{"environment": {"h2oCloudEnvironment": "https://cloud.test", "issuerUrl": "https://auth.test"}}"#
        }
        "/.ai.h2o.cloud.discovery/v1/services" => {
            r#"{"services": [{"name": "services/workflows", "uri": "https://w.test/"}]}"#
        }
        "/.ai.h2o.cloud.discovery/v1/clients" => {
            r#"{"clients": [{"name": "clients/platform", "oauth2ClientId": "id"}]}"#
        }
        "https://auth.test/.well-known/openid-configuration" => {
            r#"{"token_endpoint": "https://auth.test/token"}"#
        }
        "https://auth.test/token" => r#"{"access_token": "access", "expires_in": 300}"#,
        _ => r#"{"workflows": []}"#,
    };
    answer(200, text)
}

fn credentials() -> Credentials {
    let builder = Credentials::builder().environment(CLOUD).platform_token("refresh");
    builder.env([("HOME", "/nonexistent")]).build().unwrap()
}

const LOOK_UP: [&str; 5] = [
    "GET https://cloud.test/.ai.h2o.cloud.discovery/v1/environment",
    "GET https://cloud.test/.ai.h2o.cloud.discovery/v1/services",
    "GET https://cloud.test/.ai.h2o.cloud.discovery/v1/clients",
    "GET https://auth.test/.well-known/openid-configuration",
    "POST https://auth.test/token",
];

#[test]
fn the_first_call_looks_the_service_up() {
    let world = World::new(cloud);
    let client = world.builder().credentials(credentials()).build().unwrap();
    assert_eq!((client.endpoint(), world.asked().len()), (None, 0));
    for _ in 0..2 {
        client.workflow().list_workflows("workspaces/w").send().unwrap();
    }
    let list = "GET https://w.test/v1/workspaces/w/workflows";
    assert_eq!(world.asked(), [&LOOK_UP[..], &[list, list]].concat());
    assert_eq!(client.endpoint(), Some(SERVICE));

    // A login does the same before any call, and requests the version.
    let world = World::new(cloud);
    let client = world.builder().credentials(credentials()).login().unwrap();
    assert_eq!(world.asked(), [&LOOK_UP[..], &["GET https://w.test/version"]].concat());
    client.workflow().list_workflows("workspaces/w").send().unwrap();
    assert_eq!(world.asked().len(), 7);
}

#[test]
fn clients_with_the_same_credentials_share_what_was_looked_up() {
    let (world, credentials) = (World::new(cloud), credentials());
    for _ in 0..2 {
        let client = world.builder().credentials(credentials.clone()).build().unwrap();
        client.workflow().list_workflows("workspaces/w").send().unwrap();
    }
    assert_eq!((world.count("cloud.test"), world.count("/token")), (3, 1));
}

#[test]
fn nothing_is_looked_up_for_a_call_that_cannot_be_sent() {
    let world = World::new(cloud);
    let client = world.builder().credentials(credentials()).build().unwrap();
    let error = client.workflow().get_workflow("f").send().unwrap_err();
    assert_eq!((error.kind(), world.asked().len()), (ErrorKind::InvalidArgument, 0));
    let error = Client::offline().workflow().get_workflow(WORKFLOW).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
}

#[test]
fn a_look_up_that_fails_fails_its_call_and_is_made_again_by_the_next_one() {
    let mut is_down = true;
    let world = World::new(move |request| {
        if request.path.is_empty() && request.base_url.ends_with("/services") && std::mem::take(&mut is_down)
        {
            return answer(404, "nothing here");
        }
        cloud(request)
    });
    let client = world.builder().credentials(credentials()).build().unwrap();
    let error = client.workflow().get_workflow(WORKFLOW).send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
    let text = error.to_string();
    assert!(text.contains("get_workflow") && text.contains("cloud.test (services)"), "{text}");
    client.workflow().list_workflows("workspaces/w").send().unwrap();
}

#[test]
fn the_time_of_the_call_covers_the_look_up() {
    for is_login in [true, false] {
        let world = World::new(|request| {
            if request.base_url.contains("cloud.test") { answer(503, "") } else { cloud(request) }
        });
        let start = world.now();
        let builder = world.builder().credentials(credentials()).timeout(Duration::from_secs(3));
        let error = match is_login {
            true => builder.login().map(drop),
            false => builder.build().unwrap().workflow().list_workflows("workspaces/w").send().map(drop),
        };
        let error = error.unwrap_err();
        assert!(world.since(start) <= Duration::from_secs(3), "{:?}", world.since(start));
        assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    }
}

/// Two calls of one client as machines, to be run step by step.
struct Two {
    world: World,
    machines: Vec<BoxMachine<crate::h2o_workflows::WorkflowsPage>>,
}

impl Two {
    fn new() -> Self {
        let world = World::new(cloud);
        let client = world.builder().credentials(credentials()).build().unwrap();
        let machine = || {
            let call = client.workflow().list_workflows("workspaces/w");
            let Call { command, options, .. } = &call;
            ListWorkflows::start(command, client.shared.core(), options).unwrap().0
        };
        Self { machines: vec![machine(), machine()], world }
    }

    fn now(&self) -> Now {
        Now { at: self.world.now(), wall: SystemTime::UNIX_EPOCH }
    }

    /// True if the machine sends a request; it is not answered.
    fn sends(&mut self, machine: usize) -> bool {
        let now = self.world.now();
        matches!(self.machines[machine].next(now), Step::Send { .. })
    }

    fn waits(&mut self, machine: usize) -> bool {
        let now = self.world.now();
        matches!(self.machines[machine].next(now), Step::Wait(_))
    }

    /// Reports the response to the request in flight, and runs the machine to its end.
    fn finish(
        &mut self,
        machine: usize,
        mut first: Option<Result<Response, SendError>>,
    ) -> Result<(), Error> {
        loop {
            let now = self.now();
            if let Some(response) = first.take() {
                self.machines[machine].on(now, Event::Response(response));
            }
            match self.machines[machine].next(now.at) {
                Step::Send { request, timeout } => first = Some(self.world.send(&request, timeout)),
                Step::Wait(time) => self.world.sleep(time),
                Step::Detach(Detached(mut renewal)) => run(&self.world, &mut *renewal),
                Step::Done => return self.machines[machine].finish().map(drop),
                step => panic!("not expected here: {step:?}"),
            }
        }
    }
}

/// Runs a renewal to its end.
fn run(world: &World, renewal: &mut dyn Machine<Output = ()>) {
    loop {
        let now = Now { at: world.now(), wall: SystemTime::UNIX_EPOCH };
        match renewal.next(now.at) {
            Step::Send { request, timeout } => {
                renewal.on(now, Event::Response(world.send(&request, timeout)));
            }
            Step::Done => return,
            step => panic!("not expected here: {step:?}"),
        }
    }
}

fn environment() -> Option<Result<Response, SendError>> {
    let url = format!("{CLOUD}/.ai.h2o.cloud.discovery/v1/environment");
    Some(cloud(&Request::new(Method::Get, url, "")))
}

#[test]
fn of_many_calls_one_looks_up() {
    let mut two = Two::new();
    assert!(two.sends(0) && two.waits(1) && two.waits(1));
    two.finish(0, environment()).unwrap();
    two.finish(1, None).unwrap();
    assert_eq!((two.world.count("discovery"), two.world.count("/token")), (2, 1));
}

#[test]
fn calls_that_wait_for_a_look_up_fail_with_it() {
    let mut two = Two::new();
    assert!(two.sends(0) && two.waits(1));
    for error in [two.finish(0, Some(answer(404, ""))), two.finish(1, None)] {
        assert_eq!(error.unwrap_err().status(), Some(404));
    }
    assert!(two.world.asked().is_empty());
}

#[test]
fn a_look_up_that_is_given_up_is_taken_over() {
    // Dropped, or cancelled: either way it is about that call alone.
    for is_dropped in [true, false] {
        let mut two = Two::new();
        assert!(two.sends(0) && two.waits(1));
        let now = two.now();
        if is_dropped {
            two.machines.swap_remove(0);
        } else {
            two.machines[0].on(now, Event::Cancelled);
            let error = two.machines[0].finish().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            two.machines.swap(0, 1);
        }
        two.world.sleep(Duration::from_millis(10));
        assert!(two.sends(0), "{is_dropped}");
        two.finish(0, environment()).unwrap();
    }
}

#[test]
fn a_call_waits_no_longer_than_its_time_for_the_look_up_of_another() {
    let mut two = Two::new();
    assert!(two.sends(0) && two.waits(1));
    let start = two.world.now();
    let error = two.finish(1, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    let expected = "looking up H2O Workflows: timed out after 60.0 s while another call was looking it up\n";
    assert!(error.to_string().contains(expected), "{error}");
    assert_eq!(two.world.since(start), Duration::from_secs(60));
}
