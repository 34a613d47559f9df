//! Bytes that take no room: each block of them differs from all others, and can be made at any place.

use std::io::{Read, Result, Seek, SeekFrom};

const BLOCK: u64 = 64 * 1024;

pub(crate) struct Pattern {
    block: Vec<u8>,
    size: u64,
    at: u64,
}

impl Pattern {
    pub(crate) fn new(size: u64) -> Self {
        let block = (0..BLOCK).map(|i| u8::try_from((i * 31 + (i >> 8) * 17) & 255).unwrap()).collect();
        Self { block, size, at: 0 }
    }
}

impl Read for Pattern {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let (number, from) = (self.at / BLOCK, usize::try_from(self.at % BLOCK).unwrap());
        self.block[..8].copy_from_slice(&number.to_le_bytes());
        let left = usize::try_from((self.size - self.at).min(BLOCK)).unwrap();
        let length = buffer.len().min(self.block.len() - from).min(left);
        buffer[..length].copy_from_slice(&self.block[from..from + length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Pattern {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.size.saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
