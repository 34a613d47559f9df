//! Upload sessions from begin to end.

use std::io::Read;
use std::sync::Arc;

use super::*;

const NOW: i64 = 1_000_000_000;

fn limits() -> UploadLimits {
    UploadLimits { single_up_to: 10, min_part: 4, part_size: 4, ..UploadLimits::default() }
}

fn uploads() -> Uploads {
    Uploads::new(limits(), &Pool::new(1 << 20), b"secret")
}

fn begin(uploads: &Uploads, id: &str, size: Option<u64>) -> Session {
    let new = NewUpload { declared_size_bytes: size, ..NewUpload::default() };
    uploads.create(vec![(id.to_owned(), format!("token-{id}"), new)], NOW).unwrap().remove(0)
}

fn put(uploads: &Uploads, url: &str, bytes: &[u8]) -> Result<String, UploadError> {
    let (path, query) = url.split_once('?').unwrap();
    let mut put = uploads.begin_put(path, query, Some(bytes.len() as u64), NOW)?;
    for piece in bytes.chunks(3) {
        put.push(piece)?;
    }
    put.finish()
}

fn read(uploads: &Uploads, id: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    uploads.claim(id, NOW).unwrap().open().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_three_shapes() {
    let uploads = uploads();
    for size in [0, 10] {
        assert!(matches!(begin(&uploads, "a", Some(size)).shape, Shape::Single { .. }), "{size}");
    }
    match begin(&uploads, "b", Some(11)).shape {
        Shape::Parts { part_size: 4, paths } => assert_eq!(paths.len(), 3),
        other => panic!("{other:?}"),
    }
    assert_eq!(begin(&uploads, "c", None).shape, Shape::Streaming { part_size: 4 });
    let asked = |part_size, size| {
        let new = NewUpload { declared_size_bytes: size, part_size: Some(part_size), ..NewUpload::default() };
        uploads.create(vec![("d".into(), "t".into(), new)], NOW).unwrap().remove(0).shape
    };
    assert_eq!(asked(1, None), Shape::Streaming { part_size: 4 });
    assert_eq!(asked(u64::MAX, None), Shape::Streaming { part_size: limits().max_part });
    // Parts grow rather than becoming too many.
    assert!(
        matches!(asked(4, Some(1_000_000)), Shape::Parts { part_size: 100, paths } if paths.len() == 10_000)
    );
}

#[test]
fn a_batch_is_begun_as_a_whole_or_not_at_all() {
    let uploads = uploads();
    let of = |size| NewUpload { declared_size_bytes: Some(size), ..NewUpload::default() };
    let refused =
        uploads.create(vec![("a".into(), "t".into(), of(1)), ("b".into(), "t".into(), of(u64::MAX))], NOW);
    assert_eq!(refused.unwrap_err().status, 400);
    assert!(uploads.all(NOW).is_empty());
    let md5 = NewUpload { checksum_algo: Some("md5".into()), ..NewUpload::default() };
    assert_eq!(uploads.create(vec![("a".into(), "t".into(), md5)], NOW).unwrap_err().status, 400);
}

#[test]
fn a_single_body_goes_in_and_comes_out() {
    let uploads = uploads();
    let Session { shape: Shape::Single { path }, finalize_token, .. } = begin(&uploads, "a", Some(5)) else {
        panic!("not single")
    };
    let finalize = |token: &str, parts| uploads.finalize("a", token, parts, NOW).map_err(|e| e.status);
    assert_eq!(finalize(&finalize_token, None), Err(400));
    put(&uploads, &path, b"four").unwrap();
    assert_eq!(finalize(&finalize_token, None), Err(400));
    let etag = put(&uploads, &path, b"hello").unwrap();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() == 34, "{etag}");
    assert_eq!(uploads.claim("a", NOW).unwrap_err().status, 409);
    assert_eq!(finalize("another", None), Err(400));
    assert_eq!(finalize("", None), Err(400));
    assert_eq!(finalize(&finalize_token, Some(&[])), Err(400));
    assert_eq!(finalize(&finalize_token, None).map(|f| (f.size_bytes, f.status)), Ok((5, "ready")));
    assert_eq!(finalize(&finalize_token, None), Err(400));
    assert_eq!(put(&uploads, &path, b"again").unwrap_err().status, 404);
    assert_eq!(read(&uploads, "a"), b"hello");
    assert_eq!(uploads.finalize("x", &finalize_token, None, NOW).unwrap_err().status, 404);
}

