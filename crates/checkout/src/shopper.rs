//! What the shopper, or the page in the shopper's place, may do.

use contract::{ErrorType, PaymentMethod};

use crate::network::Purpose;
use crate::question::Destination;
use crate::timers::Timer;
use crate::{
    Action, BridgeOutcome, Checkout, Closing, ConfirmingCause, Effect, Fault, Guide, Guiding,
    HandledAction, HostEvent, Message, Notice, State,
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
            let notice = selecting.notice.take();
            self.drop_pay_request();
            if notice == Some(Notice::ChooseFirst) {
                self.effects.push(Effect::ClearAnnouncement);
            }
            self.emit(HostEvent::Change(method));
        }
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
                self.leave_for(Destination::Address(url), HandledAction::AppOpened);
            }
            // The frame may be forbidden here; its page is not.
            Action::Frame { url, .. } => {
                let url = url.clone();
                self.leave_for(Destination::Address(url), HandledAction::PerformingRedirect);
            }
            _ => self.perform_action(),
        }
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
        self.drop_pay_request();
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
