//! Places where a test lets a process die.

/// Ends the process as `kill -9` would, if the environment variable `FAILPOINTS` arms `name` (`name=return`) and this is a
/// development build; a release build never looks.
pub fn crash_point(name: &str) {
    if cfg!(debug_assertions) && fail::eval(name, |_| ()).is_some() {
        std::process::abort();
    }
}

/// Reads `FAILPOINTS`, once, before anything is served.
pub(crate) fn arm() {
    if cfg!(debug_assertions) {
        // The scenario would disarm the points when dropped.
        std::mem::forget(fail::FailScenario::setup());
    }
}
