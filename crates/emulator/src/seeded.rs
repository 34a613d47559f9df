//! Chance that repeats: numbers that follow from a seed and a count, so that a test can be run again.

/// The finaliser of SplitMix64: neighbouring numbers come out far apart.
pub(crate) fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// A number from 0 up to and without 1.
pub(crate) fn fraction(x: u64) -> f64 {
    // As many bits as the number can hold exactly.
    (mix(x) >> 11) as f64 / (1_u64 << 53) as f64
}
