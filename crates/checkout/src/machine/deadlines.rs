//! Deadlines: those that follow from the session, and their passing.

use crate::machine::Checkout;
use crate::machine::watch::OVERDUE_READ_MS;
use crate::timers::Timer;
use crate::{Awaiting, ConfirmingCause, Message, Notice, State};

/// The times left, in milliseconds, that are announced.
const REMINDERS_MS: [u64; 3] = [300_000, 60_000, 30_000];
/// The wait before a code is refreshed that had expired when it came, in milliseconds.
const EXPIRED_CODE_REFRESH_MS: u64 = 2_000;

impl Checkout {
    pub(super) fn on_tick(&mut self) {
        if self.timers.take_passed(Timer::Request, self.now) {
            self.on_request_timed_out();
        }
        if self.timers.take_passed(Timer::SessionEnd, self.now) {
            self.on_session_end();
        }
        if self.timers.take_passed(Timer::CodeEnd, self.now) {
            self.on_code_end();
        }
        if self.timers.take_passed(Timer::Silence, self.now) {
            self.on_stream_silent();
        }
        if self.timers.take_passed(Timer::Again, self.now) && self.network.awaited().is_none() {
            self.ask_again();
        }
        // Taking it away is enough: `watch` opens the stream again.
        self.timers.take_passed(Timer::Reopen, self.now);
        if self.timers.take_passed(Timer::Reminder, self.now) {
            self.remind();
        }
        if self.timers.take_passed(Timer::AppOpens, self.now) {
            self.on_app_not_opened();
        }
        if self.timers.take_passed(Timer::Idle, self.now) {
            self.send_read();
        }
    }

    fn on_session_end(&mut self) {
        // A hidden page sends no request; the deadline is set again when it is shown.
        if !self.is_session_open() || !self.is_visible {
            return;
        }
        match &self.state {
            State::Awaiting(_) | State::Confirming(_) => {
                // The grace check: a payment in the last second ends in success.
                self.enter_confirming(ConfirmingCause::TimeUp, "time_up");
                self.send_check();
            }
            State::Starting(_) | State::Closing(_) | State::Loading => {}
            _ => self.send_read(),
        }
    }

    fn on_code_end(&mut self) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        awaiting.stale = true;
        if self.is_visible {
            self.on_refresh();
        }
    }

    /// The page is still visible: no app has covered it.
    fn on_app_not_opened(&mut self) {
        if matches!(self.state, State::Awaiting(_)) && self.is_visible {
            self.notify(Notice::AppNotOpened);
        }
    }

    fn remind(&mut self) {
        match &mut self.state {
            State::Starting(starting) => {
                starting.is_slow = true;
                return;
            }
            State::Confirming(confirming) => {
                confirming.is_slow = true;
                return;
            }
            _ => {}
        }
        if matches!(self.state, State::Awaiting(_))
            && let Some(left_ms) = self.time_left_ms(self.now)
        {
            self.announce(time_left(left_ms));
        }
        self.set_reminder();
    }

    /// Sets the deadlines that follow from the session and its code.
    pub(super) fn set_deadlines(&mut self) {
        let Some(session) = &self.session else { return };
        let expires_at = session.expires_at;
        let Some(left_ms) = self.clock.until_ms(self.now, expires_at) else { return };
        if left_ms > 0 {
            self.timers.set(Timer::SessionEnd, self.now.plus(left_ms));
        } else if !matches!(self.state, State::Confirming(_)) && !self.timers.is_set(Timer::Again) {
            // Over by the clock, yet still open: read again soon, never in a tight loop.
            self.timers.set(Timer::SessionEnd, self.now.plus(OVERDUE_READ_MS));
        }
        self.timers.stop(Timer::CodeEnd);
        if let State::Awaiting(Awaiting { action, stale: false, .. }) = &self.state
            && let Some(code_end) = action.expires_at()
            && code_end < expires_at
            && let Some(code_left_ms) = self.clock.until_ms(self.now, code_end)
        {
            let wait_ms = if code_left_ms == 0 { EXPIRED_CODE_REFRESH_MS } else { code_left_ms };
            self.timers.set(Timer::CodeEnd, self.now.plus(wait_ms));
        }
        self.set_reminder();
    }

    fn set_reminder(&mut self) {
        if matches!(self.state, State::Starting(_) | State::Confirming(_)) {
            // There it is about an answer that is slow.
            return;
        }
        self.timers.stop(Timer::Reminder);
        let Some(left_ms) = self.time_left_ms(self.now) else { return };
        let next = REMINDERS_MS.into_iter().find(|reminder| left_ms > *reminder);
        if let Some(reminder) = next {
            self.timers.set(Timer::Reminder, self.now.plus(left_ms - reminder));
        }
    }
}

/// The time that is left, in whole minutes or seconds.
fn time_left(left_ms: u64) -> Message {
    let seconds = left_ms.saturating_add(500) / 1_000;
    let short = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
    if seconds >= 60 {
        Message::MinutesLeft(short(seconds.saturating_add(5) / 60))
    } else {
        Message::SecondsLeft(short(seconds))
    }
}
