//! Tests of complete, broken and hostile streams.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Int64Array, ListArray, RecordBatch,
    StringArray, StringViewArray, StructArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use proptest::prelude::*;
use proptest::sample::Index;

use super::decoder::Decoder;
use super::requests::MAX_BATCH;

fn columns(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let numbers = Int64Array::from_iter((0..rows).map(|i| (i % 5 != 0).then_some(i64::try_from(i).unwrap())));
    let texts = StringArray::from_iter((0..rows).map(|i| (i % 3 != 0).then(|| format!("text {i}"))));
    let views = StringViewArray::from_iter((0..rows).map(|i| Some(format!("a rather long text {i}"))));
    let flags = BooleanArray::from_iter((0..rows).map(|i| Some(i % 2 == 0)));
    let decimals = Decimal128Array::from_iter_values((0..rows).map(|i| i128::try_from(i).unwrap() * -7));
    let decimals = decimals.with_precision_and_scale(38, 2).unwrap();
    let words: DictionaryArray<Int32Type> =
        (0..rows).map(|i| Some(["red", "green", "blue"][i % 3])).collect();
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(
        (0..rows).map(|i| (i % 4 != 0).then(|| vec![Some(1), None, Some(i32::try_from(i).unwrap())])),
    );
    let inner: ArrayRef = Arc::new(numbers.clone());
    let structs = StructArray::from(vec![(Arc::new(Field::new("a", DataType::Int64, true)), inner)]);
    vec![
        ("n", Arc::new(numbers)),
        ("s", Arc::new(texts)),
        ("v", Arc::new(views)),
        ("b", Arc::new(flags)),
        ("d", Arc::new(decimals)),
        ("w", Arc::new(words)),
        ("l", Arc::new(lists)),
        ("t", Arc::new(structs)),
    ]
}

fn batch(rows: usize) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns(rows).into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

fn stream(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new_with_options(&mut bytes, &batches[0].schema(), options).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    bytes
}

/// Decodes a piece as the driver does: in the buffers that the decoder asks for.
fn push(decoder: &mut Decoder, mut piece: &[u8]) -> Result<(), String> {
    while !piece.is_empty() && !decoder.has_ended() {
        let (mut buffer, most) = decoder.room();
        let (read, rest) = piece.split_at(piece.len().min(most));
        buffer.extend_from_slice(read);
        decoder.put(buffer)?;
        piece = rest;
    }
    Ok(())
}

/// Decodes these pieces.
fn decoded<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limit: u64,
) -> Result<(Vec<RecordBatch>, bool), String> {
    let mut decoder = Decoder::new(limit);
    let mut batches = Vec::new();
    for piece in pieces {
        push(&mut decoder, piece)?;
        batches.extend(std::iter::from_fn(|| decoder.next()));
    }
    Ok((batches, decoder.has_ended()))
}

const CODECS: [Option<CompressionType>; 3] =
    [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)];

#[test]
fn a_stream_is_the_same_in_pieces_of_any_size() {
    let batches = [batch(20), batch(1), batch(300)];
    for codec in CODECS {
        let bytes = stream(&batches, codec);
        for size in [1, 2, 3, 7, 64, 1000, usize::MAX] {
            let (got, has_ended) = decoded(bytes.chunks(size.min(bytes.len())), MAX_BATCH).unwrap();
            assert!(has_ended && got == batches, "{codec:?} in pieces of {size}");
        }
        // What follows the end is not for us.
        let (got, has_ended) = decoded([&*bytes, b"more"], MAX_BATCH).unwrap();
        assert!(has_ended && got == batches);
    }
}

#[test]
fn batches_without_rows_and_streams_without_batches() {
    let none = batch(0);
    for batches in [vec![none.clone()], vec![none.clone(), batch(2), none.clone()]] {
        let (got, has_ended) = decoded([&*stream(&batches, None)], MAX_BATCH).unwrap();
        assert!(has_ended);
        assert_eq!(got, batches);
    }
    let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
    let mut bytes = Vec::new();
    StreamWriter::try_new(&mut bytes, &schema).unwrap().finish().unwrap();
    let mut decoder = Decoder::new(MAX_BATCH);
    push(&mut decoder, &bytes).unwrap();
    assert!(decoder.has_ended() && decoder.next().is_none());
    assert_eq!(*decoder.schema().unwrap(), schema);
}

#[test]
fn a_stream_that_is_cut_short_has_not_ended() {
    let bytes = stream(&[batch(3)], None);
    for end in 0..bytes.len() {
        let (_, has_ended) = decoded([&bytes[..end]], MAX_BATCH).unwrap();
        assert!(!has_ended, "cut to {end} of {}", bytes.len());
    }
}

#[test]
fn what_says_that_it_is_too_long_is_not_collected() {
    let bytes = stream(&[batch(5000)], None);
    assert!(decoded([&*bytes], 10_000).unwrap_err().contains("limit"));
    // The head alone decides, before a byte of the body has come.
    let huge = [&[0xff; 4][..], &u32::MAX.to_le_bytes()].concat();
    assert!(decoded([&*huge], MAX_BATCH).unwrap_err().contains("head"));
}

#[test]
fn what_becomes_too_long_is_not_decompressed() {
    let zeros: ArrayRef = Arc::new(Int64Array::from(vec![0; 1_000_000]));
    let batches = [RecordBatch::try_from_iter([("zeros", zeros)]).unwrap()];
    for codec in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let bytes = stream(&batches, Some(codec));
        assert!(bytes.len() < 100_000, "{codec:?}: {}", bytes.len());
        assert!(decoded([&*bytes], 4_000_000).unwrap_err().contains("limit"), "{codec:?}");
        assert_eq!(decoded([&*bytes], 16_000_000).unwrap().0, batches, "{codec:?}");
    }
}

#[test]
fn what_comes_where_it_does_not_belong() {
    let bytes = stream(&[batch(3)], None);
    let length = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
    let schema = &bytes[..8 + usize::try_from(length).unwrap()];
    assert!(decoded([schema, schema], MAX_BATCH).unwrap_err().contains("second schema"));
    assert!(decoded([&bytes[schema.len()..]], MAX_BATCH).unwrap_err().contains("precedes the schema"));
    assert!(decoded([&b"{\"error\": \"html\"}"[..]], MAX_BATCH).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// Decoding a corrupted stream returns batches or an error, within the memory limit.
    #[test]
    fn changed_streams_do_no_harm(
        codec in 0..3_usize,
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
        end in any::<Index>(),
        is_cut: bool,
    ) {
        let mut bytes = stream(&[batch(9), batch(4)], CODECS[codec]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok((batches, _)) = decoded(bytes.chunks(100), 1_000_000) {
            for batch in batches {
                // What was taken can be looked at.
                let shown = format!("{:?}", batch.columns());
                prop_assert!(shown.len() < 10_000_000);
            }
        }
    }

    /// The same with changes in the metadata of messages.
    #[test]
    fn changed_heads_do_no_harm(at in 0..1200_usize, bytes in prop::collection::vec(any::<u8>(), 1..5)) {
        let mut all = stream(&[batch(2)], None);
        for (i, byte) in bytes.into_iter().enumerate() {
            let at = (at + i) % all.len();
            all[at] = byte;
        }
        let _ = decoded([&*all], 1_000_000);
    }
}
