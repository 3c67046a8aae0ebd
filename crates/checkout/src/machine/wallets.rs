//! The wallets that are offered, and their flows.

use contract::{Flow, Payment, PaymentMethod};

use crate::machine::Checkout;
use crate::offer::{Offer, RowHint, is_lost, offer};

impl Checkout {
    /// The wallets to offer: the session's, as far as the page allows them. Those that open here
    /// are first, each in the page's order, or else the session's.
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
        offered.sort_by_key(|method| !self.offer(*method).is_here());
        offered
    }

    /// Returns the hint in a wallet's row.
    #[must_use]
    pub fn row_hint(&self, method: PaymentMethod) -> Option<RowHint> {
        let are_all_here = self.methods().iter().all(|method| self.offer(*method).is_here());
        self.offer(method).hint(self.config.environment.is_inside_an_app(), are_all_here)
    }

    /// True if the payment that waits was started somewhere else and cannot be continued here.
    ///
    /// It is started again by [`crate::Event::PayRequested`]; the backend closes the old one
    /// before.
    #[must_use]
    pub fn is_started_elsewhere(&self) -> bool {
        self.live_payment().is_some_and(|payment| self.is_lost(payment))
    }

    pub(super) fn is_lost(&self, payment: &Payment) -> bool {
        is_lost(payment.payment_method, payment.flow, self.config.environment)
    }

    pub(super) fn offer(&self, method: PaymentMethod) -> Offer {
        offer(method, self.config.environment, self.flows(method))
    }

    pub(super) fn allows(&self, method: PaymentMethod, flow: Flow) -> bool {
        let flows = self.flows(method);
        flows.is_empty() || flows.contains(&flow)
    }

    /// The flow to start `method` with: the page's where there is a choice, and the code for
    /// another phone where the wallet does not open at all.
    pub(super) fn wanted_flow(&self, method: PaymentMethod) -> Option<Flow> {
        match self.offer(method) {
            Offer::Pay { flow: None } => self.config.flow.filter(|it| self.allows(method, *it)),
            Offer::Pay { flow } => flow,
            Offer::Guide(_) => Some(Flow::QrCode),
        }
    }

    /// True if the shopper's own intent is to pay with this wallet.
    pub(super) fn is_intent_for(&self, method: PaymentMethod) -> bool {
        self.intent.as_ref().is_some_and(|intent| intent.payment_method == method)
    }

    /// The flows that the merchant's contracts allow; empty where they are not known.
    fn flows(&self, method: PaymentMethod) -> &[Flow] {
        let options = self.session.as_ref().map(|session| session.payment_method_options.iter());
        let known = options.into_iter().flatten().find(|it| it.payment_method == method);
        known.map_or(&[], |option| &option.flows)
    }
}
