//! What happens when a part of the market dies, hangs or is away: one process per service, each killed, frozen and started
//! again, and the servers beside them too.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it must be")]
#![expect(clippy::large_futures, reason = "one cluster a process: its future lies on the stack of the test alone")]

mod harness;

mod broker_away;
mod caches_race;
mod cut_requests;
mod degraded_databases;
mod degraded_servers;
mod degraded_services;
mod events_once;
mod exact_counters;
mod keys_and_crashes;
mod one_trace;
mod programs;
mod purchase;
mod realtime;
mod rolling_restart;
mod start_order;
mod two_gateways;
mod uploads;