#[test]
fn parts_come_in_any_order_and_again() {
    let uploads = uploads();
    let Session { shape: Shape::Parts { paths, .. }, finalize_token: token, .. } =
        begin(&uploads, "a", Some(11))
    else {
        panic!("not parts")
    };
    let mut listed: Vec<(i64, String)> = Vec::new();
    for (part, bytes) in [(3, &b"ijk"[..]), (1, b"wrong"), (2, b"efgh"), (1, b"abcd")] {
        let etag = put(&uploads, &paths[part as usize - 1], bytes).unwrap();
        listed.retain(|(number, _)| *number != part);
        listed.push((part, etag));
    }
    listed.sort();
    let finalize =
        |parts: &[(i64, String)]| uploads.finalize("a", &token, Some(parts), NOW).map_err(|e| e.status);
    let mut other = listed.clone();
    other[1].1 = "\"other\"".to_owned();
    let mut unquoted = listed.clone();
    unquoted[0].1 = unquoted[0].1.trim_matches('"').to_owned();
    let twice: Vec<_> = [&listed[..1], &listed[..]].concat();
    let mut backwards = listed.clone();
    backwards.reverse();
    for wrong in [&listed[..2], &listed[1..], &other, &unquoted, &twice, &backwards, &[]] {
        assert_eq!(finalize(wrong), Err(400), "{wrong:?}");
    }
    assert_eq!(uploads.finalize("a", &token, None, NOW).unwrap_err().status, 400);
    assert_eq!(finalize(&listed).map(|f| f.size_bytes), Ok(11));
    assert_eq!(read(&uploads, "a"), b"abcdefghijk");
}

#[test]
fn streaming_parts_are_minted_and_all_but_the_last_are_large_enough() {
    let uploads = uploads();
    let token = begin(&uploads, "a", None).finalize_token;
    let mint = |numbers: &[i64]| uploads.mint("a", &token, numbers, NOW);
    for wrong in [&[][..], &[0], &[-1], &[10_001], &[1, 1]] {
        assert_eq!(mint(wrong).unwrap_err().status, 400, "{wrong:?}");
    }
    assert_eq!(uploads.mint("a", "another", &[1], NOW).unwrap_err().status, 400);
    assert_eq!(uploads.mint("b", &token, &[1], NOW).unwrap_err().status, 404);
    let minted = mint(&[2, 1]).unwrap();
    assert_eq!(minted.iter().map(|(part, _)| *part).collect::<Vec<_>>(), [1, 2]);
    let mut etags = vec![(1, put(&uploads, &minted[0].1, b"abc").unwrap())];
    etags.push((2, put(&uploads, &minted[1].1, b"d").unwrap()));
    // The first is smaller than the least.
    assert_eq!(uploads.finalize("a", &token, Some(&etags), NOW).unwrap_err().status, 400);
    etags[0].1 = put(&uploads, &minted[0].1, b"abcd").unwrap();
    assert_eq!(uploads.finalize("a", &token, Some(&etags), NOW).unwrap().size_bytes, 5);
    assert_eq!(mint(&[3]).unwrap_err().status, 400);
    let token = begin(&uploads, "b", None).finalize_token;
    let (_, url) = uploads.mint("b", &token, &[1], NOW).unwrap().remove(0);
    let etag = put(&uploads, &url, b"").unwrap();
    assert_eq!(uploads.finalize("b", &token, Some(&[(1, etag)]), NOW).unwrap_err().status, 400);
}

