//! Limits log lines that any client can cause, or that repeat while a fault lasts.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Allows some lines a minute, and counts the others.
pub(crate) struct Warnings {
    max_lines: u32,
    window: Mutex<Window>,
}

impl Default for Warnings {
    fn default() -> Self {
        Self::a_minute(MAX_LINES)
    }
}

#[derive(Default)]
struct Window {
    started: Duration,
    lines: u32,
    suppressed: u32,
}

impl Warnings {
    /// Allows so many lines a minute.
    pub(crate) fn a_minute(max_lines: u32) -> Self {
        Self { max_lines, window: Mutex::default() }
    }

    /// Returns the number of lines suppressed since the last one; `None` if this line may not be
    /// written.
    pub(crate) fn allow(&self, now: Duration) -> Option<u32> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(window.started) >= WINDOW {
            window.started = now;
            window.lines = 0;
        }
        if window.lines >= self.max_lines {
            window.suppressed = window.suppressed.saturating_add(1);
            return None;
        }
        window.lines += 1;
        Some(std::mem::take(&mut window.suppressed))
    }
}

const WINDOW: Duration = Duration::from_secs(60);
const MAX_LINES: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l8_lines_beyond_the_limit_are_suppressed_and_counted() {
        let warnings = Warnings::default();
        let now = Duration::from_secs(600);
        let allowed = (0..1_000).filter(|_| warnings.allow(now).is_some()).count();
        assert_eq!(allowed, 60);
        assert_eq!(warnings.allow(now + WINDOW), Some(940));
        assert_eq!(warnings.allow(now + WINDOW), Some(0));
        let one = Warnings::a_minute(1);
        assert_eq!((one.allow(now), one.allow(now)), (Some(0), None));
        assert_eq!(one.allow(now + WINDOW), Some(1));
    }
}
