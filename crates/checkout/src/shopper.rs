//! What the shopper, or the page in the shopper's place, may do.

use contract::{ErrorType, Flow, PaymentMethod};

use crate::network::Purpose;
use crate::timers::Timer;
use crate::{
    Action, Awaiting, BridgeOutcome, Checkout, Closing, ConfirmingCause, Effect, Fault, Guide,
    Guiding, HandledAction, HostEvent, Intent, Message, Notice, Offer, Selecting, Starting, State,
};

/// How long a wallet's app may take, in milliseconds, until the page is hidden (gateways.md C2).
const APP_OPENS_MS: u64 = 2_200;

impl Checkout {
    pub(crate) fn on_selected(&mut self, method: PaymentMethod) {
        if self.config.read_only || !self.methods().contains(&method) {
            return;
        }
        if let State::Selecting(selecting) = &mut self.state
            && selecting.selected != Some(method)
        {
            selecting.selected = Some(method);
            selecting.notice = None;
            self.emit(HostEvent::Change(method));
        }
    }

    pub(crate) fn on_confirmed(&mut self, fresh_key: String) {
        let method = match &self.state {
            State::Selecting(Selecting { selected: Some(method), .. }) => *method,
            State::Guiding(Guiding { method, has_code: true, .. }) => *method,
            State::Awaiting(Awaiting { method, .. }) if self.is_begun_elsewhere() => *method,
            _ => return,
        };
        if self.config.read_only {
            return;
        }
        if let State::Awaiting(awaiting) = &self.state {
            self.parked = Some(awaiting.payment_id.clone());
        }
        if !matches!(self.state, State::Guiding(_))
            && let Offer::Guide(guide) = self.offer(method)
        {
            return self.enter_guiding(method, guide, self.allows(method, Flow::QrCode));
        }
        // One key per intent: the same wallet again is the same intent, until it ended.
        let is_same = self.intent.as_ref().is_some_and(|intent| intent.payment_method == method);
        if !is_same {
            let intent = Intent { payment_method: method, key: fresh_key };
            self.intent = Some(intent.clone());
            self.effects.push(Effect::Remember(intent));
            // What was left without a name was the old intent's.
            self.parked.take_if(|parked| parked.is_empty());
        }
        self.enter(State::Starting(Starting::new(method)), "confirmed");
        self.send_start();
    }

    pub(crate) fn on_switch(&mut self) {
        let (payment_id, is_time_up) = match &self.state {
            State::Awaiting(awaiting) => (awaiting.payment_id.clone(), false),
            State::Confirming(confirming) => {
                (confirming.payment_id.clone(), confirming.cause == ConfirmingCause::TimeUp)
            }
            State::Guiding(_) => return self.enter_selecting(None, None, "switch_requested"),
            // Whatever has come of it, the backend closes it before it starts another.
            State::Starting(_) => (String::new(), false),
            _ => return,
        };
        if is_time_up {
            return;
        }
        let is_unknown = payment_id.is_empty();
        self.drop_pending();
        self.parked = Some(payment_id);
        self.enter_selecting(None, None, "switch_requested");
        if is_unknown {
            self.look();
        }
    }

    /// Says what to do instead of paying with `method` here.
    pub(crate) fn enter_guiding(&mut self, method: PaymentMethod, guide: Guide, has_code: bool) {
        self.enter(State::Guiding(Guiding { method, guide, has_code }), "guided");
    }

    pub(crate) fn on_continue(&mut self) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        if awaiting.stale {
            return self.on_refresh();
        }
        match &awaiting.action {
            Action::QrCode { url: Some(url), .. } => {
                let url = url.clone();
                awaiting.notice = None;
                self.timers.set(Timer::AppOpens, self.now.plus(APP_OPENS_MS));
                self.leave_for(url, HandledAction::AppOpened);
            }
            // The frame may be forbidden here; its page is not.
            Action::Frame { url, .. } => {
                let url = url.clone();
                self.leave_for(url, HandledAction::PerformingRedirect);
            }
            _ => self.perform_action(),
        }
    }

    pub(crate) fn leave_for(&mut self, url: String, action: HandledAction) {
        self.announce(Message::Leaving);
        self.emit(HostEvent::ActionHandled(action));
        self.effects.push(Effect::Navigate(url));
    }

    /// The page is still to be seen: no app has come over it.
    pub(crate) fn on_app_not_opened(&mut self) {
        if let State::Awaiting(awaiting) = &mut self.state
            && self.visible
        {
            awaiting.notice = Some(Notice::AppNotOpened);
            self.announce(Message::AppNotOpened);
        }
    }

    pub(crate) fn on_paid_claimed(&mut self) {
        match &self.state {
            State::Awaiting(_) => self.enter_confirming(ConfirmingCause::Claimed, "paid_claimed"),
            State::Confirming(_) => {}
            _ => return,
        }
        if !self.is_pending(Purpose::Check) {
            self.send_check();
        }
    }

    pub(crate) fn on_refresh(&mut self) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        if !awaiting.refreshing {
            awaiting.refreshing = true;
            awaiting.notice = None;
            self.send_refresh();
        }
    }

    pub(crate) fn on_cancel(&mut self) {
        let is_shopper_waiting = matches!(self.state, State::Awaiting(_) | State::Confirming(_));
        let is_selecting = matches!(self.state, State::Selecting(_) | State::Guiding(_));
        if !is_shopper_waiting && !is_selecting {
            return;
        }
        let closing = self.live_payment().map(|payment| Closing {
            payment_id: payment.id.clone(),
            method: payment.payment_method,
        });
        match closing {
            Some(closing) => {
                self.enter(State::Closing(closing), "cancel_requested");
                self.send_cancel();
            }
            None if is_selecting => self.emit(HostEvent::Cancel),
            None => {}
        }
    }

    pub(crate) fn on_retry(&mut self) {
        match &self.state {
            State::Failed { .. } | State::Canceled { session_over: false } => {
                self.dismissed = self
                    .session
                    .as_ref()
                    .and_then(|session| session.payment.as_ref())
                    .map(|payment| payment.id.clone());
                self.enter_selecting(None, None, "retry_requested");
            }
            State::Unavailable { fault } if !fault.is_authentication() => {
                let live = self.live_payment().map(|payment| payment.id.clone());
                self.parked = live;
                self.fruitless = 0;
                if self.session.is_some() && !self.methods().is_empty() {
                    self.enter_selecting(None, None, "retry_requested");
                } else {
                    self.enter(State::Loading, "retry_requested");
                }
                self.send_read();
            }
            State::Confirming(_) => self.on_paid_claimed(),
            State::Awaiting(_) | State::Selecting(_) | State::Guiding(_)
                if self.pending.is_none() =>
            {
                self.send_read();
            }
            _ => {}
        }
    }

    pub(crate) fn on_bridge_returned(&mut self, outcome: BridgeOutcome) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        if !matches!(awaiting.action, Action::Bridge { .. }) {
            return;
        }
        match outcome {
            BridgeOutcome::MaybePaid => {
                self.enter_confirming(ConfirmingCause::Returned, "bridge_returned");
            }
            BridgeOutcome::Left => awaiting.notice = None,
            BridgeOutcome::Refused => {
                awaiting.notice = Some(Notice::WalletUnavailable);
                self.emit(HostEvent::Error(Fault::new(
                    ErrorType::Wallet,
                    "wallet_unavailable",
                    "the wallet's bridge is not there or refused the call",
                )));
            }
        }
        // Whatever the bridge says, only the backend knows.
        self.send_check();
    }
}
