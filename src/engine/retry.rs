//! What may be repeated, and after how long. The only file that names the crate `backoff`.

use std::time::{Duration, SystemTime};

use backoff::backoff::Backoff;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};

use crate::http::{LONGEST, Response};
use crate::transport::{SendError, SendErrorKind};

/// What a command does to the server, which decides whether it may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// Sending it again does no harm: it reads, or its repetition changes nothing.
    Repeatable,
    /// It changes something. It is never sent again after it may have been taken.
    Changes,
}

/// The longest `Retry-After` that is waited out; a longer one is cut to it.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);
/// The shortest time between two polls. Shorter ones count as this.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(10);

/// How often a request that failed is sent again, and after how long.
///
/// Default: 3 retries, 0.5 s × 2, at most 8 s, half of it by chance. What may be repeated at all is not a matter
/// of this policy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is sent again, at most. 0: never.
    pub retries: u32,
    /// The delay before the first retry.
    pub first_delay: Duration,
    /// What each delay is multiplied with to get the next; less than 1 counts as 1.
    pub factor: f64,
    /// The longest delay.
    pub max_delay: Duration,
    /// How much of a delay is left to chance: with 0.5 a delay of 4 s is between 2 s and 6 s. 0 to 1.
    pub jitter: f64,
    /// Chance only adds: with a jitter of 0.5 a delay of 4 s is between 4 s and 6 s, but no longer than the longest. And a
    /// `Retry-After` replaces the delay, is not cut to a minute, and chance adds to it too. Default: false.
    pub on_top: bool,
    /// No attempt begins later than this after the first. Default: none but the time of the call.
    pub deadline: Option<Duration>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 3,
            first_delay: Duration::from_millis(500),
            factor: 2.0,
            max_delay: Duration::from_secs(8),
            jitter: 0.5,
            on_top: false,
            deadline: None,
        }
    }
}

impl RetryPolicy {
    /// The default policy with another number of retries.
    pub fn retries(retries: u32) -> Self {
        Self { retries, ..Self::default() }
    }

    pub(crate) fn schedule(&self) -> Schedule {
        if !self.on_top {
            return Schedule::new(self.first_delay, self.factor, self.max_delay, self.jitter);
        }
        let jitter = if self.jitter.is_finite() { self.jitter.clamp(0.0, 1.0) } else { 0.0 };
        let mut schedule = Schedule::new(self.first_delay, self.factor, self.max_delay, 0.0);
        schedule.on_top = Some(OnTop { jitter, dice: Schedule::new(DICE, 1.0, DICE, 1.0).delays });
        schedule
    }
}

/// How long to wait between two polls at an operation.
///
/// Default (the vendor's): 1 s × 1.5, at most 10 s, nothing left to chance. The first poll is at once.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PollPolicy {
    /// The first interval; less than 10 ms counts as 10 ms.
    pub interval: Duration,
    /// What each interval is multiplied with to get the next; less than 1 counts as 1.
    pub factor: f64,
    /// The longest interval.
    pub max_interval: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self { interval: Duration::from_secs(1), factor: 1.5, max_interval: Duration::from_secs(10) }
    }
}

impl PollPolicy {
    /// The default policy with another first interval.
    pub fn every(interval: Duration) -> Self {
        let policy = Self::default();
        Self { max_interval: policy.max_interval.max(interval), interval, ..policy }
    }

    pub(crate) fn schedule(&self) -> Schedule {
        Schedule::new(
            self.interval.max(MIN_POLL_INTERVAL),
            self.factor,
            self.max_interval.max(MIN_POLL_INTERVAL),
            0.0,
        )
    }
}

/// Delays, one after the other.
#[derive(Debug)]
pub(crate) struct Schedule {
    delays: ExponentialBackoff,
    on_top: Option<OnTop>,
}

/// Chance that only adds.
#[derive(Debug)]
struct OnTop {
    jitter: f64,
    /// Gives anything up to twice [`DICE`].
    dice: ExponentialBackoff,
}

