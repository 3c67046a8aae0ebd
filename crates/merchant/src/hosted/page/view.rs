//! The data of the page, and its controls.

use contract::{Environment, PaymentMethod, Session};

use super::super::blocks::{Control, Look, Order, Target};
use super::super::texts::Texts;
use super::super::ways::Way;
use crate::rules::Product;

/// The data of the page.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    /// The token in the page's own address, under which its forms are posted.
    pub(crate) token: &'a str,
    /// The key of the forms that start a payment, so that a double click starts one.
    pub(crate) idempotency_key: &'a str,
    /// The problem code of the last submitted form.
    pub(crate) notice: Option<&'a str>,
    /// The merchant's address to return the shopper to.
    pub(crate) return_url: Option<&'a str>,
    /// The environment in which the page is open.
    pub(crate) environment: Environment,
    /// The ways to pay here, for each offered wallet: those that work here first, each in the
    /// merchant's order.
    pub(crate) ways: &'a [Way],
    /// The wallet from the address, which the shopper selected before this page.
    pub(crate) chosen: Option<PaymentMethod>,
    /// The product of the payment that is shown; `is_payable` if it can be paid here.
    pub(crate) product: Option<Product>,
    pub(crate) is_payable: bool,
}

impl<'a> View<'a> {
    pub(super) fn way(&self, method: PaymentMethod) -> Option<&Way> {
        self.ways.iter().find(|way| way.method == method)
    }

    pub(super) fn control(
        &self,
        key: &'static str,
        look: Look,
        label: impl Into<String>,
        target: Target<'a>,
    ) -> Control<'a> {
        Control {
            token: self.token,
            key,
            look,
            mark: None,
            label: label.into(),
            detail: None,
            target,
        }
    }

    /// Returns the button that starts a payment.
    pub(super) fn start(&self, look: Look, label: String, method: PaymentMethod) -> Control<'a> {
        let key = format!("{}-{method}", self.idempotency_key);
        let name = if look == Look::Quiet { "switch" } else { "pay" };
        self.control(name, look, label, Target::Start { method, key, is_code: false })
    }

    /// Returns the button that starts a payment by a code for another phone.
    pub(super) fn start_code(
        &self,
        look: Look,
        label: String,
        method: PaymentMethod,
    ) -> Control<'a> {
        let key = format!("{}-code-{method}", self.idempotency_key);
        self.control("code", look, label, Target::Start { method, key, is_code: true })
    }

    pub(super) fn call(&self, call: &'static str, id: &'a str, label: &str) -> Control<'a> {
        self.control(call, Look::Quiet, label, Target::Payment { call, id, stays: true })
    }

    /// Returns the link back to the merchant.
    pub(super) fn back(&self, texts: &'static Texts, look: Look) -> Option<Control<'a>> {
        let url = self.return_url?;
        Some(self.control("back", look, texts.back.as_str(), Target::Link { url }))
    }

    pub(super) fn order(&self, texts: &'static Texts) -> Order<'a> {
        Order {
            merchant_name: &self.session.merchant_name,
            amount: texts.amount(self.session.amount),
            description: &self.session.description,
        }
    }

    /// Returns the address of this page for a wallet, which continues the same session in another
    /// browser.
    pub(super) fn url_for(&self, method: PaymentMethod) -> String {
        format!("{}?wallet={method}", self.session.hosted_url)
    }
}
