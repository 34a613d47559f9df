//! What holds whatever the server does.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the server does: no panic, an end before the deadline, no changing statement twice after it
    /// may have been taken, and the request id in every error after the submit.
    #[test]
    fn the_promises_hold_for_arbitrary_answers(
        script in prop::collection::vec(any_event(), 1..30),
        changes in any::<bool>(),
        resume in any::<bool>(),
        timeout in prop_oneof![0u64..200, 0u64..100_000],
        interval in 0u64..20_000,
        retries in 0u32..6,
        budget in prop::option::of(1u32..20),
    ) {
        let effect = if changes { Effect::Changes } else { Effect::Repeatable };
        let timeout = Duration::from_millis(timeout);
        let world = World {
            settings: Settings {
                has_own_timeout: true,
                too_many: TooMany::default(),
                timeout,
                http_timeout: 30 * SECOND,
                poll: PollPolicy::every(Duration::from_millis(interval)),
                retry: RetryPolicy::retries(retries),
                ..Settings::default()
            },
            effect,
            budget: Arc::new(budget.map_or_else(Budget::unlimited, Budget::per_second)),
            resume,
        };
        let run = world.run(&script);

        prop_assert!(run.took <= timeout, "{:?} > {timeout:?}", run.took);
        let submits: Vec<&Sent> = run.sent.iter().filter(|s| s.is_submit).collect();
        prop_assert!(!resume || submits.is_empty());
        if changes && !submits.is_empty() {
            for earlier in &submits[..submits.len() - 1] {
                prop_assert!(earlier.what.proves_not_taken(), "sent again after {earlier:?}");
            }
        }
        let was_taken = run.progress.iter().any(|p| matches!(p, Progress::Submitted { .. }));
        if let Err(error) = &run.outcome {
            prop_assert_eq!(error.request_id().is_some(), was_taken || resume, "{}", error);
            prop_assert!(!(error.is_retryable() && error.request_id().is_some()), "{}", error);
            prop_assert!(error.to_string().lines().count() <= 2);
            if was_taken || resume {
                let text = error.to_string();
                prop_assert!(!text.contains("safe to send") && !text.contains("Nothing was sent"), "{}", text);
            }
            if error.kind() == ErrorKind::OutcomeUnknown {
                prop_assert!(changes && !was_taken);
            }
        } else {
            prop_assert!(was_taken || resume);
        }
    }
}
