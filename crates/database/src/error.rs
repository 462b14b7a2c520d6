//! What a failure of the database means to those who can act on it.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the database did not do as told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection within the time-outs.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// A statement failed; [`Error::kind`] says how.
    #[error("a query failed")]
    Query(#[from] DieselError),
    /// The address is not one of PostgreSQL.
    #[error("the address of the database is malformed")]
    Url(#[source] tokio_postgres::Error),
    /// `serve` on a schema that is not up to date.
    #[error("migrations are pending: {}", .0.join(", "))]
    PendingMigrations(Vec<String>),
    /// A migration failed; those before it stand.
    #[error("a migration failed")]
    Migration(#[source] Box<dyn StdError + Send + Sync>),
    /// The server's messages are in a language that [`Kind`] cannot read.
    #[error("the server speaks `{0}`: set lc_messages to C")]
    Language(String),
}

/// What a failure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No connection, no room, no writes for now: try later.
    Unavailable,
    /// The session ended in the middle; what was sent last may have happened.
    ConnectionLost,
    /// 40001 or 40P01: run the transaction again.
    Conflict,
    /// A lock was not given in time.
    LockTimeout,
    /// The statement took too long.
    StatementTimeout,
    /// A constraint said no; [`violated`] names it.
    Violation,
    /// No row where one was asked for.
    NotFound,
    /// A defect: ours, the schema's or the data's.
    Defect,
}

impl Error {
    pub(crate) fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }

    /// What the failure asks for.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Unavailable(_) => Kind::Unavailable,
            Self::Query(error) => Kind::of_query(error),
            Self::Url(_) | Self::PendingMigrations(_) | Self::Migration(_) | Self::Language(_) => Kind::Defect,
        }
    }
}

impl Kind {
    /// Of the first failure of a database in the chain of `error`, if there is one.
    pub fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<Error>() {
                return Some(error.kind());
            }
            if let Some(error) = error.downcast_ref::<DieselError>() {
                return Some(Self::of_query(error));
            }
            next = error.source();
        }
        None
    }

    /// Of a failed query.
    pub fn of_query(error: &DieselError) -> Self {
        let DieselError::DatabaseError(kind, information) = error else {
            return match error {
                DieselError::NotFound => Self::NotFound,
                DieselError::BrokenTransactionManager => Self::ConnectionLost,
                _ => Self::Defect,
            };
        };
        match kind {
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation
            | DatabaseErrorKind::RestrictViolation
            | DatabaseErrorKind::ExclusionViolation => Self::Violation,
            DatabaseErrorKind::SerializationFailure => Self::Conflict,
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => Self::ConnectionLost,
            // The server that was the primary a moment ago.
            DatabaseErrorKind::ReadOnlyTransaction => Self::Unavailable,
            _ => Self::of_message(information.message()),
        }
    }

    /// Whether a migration gave way to others. Its error shows nothing but words.
    pub(crate) fn steps_back(error: &(dyn StdError + Send + Sync)) -> bool {
        matches!(Self::of_message(&error.to_string()), Self::LockTimeout | Self::Conflict)
    }

    /// Whether the same thing may succeed a little later without anybody changing it.
    pub fn passes(self) -> bool {
        match self {
            Self::Unavailable | Self::ConnectionLost | Self::Conflict | Self::LockTimeout | Self::StatementTimeout => {
                true
            }
            Self::Violation | Self::NotFound | Self::Defect => false,
        }
    }

    /// diesel-async keeps the words of an error and drops its SQLSTATE, so the words have to do; the pool makes
    /// sure at start that they are English.
    fn of_message(message: &str) -> Self {
        const WORDS: [(&str, Kind); 14] = [
            ("deadlock detected", Kind::Conflict),
            ("due to lock timeout", Kind::LockTimeout),
            ("could not obtain lock", Kind::LockTimeout),
            ("due to statement timeout", Kind::StatementTimeout),
            ("due to user request", Kind::StatementTimeout),
            ("terminating connection", Kind::ConnectionLost),
            ("terminating background worker", Kind::ConnectionLost),
            ("the database system is", Kind::Unavailable),
            ("too many clients", Kind::Unavailable),
            ("remaining connection slots", Kind::Unavailable),
            ("too many connections", Kind::Unavailable),
            ("No space left on device", Kind::Unavailable),
            ("Disk quota exceeded", Kind::Unavailable),
            ("out of memory", Kind::Unavailable),
        ];
        WORDS.iter().find(|(words, _)| message.contains(words)).map_or(Self::Defect, |(_, kind)| *kind)
    }
}

/// The name of the constraint that a query violated: unique, check, foreign key or exclusion.
pub fn violated(error: &DieselError) -> Option<&str> {
    match error {
        DieselError::DatabaseError(_, information) => information.constraint_name(),
        _ => None,
    }
}
