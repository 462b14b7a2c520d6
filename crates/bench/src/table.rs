//! The result: one row a path, side by side with its limit.

use std::fmt::{self, Display};

/// One measured path.
pub(crate) struct Row {
    pub(crate) path: &'static str,
    pub(crate) measured: String,
    /// What it is compared with, from the same run.
    pub(crate) limit: String,
    pub(crate) must: &'static str,
    pub(crate) goal: &'static str,
    pub(crate) reached: bool,
}

/// All rows, in the order they were measured.
#[derive(Default)]
pub(crate) struct Table(pub(crate) Vec<Row>);

impl Table {
    pub(crate) fn all_reached(&self) -> bool {
        self.0.iter().all(|row| row.reached)
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| path | measured | limit of the same run | must reach | goal | reached |")?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        for row in &self.0 {
            let reached = if row.reached { "yes" } else { "NO" };
            let Row { path, measured, limit, must, goal, .. } = row;
            writeln!(f, "| {path} | {measured} | {limit} | {must} | {goal} | {reached} |")?;
        }
        Ok(())
    }
}
