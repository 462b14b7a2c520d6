//! The market under measurement: the released `local-market` on loopback, its users and its products, through the public
//! port like anybody else.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// Where a run listens; apart from `make run`, so that both can be up.
pub(crate) const PORT: u16 = 18080;
/// The stand-in for Clerk of a run.
pub(crate) const CLERK_PORT: u16 = 18090;

/// Where a run tells its metrics.
const PRIVATE_PORT: u16 = 18100;

/// A started market.
pub(crate) struct Market {
    process: Child,
    http: reqwest::Client,
}

/// What a load needs to know of a product on sale.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) category: String,
}

impl Market {
    /// Starts the market and waits until it is ready.
    pub(crate) async fn start() -> Result<Self> {
        Self::start_on("zst_").await
    }

    /// The same on databases of their own, whose names begin so.
    pub(crate) async fn start_on(database_prefix: &str) -> Result<Self> {
        let process = Command::new(sibling("local-market")?)
            .arg("run")
            .env("PORT", PORT.to_string())
            .env("ZST_DATABASE_PREFIX", database_prefix)
            .env("CLERK_PORT", CLERK_PORT.to_string())
            .env("STANDALONE_PRIVATE_ADDR", format!("127.0.0.1:{PRIVATE_PORT}"))
            // Load comes from one address and few accounts.
            .env("GATEWAY_RATE_LIMIT_FACTOR", "1000000")
            .env("GATEWAY_LIMIT_LIKE", "1000000")
            .env("GATEWAY_LIMIT_UPLOAD", "1000000")
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("local-market does not start: build it first")?;
        let market = Self { process, http: reqwest::Client::new() };
        market.wait_until_ready(Duration::from_secs(180)).await?;
        Ok(market)
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{PORT}")
    }

    async fn wait_until_ready(&self, patience: Duration) -> Result<()> {
        let started = Instant::now();
        loop {
            if let Ok(answer) = self.http.get(format!("http://{}/health/ready", self.address())).send().await
                && answer.status() == 200
            {
                return Ok(());
            }
            ensure!(started.elapsed() < patience, "the market is not ready after {patience:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Megabytes that the process holds resident.
    pub(crate) async fn resident_megabytes(&self) -> Result<f64> {
        resident_megabytes(&self.process).await
    }

    /// What the market counts of itself, as Prometheus reads it.
    pub(crate) async fn metrics(&self) -> Result<String> {
        let answer = self.http.get(format!("http://127.0.0.1:{PRIVATE_PORT}/metrics")).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// Waits until so many services have looked at their own data.
    pub(crate) async fn self_checks_are_done(&self, services: usize) -> Result<()> {
        let started = Instant::now();
        loop {
            let metrics = self.metrics().await?;
            let looked = metrics.lines().filter(|line| line.starts_with("self_check_looked_at_timestamp_seconds{"));
            let service = |line: &str| line.split("service=\"").nth(1)?.split('"').next().map(str::to_owned);
            if looked.filter_map(service).collect::<BTreeSet<_>>().len() >= services {
                return Ok(());
            }
            ensure!(started.elapsed() < Duration::from_secs(300), "self-checks do not end");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Ends the market as Ctrl-C does and waits for it.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.process.id().context("the market has ended")?;
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        let status = tokio::time::timeout(Duration::from_secs(60), self.process.wait()).await??;
        ensure!(status.success(), "the market ended with {status}");
        Ok(())
    }

    /// A session token of a user that lasts for the whole run.
    pub(crate) async fn token(&self, user: &str) -> Result<String> {
        let answer = self
            .http
            .post(format!("http://127.0.0.1:{CLERK_PORT}/tokens"))
            .json(&json!({"user": user, "ttl_seconds": 7200}))
            .send()
            .await?
            .error_for_status()?;
        let answer: Value = answer.json().await?;
        Ok(answer["token"].as_str().context("no token")?.to_owned())
    }

    /// GET below `/api/v1`, as JSON.
    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Result<Value> {
        let mut request = self.http.get(format!("http://{}/api/v1{path}", self.address()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// POST below `/api/v1`, as JSON.
    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.write(Method::POST, path, token, body).await
    }

    /// PATCH below `/api/v1`, as JSON.
    pub(crate) async fn patch(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.write(Method::PATCH, path, token, body).await
    }

    async fn write(&self, method: Method, path: &str, token: &str, body: &Value) -> Result<Value> {
        let url = format!("http://{}/api/v1{path}", self.address());
        let answer = self.http.request(method.clone(), url).bearer_auth(token).json(body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("{method} {path}: {status} {text}");
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// DELETE below `/api/v1`, whatever it answers.
    pub(crate) async fn delete(&self, path: &str, token: &str) -> Result<()> {
        let url = format!("http://{}/api/v1{path}", self.address());
        self.http.delete(url).bearer_auth(token).send().await?;
        Ok(())
    }

    /// The process itself.
    /// For what is no JSON.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn process(&self) -> &Child {
        &self.process
    }

    /// Every product on sale and in stock.
    pub(crate) async fn products(&self) -> Result<Vec<Product>> {
        let mut products = Vec::new();
        for page in 1.. {
            let list = self.get(&format!("/products?in_stock=true&limit=100&page={page}"), None).await?;
            let rows = list["data"].as_array().context("no data")?;
            products.extend(rows.iter().map(|row| Product { id: text(&row["id"]), category: text(&row["category"]) }));
            if page >= list["meta"]["totalPages"].as_u64().unwrap_or(0) {
                break;
            }
        }
        Ok(products)
    }
}

/// Megabytes that a process holds resident.
pub(crate) async fn resident_megabytes(process: &Child) -> Result<f64> {
    let id = process.id().context("the process has ended")?;
    let status = tokio::fs::read_to_string(format!("/proc/{id}/status")).await?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// Seconds for which a process has kept processors busy so far.
pub(crate) async fn busy_seconds(process: &Child) -> Result<f64> {
    let id = process.id().context("the process has ended")?;
    let status = tokio::fs::read_to_string(format!("/proc/{id}/stat")).await?;
    // Behind the name, which may hold anything: fields 14 and 15 of proc(5), in hundredths of a second.
    let fields = status.rsplit(") ").next().context("no name")?.split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

/// A program of the same build.
pub(crate) fn sibling(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    Ok(here.parent().context("no folder")?.join(name))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
