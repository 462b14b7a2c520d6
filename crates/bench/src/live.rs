//! Realtime: what a like costs until five thousand have heard of it, and what it costs that they listen.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::{join_all, try_join_all};
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::process::Child;
use tokio::sync::Mutex;

use crate::bare::{Bare, Role};
use crate::client::{Client, request};
use crate::market::{Market, busy_seconds};
use crate::reels::Viewers;
use crate::socket::Socket;
use crate::table::Row;

const SOCKETS: usize = 5_000;
/// Likes a second, and what of it must be reached.
const RATES: [(u32, Duration); 2] = [(10, Duration::from_millis(150)), (20, Duration::from_millis(100))];
const TIME: Duration = Duration::from_secs(30);
/// Longer than anybody who reads takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects all, measures what that costs, then likes one reel before their eyes.
pub(crate) async fn crowd(market: &Market, viewers: &Viewers) -> Result<Vec<Row>> {
    let reel = viewers.public_reel(market).await?;
    let before = market.resident_megabytes().await?;
    let started = Instant::now();
    let mut sockets = connect(&market.address(), SOCKETS, |number| Some(viewers.token(number)), &reel).await?;
    let connected = started.elapsed();
    // A socket is at rest when what connecting took is given back.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let each = (market.resident_megabytes().await? - before) * 1024.0 / SOCKETS as f64;
    let mut rows = vec![connecting(connected), memory(each)];

    let (mut ours, mut event, mut done) = (Vec::new(), Vec::new(), 0);
    for (rate, _) in RATES {
        crate::say(&format!("{rate} likes a second before {SOCKETS} sockets"));
        let likes = |number: u64| viewers.like(done + number, &reel);
        let seen = fan_out(&mut sockets, &market.address(), rate, likes, market.process()).await?;
        event.clone_from(&seen.event);
        done += u64::from(rate) * TIME.as_secs();
        ours.push(seen);
    }
    drop(sockets);
    let bare = Bare::start(Role::Sockets, &event).await?;
    let mut sockets = connect(&Bare::address(), SOCKETS, |_| None, &reel).await?;
    for ((rate, within), ours) in RATES.into_iter().zip(ours) {
        crate::say(&format!("{rate} events a second by bare socketioxide"));
        let emit = |_| request("POST", &format!("/{reel}"), None, Some(""));
        let limit = fan_out(&mut sockets, &Bare::address(), rate, emit, bare.process()).await?;
        rows.push(fanned_out(rate, within, &ours, &limit));
    }
    bare.stop().await?;
    Ok(rows)
}

/// Connects so many and joins the room with each.
async fn connect<'a>(
    address: &str,
    count: usize,
    token: impl Fn(usize) -> Option<&'a str>,
    reel: &str,
) -> Result<Vec<Socket>> {
    stream::iter(0..count)
        .map(|number| {
            let token = token(number);
            async move {
                let mut socket = Socket::connect(address, token).await?;
                socket.join(reel).await?;
                anyhow::Ok(socket)
            }
        })
        .buffer_unordered(200)
        .try_collect()
        .await
}

/// What a crowd saw.
struct Seen {
    delivered: usize,
    lost: usize,
    /// From a request's start until a socket had read its event; sorted.
    times: Vec<Duration>,
    /// Processor seconds of the server in each second.
    cores: f64,
    /// The last event.
    event: Vec<u8>,
}

impl Seen {
    fn percentile(&self, share: f64) -> Duration {
        crate::load::percentile(&self.times, share)
    }

    fn told(&self) -> String {
        let [p50, p99] = [0.5, 0.99].map(|share| self.percentile(share).as_millis());
        format!("p50 {p50} ms, p99 {p99} ms, {:.2} cores", self.cores)
    }
}

/// Sends `rate` requests a second, each of which is one event for all sockets. They are so far apart that the n-th event
/// is the n-th request's.
async fn fan_out(
    sockets: &mut [Socket],
    address: &str,
    rate: u32,
    requests: impl Fn(u64) -> Vec<u8>,
    server: &Child,
) -> Result<Seen> {
    let total = u64::from(rate) * TIME.as_secs();
    let begun: Rc<RefCell<Vec<Instant>>> = Rc::default();
    let begin = Instant::now();
    let end = begin + TIME + PATIENCE;
    let busy = busy_seconds(server).await?;
    let callers: Vec<_> = try_join_all((0..8).map(|_| Client::connect(address))).await?;
    let callers: Vec<_> = callers.into_iter().map(Mutex::new).collect();
    let send = (0..total).map(|number| {
        let (caller, request, begun) = (&callers[number as usize % callers.len()], requests(number), &begun);
        async move {
            tokio::time::sleep_until((begin + Duration::from_secs(1).mul_f64(number as f64 / f64::from(rate))).into())
                .await;
            begun.borrow_mut().push(Instant::now());
            let status = caller.lock().await.send(&request).await?.status;
            ensure!(status == 200, "a request was answered {status}");
            Ok(())
        }
    });
    let listen = sockets.iter_mut().map(|socket| {
        let begun = &begun;
        async move {
            let (mut times, mut last) = (Vec::with_capacity(total as usize), None);
            let listen = async {
                for number in 0..total as usize {
                    last = Some(socket.event().await?);
                    times.extend(begun.borrow().get(number).map(Instant::elapsed));
                }
                anyhow::Ok(())
            };
            // One timer for all: what is still missing then is lost.
            tokio::time::timeout_at(end.into(), listen).await.unwrap_or(Ok(()))?;
            anyhow::Ok((times, last))
        }
    });
    let (sent, heard) = tokio::join!(try_join_all(send), join_all(listen));
    sent?;
    let cores = (busy_seconds(server).await? - busy) / begin.elapsed().as_secs_f64();
    let (mut times, mut event) = (Vec::new(), None);
    for heard in heard {
        let (heard, last) = heard?;
        times.extend(heard);
        event = event.or(last);
    }
    times.sort_unstable();
    let delivered = times.len();
    let lost = sockets.len() * total as usize - delivered;
    Ok(Seen { delivered, lost, times, cores, event: event.context("nobody heard anything")?.to_vec() })
}

fn connecting(time: Duration) -> Row {
    Row {
        path: "connecting 5,000 signed-in clients, each joins a room",
        measured: format!("{:.1} s", time.as_secs_f64()),
        limit: String::new(),
        must: "20 s",
        goal: "6 s",
        reached: time.as_secs() < 20,
    }
}

fn memory(kilobytes: f64) -> Row {
    Row {
        path: "memory of a connected idle socket, signed in and in one room",
        measured: format!("{kilobytes:.0} kB"),
        limit: String::new(),
        must: "50 kB",
        goal: "20 kB",
        reached: kilobytes <= 50.0,
    }
}

fn fanned_out(rate: u32, within: Duration, ours: &Seen, limit: &Seen) -> Row {
    let is_goal = rate > RATES[0].0;
    let p99 = ours.percentile(0.99);
    Row {
        path: if is_goal {
            "5,000 sockets in one room, 20 likes a second through REST, until each has read each event"
        } else {
            "5,000 sockets in one room, 10 likes a second through REST, until each has read each event"
        },
        measured: format!("{} delivered, {} lost; {}", ours.delivered, ours.lost, ours.told()),
        limit: format!("{}, bare socketioxide with the same event", limit.told()),
        must: if is_goal { "" } else { "all delivered, p99 < 150 ms" },
        goal: if is_goal { "all delivered, p99 < 100 ms" } else { "" },
        // The higher rate is a goal.
        reached: is_goal || (ours.lost == 0 && p99 < within),
    }
}
