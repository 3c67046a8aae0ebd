//! Watching the session: by the stream, and by polls where it brings nothing.

use contract::Session;

use crate::machine::Checkout;
use crate::timers::Timer;
use crate::{Effect, Fault, State};

/// A stream that is silent for so long, in milliseconds, is dead; heartbeats come every 15 s.
const STREAM_TIMEOUT_MS: u64 = 40_000;
/// The wait, in milliseconds, before a selector reads the session again: another window may have
/// paid it.
const IDLE_READ_MS: u64 = 60_000;
/// The wait before a session that should be over is read again, in milliseconds.
pub(super) const OVERDUE_READ_MS: u64 = 2_000;

impl Checkout {
    /// Something arrived: the stream is open. Only a session proves that it brings updates.
    pub(super) fn on_stream_alive(&mut self) {
        if self.network.is_stream_closed() {
            return;
        }
        self.network.on_stream_alive(self.now);
        self.on_reached();
        self.timers.set(Timer::Silence, self.now.plus(STREAM_TIMEOUT_MS));
    }

    pub(super) fn on_stream_session(&mut self, session: Session) {
        if self.network.is_stream_closed() {
            return;
        }
        self.on_stream_alive();
        if session.id != self.config.session_id {
            return;
        }
        if self.network.on_stream_session() && self.only_watches() {
            // The stream takes over from the polls.
            self.timers.stop(Timer::Again);
        }
        self.adopt(session);
        self.follow(None);
    }

    pub(super) fn on_stream_silent(&mut self) {
        if !self.network.is_stream_closed() {
            self.effects.push(Effect::CloseStream);
            self.on_stream_ended(None);
        }
    }

    pub(super) fn on_stream_ended(&mut self, fault: Option<&Fault>) {
        if self.network.is_stream_closed() {
            return;
        }
        let wait_ms = self.network.reopen_ms(self.now, fault);
        self.close_stream();
        self.timers.stop(Timer::Silence);
        self.timers.set(Timer::Reopen, self.now.plus(wait_ms));
    }

    /// Opens or closes the stream and sets the next poll, as the screen needs them.
    pub(super) fn watch(&mut self) {
        let is_watched = self.is_watched();
        if is_watched && self.network.is_stream_closed() && !self.timers.is_set(Timer::Reopen) {
            self.network.open_stream();
            self.timers.set(Timer::Silence, self.now.plus(STREAM_TIMEOUT_MS));
            self.effects.push(Effect::OpenStream);
        }
        if !is_watched {
            self.stop_stream();
            self.timers.stop(Timer::Silence);
            self.timers.stop(Timer::Reopen);
        }
        if !self.is_visible {
            // A hidden page sends no request; it sends one as soon as it is shown.
            self.timers.stop(Timer::Again);
            self.timers.stop(Timer::Idle);
            return;
        }
        if is_watched && self.network.awaited().is_none() && !self.timers.is_set(Timer::Again) {
            let wait_ms = self.network.poll_ms(matches!(self.state, State::Confirming(_)));
            self.timers.set(Timer::Again, self.now.plus(wait_ms));
        }
        self.watch_session_end();
        self.watch_idle_selector(is_watched);
    }

    /// Reads the session now and then while the shopper chooses, and for a page that only shows the
    /// checkout: it may be paid on another device.
    fn watch_idle_selector(&mut self, is_watched: bool) {
        let is_choosing = matches!(self.state, State::Selecting(_) | State::Guiding(_));
        let is_asking = self.network.awaited().is_some() || self.timers.is_set(Timer::Again);
        if !is_choosing || is_watched || is_asking || !self.is_session_open() {
            self.timers.stop(Timer::Idle);
        } else if !self.timers.is_set(Timer::Idle) {
            self.timers.set(Timer::Idle, self.now.plus(IDLE_READ_MS));
        }
    }

    pub(super) fn stop_stream(&mut self) {
        if !self.network.is_stream_closed() {
            self.close_stream();
            self.effects.push(Effect::CloseStream);
        }
    }

    /// True if the session may change without an action on this page.
    fn is_watched(&self) -> bool {
        // A payment that is over may be replaced by another tab's.
        let may_be_replaced =
            matches!(self.state, State::Canceled { session_over: false } | State::Failed { .. });
        self.is_visible
            && self.is_session_open()
            && (self.live_payment().is_some() || may_be_replaced)
            && !matches!(self.state, State::Unavailable { .. } | State::Loading)
    }

    /// Reads an open session again when its time is up, even if polling has failed.
    fn watch_session_end(&mut self) {
        let is_over = self.is_session_open() && self.time_left_ms(self.now) == Some(0);
        let is_asking = self.network.awaited().is_some()
            || self.timers.is_set(Timer::Again)
            || self.timers.is_set(Timer::SessionEnd);
        if is_over && !is_asking && !matches!(self.state, State::Unavailable { .. }) {
            self.timers.set(Timer::SessionEnd, self.now.plus(OVERDUE_READ_MS));
        }
    }

    /// Closes the stream; polling replaces it, with a short first interval.
    fn close_stream(&mut self) {
        if self.network.close_stream() && self.only_watches() {
            self.timers.stop(Timer::Again);
        }
    }

    /// True if [`Timer::Again`] is only a poll here, and not the retry of something that failed.
    fn only_watches(&self) -> bool {
        !matches!(self.state, State::Starting(_) | State::Confirming(_) | State::Closing(_))
    }
}
