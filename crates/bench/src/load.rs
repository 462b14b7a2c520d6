//! Two ways to put load on a server: as fast as it answers (closed loop, for throughput), and at a constant arrival rate
//! (open loop, for latency: a request counts from the moment it was due, so that waiting in line is not hidden).

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::client::{Answer, Client};

/// Makes the n-th request of a run.
pub(crate) type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// What a run saw.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) seconds: f64,
    /// How often each status came.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Sorted.
    latencies: Vec<Duration>,
    /// Those of answers that were not 2xx, sorted.
    refused: Vec<Duration>,
    /// The first answer that was not 2xx, for the reader.
    pub(crate) complaint: Option<String>,
}

impl Outcome {
    pub(crate) fn good(&self) -> u64 {
        self.statuses.iter().filter(|(status, _)| (200..300).contains(*status)).map(|(_, count)| count).sum()
    }

    pub(crate) fn bad(&self) -> u64 {
        self.statuses.values().sum::<u64>() - self.good()
    }

    /// Good answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.good() as f64 / self.seconds
    }

    /// The latency that `share` of the answers stayed below.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        percentile(&self.latencies, share)
    }

    /// The same of the answers that were not 2xx.
    pub(crate) fn percentile_of_refused(&self, share: f64) -> Duration {
        percentile(&self.refused, share)
    }

    fn note(&mut self, answer: &Answer, latency: Duration) {
        *self.statuses.entry(answer.status).or_default() += 1;
        self.latencies.push(latency);
        if !(200..300).contains(&answer.status) {
            self.refused.push(latency);
            let complain = || format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
            self.complaint.get_or_insert_with(complain);
        }
    }

    fn join(mut self, other: Self) -> Self {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.latencies.extend(other.latencies);
        self.refused.extend(other.refused);
        self.complaint = self.complaint.or(other.complaint);
        self
    }
}

/// `connections` callers that each send the next request when the last was answered, for `time`.
pub(crate) async fn closed(
    address: &str,
    connections: usize,
    time: Duration,
    requests: Requests,
) -> io::Result<Outcome> {
    let started = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let callers = (0..connections).map(|_| {
        let (next, requests) = (next.clone(), requests.clone());
        async move {
            let mut client = Client::connect(address).await?;
            let mut outcome = Outcome::default();
            while started.elapsed() < time {
                let request = requests(next.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                let answer = client.send(&request).await?;
                outcome.note(&answer, sent.elapsed());
            }
            io::Result::Ok(outcome)
        }
    });
    gather(join_all(callers).await, started)
}

/// `rate` requests a second for `time`, whatever the answers do; at most `connections` are under way.
pub(crate) async fn open(
    address: &str,
    connections: usize,
    rate: u32,
    time: Duration,
    requests: Requests,
) -> io::Result<Outcome> {
    let started = Instant::now();
    let total = (time.as_secs_f64() * f64::from(rate)) as u64;
    let next = Arc::new(Mutex::new(0_u64));
    let callers = (0..connections).map(|_| {
        let (next, requests) = (next.clone(), requests.clone());
        async move {
            let mut client = Client::connect(address).await?;
            let mut outcome = Outcome::default();
            loop {
                let number = {
                    let mut next = next.lock().map_err(|_poisoned| io::Error::other("a caller failed"))?;
                    *next += 1;
                    *next - 1
                };
                if number >= total {
                    break;
                }
                let due = started + Duration::from_secs_f64(number as f64 / f64::from(rate));
                tokio::time::sleep_until(due.into()).await;
                let answer = client.send(&requests(number)).await?;
                outcome.note(&answer, due.elapsed());
            }
            io::Result::Ok(outcome)
        }
    });
    gather(join_all(callers).await, started)
}

fn gather(outcomes: Vec<io::Result<Outcome>>, started: Instant) -> io::Result<Outcome> {
    let mut all = Outcome::default();
    for outcome in outcomes {
        all = all.join(outcome?);
    }
    all.seconds = started.elapsed().as_secs_f64();
    all.latencies.sort_unstable();
    all.refused.sort_unstable();
    Ok(all)
}

/// What `share` of the sorted times stayed below.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}
