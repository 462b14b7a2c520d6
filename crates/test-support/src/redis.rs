//! Keys of its own in Redis for each test.

use redis::AsyncCommands;
use service_runtime::Ids;
use uuid::Uuid;

use crate::servers;

/// A prefix for keys; what has it is deleted when this is dropped.
#[derive(Debug)]
pub struct TestRedis {
    url: String,
    prefix: String,
}

impl TestRedis {
    /// At the Redis of the machine.
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        Self::at(servers::redis_url())
    }

    /// At a Redis that the test started itself.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), prefix: format!("test-{}:", Ids.next::<Uuid>().simple()) }
    }

    /// What services are configured with.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What services are configured with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Every key of the test with what is under it, to be searched for what must not be there.
    pub async fn dump(&self) -> String {
        let client = redis::Client::open(self.url.as_str()).expect("the address is well-formed");
        let mut conn = client.get_multiplexed_async_connection().await.expect("Redis is there");
        let keys: Vec<String> = conn.keys(format!("{}*", self.prefix)).await.expect("keys can be listed");
        let mut dump = String::new();
        for key in keys {
            let kind: String = redis::cmd("TYPE").arg(&key).query_async(&mut conn).await.expect("a key has a type");
            let read = match kind.as_str() {
                "string" => redis::cmd("GET").arg(&key).to_owned(),
                "hash" => redis::cmd("HGETALL").arg(&key).to_owned(),
                "list" => redis::cmd("LRANGE").arg(&key).arg(0).arg(-1).to_owned(),
                "set" => redis::cmd("SMEMBERS").arg(&key).to_owned(),
                "zset" => redis::cmd("ZRANGE").arg(&key).arg(0).arg(-1).to_owned(),
                // It went meanwhile.
                _ => continue,
            };
            let value: redis::Value = read.query_async(&mut conn).await.expect("a key can be read");
            dump += &format!("{key} {}\n", printable(&value));
        }
        dump
    }
}

fn printable(value: &redis::Value) -> String {
    match value {
        redis::Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        redis::Value::Array(values) | redis::Value::Set(values) => {
            values.iter().map(printable).collect::<Vec<_>>().join(" ")
        }
        other => format!("{other:?}"),
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        let (url, pattern) = (self.url.clone(), format!("{}*", self.prefix));
        servers::block_on(async move || drop(delete(&url, &pattern).await));
    }
}

async fn delete(url: &str, pattern: &str) -> redis::RedisResult<()> {
    let mut conn = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let mut cursor = 0u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1_000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut conn).await?;
        if !keys.is_empty() {
            let _deleted: u64 = conn.del(keys).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
