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

    let caller = Caller {
        cancel: None,
        #[cfg(tokens)]
        detach: &drop,
    };
    let clock = Virtual(Mutex::new(start));
    let mut machine = operation();
    blocking::driver::drive(&Scripted::new(script()), &clock, caller, &mut machine, &mut None);
    let took = *clock.0.lock().unwrap() - start;
    assert_eq!(machine.finish().unwrap().id, "id-1");
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
    assert!(pin!(travels(drive)).poll(&mut context).is_ready(), "it waits");
    assert_eq!(machine.finish().unwrap().id, "id-1");
}

/// Opens one stream, and keeps what came of it.
#[cfg(streams)]
#[derive(Default)]
struct OpensOne {
    limit: usize,
    came: Option<Result<Response, SendError>>,
}

#[cfg(streams)]
impl Steps for OpensOne {
    fn next(&mut self, _: Instant) -> Step {
        if self.came.is_some() {
            return Step::Done;
        }
        let mut request = Request::new(Method::Get, "http://h", "/log");
        request.max_response_body = self.limit;
        Step::Open { request: Arc::new(request), timeout: 30 * SECOND, idle: 60 * SECOND }
    }

    fn on(&mut self, _: Now, event: Event) {
        match event {
            Event::Response(response) => self.came = Some(response),
            event => panic!("not expected here: {event:?}"),
        }
    }
}

#[cfg(streams)]
impl Machine for OpensOne {
    type Output = Result<Response, SendError>;

    fn finish(&mut self) -> Result<Self::Output, Error> {
        Ok(self.came.take().unwrap())
    }
}

/// Answers a request for a stream with a 503 whose body comes in these pieces, each after so long.
#[cfg(streams)]
struct Refuses {
    clock: Arc<Virtual>,
    each: Duration,
    pieces: Vec<Option<&'static [u8]>>,
    read: Arc<Mutex<usize>>,
}

#[cfg(streams)]
impl Refuses {
    /// The pieces one after the other; after `None` the connection breaks.
    fn next(&self) -> impl FnMut() -> Result<Option<Vec<u8>>, SendError> + Send + 'static {
        let (clock, each, read) = (self.clock.clone(), self.each, self.read.clone());
        let mut pieces = self.pieces.clone().into_iter();
        move || {
            *read.lock().unwrap() += 1;
            clock.pass(each);
            match pieces.next() {
                Some(Some(piece)) => Ok(Some(piece.to_vec())),
                Some(None) => Err(SendError::new(SendErrorKind::Closed, true, "it broke")),
                None => Ok(None),
            }
        }
    }
}

#[cfg(streams)]
impl Transport for Refuses {
    fn send(&self, _: &Request, _: Duration) -> Result<Response, SendError> {
        unreachable!("a stream is opened")
    }

    fn open(
        &self,
        _: &Request,
        _: Duration,
        _: Duration,
    ) -> Result<crate::transport::Opened<crate::transport::Pieces>, SendError> {
        let body = crate::transport::Pieces::new(self.next());
        Ok(crate::transport::Opened::new(503, Headers::new(), body))
    }
}

#[cfg(streams)]
impl AsyncTransport for Refuses {
    fn send(&self, _: &Request, _: Duration) -> impl Future<Output = Result<Response, SendError>> + Send {
        ready(Err(SendError::new(SendErrorKind::InvalidRequest, false, "a stream is opened")))
    }

    fn open(
        &self,
        _: &Request,
        _: Duration,
        _: Duration,
    ) -> impl Future<Output = Result<crate::transport::Opened<crate::transport::AsyncPieces>, SendError>> + Send
    {
        let mut next = self.next();
        let body = crate::transport::AsyncPieces::new(move |_| Poll::Ready(next()));
        ready(Ok(crate::transport::Opened::new(503, Headers::new(), body)))
    }
}

/// What became of a stream that was refused, and how many pieces were asked for: the same in both modes.
#[cfg(streams)]
fn refused(
    limit: usize,
    each: Duration,
    pieces: &[Option<&'static [u8]>],
) -> (Result<Vec<u8>, SendErrorKind>, usize) {
    let mut both = Vec::new();
    for is_async in [false, true] {
        let clock = Arc::new(Virtual(Mutex::new(Instant::now())));
        let read = Arc::new(Mutex::new(0));
        let transport = Refuses { clock: clock.clone(), each, pieces: pieces.to_vec(), read: read.clone() };
        let caller = Caller { cancel: None, detach: &drop };
        let (mut machine, mut body) = (OpensOne { limit, came: None }, None);
        if is_async {
            let drive = asynchronous::driver::drive(&transport, &*clock, caller, &mut machine, &mut body);
            let mut context = TaskContext::from_waker(Waker::noop());
            assert!(pin!(drive).poll(&mut context).is_ready(), "it waits");
        } else {
            blocking::driver::drive(&transport, &*clock, caller, &mut machine, &mut None);
        }
        let bytes = machine.finish().unwrap().map(|response| {
            assert_eq!(response.status, 503);
            response.body
        });
        both.push((bytes.map_err(|error| error.kind()), *read.lock().unwrap()));
    }
    assert_eq!(both[0], both[1]);
    both.remove(0)
}

/// A request for a stream that is answered with another status than 200: the body says why, is bounded in
/// length and time, and is whole unless it is cut.
#[cfg(streams)]
#[test]
fn the_body_of_a_refused_stream_is_read_to_its_end_within_bounds() {
    const LARGE: usize = crate::error::MAX_KEPT_BODY * 16;
    static LONG: [u8; LARGE] = [b'x'; LARGE];
    let two: [Option<&[u8]>; 2] = [Some(b"too "), Some(b"busy")];
    assert_eq!(refused(usize::MAX, SECOND, &two), (Ok(b"too busy".to_vec()), 3));
    assert_eq!(refused(usize::MAX, SECOND, &[]), (Ok(Vec::new()), 1));
    // The request's own limit, at a piece's end and within one.
    assert_eq!(refused(4, SECOND, &two), (Ok(b"too ".to_vec()), 1));
    assert_eq!(refused(6, SECOND, &two), (Ok(b"too bu".to_vec()), 2));
    // What is kept at the most, of a body without an end.
    let (bytes, read) =
        refused(usize::MAX, Duration::ZERO, &[Some(&LONG[..LARGE - 1]), Some(&LONG), Some(&LONG)]);
    assert_eq!((bytes.unwrap().len(), read), (LARGE, 2));
    // Drop by drop: the time of the request is that of its answer. What has arrived by then is read.
    let drops = [Some(&b"x"[..]); 100];
    let (bytes, read) = refused(usize::MAX, SECOND, &drops);
    assert_eq!((bytes.unwrap().len(), read), (30, 30));
    // A body that was cut is not a whole answer.
    let cut = [Some(&b"too "[..]), None];
    assert_eq!(refused(usize::MAX, SECOND, &cut), (Err(SendErrorKind::Closed), 2));
}
