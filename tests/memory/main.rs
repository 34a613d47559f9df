//! A gibibyte is uploaded by a process of its own while the storage fails again and again. It arrives intact,
//! it is finalized once, and the process takes no more memory than it was given.
//!
//! Without libtest: the process is this program again.

use std::process::Command;
use std::time::Duration;

use controlplane::hotdata::uploads::PartRetry;
use controlplane::hotdata::{AsyncClient, Client, Credentials, UploadCall, Uploads};
use controlplane::transport::Proxy;

#[path = "../support/pattern.rs"]
mod pattern;
#[path = "../support/storage.rs"]
mod storage;

use pattern::Pattern;
use storage::{Fault, Storage, hasher, hex};

const MIB: u64 = 1024 * 1024;
const PART: u64 = 8 * MIB;
/// Six parts are held at a time.
const BUDGET: u64 = 48 * MIB;
/// What the process takes besides: itself, the buffers of sockets, the stacks.
const REST: u64 = 32 * MIB;
const CHILD: &str = "HOTDATA_UPLOAD_OF";

fn main() {
    if let Ok(child) = std::env::var(CHILD) {
        let mut words = child.split(' ');
        return upload(words.next().unwrap(), words.next().unwrap(), words.next().unwrap().parse().unwrap());
    }
    let filter: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    for mode in ["blocking", "reader", "async"] {
        let name = format!("large_upload_{mode}");
        if !filter.is_empty() && !filter.iter().any(|filter| name.contains(filter)) {
            continue;
        }
        run(mode, 1024 * MIB);
        println!("test {name} ... ok");
    }
}

/// About every eighth attempt fails, the third of a part at the latest does not.
fn judge(part: u64, attempt: u32) -> Option<Fault> {
    let chance = (part * 2 + u64::from(attempt)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60;
    match chance {
        _ if attempt > 1 => None,
        0 => Some(Fault::Status(500)),
        1 => Some(Fault::Reset(3_000_000)),
        2 if attempt == 0 => Some(Fault::NoETag),
        _ => None,
    }
}

fn run(mode: &str, size: u64) {
    let size = size + 12_345;
    let storage = Storage::start(PART, true, judge);
    let started = std::time::Instant::now();
    let output = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, format!("{mode} {} {size}", storage.url()))
        .output()
        .unwrap();
    let took = started.elapsed();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));

    let seen = storage.seen();
    assert_eq!(seen.finalized, 1);
    assert_eq!(seen.foreign, Vec::<String>::new());
    assert!(seen.faults > 3, "{seen:?}");
    assert_eq!(u64::from(seen.puts), u64::from(seen.faults) + seen.parts.len() as u64);
    assert_eq!(seen.parts.keys().copied().collect::<Vec<_>>(), (1..=size.div_ceil(PART)).collect::<Vec<_>>());
    // Part by part the same bytes.
    let mut pattern = Pattern::new(size);
    let mut buffer = vec![0; 64 * 1024];
    for (part, (digest, length)) in &seen.parts {
        let mut hasher = hasher();
        let mut left = usize::try_from(*length).unwrap();
        while left > 0 {
            let most = left.min(buffer.len());
            let read = std::io::Read::read(&mut pattern, &mut buffer[..most]).unwrap();
            assert!(read > 0, "part {part} is too long");
            hasher.update(&buffer[..read]);
            left -= read;
        }
        assert_eq!(*digest, hex(hasher), "part {part}");
    }
    let peak = told.trim().parse::<u64>().ok();
    println!(
        "{mode}: {} MiB in {took:.1?}, {} of {} PUTs failed, at most {} of {} MiB",
        size / MIB,
        seen.faults,
        seen.puts,
        peak.map_or("?".to_owned(), |peak| (peak / MIB).to_string()),
        (BUDGET + REST) / MIB,
    );
    if let Some(peak) = peak {
        assert!(peak <= BUDGET + REST, "{peak} bytes");
        // Else nothing was measured.
        assert!(peak > BUDGET / 2, "{peak} bytes");
    }
}

fn credentials(url: &str) -> Credentials {
    Credentials::builder().api_key("k").workspace_id("w").base_url(url).build().unwrap()
}

/// The process that uploads. Says its peak memory in bytes, where it is known.
fn upload(mode: &str, url: &str, size: u64) {
    let finished = match mode {
        "async" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let builder = AsyncClient::builder().credentials(credentials(url));
                let client = builder.proxy(Proxy::None).build().unwrap();
                chosen(client.uploads().upload_file(Pattern::new(size))).send().await.unwrap()
            })
        }
        _ => {
            let builder = Client::builder().credentials(credentials(url));
            let uploads: Uploads<_> = builder.proxy(Proxy::None).build().unwrap().uploads();
            let call = match mode {
                "reader" => uploads.upload_reader(Pattern::new(size)),
                _ => uploads.upload_file(Pattern::new(size)),
            };
            chosen(call).send().unwrap()
        }
    };
    assert_eq!(finished.size_bytes, size);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    match peak {
        Some(peak) => println!("{}", peak.trim().parse::<u64>().unwrap() * 1024),
        None => println!("unknown"),
    }
}

fn chosen<M>(call: UploadCall<M>) -> UploadCall<M> {
    let mut retry = PartRetry::retries(1);
    retry.backoff = Duration::from_millis(1);
    call.memory_budget(BUDGET)
        .part_retry(retry)
        .max_extra_rounds(3)
        .round_base_delay(Duration::from_millis(10))
}
