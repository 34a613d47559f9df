//! DEFLATE (RFC 1951) within a limit. It is small and safe, and keeps a library with four dependencies out of every build.

/// Why a stream cannot be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It ends in the middle.
    Short,
    /// It is not DEFLATE.
    Invalid(&'static str),
    /// There is more than the limit.
    TooLarge,
}

type Inflated<T> = Result<T, Fault>;

/// The number of bits that one look into a table decodes.
const FAST_BITS: u32 = 10;
/// The longest code.
const MAX_BITS: usize = 15;

const LENGTH_BASE: [u16; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258,
];
const LENGTH_EXTRA: [u8; 29] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE: [u16; 30] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
    4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA: [u8; 30] =
    [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/// The order in which a block gives the lengths of the codes of code lengths.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The bits of a stream, the lowest of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    buffer: u64,
    count: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(byte) = self.bytes.get(self.at) else { break };
            self.buffer |= u64::from(*byte) << self.count;
            self.at += 1;
            self.count += 8;
        }
    }

    fn skip(&mut self, count: u32) -> Inflated<()> {
        if count > self.count {
            return Err(Fault::Short);
        }
        self.buffer >>= count;
        self.count -= count;
        Ok(())
    }

    /// At most 16 bits.
    fn take(&mut self, count: u32) -> Inflated<usize> {
        self.fill();
        let value = self.buffer & ((1 << count) - 1);
        self.skip(count)?;
        usize::try_from(value).map_err(|_| Fault::Invalid("a number is too large"))
    }

    /// Drops the rest of the byte, and gives whole bytes back.
    fn align(&mut self) {
        self.at -= usize::try_from(self.count / 8).unwrap_or_default();
        (self.buffer, self.count) = (0, 0);
    }
}

/// A canonical Huffman code.
struct Code {
    /// By the next bits: the symbol times 16, plus the number of its bits. 0: the code is longer than the bits.
    fast: Vec<u16>,
    counts: [u16; MAX_BITS + 1],
    symbols: Vec<u16>,
}

impl Code {
    /// A code in which each symbol has so many bits; 0: it has no code.
    fn new(lengths: &[u8]) -> Inflated<Self> {
        let mut counts = [0_u16; MAX_BITS + 1];
        for length in lengths {
            counts[usize::from(*length)] += 1;
        }
        counts[0] = 0;
        let (mut first, mut left) = ([0_u16; MAX_BITS + 2], 1_i32);
        for bits in 1..=MAX_BITS {
            left = (left << 1) - i32::from(counts[bits]);
            if left < 0 {
                return Err(Fault::Invalid("a code has too many symbols"));
            }
            first[bits + 1] = first[bits] + counts[bits];
        }
        let mut symbols = vec![0; lengths.len()];
        let (mut next, mut fast) = (first, vec![0; 1 << FAST_BITS]);
        let mut code = [0_u32; MAX_BITS + 2];
        for bits in 1..=MAX_BITS {
            code[bits + 1] = (code[bits] + u32::from(counts[bits])) << 1;
        }
        for (symbol, length) in (0_u16..).zip(lengths).filter(|(_, length)| **length > 0) {
            let bits = usize::from(*length);
            symbols[usize::from(next[bits])] = symbol;
            next[bits] += 1;
            let value = code[bits];
            code[bits] += 1;
            let width = u32::from(*length);
            if width <= FAST_BITS {
                // Codes come with their highest bit first.
                let reversed = value.reverse_bits() >> (32 - width);
                for high in 0..1_u32 << (FAST_BITS - width) {
                    let index = usize::try_from(reversed | high << width).unwrap_or_default();
                    fast[index] = symbol << 4 | u16::from(*length);
                }
            }
        }
        Ok(Self { fast, counts, symbols })
    }