#[test]
fn storage_refuses_what_it_did_not_sign_and_what_is_late_or_incomplete() {
    let uploads = uploads();
    let Session { shape: Shape::Single { path: url }, finalize_token, .. } = begin(&uploads, "a", Some(5))
    else {
        panic!("not single")
    };
    let (path, query) = url.split_once('?').unwrap();
    let begun = |query: &str, length, now| uploads.begin_put(path, query, length, now).map_err(|e| e.status);
    let late = NOW + limits().url_life;
    assert_eq!(begun("", Some(5), NOW).unwrap_err(), 403);
    assert_eq!(begun(query, Some(5), late).unwrap_err(), 403);
    assert_eq!(begun(query, None, NOW).unwrap_err(), 411);
    assert_eq!(begun(query, Some(u64::MAX), NOW).unwrap_err(), 400);
    let mut short = begun(query, Some(5), late - 1).unwrap();
    short.push(b"abc").unwrap();
    assert_eq!(short.finish().unwrap_err().status, 400);
    let mut long = begun(query, Some(5), NOW).unwrap();
    assert_eq!(long.push(b"abcdef").unwrap_err().status, 400);
    put(&uploads, &url, b"abcde").unwrap();
    let tomorrow = NOW + limits().session_life;
    assert_eq!(uploads.finalize("a", &finalize_token, None, tomorrow).unwrap_err().status, 400);
}

#[test]
fn a_checksum_is_held_to() {
    let uploads = uploads();
    let session = |id: &str, value: &str| {
        let new = NewUpload {
            declared_size_bytes: Some(3),
            checksum_algo: Some("sha256".into()),
            checksum_value: Some(value.into()),
            ..NewUpload::default()
        };
        let session = uploads.create(vec![(id.into(), "t".into(), new)], NOW).unwrap().remove(0);
        let Shape::Single { path } = session.shape else { panic!("not single") };
        put(&uploads, &path, b"abc").unwrap();
        uploads.finalize(id, "t", None, NOW).map_err(|e| e.status)
    };
    let right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(session("a", right).map(|f| f.size_bytes), Ok(3));
    assert_eq!(session("b", &right.replace('b', "c")), Err(400));
    let claim = uploads.claim("a", NOW).unwrap();
    assert_eq!(sign::hex(uploads::digest(claim.open()).unwrap().as_ref()), right);
}

#[test]
fn an_upload_is_loaded_once() {
    let pool = Pool::new(1 << 20);
    let uploads = Uploads::new(limits(), &pool, b"secret");
    let mut whole = uploads.begin_whole("a", Some("text/csv".into()), NOW).unwrap();
    whole.push(b"a\n1\n").unwrap();
    whole.finish().unwrap();
    let claim = uploads.claim("a", NOW).unwrap();
    assert_eq!(claim.upload().content_type.as_deref(), Some("text/csv"));
    assert_eq!(uploads.claim("a", NOW).unwrap_err().status, 409);
    // The load failed: another may have it.
    drop(claim);
    assert_eq!((uploads.get("a", NOW).unwrap().status, pool.used()), ("ready", 4));
    uploads.claim("a", NOW).unwrap().consume();
    assert_eq!(uploads.claim("a", NOW).unwrap_err().status, 409);
    assert_eq!((uploads.get("a", NOW).unwrap().status, pool.used()), ("consumed", 0));
    assert_eq!(uploads.claim("a", NOW + limits().upload_life).unwrap_err().status, 404);
    assert_eq!(uploads.claim("b", NOW).unwrap_err().status, 404);
}

#[test]
fn parts_that_come_at_once_do_not_mix() {
    let uploads = uploads();
    let Session { shape: Shape::Parts { paths, .. }, finalize_token, .. } = begin(&uploads, "a", Some(4096))
    else {
        panic!("not parts")
    };
    let paths = Arc::new(paths);
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let (uploads, paths) = (uploads.clone(), Arc::clone(&paths));
            std::thread::spawn(move || {
                let mine = paths.iter().enumerate().filter(|(at, _)| at % 8 == worker);
                mine.map(|(at, url)| (at as i64 + 1, put(&uploads, url, &(at as u32).to_be_bytes()).unwrap()))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut parts: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    parts.sort();
    uploads.finalize("a", &finalize_token, Some(&parts), NOW).unwrap();
    let expected: Vec<u8> = (0..1024_u32).flat_map(u32::to_be_bytes).collect();
    assert!(read(&uploads, "a") == expected);
}
