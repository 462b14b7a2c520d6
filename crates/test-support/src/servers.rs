//! Where the servers are that tests use: `ZST_POSTGRES_URL`, `ZST_REDIS_URL`, `ZST_RABBITMQ_URL`, else the usual ports
//! of this machine.

/// PostgreSQL, with the right to create databases.
pub fn postgres_url() -> String {
    variable("ZST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
}

/// Redis.
pub fn redis_url() -> String {
    variable("ZST_REDIS_URL", "redis://127.0.0.1:6379")
}

/// RabbitMQ.
pub fn rabbitmq_url() -> String {
    variable("ZST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672")
}

#[expect(clippy::disallowed_methods, reason = "tests have no Environment")]
fn variable(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}

/// Runs what a `Drop` has to wait for, on a thread and a runtime of its own.
pub(crate) fn block_on<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) {
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a thread can have a runtime").block_on(work());
    });
    // A clean-up that failed is swept up later; the test's own result counts.
    drop(done.join());
}
