//! What a budget lets go when.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn far(now: Instant) -> Instant {
    now + Duration::from_secs(3600)
}

/// So many that all want to go now, and when they may.
fn waiting(budget: &Arc<Budget>, now: Instant, count: usize) -> Vec<(Pace, Instant)> {
    (0..count)
        .map(|_| {
            let mut pace = Pace::new(budget.clone());
            match pace.turn(now, far(now)) {
                Turn::Now => (pace, now),
                Turn::At(time) => (pace, time),
                Turn::Never(_) => panic!("never"),
            }
        })
        .collect()
}

/// Sends now, and is answered at once.
fn goes(budget: &Arc<Budget>, now: Instant) -> bool {
    let mut pace = Pace::new(budget.clone());
    let went = pace.turn(now, far(now)) == Turn::Now;
    pace.answered(now);
    went
}

#[test]
fn at_most_the_limit_in_any_window() {
    let budget = Arc::new(Budget::per_second(10));
    let start = Instant::now();
    let times: Vec<Instant> = waiting(&budget, start, 95).iter().map(|(_, time)| *time).collect();
    assert!(times.is_sorted());
    assert_eq!(times[9], start);
    assert_eq!(times[94], start + WINDOW * 9);
    for pair in times.windows(11) {
        assert!(pair[10] - pair[0] >= WINDOW);
    }
}

#[test]
fn an_idle_budget_is_full_again() {
    let budget = Arc::new(Budget::per_second(2));
    let start = Instant::now();
    assert!(goes(&budget, start) && goes(&budget, start));
    let later = start + Duration::from_secs(5);
    assert!(goes(&budget, later) && goes(&budget, later));
    assert_eq!(waiting(&budget, later, 1)[0].1, later + WINDOW);
}

#[test]
fn nothing_is_reserved_past_the_deadline() {
    let budget = Arc::new(Budget::per_second(1));
    let start = Instant::now();
    assert!(goes(&budget, start));
    let soon = start + Duration::from_millis(500);
    assert_eq!(Pace::new(budget.clone()).turn(start, soon), Turn::Never(start + WINDOW));
    assert_eq!(waiting(&budget, start, 1)[0].1, start + WINDOW);
}

#[test]
fn it_can_be_off() {
    let budget = Arc::new(Budget::unlimited());
    let start = Instant::now();
    assert!((0..1000).all(|_| goes(&budget, start)));
}

#[test]
fn what_is_given_back_can_be_taken_again() {
    let budget = Arc::new(Budget::per_second(2));
    let start = Instant::now();
    let mut all = waiting(&budget, start, 8);
    assert_eq!(all[7].1, start + WINDOW * 3);
    // From the middle: the next one fits in there, whatever is reserved after it.
    let (freed, time) = all.remove(3);
    drop(freed);
    let mut next = waiting(&budget, start, 2);
    assert_eq!((next[0].1, next[1].1), (time, start + WINDOW * 4));
    next.clear();
    all.truncate(2);
    assert_eq!(waiting(&budget, start, 1)[0].1, start + WINDOW);
}

#[test]
fn a_request_counts_as_late_as_it_can_have_arrived() {
    let budget = Arc::new(Budget::per_second(1));
    let start = Instant::now();
    let mut pace = Pace::new(budget.clone());
    assert_eq!(pace.turn(start, far(start)), Turn::Now);
    // In flight: it may be arriving now.
    let later = start + 5 * SECOND;
    assert_eq!(waiting(&budget, later, 1)[0].1, later + WINDOW);
    // Answered: it arrived before that.
    pace.answered(later);
    let still = later + WINDOW / 2;
    assert_eq!(waiting(&budget, still, 1)[0].1, later + WINDOW);
    // Given up: until the next look it may have been on its way.
    let then = later + WINDOW;
    assert_eq!(pace.turn(then, far(then)), Turn::Now);
    drop(pace);
    let look = then + SECOND;
    assert_eq!(waiting(&budget, look, 1)[0].1, look + WINDOW);
}

