//! The machine: one entry point, and what the page and the clock do.

use contract::{
    Environment, ErrorType, Flow, Payment, PaymentMethod, PaymentStatus, Session, SessionStatus,
    code,
};

use crate::network::{Pending, Purpose, Stream};
use crate::question::{Destination, Question};
use crate::timers::{Timer, Timers};
use crate::{
    Action, Awaiting, Config, Confirming, ConfirmingCause, Effect, Effects, Event, Fault,
    HandledAction, HostEvent, Intent, Message, Millis, Notice, Offer, Selecting, ServerClock,
    State, offer, offer::is_lost,
};

/// One checkout: a session being paid on one page.
#[derive(Clone)]
pub struct Checkout {
    pub(crate) config: Config,
    pub(crate) state: State,
    pub(crate) session: Option<Session>,
    pub(crate) clock: ServerClock,
    pub(crate) now: Millis,
    pub(crate) timers: Timers,
    pub(crate) pending: Option<Pending>,
    pub(crate) last_request: u32,
    pub(crate) intent: Option<Intent>,
    pub(crate) stream: Stream,
    pub(crate) stream_failures: u8,
    /// When the stream began to speak.
    pub(crate) stream_opened_at: Millis,
    /// This stream has brought our session. Until then a middlebox may be holding it back.
    pub(crate) is_stream_proven: bool,
    /// Requests in a row that failed, or polls in a row that brought nothing.
    pub(crate) fruitless: u8,
    pub(crate) offline: bool,
    pub(crate) visible: bool,
    /// The payment that the shopper turned away from to pick another wallet; without a name
    /// if it was still being started.
    pub(crate) parked: Option<String>,
    /// The ended payment that the shopper has seen and put behind.
    pub(crate) dismissed: Option<String>,
    pub(crate) is_ready: bool,
    pub(crate) question: Option<Question>,
    pub(crate) last_question: u32,
    is_destroyed: bool,
    pub(crate) jitter: u32,
    pub(crate) effects: Vec<Effect>,
}

impl Checkout {
    /// A checkout that begins by reading its session.
    pub fn new(config: Config, now: Millis) -> (Self, Effects) {
        let mut checkout = Self {
            state: State::Loading,
            session: None,
            clock: ServerClock::default(),
            now,
            timers: Timers::default(),
            pending: None,
            last_request: 0,
            intent: config.remembered.clone(),
            stream: Stream::Closed,
            stream_failures: 0,
            stream_opened_at: Millis(0),
            is_stream_proven: false,
            fruitless: 0,
            offline: false,
            visible: config.visible,
            parked: None,
            dismissed: None,
            is_ready: false,
            question: None,
            last_question: 0,
            is_destroyed: false,
            jitter: config.jitter_seed | 1,
            effects: Vec::new(),
            config,
        };
        checkout.send_read();
        let effects = checkout.take_effects();
        (checkout, effects)
    }

    /// Applies one event that happened at `now` on the driver's monotonic clock.
    ///
    /// Total: every event is accepted in every state; what makes no sense does nothing.
    pub fn handle(&mut self, now: Millis, event: Event) -> Effects {
        // A clock that stepped back would make deadlines jump; hold it instead.
        self.now = self.now.max(now);
        if self.is_destroyed {
            return Effects::default();
        }
        match event {
            Event::Destroyed => return self.on_destroyed(),
            Event::Preloaded(session) => self.on_preloaded(*session),
            event => self.react(event),
        }
        self.settle_network();
        self.take_effects()
    }

