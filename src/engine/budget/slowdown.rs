//! A budget that the server has slowed: others use the same limit.
//!
//! A 429 tells that the server has admitted as many requests as it will in this second, and the budget knows how many of
//! them were its own. So many it sends in a window from now on; if none was, half as many as before. Each place comes free
//! at the server just when the budget uses it again, so several clients that share a limit settle next to one another.
//!
//! From time to time one more request is tried, at the end of those of a window, so that the pause after another 429 ends
//! when the next window begins. If it is admitted, it is one of the own, and the next is tried soon. A client with many
//! places tries seldom, and its window is a little longer, so that one with fewer gets a place of these first.
//!
//! The pause after a 429 has no random part: a client that was refused is to come before those that were admitted, whose
//! windows end a little later.

use std::time::{Duration, Instant};

use crate::engine::policy::{RetryPolicy, Schedule};

use super::{SECOND, WINDOW};

/// A budget without a 429 for so long is as it was before.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// The longest pause that a 429 makes.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// The fewest requests in a window: one in eight.
const LEAST: f64 = 0.125;
/// After a 429, so many requests of a budget of one place are admitted before one more is tried, on average.
const BEFORE_MORE: f64 = 6.0;
/// After one more was admitted, this part of it.
const AFTER_MORE: f64 = 0.2;
/// The number grows with the places, to this power.
const RELUCTANCE: f64 = 1.5;
/// By how much each place but the first makes the window longer.
const COURTESY: Duration = Duration::from_millis(10);
/// More 429s than this without an admitted request in between halve the budget.
const PATIENCE: u32 = 3;

#[derive(Debug)]
pub(super) struct Slowdown {
    /// Requests in a window; less than 1: one in several windows.
    size: f64,
    /// How many have to be admitted before one more is tried.
    before_more: f64,
    /// Nothing is sent before.
    paused: Instant,
    /// The last 429.
    refused: Instant,
    /// 429s without an admitted request in between.
    in_a_row: u32,
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
            self.draw(AFTER_MORE);
        } else {
            self.before_more -= 1.0;
        }
        self.size >= most as f64
    }

    fn pause(&mut self, now: Instant, asked: Option<Duration>) {
        let asked = asked.map_or(SECOND, |asked| asked.min(MAX_PAUSE));
        let pause = if self.size < 1.0 { asked.max(self.window()) } else { asked };
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
