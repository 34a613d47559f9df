//! The driver in both modes, from the one source.

use std::future::ready;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use super::*;
use crate::engine::machine::Caller;
use crate::transport::{AsyncTransport, Transport};

/// Answers in order, and remembers nothing but how many.
struct Scripted(Mutex<std::vec::IntoIter<What>>);

impl Scripted {
    fn new(script: Vec<What>) -> Self {
        Self(Mutex::new(script.into_iter()))
    }

    fn answer(&self) -> Result<Response, SendError> {
        self.0.lock().unwrap().next().unwrap().result()
    }
}

impl Transport for Scripted {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        self.answer()
    }
}

impl AsyncTransport for Scripted {
    fn send(&self, _: &Request, _: Duration) -> impl Future<Output = Result<Response, SendError>> + Send {
        ready(self.answer())
    }
}

/// A clock that sleeping moves.
struct Virtual(Mutex<Instant>);

impl Virtual {
    fn pass(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

impl blocking::driver::Clock for Virtual {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) {
        self.pass(time);
    }
}

impl asynchronous::driver::Clock for Virtual {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.pass(time);
        ready(())
    }
}

fn operation() -> Operation {
    let context =
        CallContext::new("TEST", Settings::default(), Arc::new(Budget::unlimited()), Arc::new(Plain));
    let submit = Request::new(Method::Post, "http://h", "/submit");
    Operation::submit(Arc::new(context), submit, Effect::Changes, accept())
}

fn script() -> Vec<What> {
    vec![What::status(429), taken(), pending(), What::status(502), What::text("done")]
}

#[test]
fn the_driver_in_both_modes_gives_the_same_and_its_future_can_travel() {
    let start = Instant::now();

    let caller = Caller { cancel: None, detach: &drop };
    let clock = Virtual(Mutex::new(start));
    let mut machine = operation();
    let done = blocking::driver::drive(&Scripted::new(script()), &clock, caller, &mut machine, &mut None);
    let took = *clock.0.lock().unwrap() - start;
    assert_eq!(done.unwrap().id, "id-1");
    assert!(took > SECOND);

    fn travels<F: Future + Send>(future: F) -> F {
        future
    }
    let clock = Virtual(Mutex::new(start));
    let transport = Scripted::new(script());
    let (mut machine, mut body) = (operation(), None);
    let drive = asynchronous::driver::drive(&transport, &clock, caller, &mut machine, &mut body);
    // Nothing in it ever has to wait.
    let mut context = TaskContext::from_waker(Waker::noop());
    let Poll::Ready(done) = pin!(travels(drive)).poll(&mut context) else { panic!("it waits") };
    assert_eq!(done.unwrap().id, "id-1");
}
