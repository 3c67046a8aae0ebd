//! How the machine asks the backend, and what it does when the answer fails.

use contract::{ErrorType, Session, SessionStatus, StartPayment, code};

use crate::timers::Timer;
use crate::{
    Awaiting, Call, Checkout, ConfirmingCause, Effect, Fault, Guide, HostEvent, Message, Notice,
    RequestId, Starting, State,
};

/// How long an answer may take, in milliseconds. A start that took longer is looked for, and
/// gone on with under its key: nothing is lost by asking early, and a shopper is kept by waiting.
const ANSWER_MS: u64 = 10_000;
/// Other calls that ask a gateway may take longer: the backend itself waits up to ten seconds.
const GATEWAY_ANSWER_MS: u64 = 20_000;
/// How long a start may take, in milliseconds, before the shopper is shown other ways.
const SLOW_MS: u64 = 4_000;
/// A stream that says nothing for so long, in milliseconds, is dead; heartbeats come every 15 s.
const STREAM_SILENCE_MS: u64 = 40_000;
/// Tries of the first read before the shopper is told and asked.
const LOAD_TRIES: u8 = 4;
/// Unanswered tries to start before the shopper is told and asked.
const START_TRIES: u8 = 4;
/// Waits between retries, in milliseconds; the last one repeats.
const RETRY_MS: [u64; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// Waits between polls while there is no stream, in milliseconds; the last one repeats.
const POLL_MS: [u64; 6] = [2_000, 3_000, 5_000, 8_000, 12_000, 20_000];
/// The wait between polls beside a stream that brings news, in milliseconds. The backend may
/// have missed something, and half an hour of waiting must stay below twenty requests.
const SAFETY_POLL_MS: u64 = 120_000;
/// A stream that lived so long, in milliseconds, did not fail.
const STREAM_LIVED_MS: u64 = 15_000;
/// Waits before the stream is opened again, in milliseconds; the last one repeats.
const REOPEN_MS: [u64; 5] = [1_000, 4_000, 15_000, 30_000, 60_000];

/// The request in flight. There is never more than one.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Pending {
    pub(crate) id: RequestId,
    pub(crate) purpose: Purpose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Read,
    Start,
    Refresh,
    Check,
    Cancel,
}

/// The stream of server-sent events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stream {
    Closed,
    Opening,
    Open,
}

impl Checkout {
    pub(crate) fn send_read(&mut self) {
        self.send(Purpose::Read, Call::Read);
    }

    pub(crate) fn send_start(&mut self) {
        let Some(intent) = self.intent.clone() else { return };
        let body = StartPayment {
            payment_method: intent.payment_method,
            environment: self.config.environment,
            flow: self.wanted_flow(intent.payment_method),
            return_url: self.config.return_url.clone(),
        };
        self.timers.set(Timer::Reminder, self.now.plus(SLOW_MS));
        self.send(Purpose::Start, Call::Start(body, intent.key));
    }

    pub(crate) fn send_refresh(&mut self) {
        self.send_about_payment(Purpose::Refresh, Call::Refresh);
    }

    pub(crate) fn send_check(&mut self) {
        self.send_about_payment(Purpose::Check, Call::Check);
    }

    pub(crate) fn send_cancel(&mut self) {
        self.send_about_payment(Purpose::Cancel, Call::Cancel);
    }

    fn send_about_payment(&mut self, purpose: Purpose, call: fn(String) -> Call) {
        match self.live_payment() {
            Some(payment) => {
                let call = call(payment.id.clone());
                self.send(purpose, call);
            }
            None => self.send_read(),
        }
    }

    fn send(&mut self, purpose: Purpose, call: Call) {
        self.drop_pending();
        self.timers.stop(Timer::Again);
        self.last_request = self.last_request.wrapping_add(1);
        let id = RequestId(self.last_request);
        self.pending = Some(Pending { id, purpose });
        let limit_ms = match purpose {
            Purpose::Read | Purpose::Start => ANSWER_MS,
            Purpose::Refresh | Purpose::Check | Purpose::Cancel => GATEWAY_ANSWER_MS,
        };
        self.timers.set(Timer::Request, self.now.plus(limit_ms));
        self.effects.push(Effect::Send(id, call));
    }

