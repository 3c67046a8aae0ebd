//! The end of every script: without faults, the checkout settles and polls at a moderate rate.

use checkout::{Effect, Event, Millis, QuestionId, RequestId, State};
use contract::{Session, SessionStatus, Timestamp};

use super::{Stage, script};
use crate::input::Input;

impl Stage {
    pub(super) fn settle(&mut self) {
        self.check_destroyed();
        self.check_request_rate();
        self.check_paid();
    }

    /// Checks that a widget that is destroyed now does nothing afterwards, whatever answers arrive
    /// late.
    fn check_destroyed(&self) {
        let mut destroyed = self.machine.clone();
        let effects = destroyed.handle(self.now, Event::Destroyed);
        let is_clean = |effect: &Effect| matches!(effect, Effect::Abort(_) | Effect::CloseStream);
        assert!(effects.0.iter().all(is_clean), "{effects:?}");
        let id = self.last_question.unwrap_or(QuestionId(0));
        let request = self.last_request.unwrap_or(RequestId(0));
        let answer = Ok(Box::new(self.end(SessionStatus::Complete)));
        for event in [
            Event::PageAnswered { question: id, is_allowed: true },
            Event::KeyTaken { question: id, key: Some("late".to_owned()) },
            Event::Answered { request, answer },
            Event::PayRequested,
            Event::PageShown,
            Event::RetryRequested,
            Event::Tick,
        ] {
            let effects = destroyed.handle(self.now, event);
            assert!(effects.0.is_empty(), "{effects:?} after the end");
        }
        assert_eq!(destroyed.next_deadline(), None);
    }

    /// Checks the rate of requests over five minutes in which nothing changes and every answer
    /// arrives at once.
    fn check_request_rate(&mut self) {
        let sends = self.sends;
        self.pass(CALM_MS, |stage| {
            let known = stage.machine.session().cloned();
            known.unwrap_or_else(|| stage.end(SessionStatus::Open))
        });
        let sends = self.sends - sends;
        assert!(sends <= MOST_CALM_SENDS, "{sends} requests in {CALM_MS} ms, nothing changed");
    }

    /// Checks that a paid session is shown as paid, whatever the screen was.
    fn check_paid(&mut self) {
        let complete = |stage: &Self| stage.end(SessionStatus::Complete);
        if let State::Unavailable { fault } = self.machine.state() {
            if fault.is_authentication() {
                // A refused secret is final.
                return;
            }
            self.show();
            self.apply(Event::RetryRequested);
        }
        let is_under_way = matches!(
            self.machine.state(),
            State::Loading
                | State::Starting(_)
                | State::Awaiting(_)
                | State::Confirming(_)
                | State::Closing(_)
        );
        self.show();
        if !is_under_way {
            // The page is hidden and shown again: no button must be pressed.
            self.answer(Ok(Box::new(complete(self))));
            self.apply(Event::PageHidden);
            self.apply(Event::PageShown);
        }
        self.pass(PATIENCE_MS, complete);
        assert!(self.is_paid, "paid, yet {:?} is shown", self.machine.state());
    }

    fn show(&mut self) {
        if !self.is_visible {
            self.apply(Event::PageShown);
        }
    }

    /// Advances the time by `ms`, with a backend that answers everything at once.
    fn pass(&mut self, ms: u64, session: impl Fn(&Self) -> Session) {
        let end = self.now.plus(ms);
        let first = self.sends;
        loop {
            if self.in_flight.is_some() {
                let session = Session { server_time: self.server_time(), ..session(self) };
                self.answer(Ok(Box::new(session)));
            } else if !self.wake(end) {
                break;
            }
            assert!(self.sends - first <= 4 * MOST_CALM_SENDS, "asks without end");
        }
        self.now = end;
    }

    fn server_time(&self) -> Timestamp {
        let Millis(now_ms) = self.now;
        let elapsed_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        Timestamp::from_unix_ms(script::SERVER_START_MS.saturating_add(elapsed_ms))
    }

    /// Returns the session with the greatest revision.
    fn end(&self, status: SessionStatus) -> Session {
        let blank = self.session(&mut Input::new(&[]));
        Session { status, revision: u32::MAX, ..blank }
    }
}

const CALM_MS: u64 = 300_000;
const MOST_CALM_SENDS: u32 = 300;
const PATIENCE_MS: u64 = 900_000;
