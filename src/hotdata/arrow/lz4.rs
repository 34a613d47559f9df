//! An upper bound for the decompressed size of LZ4 frames, computed from the frames alone: the library that
//! decompresses them has no limit.

/// The largest compression ratio that LZ4 can reach.
const MAX_RATIO: u64 = 255;

/// Returns the largest size that these frames can have after decompression, or `None` if they are not valid
/// frames or of a kind that Arrow does not use.
pub(super) fn most(mut bytes: &[u8]) -> Option<u64> {
    let mut sum = 0_u64;
    while !bytes.is_empty() {
        sum = sum.saturating_add(frame(&mut bytes)?);
    }
    Some(sum)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &mut &[u8]) -> Option<u32> {
    take(bytes, 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn frame(bytes: &mut &[u8]) -> Option<u64> {
    if number(bytes)? != 0x184D_2204 {
        return None;
    }
    let [flags, sizes] = *take(bytes, 2)? else { return None };
    let has = |bit: u8| flags & 1 << bit != 0;
    let (has_block_sums, has_size, has_sum, has_dictionary) = (has(4), has(3), has(2), has(0));
    let block: u64 = match sizes >> 4 & 7 {
        4 => 64 << 10,
        5 => 256 << 10,
        6 => 1 << 20,
        7 => 4 << 20,
        _ => return None,
    };
    take(bytes, if has_size { 8 } else { 0 } + if has_dictionary { 4 } else { 0 } + 1)?;
    let mut sum = 0_u64;
    loop {
        let length = number(bytes)?;
        if length == 0 {
            break;
        }
        let packed = u64::from(length & 0x7fff_ffff);
        sum = sum.saturating_add(block.min(packed.saturating_mul(MAX_RATIO)));
        take(bytes, usize::try_from(packed).ok()? + if has_block_sums { 4 } else { 0 })?;
    }
    if has_sum {
        take(bytes, 4)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a frame with blocks of 64 KiB and these lengths.
    fn frame_of(lengths: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82];
        for length in lengths {
            bytes.extend(length.to_le_bytes());
            bytes.extend(vec![0; usize::try_from(length & 0x7fff_ffff).unwrap()]);
        }
        bytes.extend(0_u32.to_le_bytes());
        bytes
    }

    #[test]
    fn blocks_make_no_more_than_their_size() {
        assert_eq!(most(&[]), Some(0));
        assert_eq!(most(&frame_of(&[])), Some(0));
        assert_eq!(most(&frame_of(&[10])), Some(2550));
        assert_eq!(most(&frame_of(&[10, 1000, 0x8000_0010])), Some(2550 + 65536 + 4080));
        assert_eq!(most(&[frame_of(&[1]), frame_of(&[2])].concat()), Some(765));
        let good = frame_of(&[10]);
        for end in 1..good.len() {
            assert_eq!(most(&good[..end]), None, "cut to {end}");
        }
    }
}