    pub(crate) fn is_pending(&self, purpose: Purpose) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.purpose == purpose)
    }

    pub(crate) fn drop_pending(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.effects.push(Effect::Abort(pending.id));
        }
        self.timers.stop(Timer::Request);
    }

    pub(crate) fn on_answered(&mut self, request: RequestId, answer: Result<Box<Session>, Fault>) {
        // An answer that is not awaited any more was overtaken by something else.
        let Some(pending) = self.pending.take_if(|pending| pending.id == request) else { return };
        self.timers.stop(Timer::Request);
        match answer {
            Ok(session) if session.id == self.config.session_id => {
                self.reached();
                self.adopt(*session);
                self.follow(Some(pending.purpose));
            }
            Ok(_) => {
                self.on_failed(pending.purpose, Fault::unreadable("it is about another session"))
            }
            Err(fault) => {
                if fault.error_type != ErrorType::ApiConnection {
                    self.reached();
                }
                self.on_failed(pending.purpose, fault);
            }
        }
    }

    /// Shows the selector of a session that came with the page, while it is being read.
    ///
    /// Only one that can mislead nobody: open, and nobody has begun to pay, on this page either.
    /// Anything the backend says is newer, and only the backend's clock is believed.
    pub(crate) fn on_preloaded(&mut self, session: Session) {
        let is_untouched = session.id == self.config.session_id
            && session.status == SessionStatus::Open
            && session.payment.is_none()
            && self.intent.is_none()
            && !self.config.has_left;
        if is_untouched && self.session.is_none() && matches!(self.state, State::Loading) {
            self.session = Some(Session { revision: 0, ..session });
            self.follow(None);
        }
    }

    /// The backend was reached: whatever said otherwise is over.
    fn reached(&mut self) {
        self.offline = false;
        if let State::Awaiting(Awaiting { notice, .. }) = &mut self.state
            && *notice == Some(Notice::ConnectionLost)
        {
            *notice = None;
        }
        if let State::Confirming(confirming) = &mut self.state {
            confirming.notice = None;
        }
    }

    /// Takes a session that was heard of, unless something newer is known already.
    pub(crate) fn adopt(&mut self, session: Session) {
        self.clock.learn(self.now, session.server_time);
        if let Some(known) = &self.session {
            let is_overtaken = session.revision < known.revision;
            // Paid stays paid, whatever a confused backend or cache says later.
            let is_undone = known.status == SessionStatus::Complete
                && session.status != SessionStatus::Complete;
            if is_overtaken || is_undone {
                return;
            }
            if session.revision > known.revision {
                self.fruitless = 0;
            }
        }
        self.session = Some(session);
    }

    pub(crate) fn on_failed(&mut self, purpose: Purpose, fault: Fault) {
        if fault.is_authentication() {
            return self.enter_unavailable(fault, "authentication_failed");
        }
        if fault.error_type == ErrorType::ApiConnection && !self.offline {
            self.offline = true;
            if self.session.is_some() {
                self.announce(Message::ConnectionLost);
            }
        }
        match (purpose, &self.state) {
            (_, State::Loading) => self.on_load_failed(fault),
            (Purpose::Start | Purpose::Read, State::Starting(_)) => self.on_start_failed(fault),
            (Purpose::Refresh, State::Awaiting(_)) => self.on_refresh_failed(&fault),
            (Purpose::Check, State::Confirming(_)) => self.on_check_failed(fault),
            (_, State::Closing(_)) => self.on_cancel_failed(purpose, &fault),
            _ => self.on_poll_failed(&fault),
        }
    }

    fn on_load_failed(&mut self, fault: Fault) {
        self.fruitless = self.fruitless.saturating_add(1);
        if fault.retryable && self.fruitless < LOAD_TRIES {
            self.again_after_fault(&fault);
        } else {
            self.enter_unavailable(fault, "load_failed");
        }
    }

    fn on_start_failed(&mut self, fault: Fault) {
        let State::Starting(starting) = &mut self.state else { return };
        let method = starting.method;
        starting.failures = starting.failures.saturating_add(1);
        starting.is_slow = true;
        if fault.retryable && starting.failures < START_TRIES {
            // The outcome may be unknown: `ask_again` reads the session before it starts again.
            return self.again_after_fault(&fault);
        }
        let notice = match fault.code.as_str() {
            code::RATE_LIMITED => Notice::TooFast,
            code::PAYMENT_METHOD_UNAVAILABLE
            | code::FLOW_UNAVAILABLE
            | code::GATEWAY_REJECTED
            | code::GATEWAY_MISCONFIGURED => Notice::MethodUnavailable,
            _ if fault.error_type == ErrorType::ApiConnection => Notice::ConnectionLost,
            _ => Notice::StartFailed,
        };
        let is_session_over = fault.code == code::SESSION_CLOSED;
        // Not by any flow in this app, as the backend knows its contracts: perhaps in a browser.
        let is_guided = fault.code == code::FLOW_UNAVAILABLE && self.is_inside_an_app();
        if !fault.retryable {
            // A definite refusal ends the intent; after an unknown outcome it is kept.
            self.forget_intent();
        }
        self.emit(HostEvent::Error(fault));
        if is_guided {
            return self.enter_guiding(method, Guide::OpenInBrowser, false);
        }
        self.enter_selecting(Some(method), Some(notice), "start_failed");
        if is_session_over {
            self.look();
        }
    }

    fn on_refresh_failed(&mut self, fault: &Fault) {
        if let State::Awaiting(awaiting) = &mut self.state {
            awaiting.refreshing = false;
            awaiting.notice = Some(if fault.code == code::RATE_LIMITED {
                Notice::TooFast
            } else {
                Notice::RefreshFailed
            });
        }
        self.emit(HostEvent::Error(fault.clone()));
        if !fault.retryable {
            self.look();
        }
    }

    /// Reads the session, unless nobody looks; `PageShown` reads it then.
    pub(crate) fn look(&mut self) {
        if self.visible {
            self.send_read();
        }
    }

    fn on_check_failed(&mut self, fault: Fault) {
        let is_connection = fault.error_type == ErrorType::ApiConnection;
        if let State::Confirming(confirming) = &mut self.state {
            if is_connection {
                confirming.notice = Some(Notice::ConnectionLost);
            }
            if !fault.retryable && confirming.cause != ConfirmingCause::TimeUp {
                confirming.cause = ConfirmingCause::Processing;
            }
        }
        self.fruitless = self.fruitless.saturating_add(1);
        if !fault.retryable {
            self.emit(HostEvent::Error(fault.clone()));
        }
        self.again_after_fault(&fault);
    }

    /// Unknown is not failed: the cancel may have taken effect, so the session is read before
    /// anything is said. Only if that fails as well does the shopper get the payment back.
    fn on_cancel_failed(&mut self, purpose: Purpose, fault: &Fault) {
        self.emit(HostEvent::Error(fault.clone()));
        if purpose == Purpose::Cancel || !self.visible {
            return self.look();
        }
        match self.live_payment().cloned() {
            Some(payment) => {
                self.enter_awaiting(&payment, Some(Notice::CancelFailed), "cancel_failed");
            }
            None => self.enter_selecting(None, None, "cancel_failed"),
        }
        self.again_after_fault(fault);
    }

    fn on_poll_failed(&mut self, fault: &Fault) {
        self.fruitless = self.fruitless.saturating_add(1);
        if fault.error_type == ErrorType::ApiConnection
            && let State::Awaiting(awaiting) = &mut self.state
        {
            awaiting.notice = Some(Notice::ConnectionLost);
        }
        if let State::Awaiting(awaiting) = &mut self.state {
            awaiting.refreshing = false;
        }
        if !fault.retryable {
            self.emit(HostEvent::Error(fault.clone()));
        }
        self.again_after_fault(fault);
    }

    fn again_after_fault(&mut self, fault: &Fault) {
        let failures = match &self.state {
            State::Starting(Starting { failures, .. }) => *failures,
            _ => self.fruitless,
        };
        let wait_ms = self.spread(pick(&RETRY_MS, failures.saturating_sub(1)));
        let wait_ms = wait_ms.max(fault.retry_after_ms.unwrap_or(0).min(120_000));
        self.timers.set(Timer::Again, self.now.plus(wait_ms));
    }

    /// The deadline "ask again" has passed: asks what this state wants to know.
    pub(crate) fn ask_again(&mut self) {
        match &self.state {
            State::Confirming(confirming) if confirming.cause != ConfirmingCause::Processing => {
                self.send_check();
            }
            State::Succeeded | State::Expired | State::Unavailable { .. } => {}
            State::Canceled { session_over: true } => {}
            _ => self.send_read(),
        }
    }

    /// Something came: the stream is open. That it brings news is not proved by that.
    pub(crate) fn on_stream_alive(&mut self) {
        if self.stream == Stream::Closed {
            return;
        }
        if self.stream == Stream::Opening {
            self.stream_opened_at = self.now;
        }
        self.stream = Stream::Open;
        self.reached();
        self.timers.set(Timer::Silence, self.now.plus(STREAM_SILENCE_MS));
    }

    pub(crate) fn on_stream_session(&mut self, session: Session) {
        if self.stream == Stream::Closed {
            return;
        }
        self.on_stream_alive();
        if session.id != self.config.session_id {
            return;
        }
        let is_first = !core::mem::replace(&mut self.is_stream_proven, true);
        if is_first && self.only_watches() {
            // What the stream brings need not be polled for.
            self.timers.stop(Timer::Again);
        }
        self.adopt(session);
        self.follow(None);
    }

    pub(crate) fn on_stream_silent(&mut self) {
        if self.stream != Stream::Closed {
            self.effects.push(Effect::CloseStream);
            self.on_stream_ended(None);
        }
    }

    pub(crate) fn on_stream_ended(&mut self, fault: Option<&Fault>) {
        if self.stream == Stream::Closed {
            return;
        }
        let lived_ms = self.now.0.saturating_sub(self.stream_opened_at.0);
        if self.stream == Stream::Open && lived_ms >= STREAM_LIVED_MS {
            self.stream_failures = 0;
        }
        self.close_stream();
        self.timers.stop(Timer::Silence);
        let wait_ms = self.spread(pick(&REOPEN_MS, self.stream_failures));
        let wait_ms = wait_ms.max(fault.and_then(|fault| fault.retry_after_ms).unwrap_or(0));
        self.stream_failures = self.stream_failures.saturating_add(1);
        self.timers.set(Timer::Reopen, self.now.plus(wait_ms));
    }

    /// Whether "ask again" is but a poll here, and not the retry of something that failed.
    fn only_watches(&self) -> bool {
        !matches!(self.state, State::Starting(_) | State::Confirming(_) | State::Closing(_))
    }

    /// Nothing watches any more: polls begin anew, and soon.
    fn close_stream(&mut self) {
        self.stream = Stream::Closed;
        if core::mem::take(&mut self.is_stream_proven) {
            self.fruitless = 0;
            if self.only_watches() {
                self.timers.stop(Timer::Again);
            }
        }
    }

    /// Brings stream and polls in line with what is on the screen.
    pub(crate) fn settle_network(&mut self) {
        // A payment that is over may be replaced by another tab's.
        let may_be_replaced =
            matches!(self.state, State::Canceled { session_over: false } | State::Failed { .. });
        let is_watched = self.visible
            && self.is_session_open()
            && (self.live_payment().is_some() || may_be_replaced)
            && !matches!(self.state, State::Unavailable { .. } | State::Loading);
        if is_watched && self.stream == Stream::Closed && !self.timers.is_set(Timer::Reopen) {
            self.stream = Stream::Opening;
            self.timers.set(Timer::Silence, self.now.plus(STREAM_SILENCE_MS));
            self.effects.push(Effect::OpenStream);
        }
        if !is_watched {
            if self.stream != Stream::Closed {
                self.close_stream();
                self.effects.push(Effect::CloseStream);
            }
            self.timers.stop(Timer::Silence);
            self.timers.stop(Timer::Reopen);
        }
        if !self.visible {
            // Nothing is asked while nobody looks; `PageShown` asks at once.
            self.timers.stop(Timer::Again);
            return;
        }
        let is_confirming = matches!(self.state, State::Confirming(_));
        if is_watched && self.pending.is_none() && !self.timers.is_set(Timer::Again) {
            let is_told = self.stream == Stream::Open && self.is_stream_proven && !is_confirming;
            let wait_ms = if is_told {
                SAFETY_POLL_MS
            } else {
                let wait_ms = pick(&POLL_MS, self.fruitless);
                self.fruitless = self.fruitless.saturating_add(1);
                wait_ms
            };
            let wait_ms = self.spread(wait_ms);
            self.timers.set(Timer::Again, self.now.plus(wait_ms));
        }
        // Whatever became of the polls: an open session whose time is up is looked at again.
        let is_over = self.is_session_open() && self.time_left_ms(self.now) == Some(0);
        let is_asking = self.pending.is_some()
            || self.timers.is_set(Timer::Again)
            || self.timers.is_set(Timer::SessionEnd);
        if is_over && !is_asking && !matches!(self.state, State::Unavailable { .. }) {
            self.timers.set(Timer::SessionEnd, self.now.plus(2_000));
        }
    }

    /// Adds up to a quarter, so that many pages do not ask in step.
    fn spread(&mut self, wait_ms: u64) -> u64 {
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 17;
        self.jitter ^= self.jitter << 5;
        wait_ms + u64::from(self.jitter) % (wait_ms / 4 + 1)
    }
}

fn pick(waits_ms: &[u64], index: u8) -> u64 {
    waits_ms.get(usize::from(index)).or(waits_ms.last()).copied().unwrap_or(1_000)
}