#[test]
fn a_steady_round_trip_costs_nothing() {
    let budget = Arc::new(Budget::per_second(1));
    let mut now = Instant::now();
    let mut pace = Pace::new(budget);
    let mut times = Vec::new();
    while times.len() < 50 {
        match pace.turn(now, far(now)) {
            Turn::At(time) => now = time,
            Turn::Never(_) => panic!("never"),
            Turn::Now => {
                times.push(now);
                now += Duration::from_millis(300);
                pace.answered(now);
            }
        }
    }
    assert_eq!(times[49] - times[48], WINDOW);
}

#[test]
fn who_comes_late_to_his_place_crowds_nobody() {
    let budget = Arc::new(Budget::per_second(2));
    let start = Instant::now();
    let mut all = waiting(&budget, start, 6);
    for (pace, _) in &mut all[..2] {
        pace.answered(start);
    }
    // Four wake up when the last two were due.
    let late = start + WINDOW * 2;
    let turns: Vec<Turn> = all[2..].iter_mut().map(|(pace, _)| pace.turn(late, far(late))).collect();
    assert_eq!(turns, [Turn::Now, Turn::Now, Turn::At(late + WINDOW), Turn::At(late + WINDOW)]);
}

/// Sends when it may, and is answered at once. Returns when it went.
fn sends(budget: &Arc<Budget>, now: &mut Instant, is_admitted: bool, asked: Option<Duration>) -> Instant {
    sends_to(budget, now, asked, |_| is_admitted)
}

/// The same, to a server that decides by the time.
fn sends_to(
    budget: &Arc<Budget>,
    now: &mut Instant,
    asked: Option<Duration>,
    admits: impl FnOnce(Instant) -> bool,
) -> Instant {
    let mut pace = Pace::new(budget.clone());
    loop {
        match pace.turn(*now, far(*now)) {
            Turn::Now => break,
            Turn::At(time) => *now = time,
            Turn::Never(_) => panic!("never"),
        }
    }
    if admits(*now) {
        pace.answered(*now)
    } else {
        pace.refused(*now, asked)
    }
    *now
}

#[test]
fn after_a_429_as_many_go_as_were_admitted_before_it() {
    for (asked, pause) in [(None, SECOND), (Some(5 * SECOND), 5 * SECOND), (Some(3600 * SECOND), 60 * SECOND)]
    {
        let budget = Arc::new(Budget::per_second(10));
        let start = Instant::now();
        let mut now = start;
        for _ in 0..3 {
            assert_eq!(sends(&budget, &mut now, true, None), start);
        }
        assert_eq!(sends(&budget, &mut now, false, asked), start);
        // All wait, but for a poll that cannot.
        let mut urgent = Pace::new(budget.clone());
        assert_eq!(urgent.urgent_turn(now, far(now)), Turn::Now);
        urgent.refused(now, None);
        now = start + pause / 2;
        let times: Vec<Instant> = (0..6).map(|_| sends(&budget, &mut now, true, None)).collect();
        assert!(times[0] >= start + pause, "{asked:?}: {times:?}");
        assert_eq!(times[2], times[0], "{asked:?}");
        assert!(times[3] >= times[0] + WINDOW, "{asked:?}");
    }
}

#[test]
fn one_more_is_tried_now_and_then_and_kept_if_it_is_admitted() {
    let budget = Arc::new(Budget::per_second(10));
    let mut now = Instant::now();
    sends(&budget, &mut now, true, None);
    sends(&budget, &mut now, false, None);
    // The server admits four in a second.
    let mut admitted: VecDeque<Instant> = VecDeque::new();
    let mut refused = 0;
    for _ in 0..400 {
        sends_to(&budget, &mut now, None, |time| {
            admitted.retain(|other| time.saturating_duration_since(*other) < SECOND);
            let admits = admitted.len() < 4;
            if admits {
                admitted.push_back(time)
            } else {
                refused += 1
            }
            admits
        });
    }
    assert!(refused > 0 && refused <= 40, "{refused} of 400 were refused");
    let start = now;
    let count =
        std::iter::from_fn(|| (sends(&budget, &mut now, true, None) < start + 10 * SECOND).then_some(()));
    assert!(count.count() >= 30, "it does not use what it has");
}