    fn next(&self, bits: &mut Bits<'_>) -> Inflated<usize> {
        bits.fill();
        let index = usize::try_from(bits.buffer & ((1 << FAST_BITS) - 1)).unwrap_or_default();
        let entry = self.fast[index];
        if entry != 0 {
            bits.skip(u32::from(entry & 15))?;
            return Ok(usize::from(entry >> 4));
        }
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for length in 1..=MAX_BITS {
            if u32::try_from(length).unwrap_or_default() > bits.count {
                return Err(Fault::Short);
            }
            code |= i32::from(bits.buffer >> (length - 1) & 1 == 1);
            let count = i32::from(self.counts[length]);
            if code - count < first {
                bits.skip(u32::try_from(length).unwrap_or_default())?;
                let at = usize::try_from(index + code - first).unwrap_or_default();
                return Ok(usize::from(self.symbols[at]));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(Fault::Invalid("there is no such code"))
    }
}

/// Appends what a stream holds, and returns the number of its bytes. `output` has at most `limit` bytes afterwards.
pub(super) fn inflate(bytes: &[u8], output: &mut Vec<u8>, limit: usize) -> Inflated<usize> {
    let start = output.len();
    let mut bits = Bits { bytes, at: 0, buffer: 0, count: 0 };
    loop {
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, output, limit)?,
            1 => {
                let mut lengths = [8_u8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                compressed(&mut bits, &Code::new(&lengths)?, &Code::new(&[5; 30])?, start, output, limit)?;
            }
            2 => {
                let (symbols, distances) = codes(&mut bits)?;
                compressed(&mut bits, &symbols, &distances, start, output, limit)?;
            }
            _ => return Err(Fault::Invalid("a block has an unknown type")),
        }
        if is_last {
            bits.align();
            return Ok(bits.at);
        }
    }
}

fn stored(bits: &mut Bits<'_>, output: &mut Vec<u8>, limit: usize) -> Inflated<()> {
    bits.skip(bits.count % 8)?;
    let (length, complement) = (bits.take(16)?, bits.take(16)?);
    if length != !complement & 0xffff {
        return Err(Fault::Invalid("a stored block has an invalid length"));
    }
    bits.align();
    let block = bits.bytes.get(bits.at..bits.at + length).ok_or(Fault::Short)?;
    if block.len() > limit.saturating_sub(output.len()) {
        return Err(Fault::TooLarge);
    }
    output.extend_from_slice(block);
    bits.at += length;
    Ok(())
}

fn codes(bits: &mut Bits<'_>) -> Inflated<(Code, Code)> {
    let (symbols, distances, given) = (bits.take(5)? + 257, bits.take(5)? + 1, bits.take(4)? + 4);
    if symbols > 286 || distances > 30 {
        return Err(Fault::Invalid("a block has too many codes"));
    }
    let mut lengths = [0_u8; 19];
    for place in &ORDER[..given] {
        lengths[*place] = u8::try_from(bits.take(3)?).unwrap_or_default();
    }
    let code = Code::new(&lengths)?;
    let mut lengths: Vec<u8> = Vec::with_capacity(symbols + distances);
    while lengths.len() < symbols + distances {
        let (value, times) = match code.next(bits)? {
            16 => (*lengths.last().ok_or(Fault::Invalid("there is no length to repeat"))?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (u8::try_from(length).unwrap_or_default(), 1),
        };
        lengths.resize(lengths.len() + times, value);
    }
    if lengths.len() > symbols + distances || lengths[256] == 0 {
        return Err(Fault::Invalid("a block has invalid code lengths"));
    }
    Ok((Code::new(&lengths[..symbols])?, Code::new(&lengths[symbols..])?))
}

fn compressed(
    bits: &mut Bits<'_>,
    symbols: &Code,
    distances: &Code,
    start: usize,
    output: &mut Vec<u8>,
    limit: usize,
) -> Inflated<()> {
    loop {
        let symbol = symbols.next(bits)?;
        if symbol == 256 {
            return Ok(());
        }
        if let Ok(byte) = u8::try_from(symbol) {
            if output.len() >= limit {
                return Err(Fault::TooLarge);
            }
            output.push(byte);
            continue;
        }
        let (Some(base), Some(extra)) = (LENGTH_BASE.get(symbol - 257), LENGTH_EXTRA.get(symbol - 257))
        else {
            return Err(Fault::Invalid("a length is unknown"));
        };
        let length = usize::from(*base) + bits.take(u32::from(*extra))?;
        let symbol = distances.next(bits)?;
        let (Some(base), Some(extra)) = (DISTANCE_BASE.get(symbol), DISTANCE_EXTRA.get(symbol)) else {
            return Err(Fault::Invalid("a distance is unknown"));
        };
        let distance = usize::from(*base) + bits.take(u32::from(*extra))?;
        if distance > output.len() - start {
            return Err(Fault::Invalid("a distance leads before the beginning"));
        }
        if length > limit.saturating_sub(output.len()) {
            return Err(Fault::TooLarge);
        }
        let from = output.len() - distance;
        if distance >= length {
            output.extend_from_within(from..from + length);
        } else {
            // The copy repeats itself.
            for i in 0..length {
                output.push(output[from + i]);
            }
        }
    }
}
