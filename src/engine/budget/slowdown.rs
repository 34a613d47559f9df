//! A budget after a 429: other clients use the same rate limit.
//!
//! The server admits a number of requests in a sliding window of one second. A client sees only its own requests. After a 429
//! its window gets as many places as the server had admitted of its requests in the second before, and it pauses for
//! `Retry-After`. Each admitted request leaves the server's window a second later, which is when the client sends the next
//! one. So clients that share a limit keep their places without further 429s.
//!
//! **Additive increase.** From time to time the client sends a probe: one request more than it has places. It is sent at the
//! end of a window, so that the pause after another 429 ends when the next window begins and the client loses none of its
//! places. If the probe is admitted, the client has one place more. The interval between probes grows with the number of
//! places, so that clients with few places gain more often than others. With two places or fewer, the interval after an
//! admitted probe is that after a 429: where many clients share, a probe is often admitted in the place of a request of
//! another client, whose next request is then rejected, so that the next probe would only move the place again. With more
//! places it is a fifth, because the room is probably free: another client has ended.
//!
//! **Multiplicative decrease.** A 429 while the server admits some of the client's requests reduces the places to the number
//! admitted. After more than three 429s in a row the size of the window is halved, to at least one request in eight windows.
//! Then the pause has a random part, half of it: clients that were rejected together would send together again, and of each
//! such burst the server admits only as many as it admits in a second.
//!
//! A window is longer by 10 ms for each place but the first. So a probe of a client with few places is admitted in the place of
//! a client with many rather than in that of another with few. The pause of a client with a place or more has no random
//! part: a client that was rejected sends before those that were admitted, whose windows end a little later.

use std::time::{Duration, Instant};

use crate::engine::policy::{RetryPolicy, Schedule};

use super::{SECOND, WINDOW};

/// After this time without a 429 the budget has its full size again.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// The longest pause that a 429 makes.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// The fewest requests in a window: one in eight.
const LEAST: f64 = 0.125;
/// The mean number of admitted requests between a 429 and the next probe, for a budget of one place.
const BEFORE_MORE: f64 = 6.0;
/// The part of this number that counts after an admitted probe, with more places than [`FEW`].
const AFTER_MORE: f64 = 0.2;
/// With so many places or fewer, the number after an admitted probe is that after a 429.
const FEW: f64 = 2.0;
/// The number grows with the places, to this power.
const RELUCTANCE: f64 = 1.5;
/// The time by which each place but the first extends the window.
const COURTESY: Duration = Duration::from_millis(10);
/// More 429s than this without an admitted request in between halve the budget.
const PATIENCE: u32 = 3;
/// The random part of the pause of a client with less than one place, as of its window.
const JITTER: f64 = 0.5;
/// After so many admitted probes without a 429 in between, each window has a probe.
const SURE: u32 = 2;

#[derive(Debug)]
pub(super) struct Slowdown {
    /// Requests in a window; less than 1: one in several windows.
    size: f64,
    /// The number of requests that have to be admitted before the next probe.
    before_more: f64,
    /// Nothing is sent before.
    paused: Instant,
    /// The last 429.
    refused: Instant,
    /// 429s without an admitted request in between.
    in_a_row: u32,
    /// Probes that were admitted since the last 429.
    gained: u32,
    /// The server had admitted none for long, and does so again: more is tried at once until the next 429.
    is_growing: bool,
    dice: Schedule,
}

impl Slowdown {
    /// After the first 429, with so many own requests admitted in the last window.
    pub(super) fn new(now: Instant, asked: Option<Duration>, admitted: usize) -> Self {
        let dice = RetryPolicy {
            first_delay: DICE,
            factor: 1.0,
            max_delay: DICE,
            jitter: 1.0,
            ..RetryPolicy::default()
        };
        let mut slowdown = Self {
            size: (admitted as f64).max(1.0),
            before_more: 0.0,
            paused: now,
            refused: now,
            in_a_row: 0,
            gained: 0,
            is_growing: false,
            dice: dice.schedule(),
        };
        slowdown.pause(now, asked);
        slowdown.draw(1.0);
        slowdown
    }

    /// After another 429, to a request that was sent at this time.
    pub(super) fn refused(&mut self, now: Instant, sent: Instant, asked: Option<Duration>, admitted: usize) {
        // One of several that were in flight together says nothing new.
        if sent > self.refused {
            self.is_growing = false;
            self.gained = 0;
            if admitted > 0 {
                self.size = self.size.min(admitted as f64).max(1.0);
                self.in_a_row = 0;
            } else {
                self.in_a_row += 1;
                self.size = self.size.min(1.0);
                if self.in_a_row > PATIENCE {
                    self.size = (self.size / 2.0).max(LEAST);
                }
            }
            self.draw(1.0);
            self.refused = now;
        }
        self.pause(now, asked);
    }

    /// After an admitted request, with so many in the last window. True if the budget is as large as it can be.
    pub(super) fn admitted(&mut self, in_window: usize, most: usize) -> bool {
        if std::mem::take(&mut self.in_a_row) > PATIENCE {
            self.is_growing = true;
            self.size = 1.0;
            self.draw(0.0);
        } else if self.size < 1.0 {
            self.size = (self.size * 2.0).min(1.0);
        } else if in_window > self.size as usize {
            self.size = (in_window.min(most)) as f64;
            self.gained += 1;
            self.draw(match self.gained {
                SURE.. => 0.0,
                _ if self.size > FEW => AFTER_MORE,
                _ => 1.0,
            });
        } else {
            self.before_more -= 1.0;
        }
        self.size >= most as f64
    }

    fn pause(&mut self, now: Instant, asked: Option<Duration>) {
        let asked = asked.map_or(SECOND, |asked| asked.min(MAX_PAUSE));
        let pause = if self.size < 1.0 {
            let spread = 1.0 + JITTER * (2.0 * self.throw() - 1.0);
            asked.max(self.window().mul_f64(spread))
        } else {
            asked
        };
        self.paused = self.paused.max(now + pause);
    }

    fn draw(&mut self, part: f64) {
        let part = if self.is_growing { 0.0 } else { part };
        self.before_more = (0.5 + self.throw()) * part * BEFORE_MORE * self.size.max(1.0).powf(RELUCTANCE);
    }

    /// A random number from 0 to 1.
    fn throw(&mut self) -> f64 {
        (self.dice.next().as_secs_f64() / (2.0 * DICE.as_secs_f64())).clamp(0.0, 1.0)
    }

    /// How many requests may go in a [`window`](Slowdown::window).
    pub(super) fn places(&self) -> usize {
        let more = usize::from(self.before_more <= 0.0 && self.size >= 1.0);
        (self.size as usize).max(1) + more
    }

    pub(super) fn window(&self) -> Duration {
        let others = (self.places() as u32).saturating_sub(1);
        WINDOW.div_f64(self.size.min(1.0)) + COURTESY.saturating_mul(others)
    }

    pub(super) fn paused(&self) -> Instant {
        self.paused
    }

    pub(super) fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.refused.max(self.paused)) > FORGOTTEN
    }

    /// How many requests may be in flight at a time, if one takes this long: with more, a 429 would meet several.
    #[cfg(batches)]
    pub(super) fn most_in_flight(&self, round_trip: Duration) -> usize {
        1 + (2.0 * self.size * round_trip.as_secs_f64()) as usize
    }
}

/// The mean of the random delays that numbers are made of.
const DICE: Duration = Duration::from_secs(1);
