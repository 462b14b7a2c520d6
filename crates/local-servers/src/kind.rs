//! The three servers the product needs.

use std::fmt;
use std::time::Duration;

/// One of the servers the product needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL, 15 or newer.
    Postgres,
    /// Redis.
    Redis,
    /// RabbitMQ.
    RabbitMq,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Redis, Self::RabbitMq];

    /// The environment variable that names a server to use instead of a private one.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "ZST_POSTGRES_URL",
            Self::Redis => "ZST_REDIS_URL",
            Self::RabbitMq => "ZST_RABBITMQ_URL",
        }
    }

    /// The address of a private server on `port`; the PostgreSQL role may create databases.
    pub fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            Self::Redis => format!("redis://127.0.0.1:{port}"),
            Self::RabbitMq => format!("amqp://guest:guest@127.0.0.1:{port}/%2f"),
        }
    }

    /// The Debian packages that bring the programs.
    pub fn packages(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Redis => "redis-server",
            Self::RabbitMq => "rabbitmq-server",
        }
    }

    /// The folder of this server inside a set.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::RabbitMq => "rabbitmq",
        }
    }

    /// The signal that makes the server write its data and leave without waiting for its clients.
    pub(crate) fn stop_signal(self) -> &'static str {
        match self {
            Self::Postgres => "INT",
            Self::Redis | Self::RabbitMq => "TERM",
        }
    }

    /// How long a start may take on a busy machine, recovery after a crash included.
    pub(crate) fn start_limit(self) -> Duration {
        match self {
            Self::Postgres | Self::RabbitMq => Duration::from_secs(90),
            Self::Redis => Duration::from_secs(30),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
            Self::RabbitMq => "RabbitMQ",
        })
    }
}