    /// A function of its own: browsers compile Wasm by function, and the selector of a session
    /// that came with the page is there before any of this is needed.
    #[inline(never)]
    fn react(&mut self, event: Event) {
        match event {
            Event::Selected(method) => self.on_selected(method),
            Event::PayRequested => self.on_pay_requested(),
            Event::PageAnswered { question, is_allowed } => {
                self.on_page_answered(question, is_allowed);
            }
            Event::KeyTaken { question, key } => self.on_key_taken(question, key),
            Event::SwitchRequested => self.on_switch(),
            Event::PaidClaimed => self.on_paid_claimed(),
            Event::RefreshRequested => self.on_refresh(),
            Event::ContinueRequested => self.on_continue(),
            Event::CancelRequested => self.on_cancel(),
            Event::RetryRequested => self.on_retry(),
            Event::Answered { request, answer } => self.on_answered(request, answer),
            Event::StreamAlive => self.on_stream_alive(),
            Event::StreamSession(session) => self.on_stream_session(*session),
            Event::StreamEnded { fault } => self.on_stream_ended(fault.as_ref()),
            Event::BridgeReturned(outcome) => self.on_bridge_returned(outcome),
            Event::NavigationStopped | Event::Preloaded(_) | Event::Destroyed => {}
            Event::PageShown => self.on_page_shown(),
            Event::PageHidden => {
                self.visible = false;
                self.timers.stop(Timer::AppOpens);
            }
            Event::Tick => self.on_tick(),
            Event::Reconfigured(config) => self.on_reconfigured(*config),
        }
    }

