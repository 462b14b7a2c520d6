//! A whole market, in one process or in one per service, and people who use it through the public port alone.

#[path = "../harness/bodies.rs"]
pub(crate) mod bodies;
#[path = "../harness/caller.rs"]
pub(crate) mod caller;
#[path = "../harness/contract.rs"]
pub(crate) mod contract;
#[path = "../harness/databases.rs"]
pub(crate) mod databases;
#[path = "../harness/files.rs"]
pub(crate) mod files;
pub(crate) mod findings;
pub(crate) mod layout;
pub(crate) mod market;
#[path = "../harness/planted.rs"]
pub(crate) mod planted;
#[path = "../harness/processes.rs"]
#[expect(dead_code, reason = "shared with the fault tests, which hurt processes")]
pub(crate) mod processes;
#[path = "../harness/program.rs"]
pub(crate) mod program;
pub(crate) mod raw;
#[path = "../harness/settings.rs"]
pub(crate) mod settings;
pub(crate) mod shapes;
#[path = "../harness/sockets.rs"]
pub(crate) mod sockets;
mod webhooks;

pub(crate) use self::bodies::{checkout, new_product, unique};
pub(crate) use self::caller::{Caller, Reply};
pub(crate) use self::findings::Findings;
pub(crate) use self::market::Market;
pub(crate) use test_support::eventually;
