//! A market of one process per service, and people who use it through the public ports.

pub(crate) mod balancer;
#[path = "../harness/bodies.rs"]
pub(crate) mod bodies;
pub(crate) mod books;
#[path = "../harness/caller.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests, which use more of it")]
pub(crate) mod caller;
pub(crate) mod cluster;
pub(crate) mod collector;
#[path = "../harness/contract.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests, which use more of it")]
pub(crate) mod contract;
#[path = "../harness/databases.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests, which use more of it")]
pub(crate) mod databases;
#[path = "../harness/files.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests, which use more of it")]
pub(crate) mod files;
pub(crate) mod metrics;
pub(crate) mod people;
pub(crate) mod plan;
#[path = "../harness/planted.rs"]
pub(crate) mod planted;
#[path = "../harness/processes.rs"]
pub(crate) mod processes;
#[path = "../harness/program.rs"]
pub(crate) mod program;
pub(crate) mod servers;
#[path = "../harness/settings.rs"]
pub(crate) mod settings;
#[path = "../harness/sockets.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests, which use more of it")]
pub(crate) mod sockets;

use std::time::Duration;

pub(crate) use self::bodies::{checkout, new_product, unique};
pub(crate) use self::caller::{Caller, Reply};
pub(crate) use self::cluster::Cluster;
pub(crate) use self::people::{Shop, insist};
pub(crate) use self::plan::Plan;
pub(crate) use self::servers::OwnServer;
pub(crate) use local_servers::Kind;
pub(crate) use test_support::eventually;

/// Longer than anything takes that works.
pub(crate) const LONG: Duration = Duration::from_secs(30);
/// After the start of a broker its stream needs some time to be there again; nothing of ours can hurry it.
pub(crate) const BROKER_START: Duration = Duration::from_secs(90);
/// After a crash the backlog is gone by then (reliability.md, E4).
pub(crate) const RECOVERED: Duration = Duration::from_secs(10);
/// Reads are answered by then, whatever is away (api.md 2.12), and the work of the test itself.
pub(crate) const READ: Duration = Duration::from_millis(2_500);
/// The same for writes.
pub(crate) const WRITE: Duration = Duration::from_millis(5_500);

/// The answer, which must come in time.
pub(crate) async fn timely(limit: Duration, request: impl Future<Output = Reply>) -> Reply {
    let started = tokio::time::Instant::now();
    let reply = request.await;
    let took = started.elapsed();
    assert!(took < limit, "{} came after {took:?}: {:#}", reply.status, reply.body);
    reply
}