    /// The next moment at which [`Event::Tick`] should be sent, if any.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.timers.next()
    }

    /// What the checkout is doing.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The session as last heard of.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// True if the page is visible, as far as the machine was told.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// Whether the backend could not be reached the last time.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// Milliseconds until the session's time is up, by the server's clock.
    #[must_use]
    pub fn time_left_ms(&self, now: Millis) -> Option<u64> {
        self.clock.until_ms(now.max(self.now), self.session.as_ref()?.expires_at)
    }

    /// The wallets to offer, in order: the session's, as far as the page allows them.
    #[must_use]
    pub fn methods(&self) -> Vec<PaymentMethod> {
        let Some(session) = &self.session else { return Vec::new() };
        let mut offered: Vec<PaymentMethod> = Vec::with_capacity(2);
        let ordered = self.config.payment_method_order.iter().chain(&session.payment_methods);
        for method in ordered {
            let is_allowed = self.config.payment_methods.is_empty()
                || self.config.payment_methods.contains(method);
            if is_allowed
                && *method != PaymentMethod::Unknown
                && session.payment_methods.contains(method)
                && !offered.contains(method)
            {
                offered.push(*method);
            }
        }
        offered
    }

    /// How the merchant's contracts allow `method` to be paid; empty where that is not known.
    fn flows(&self, method: PaymentMethod) -> &[Flow] {
        let options = self.session.as_ref().map(|session| session.payment_method_options.iter());
        let known = options.into_iter().flatten().find(|it| it.payment_method == method);
        known.map_or(&[], |option| &option.flows)
    }

    pub(crate) fn allows(&self, method: PaymentMethod, flow: Flow) -> bool {
        let flows = self.flows(method);
        flows.is_empty() || flows.contains(&flow)
    }

    pub(crate) fn offer(&self, method: PaymentMethod) -> Offer {
        offer(method, self.config.environment, self.flows(method))
    }

    /// The flow to start `method` with: what the page wishes where there is a choice, and the
    /// code for another phone where the wallet does not open at all.
    pub(crate) fn wanted_flow(&self, method: PaymentMethod) -> Option<Flow> {
        match self.offer(method) {
            Offer::Pay { flow: None } => self.config.flow.filter(|it| self.allows(method, *it)),
            Offer::Pay { flow } => flow,
            Offer::Guide(_) => Some(Flow::QrCode),
        }
    }

    /// Whether the payment that waits was begun somewhere else and cannot be gone on with here. It
    /// is begun anew by [`Event::PayRequested`]; the backend closes the old one before.
    #[must_use]
    pub fn is_begun_elsewhere(&self) -> bool {
        self.live_payment().is_some_and(|payment| self.is_lost(payment))
    }

    pub(crate) fn is_lost(&self, payment: &Payment) -> bool {
        is_lost(payment.payment_method, payment.flow, self.config.environment)
    }

    pub(crate) fn is_inside_an_app(&self) -> bool {
        use Environment as E;
        !matches!(self.config.environment, E::Desktop | E::MobileBrowser | E::Unknown)
    }

    /// Ends everything that is under way; the machine is silent from now on.
    fn on_destroyed(&mut self) -> Effects {
        self.is_destroyed = true;
        self.question = None;
        self.drop_pending();
        if self.stream != Stream::Closed {
            self.stream = Stream::Closed;
            self.effects.push(Effect::CloseStream);
        }
        self.timers.stop_all();
        self.take_effects()
    }

    fn take_effects(&mut self) -> Effects {
        Effects(core::mem::take(&mut self.effects))
    }

    pub(crate) fn emit(&mut self, event: HostEvent) {
        self.effects.push(Effect::Emit(event));
    }

    pub(crate) fn announce(&mut self, message: Message) {
        self.effects.push(Effect::Announce(message));
    }

    /// The session's payment while its session may still change because of it.
    ///
    /// A payment that succeeded in a session that is not complete yet is being settled.
    pub(crate) fn live_payment(&self) -> Option<&Payment> {
        let session = self.session.as_ref()?;
        session.payment.as_ref().filter(|payment| {
            !payment.status.is_final() || payment.status == PaymentStatus::Succeeded
        })
    }

    pub(crate) fn is_session_open(&self) -> bool {
        self.session.as_ref().is_some_and(|session| {
            matches!(session.status, SessionStatus::Open | SessionStatus::Unknown)
        })
    }

    /// Moves to another state and tells whoever must know.
    pub(crate) fn enter(&mut self, state: State, reason: &'static str) {
        let from = self.state.name();
        let to = state.name();
        self.state = state;
        if from == to {
            return;
        }
        // What was asked was about the other screen.
        self.question = None;
        let message = match &self.state {
            State::Loading | State::Awaiting(_) => None,
            State::Selecting(_) => Some(Message::ChooseMethod),
            State::Guiding(_) => Some(Message::Guided),
            State::Starting(_) => Some(Message::Starting),
            State::Confirming(_) => Some(Message::Confirming),
            State::Closing(_) => Some(Message::Closing),
            State::Succeeded => Some(Message::Succeeded),
            State::Failed { .. } => Some(Message::Failed),
            State::Expired => Some(Message::Expired),
            State::Canceled { .. } => Some(Message::Canceled),
            State::Unavailable { .. } => Some(Message::Unavailable),
        };
        self.emit(HostEvent::StateChange(from, to, reason));
        let is_usable = !matches!(self.state, State::Loading | State::Unavailable { .. });
        if is_usable && !self.is_ready {
            self.is_ready = true;
            self.emit(HostEvent::Ready);
        }
        if from != "loading" {
            self.effects.push(Effect::FocusScreen);
        }
        if let Some(message) = message {
            self.announce(message);
        }
    }

    /// Back to the selector, with the only wallet picked where there is one.
    pub(crate) fn enter_selecting(
        &mut self,
        selected: Option<PaymentMethod>,
        notice: Option<Notice>,
        reason: &'static str,
    ) {
        let methods = self.methods();
        if methods.is_empty() {
            let fault = Fault::new(
                ErrorType::Integration,
                code::NO_PAYMENT_METHOD,
                "no wallet is left to offer; compare payment-methods with the session's payment_methods",
            );
            return self.enter_unavailable(fault, reason);
        }
        let only = match methods.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let picked = self.config.selected.take().filter(|_| !self.config.read_only);
        let picked = picked.filter(|method| methods.contains(method));
        let selected = selected.filter(|method| methods.contains(method));
        self.enter(
            State::Selecting(Selecting { selected: picked.or(selected).or(only), notice }),
            reason,
        );
        if let Some(method) = picked {
            self.emit(HostEvent::Change(method));
        }
    }

    pub(crate) fn enter_unavailable(&mut self, fault: Fault, reason: &'static str) {
        self.timers.stop_all();
        self.drop_pending();
        let event = if self.session.is_none() {
            HostEvent::LoadError(fault.clone())
        } else {
            HostEvent::Error(fault.clone())
        };
        self.emit(event);
        self.enter(State::Unavailable { fault }, reason);
    }

    /// Shows what the shopper must do for `payment`, or says why it cannot be done.
    pub(crate) fn enter_awaiting(
        &mut self,
        payment: &Payment,
        notice: Option<Notice>,
        reason: &'static str,
    ) {
        if payment.next_action.is_none() {
            // Never handed out, or its time is up: there is nothing to act on.
            return self.enter_confirming(ConfirmingCause::Processing, reason);
        }
        match Action::check(payment, &self.config.api_origin) {
            Ok(action) => {
                self.parked = None;
                self.question = None;
                self.fruitless = 0;
                if self.is_lost(payment) {
                    // Its key would bring it back; the next wish to pay is another.
                    self.forget_intent();
                }
                let awaiting = Awaiting {
                    payment_id: payment.id.clone(),
                    method: payment.payment_method,
                    action,
                    refreshing: false,
                    stale: false,
                    notice,
                };
                self.enter(State::Awaiting(awaiting), reason);
                self.set_deadlines();
            }
            Err(fault) => self.enter_unavailable(fault, reason),
        }
    }

    pub(crate) fn enter_confirming(&mut self, cause: ConfirmingCause, reason: &'static str) {
        let Some(payment) = self.live_payment() else { return };
        let confirming = Confirming {
            payment_id: payment.id.clone(),
            method: payment.payment_method,
            cause,
            notice: None,
        };
        self.parked = None;
        self.fruitless = 0;
        let was_confirming = matches!(self.state, State::Confirming(_));
        self.enter(State::Confirming(confirming), reason);
        if !was_confirming && cause == ConfirmingCause::Processing {
            self.emit(HostEvent::PaymentPending);
        }
    }

    /// Begins what the next action asks for, when the shopper is there to see it.
    pub(crate) fn perform_action(&mut self) {
        let State::Awaiting(awaiting) = &self.state else { return };
        let method = awaiting.method;
        match awaiting.action.clone() {
            Action::QrCode { .. } | Action::Frame { .. } => {
                self.announce(Message::CodeShown);
                self.emit(HostEvent::ActionHandled(HandledAction::QrCodeLoaded));
                self.emit(HostEvent::ActionHandled(HandledAction::StatusWaiting));
            }
            Action::Redirect { url, .. } => {
                self.leave_for(Destination::Address(url), HandledAction::PerformingRedirect);
            }
            Action::Form { url, fields } => {
                let destination = Destination::Form(url, fields);
                self.leave_for(destination, HandledAction::PerformingRedirect);
            }
            Action::Bridge { fields } => {
                self.emit(HostEvent::ActionHandled(HandledAction::AppOpened));
                self.effects.push(Effect::InvokeBridge(method, fields));
            }
        }
    }

    pub(crate) fn forget_intent(&mut self) {
        if self.intent.take().is_some() {
            self.effects.push(Effect::Forget);
        }
    }

    fn on_page_shown(&mut self) {
        let was_visible = core::mem::replace(&mut self.visible, true);
        // What was asked before the page was hidden may never be answered: browsers let go of the
        // requests of pages that they keep. A look is taken again; what changes something is not.
        let is_asking = self.pending.as_ref().is_some_and(|pending| {
            was_visible || !matches!(pending.purpose, Purpose::Read | Purpose::Check)
        });
        match &self.state {
            // A focus that changes nothing must not cost a request each time.
            _ if was_visible && !self.offline => {}
            _ if is_asking => {}
            State::Loading => self.send_read(),
            State::Unavailable { fault } if fault.retryable => self.on_retry(),
            State::Awaiting(Awaiting { action, .. })
                if !matches!(action, Action::QrCode { url: None, .. }) =>
            {
                self.send_check();
            }
            State::Confirming(_) => self.send_check(),
            State::Succeeded | State::Unavailable { .. } => {}
            // Also after the end: a late payment may have turned "expired" into "paid".
            State::Selecting(_)
            | State::Guiding(_)
            | State::Starting(_)
            | State::Awaiting(_)
            | State::Closing(_)
            | State::Failed { .. }
            | State::Expired
            | State::Canceled { .. } => self.send_read(),
        }
        if !was_visible || self.offline {
            // Whatever kept the stream away may be over.
            self.stream_failures = 0;
            self.timers.stop(Timer::Reopen);
        }
    }

    fn on_tick(&mut self) {
        if self.timers.take_passed(Timer::Request, self.now)
            && let Some(pending) = self.pending.take()
        {
            self.effects.push(Effect::Abort(pending.id));
            self.on_failed(pending.purpose, Fault::timed_out());
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
        if self.timers.take_passed(Timer::Again, self.now) && self.pending.is_none() {
            self.ask_again();
        }
        // Taking it away is enough: `settle_network` opens the stream again.
        self.timers.take_passed(Timer::Reopen, self.now);
        if self.timers.take_passed(Timer::Reminder, self.now) {
            self.remind();
        }
        if self.timers.take_passed(Timer::AppOpens, self.now) {
            self.on_app_not_opened();
        }
    }

    fn on_session_end(&mut self) {
        // Nothing is asked while nobody looks; `PageShown` reads and sets the deadline anew.
        if !self.is_session_open() || !self.visible {
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
        let is_visible = self.visible;
        let State::Awaiting(awaiting) = &mut self.state else { return };
        awaiting.stale = true;
        if is_visible {
            self.on_refresh();
        }
    }

    fn on_reconfigured(&mut self, config: Config) {
        let remembered = self.config.remembered.take();
        self.config = Config { remembered, ..config };
        let selected = match &self.state {
            State::Selecting(selecting) => selecting.selected,
            State::Guiding(guiding) => Some(guiding.method),
            _ => return,
        };
        self.enter_selecting(selected, None, "reconfigured");
    }

    fn remind(&mut self) {
        if let State::Starting(starting) = &mut self.state {
            starting.is_slow = true;
            return;
        }
        if matches!(self.state, State::Awaiting(_))
            && let Some(left_ms) = self.time_left_ms(self.now)
        {
            let seconds = left_ms.saturating_add(500) / 1_000;
            let message = if seconds >= 60 {
                Message::MinutesLeft(
                    u8::try_from(seconds.saturating_add(5) / 60).unwrap_or(u8::MAX),
                )
            } else {
                Message::SecondsLeft(u8::try_from(seconds).unwrap_or(u8::MAX))
            };
            self.announce(message);
        }
        self.set_reminder();
    }

    /// Sets the deadlines that follow from the session and its code.
    pub(crate) fn set_deadlines(&mut self) {
        let Some(session) = &self.session else { return };
        let expires_at = session.expires_at;
        let Some(left_ms) = self.clock.until_ms(self.now, expires_at) else { return };
        if left_ms > 0 {
            self.timers.set(Timer::SessionEnd, self.now.plus(left_ms));
        } else if !matches!(self.state, State::Confirming(_)) && !self.timers.is_set(Timer::Again) {
            // Already over by the clock, yet still open: look again soon, never in a tight loop.
            self.timers.set(Timer::SessionEnd, self.now.plus(2_000));
        }
        self.timers.stop(Timer::CodeEnd);
        if let State::Awaiting(Awaiting { action, stale: false, .. }) = &self.state
            && let Some(code_end) = action.expires_at()
            && code_end < expires_at
            && let Some(code_left_ms) = self.clock.until_ms(self.now, code_end)
        {
            // A code that was over when it came is refreshed soon, never in a tight loop.
            let wait_ms = if code_left_ms == 0 { 2_000 } else { code_left_ms };
            self.timers.set(Timer::CodeEnd, self.now.plus(wait_ms));
        }
        self.set_reminder();
    }

    fn set_reminder(&mut self) {
        if matches!(self.state, State::Starting(_)) {
            // It is not about the time that is left.
            return;
        }
        self.timers.stop(Timer::Reminder);
        let Some(left_ms) = self.time_left_ms(self.now) else { return };
        let next = [300_000, 60_000, 30_000].into_iter().find(|threshold| left_ms > *threshold);
        if let Some(threshold) = next {
            self.timers.set(Timer::Reminder, self.now.plus(left_ms - threshold));
        }
    }
}
