//! The same market as a process for each service, idle.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use crate::market::{CLERK_PORT, resident_megabytes, sibling};
use crate::table::Row;

const GATEWAY_PORT: u16 = 18081;
/// Each with its port for calls; the private one is ten above it.
const SERVICES: [(&str, u16); 6] =
    [("identity", 18101), ("catalog", 18102), ("cart", 18103), ("ordering", 18104), ("reels", 18105), ("media", 18106)];
const PRIVATE: u16 = 10;
const SECRET: &str = "a secret that only this measurement knows";

/// Reads a few pages through the gateway, then lets the processes be. They use the databases of the market beside them,
/// and names of their own at the broker and in Redis.
pub(crate) async fn resident() -> Result<Row> {
    let mut processes = Vec::new();
    for (service, port) in SERVICES {
        processes.push((service, port + PRIVATE, start(service, port)?));
    }
    processes.push(("gateway", GATEWAY_PORT + PRIVATE, start("gateway", GATEWAY_PORT)?));
    for (service, private, _) in &processes {
        until_ready(service, *private).await?;
    }
    let api = format!("http://127.0.0.1:{GATEWAY_PORT}/api/v1");
    for path in ["/products", "/products/search?q=parfum", "/categories", "/sellers", "/shipping/wilayas"] {
        reqwest::get(format!("{api}{path}")).await?.error_for_status()?.bytes().await?;
    }
    let (mut sum, mut each) = (0.0, Vec::new());
    for (service, _, process) in &processes {
        let megabytes = resident_megabytes(process).await?;
        sum += megabytes;
        each.push(format!("{service} {megabytes:.0}"));
    }
    for (_, _, mut process) in processes {
        let id = process.id().context("a service has ended")?;
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        process.wait().await?;
    }
    Ok(Row {
        path: "resident memory, idle, a process for each service, together",
        measured: format!("{sum:.0} MB ({})", each.join(", ")),
        limit: String::new(),
        must: "150 MB",
        goal: "100 MB",
        reached: sum <= 150.0,
    })
}

fn start(service: &str, port: u16) -> Result<Child> {
    let own = service.to_uppercase();
    let server = |name: &str| std::env::vars().find_map(|(key, value)| (key == name).then_some(value));
    let [postgres, redis, rabbitmq] = ["ZST_POSTGRES_URL", "ZST_REDIS_URL", "ZST_RABBITMQ_URL"].map(server);
    let postgres = postgres.context("ZST_POSTGRES_URL is not set: run `make bench`")?;
    let (server, _database) = postgres.rsplit_once('/').context("ZST_POSTGRES_URL names no database")?;
    let mut command = Command::new(sibling(service)?);
    command
        .arg("serve")
        .env(format!("{own}_DATABASE_URL"), format!("{server}/zst_{service}"))
        .env(format!("{own}_RABBITMQ_URL"), rabbitmq.context("ZST_RABBITMQ_URL is not set")?)
        .env(format!("{own}_RABBITMQ_PREFIX"), "apart-")
        .env(format!("{own}_REDIS_URL"), redis.context("ZST_REDIS_URL is not set")?)
        .env(format!("{own}_REDIS_PREFIX"), "apart-")
        .env(format!("{own}_ACCESS_TOKEN_SECRETS"), SECRET)
        .env(format!("{own}_PRIVATE_ADDR"), format!("127.0.0.1:{}", port + PRIVATE))
        .env(format!("{own}_{}ADDR", if service == "gateway" { "" } else { "GRPC_" }), format!("127.0.0.1:{port}"))
        .env("ORDERING_TRACKING_SECRETS", SECRET)
        // Nobody sends a file here.
        .env("MEDIA_S3_ENDPOINT", "http://127.0.0.1:9")
        .env("MEDIA_S3_BUCKET", "none")
        .env("MEDIA_S3_ACCESS_KEY", SECRET)
        .env("MEDIA_S3_SECRET_KEY", SECRET)
        .env("MEDIA_PUBLIC_URL", "http://127.0.0.1:9")
        .env("GATEWAY_CLERK_ISSUER", format!("http://127.0.0.1:{CLERK_PORT}"))
        .env("RUST_LOG", "warn")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    for (other, at) in SERVICES {
        command.env(format!("{own}_{}_URL", other.to_uppercase()), format!("http://127.0.0.1:{at}"));
    }
    let built = |path: &Path| format!("{} does not start: build it first", path.display());
    command.spawn().with_context(|| built(Path::new(service)))
}

async fn until_ready(service: &str, private: u16) -> Result<()> {
    let started = Instant::now();
    let url = format!("http://127.0.0.1:{private}/health/ready");
    while !reqwest::get(&url).await.is_ok_and(|answer| answer.status() == 200) {
        ensure!(started.elapsed() < Duration::from_secs(60), "{service} is not ready after a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
