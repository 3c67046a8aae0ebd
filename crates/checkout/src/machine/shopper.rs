//! Requests of the shopper, or of the page on the shopper's behalf.

use contract::{ErrorType, PaymentMethod};

use crate::left_payment::LeftPayment;
use crate::machine::Checkout;
use crate::network::Purpose;
use crate::{
    Action, BridgeOutcome, Closing, ConfirmingCause, Effect, Fault, HostEvent, Notice, State,
};

impl Checkout {
    pub(super) fn on_selected(&mut self, method: PaymentMethod) {
        if self.config.read_only || !self.methods().contains(&method) {
            return;
        }
        if let State::Selecting(selecting) = &mut self.state
            && selecting.selected != Some(method)
        {
            selecting.selected = Some(method);
            let had_notice = selecting.notice.take().is_some();
            self.drop_pay_request();
            if had_notice {
                self.effects.push(Effect::ClearAnnouncement);
            }
            self.emit(HostEvent::Change(method));
        }
    }

    pub(super) fn on_switch(&mut self) {
        let left_payment = match &self.state {
            State::Awaiting(awaiting) => LeftPayment::Payment(awaiting.payment_id.clone()),
            State::Confirming(confirming) if confirming.cause != ConfirmingCause::TimeUp => {
                LeftPayment::Payment(confirming.payment_id.clone())
            }
            State::Guiding(_) => return self.enter_selecting(None, None, "switch_requested"),
            // Whether it was started or not, the backend closes it before it starts another.
            State::Starting(_) => LeftPayment::StillStarting,
            _ => return,
        };
        let is_unknown = left_payment == LeftPayment::StillStarting;
        self.drop_pending();
        self.left_payment = Some(left_payment);
        self.enter_selecting(None, None, "switch_requested");
        if is_unknown {
            self.send_read_if_visible();
        }
    }

    pub(super) fn on_paid_claimed(&mut self) {
        match &self.state {
            State::Awaiting(_) => self.enter_confirming(ConfirmingCause::Claimed, "paid_claimed"),
            State::Confirming(_) => {}
            _ => return,
        }
        if self.network.purpose() != Some(Purpose::Check) {
            self.send_check();
        }
    }

    pub(super) fn on_refresh(&mut self) {
        let State::Awaiting(awaiting) = &mut self.state else { return };
        if !awaiting.refreshing {
            awaiting.refreshing = true;
            awaiting.notice = None;
            self.send_refresh();
        }
    }

    pub(super) fn on_cancel(&mut self) {
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

    pub(super) fn on_retry(&mut self) {
        match &self.state {
            State::Failed { .. } | State::Canceled { session_over: false } => {
                let payment = self.session.as_ref().and_then(|session| session.payment.as_ref());
                self.acknowledged = payment.map(|payment| payment.id.clone());
                self.enter_selecting(None, None, "retry_requested");
            }
            State::Unavailable { fault } => {
                let is_refused = fault.is_authentication();
                self.retry_unavailable(is_refused);
            }
            State::Confirming(_) => self.on_paid_claimed(),
            State::Awaiting(_) | State::Selecting(_) | State::Guiding(_)
                if self.network.awaited().is_none() =>
            {
                self.send_read();
            }
            _ => {}
        }
    }

    /// `is_refused`: the backend no longer accepts the secret, so nothing is offered until it does.
    fn retry_unavailable(&mut self, is_refused: bool) {
        self.left_payment =
            self.live_payment().map(|payment| LeftPayment::Payment(payment.id.clone()));
        self.network.forget_failed_polls();
        if !is_refused && self.session.is_some() && !self.methods().is_empty() {
            self.enter_selecting(None, None, "retry_requested");
        } else {
            self.enter(State::Loading, "retry_requested");
        }
        self.send_read();
    }

    /// `reason` is the wallet's word of a refusal; empty where it gave none.
    pub(super) fn on_bridge_returned(&mut self, outcome: BridgeOutcome, reason: &str) {
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
                self.notify(Notice::WalletUnavailable);
                self.emit(HostEvent::Error(Fault::new(
                    ErrorType::Wallet,
                    "wallet_unavailable",
                    &wallet_message(reason),
                )));
            }
        }
        // The bridge's result proves nothing: only the backend's query does.
        self.send_check();
    }
}

/// The longest reason of a wallet that is passed on, in characters.
const MAX_REASON_LENGTH: usize = 200;

/// The developer's text of a refusal.
fn wallet_message(reason: &str) -> String {
    if reason.is_empty() {
        return "the wallet's bridge is not there".to_owned();
    }
    let mut message = "the wallet refused: ".to_owned();
    message.extend(reason.chars().take(MAX_REASON_LENGTH));
    message
}
