//! The machine: its data, its one entry point, and what can be asked of it.
//!
//! Every submodule adds methods to [`Checkout`] for one topic.

mod adopt;
mod deadlines;
#[cfg(any(test, feature = "explore"))]
mod explore;
mod failures;
mod follow;
mod leave;
mod page;
mod pay;
mod questions;
mod requests;
mod screens;
mod shopper;
mod start_failure;
mod wallets;
mod watch;

use contract::{Payment, PaymentStatus, Session, SessionStatus};

use crate::left_payment::LeftPayment;
use crate::network::Network;
use crate::question::Question;
use crate::timers::Timers;
use crate::{
    BridgeOutcome, Config, Effect, Effects, Event, HostEvent, Intent, Message, Millis, ServerClock,
    State,
};

#[cfg(any(test, feature = "explore"))]
pub use explore::Deadline;
pub use pay::PayRefusal;

/// One checkout: a session being paid on one page.
#[derive(Clone, Debug)]
pub struct Checkout {
    config: Config,
    state: State,
    session: Option<Session>,
    clock: ServerClock,
    now: Millis,
    timers: Timers,
    network: Network,
    intent: Option<Intent>,
    is_visible: bool,
    /// The payment that the shopper turned away from to pick another wallet.
    left_payment: Option<LeftPayment>,
    /// The ended payment that the shopper has acknowledged: it is not shown again.
    acknowledged: Option<String>,
    /// The payment that this page started, found when it was loaded, or shows.
    known_payment: Option<String>,
    is_ready: bool,
    /// True until another screen than the first has been shown.
    is_first_screen: bool,
    /// The moment at which the guide was shown.
    guided_at: Option<Millis>,
    question: Option<Question>,
    last_question: u32,
    is_destroyed: bool,
    effects: Vec<Effect>,
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
            network: Network::new(config.jitter_seed),
            intent: config.remembered.clone(),
            is_visible: config.visible,
            left_payment: None,
            acknowledged: None,
            known_payment: None,
            is_ready: false,
            is_first_screen: true,
            guided_at: None,
            question: None,
            last_question: 0,
            is_destroyed: false,
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
        if self.is_destroyed {
            return Effects::default();
        }
        // A clock that stepped back would make deadlines jump; hold it instead.
        self.now = self.now.max(now);
        self.apply(event);
        if !self.is_destroyed {
            self.watch();
        }
        self.take_effects()
    }

    fn apply(&mut self, event: Event) {
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
            Event::Preloaded(session) => self.on_preloaded(*session),
            Event::StreamAlive => self.on_stream_alive(),
            Event::StreamSession(session) => self.on_stream_session(*session),
            Event::StreamEnded { fault } => self.on_stream_ended(fault.as_ref()),
            Event::BridgeReturned(outcome) => self.on_bridge_returned(outcome, ""),
            Event::BridgeRefused { reason } => {
                self.on_bridge_returned(BridgeOutcome::Refused, &reason);
            }
            Event::NavigationStopped => {}
            Event::PageShown => self.on_page_shown(),
            Event::PageHidden => self.on_page_hidden(),
            Event::Tick => self.on_tick(),
            Event::Reconfigured(config) => self.on_reconfigured(*config),
            Event::Destroyed => self.on_destroyed(),
        }
    }

    /// The next moment at which [`Event::Tick`] should be sent, if any.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.timers.next()
    }

    /// The checkout's state; one screen each.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The newest session that is known.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// True if the page is visible, as far as the machine knows.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.is_visible
    }

    /// True if the backend could not be reached the last time.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.network.is_offline()
    }

    /// Milliseconds until the session expires, by the server's clock.
    #[must_use]
    pub fn time_left_ms(&self, now: Millis) -> Option<u64> {
        self.clock.until_ms(now.max(self.now), self.session.as_ref()?.expires_at)
    }

    /// Ends everything that is under way; the machine is silent from now on.
    fn on_destroyed(&mut self) {
        self.is_destroyed = true;
        self.question = None;
        self.drop_pending();
        self.stop_stream();
        self.timers.stop_all();
    }

    fn take_effects(&mut self) -> Effects {
        Effects(core::mem::take(&mut self.effects))
    }

    fn emit(&mut self, event: HostEvent) {
        self.effects.push(Effect::Emit(event));
    }

    fn announce(&mut self, message: Message) {
        self.effects.push(Effect::Announce(message));
    }

    /// The session's payment while its session may still change because of it.
    ///
    /// A payment that succeeded in a session that is not complete yet is being settled.
    fn live_payment(&self) -> Option<&Payment> {
        let session = self.session.as_ref()?;
        session.payment.as_ref().filter(|payment| {
            !payment.status.is_final() || payment.status == PaymentStatus::Succeeded
        })
    }

    fn is_session_open(&self) -> bool {
        self.session.as_ref().is_some_and(|session| {
            matches!(session.status, SessionStatus::Open | SessionStatus::Unknown)
        })
    }
}