/// What the dice of [`OnTop`] give on average.
const DICE: Duration = Duration::from_secs(1);

impl OnTop {
    /// This much, and some by chance.
    fn added_to(&mut self, delay: Duration) -> Duration {
        let thrown = self.dice.next_backoff().unwrap_or_default().as_secs_f64() / (2.0 * DICE.as_secs_f64());
        let more = delay.min(LONGEST).as_secs_f64() * self.jitter * thrown.clamp(0.0, 1.0);
        delay.saturating_add(Duration::from_secs_f64(more))
    }
}

impl Schedule {
    fn new(first: Duration, factor: f64, max: Duration, jitter: f64) -> Self {
        let max = max.min(LONGEST);
        let factor = if factor.is_finite() { factor.max(1.0) } else { 1.0 };
        let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
        let delays = ExponentialBackoffBuilder::new()
            .with_initial_interval(first.min(max))
            .with_multiplier(factor)
            .with_max_interval(max)
            .with_randomization_factor(jitter)
            .with_max_elapsed_time(None)
            .build();
        Self { delays, on_top: None }
    }

    pub(crate) fn next(&mut self) -> Duration {
        // It only ends with a largest elapsed time, and there is none.
        let delay = self.delays.next_backoff().unwrap_or(self.delays.max_interval);
        match &mut self.on_top {
            Some(chance) => chance.added_to(delay).min(self.delays.max_interval),
            None => delay,
        }
    }

    pub(crate) fn restart(&mut self) {
        self.delays.reset();
    }
}

/// What to make of what came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A success.
    Answer,
    /// It may be sent again.
    Retry,
    /// It may have been taken, and must not be sent again.
    Unknown,
    /// Sending it again would end the same way.
    Permanent,
}

/// The retry table, for a request without an answer: what of the effect and of what happened may be repeated.
pub(crate) fn judge_error(effect: Effect, error: &SendError) -> Verdict {
    match error.kind() {
        // A status that is no success says by itself what became of the request, whatever came with it.
        SendErrorKind::Encoding | SendErrorKind::BodyTooLarge
            if error.status().is_some_and(|status| !(200..300).contains(&status)) =>
        {
            judge_status(effect, error.status().unwrap_or_default())
        }
        _ if error.is_sent() && effect != Effect::Repeatable => Verdict::Unknown,
        SendErrorKind::InvalidRequest
        | SendErrorKind::Certificate
        | SendErrorKind::BodyTooLarge
        | SendErrorKind::Encoding
        | SendErrorKind::Token => Verdict::Permanent,
        _ => Verdict::Retry,
    }
}

/// The retry table, for an answer.
pub(crate) fn judge_status(effect: Effect, status: u16) -> Verdict {
    let repeatable = effect == Effect::Repeatable;
    match status {
        200..=299 => Verdict::Answer,
        429 => Verdict::Retry,
        408 | 425 | 500 | 502 | 503 | 504 if repeatable => Verdict::Retry,
        408 | 425 => Verdict::Unknown,
        // Refused, sent elsewhere, not implemented, HTTP version: the server did not take it.
        300..=302 | 307 | 308 | 400..=499 | 501 | 505 => Verdict::Permanent,
        // "See other" after a change means that it was made; the rest means nothing that is known.
        _ if !repeatable => Verdict::Unknown,
        _ => Verdict::Permanent,
    }
}

/// The server's `Retry-After`: seconds or an HTTP date. What is negative, not finite or not readable is ignored.
pub(crate) fn retry_after(response: &Response, wall: SystemTime) -> Option<Duration> {
    let text = response.headers.text("retry-after")?;
    let text = text.trim();
    if text.parse::<f64>().is_ok() {
        return retry_after_seconds(response);
    }
    let at = httpdate::parse_http_date(text).ok()?;
    // The server's own clock, if it tells the time: ours may be wrong.
    let now = response
        .headers
        .text("date")
        .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        .unwrap_or(wall);
    Some(at.duration_since(now).unwrap_or_default().min(LONGEST))
}