#[test]
fn a_server_that_admits_nothing_is_asked_seldom_and_used_again_soon() {
    let budget = Arc::new(Budget::per_second(10));
    let start = Instant::now();
    let mut now = start;
    let mut refused = 0;
    while now < start + 60 * SECOND {
        sends(&budget, &mut now, false, None);
        refused += 1;
    }
    assert!((8..20).contains(&refused), "{refused} in a minute");
    let times: Vec<Instant> = (0..40).map(|_| sends(&budget, &mut now, true, None)).collect();
    assert!(times[39] - times[0] < 8 * SECOND, "{:?}", times[39] - times[0]);
}

#[test]
fn clients_that_were_rejected_together_often_do_not_send_together() {
    for asked in [None, Some(SECOND), Some(6 * SECOND)] {
        let start = Instant::now();
        let pauses: Vec<Duration> = (0..50)
            .map(|_| {
                let budget = Arc::new(Budget::per_second(10));
                // The first is rejected at the start, the last of ten with the smallest window.
                let mut now = start;
                for _ in 0..10 {
                    sends(&budget, &mut now, false, asked);
                }
                let rejected = now;
                sends(&budget, &mut now, true, asked) - rejected
            })
            .collect();
        let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
        assert!(*least >= asked.unwrap_or(4 * SECOND) && *most <= 13 * SECOND, "{asked:?}: {pauses:?}");
        assert!(*most - *least > 3 * SECOND, "{asked:?}: {pauses:?}");
    }
}

#[test]
fn who_is_left_alone_has_the_whole_limit_soon() {
    let budget = Arc::new(Budget::per_second(10));
    let mut now = Instant::now();
    sends(&budget, &mut now, true, None);
    sends(&budget, &mut now, false, None);
    let times: Vec<Instant> = (0..300).map(|_| sends(&budget, &mut now, true, None)).collect();
    let reaches = |count: usize| {
        let full = times.windows(count).find(|window| window[count - 1] - window[0] < SECOND);
        full.expect("never so many in a second")[count - 1]
    };
    let took = reaches(10) - reaches(3);
    assert!(took < 10 * SECOND, "{took:?} from 3 places to 10");
}

#[test]
fn a_429_is_forgotten_after_a_quiet_minute() {
    let budget = Arc::new(Budget::per_second(10));
    let start = Instant::now();
    let mut now = start;
    sends(&budget, &mut now, false, None);
    now = start + 62 * SECOND;
    let later = now;
    assert!((0..10).all(|_| sends(&budget, &mut now, true, None) == later));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// However many want to go, wait, come late, are answered late or give up: never more than the limit
    /// arrives in a window, wherever between sending and answer it arrives.
    #[test]
    fn never_more_than_the_limit_arrives_in_any_second(
        limit in 1u32..6,
        steps in proptest::collection::vec((0u64..700, 0u8..8, 0.0f64..1.0), 1..100),
    ) {
        let budget = Arc::new(Budget::per_second(limit));
        let mut now = Instant::now();
        let mut waiting: Vec<Pace> = Vec::new();
        let mut in_flight: Vec<(Pace, Instant, f64)> = Vec::new();
        let (mut arrived, mut answered) = (Vec::new(), 0);
        for (millis, what, place) in steps {
            now += Duration::from_millis(millis / 4);
            match what {
                0 => drop(waiting.pop()),
                1..=3 => if !in_flight.is_empty() {
                    let (mut pace, sent, place) = in_flight.remove(0);
                    arrived.push(sent + (now - sent).mul_f64(place));
                    if what == 1 { drop(pace) } else { pace.answered(now); answered += 1 }
                    if answered == ROUND_TRIPS { break }
                },
                _ => waiting.push(Pace::new(budget.clone())),
            }
            let mut still = Vec::new();
            for mut pace in waiting.drain(..) {
                match pace.turn(now, far(now)) {
                    Turn::Now => in_flight.push((pace, now, place)),
                    _ => still.push(pace),
                }
            }
            waiting = still;
        }
        arrived.extend(in_flight.iter().map(|(_, sent, place)| *sent + (now - *sent).mul_f64(*place)));
        arrived.sort();
        for window in arrived.windows(limit as usize + 1) {
            let apart = window[limit as usize] - window[0];
            proptest::prop_assert!(apart >= WINDOW, "{apart:?}");
        }
    }
}
