use std::time::{Duration, Instant};

use service_runtime::telemetry;

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

/// Of memory, until somebody adds it up: the number, and its share of what keeps it.
const SAMPLE: u64 = 16;
const A_MOMENT: Duration = Duration::from_millis(1);

/// They would take all memory in the end.
#[test]
fn measurements_that_nobody_reads_do_not_pile_up() {
    telemetry::render_metrics().unwrap();
    let histogram = metrics::histogram!("unread_seconds");
    let (before, began, mut samples) = (resident_bytes(), Instant::now(), 0);
    // Adding up must not be outrun.
    for moment in 1..=6_000 {
        for _ in 0..1_000 {
            histogram.record(0.25);
        }
        samples += 1_000;
        while began.elapsed() < A_MOMENT * moment {
            std::thread::yield_now();
        }
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < samples * SAMPLE / 2, "{grown} bytes more after {samples} samples");
    let text = telemetry::render_metrics().unwrap();
    assert!(text.contains(&format!("unread_seconds_count {samples}")), "{text}");
}