/// The same where only seconds are meant.
pub(crate) fn retry_after_seconds(response: &Response) -> Option<Duration> {
    let seconds: f64 = response.headers.text("retry-after")?.trim().parse().ok()?;
    (seconds.is_finite() && seconds >= 0.0)
        .then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())))
}

/// The delay before the next attempt: the schedule's, or what the server asked for, within reason, if that is longer.
/// Never none at all: polls are tried again as often as the time allows.
///
/// Where chance only adds, what the server asked for counts alone and as it is.
pub(crate) fn delay(asked: Option<Duration>, schedule: &mut Schedule) -> Duration {
    let own = schedule.next();
    if let (Some(asked), Some(chance)) = (asked, &mut schedule.on_top) {
        return chance.added_to(asked);
    }
    own.max(asked.unwrap_or_default().min(MAX_RETRY_AFTER)).max(MIN_POLL_INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    const SECOND: Duration = Duration::from_secs(1);

    fn judge(effect: Effect, result: &Result<Response, SendError>) -> Verdict {
        match result {
            Ok(response) => judge_status(effect, response.status),
            Err(error) => judge_error(effect, error),
        }
    }

    #[test]
    fn the_vendors_polling_schedule() {
        let mut schedule = PollPolicy::default().schedule();
        let delays: Vec<f64> = (0..9).map(|_| schedule.next().as_secs_f64()).collect();
        assert_eq!(delays, [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0, 10.0]);
        schedule.restart();
        assert_eq!(schedule.next(), SECOND);
    }

    #[test]
    fn retry_delays_double_within_their_jitter_and_stop_growing() {
        let mut schedule = RetryPolicy::default().schedule();
        for full in [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0] {
            let delay = schedule.next().as_secs_f64();
            assert!((full * 0.5..=full * 1.5 + 1e-6).contains(&delay), "{delay} of {full}");
        }
    }

    #[test]
    fn policies_beyond_reason_do_no_harm() {
        for factor in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            let policy = PollPolicy { interval: Duration::ZERO, factor, max_interval: Duration::MAX };
            let mut schedule = policy.schedule();
            for _ in 0..50 {
                let delay = schedule.next();
                assert!((MIN_POLL_INTERVAL..=LONGEST).contains(&delay), "{factor}: {delay:?}");
            }
        }
        let policy = PollPolicy::every(Duration::MAX);
        assert_eq!(policy.schedule().next(), LONGEST);
        assert_eq!(PollPolicy::every(20 * SECOND).schedule().next(), 20 * SECOND);
    }

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Response {
        let mut all = Headers::new();
        for (name, value) in headers {
            all.push(*name, *value);
        }
        Response::new(status, all, "")
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        let wall = httpdate::parse_http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        for (text, expected) in [
            ("7", Some(7 * SECOND)),
            (" 0.5 ", Some(SECOND / 2)),
            ("0", Some(Duration::ZERO)),
            ("99999999999999999999", Some(LONGEST)),
            ("1e300", Some(LONGEST)),
            ("-1", None),
            ("nan", None),
            ("inf", None),
            ("soon", None),
            ("", None),
            ("Sat, 21 Nov 2026 10:00:07 GMT", Some(7 * SECOND)),
            ("Sat, 21 Nov 2026 09:59:00 GMT", Some(Duration::ZERO)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST)),
        ] {
            assert_eq!(retry_after(&answer(429, &[("Retry-After", text)]), wall), expected, "{text:?}");
        }
        assert_eq!(retry_after(&answer(429, &[]), wall), None);
        let skewed =
            [("retry-after", "Sat, 21 Nov 2026 12:00:07 GMT"), ("date", "Sat, 21 Nov 2026 12:00:00 GMT")];
        assert_eq!(retry_after(&answer(429, &skewed), wall), Some(7 * SECOND));
    }

    #[test]
    fn what_the_server_asks_for_is_honoured_within_reason() {
        let mut schedule = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() }.schedule();
        assert_eq!(delay(None, &mut schedule), SECOND / 2);
        assert_eq!(delay(Some(7 * SECOND), &mut schedule), 7 * SECOND);
        assert_eq!(delay(Some(Duration::ZERO), &mut schedule), 2 * SECOND);
        let mut at_once = RetryPolicy { first_delay: Duration::ZERO, ..RetryPolicy::default() }.schedule();
        assert_eq!(delay(Some(Duration::ZERO), &mut at_once), MIN_POLL_INTERVAL);
        assert_eq!(delay(Some(Duration::from_secs(99_999)), &mut schedule), MAX_RETRY_AFTER);
    }

    #[test]
    fn chance_on_top_only_adds_and_a_wish_of_the_server_is_not_cut() {
        let policy = RetryPolicy { on_top: true, max_delay: 8 * SECOND, ..RetryPolicy::default() };
        for _ in 0..100 {
            let mut schedule = policy.schedule();
            for full in [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] {
                let delay = delay(None, &mut schedule).as_secs_f64();
                let most = f64::min(full * 1.5, 8.0);
                assert!((full - 1e-6..=most + 1e-6).contains(&delay), "{delay} of {full}");
            }
            let asked = delay(Some(100 * SECOND), &mut schedule).as_secs_f64();
            assert!((100.0..=150.0).contains(&asked), "{asked}");
        }
        let mut exact = RetryPolicy { jitter: 0.0, ..policy }.schedule();
        assert_eq!(delay(Some(Duration::ZERO), &mut exact), Duration::ZERO);
        assert_eq!(delay(Some(90 * SECOND), &mut exact), 90 * SECOND);
        assert_eq!(delay(None, &mut exact), 2 * SECOND);
    }

    #[test]
    fn the_retry_table() {
        use Effect::{Changes, Repeatable};
        use SendErrorKind as K;
        use Verdict::{Answer, Permanent, Retry, Unknown};

        for kind in [K::Dns, K::Connect, K::Tls, K::Proxy, K::Timeout, K::Closed] {
            let unsent = Err(SendError::new(kind, false, "test"));
            assert_eq!(judge(Repeatable, &unsent), Retry, "{kind:?}");
            assert_eq!(judge(Changes, &unsent), Retry, "{kind:?}");
        }
        for kind in [K::Timeout, K::Closed, K::Protocol] {
            let sent = Err(SendError::new(kind, true, "test"));
            assert_eq!(judge(Repeatable, &sent), Retry, "{kind:?}");
            assert_eq!(judge(Changes, &sent), Unknown, "{kind:?}");
        }
        let large = Err(SendError::new(K::BodyTooLarge, true, "test"));
        assert_eq!(judge(Repeatable, &large), Permanent);
        assert_eq!(judge(Changes, &large), Unknown);
        for kind in [K::InvalidRequest, K::Certificate] {
            let never = Err(SendError::new(kind, false, "test"));
            assert_eq!(judge(Repeatable, &never), Permanent, "{kind:?}");
            assert_eq!(judge(Changes, &never), Permanent, "{kind:?}");
            // An alert may come after the request.
            let late = Err(SendError::new(kind, true, "test"));
            assert_eq!(judge(Changes, &late), Unknown, "{kind:?}");
        }

        for status in 100..700 {
            let (reads, changes) = match status {
                200..=299 => (Answer, Answer),
                429 => (Retry, Retry),
                408 | 425 | 500 | 502 | 503 | 504 => (Retry, Unknown),
                501 | 505 => (Permanent, Permanent),
                303..=306 | 309..=399 | 506..=599 | 600.. => (Permanent, Unknown),
                ..=199 => (Permanent, Unknown),
                _ => (Permanent, Permanent),
            };
            let result = Ok(answer(status, &[]));
            assert_eq!(judge(Repeatable, &result), reads, "{status}");
            assert_eq!(judge(Changes, &result), changes, "{status}");
        }
    }
}
