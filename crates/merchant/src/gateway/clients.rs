//! The clients of one gateway, by the identity that made an order.

use std::sync::Arc;

use contract::PaymentMethod;

use crate::identity::{Identity, MissingIdentity};

/// A gateway's client, and the merchant's identity with its keys.
pub(crate) struct Gateway<Client> {
    pub(crate) client: Arc<Client>,
    pub(crate) identity: Identity,
}

/// The clients of one gateway: an order is handled by the identity that is stored with it.
pub(crate) struct Clients<Client> {
    method: PaymentMethod,
    /// Makes new orders, if the gateway is offered.
    present: Option<Gateway<Client>>,
    /// Handle the orders of former identities, and make none.
    former: Vec<Gateway<Client>>,
}

impl<Client> Clients<Client> {
    pub(crate) const fn new(
        method: PaymentMethod,
        present: Option<Gateway<Client>>,
        former: Vec<Gateway<Client>>,
    ) -> Self {
        Self { method, present, former }
    }

    /// Returns the client that makes new orders.
    pub(crate) const fn present(&self) -> Option<&Gateway<Client>> {
        self.present.as_ref()
    }

    /// Returns every client, the present one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Gateway<Client>> {
        self.present.iter().chain(&self.former)
    }

    /// Returns the client that queries, closes and refunds an order of `identity`. Both gateways
    /// keep orders by merchant, so that another application of the same merchant works, too.
    pub(crate) fn of(
        &self,
        identity: Option<&Identity>,
    ) -> Result<&Gateway<Client>, MissingIdentity> {
        let Some(identity) = identity else { return self.exactly(None) };
        let of_merchant =
            || self.all().find(|one| one.identity.merchant_id == identity.merchant_id);
        self.exactly(Some(identity)).or_else(|missing| of_merchant().ok_or(missing))
    }

    /// Returns the client that repeats an order of `identity`, which must be the same application.
    pub(crate) fn exactly(
        &self,
        identity: Option<&Identity>,
    ) -> Result<&Gateway<Client>, MissingIdentity> {
        let found = match identity {
            Some(identity) => self.all().find(|gateway| gateway.identity == *identity),
            // An order made before identities were stored.
            None => self.present(),
        };
        found.ok_or_else(|| MissingIdentity { method: self.method, identity: identity.cloned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(app_id: &str, merchant_id: &str) -> Identity {
        Identity { app_id: app_id.to_owned(), merchant_id: merchant_id.to_owned() }
    }

    fn gateway(app_id: &str, merchant_id: &str) -> Gateway<()> {
        Gateway { client: Arc::new(()), identity: identity(app_id, merchant_id) }
    }

    #[test]
    fn m3_an_order_is_handled_by_the_identity_that_made_it() {
        let former = vec![gateway("wx2", "1"), gateway("wx3", "3")];
        let clients = Clients::new(PaymentMethod::WechatPay, Some(gateway("wx1", "1")), former);
        let of = |app: &str, merchant: &str| {
            clients.of(Some(&identity(app, merchant))).ok().map(|found| found.identity.clone())
        };
        for known in [identity("wx1", "1"), identity("wx2", "1"), identity("wx3", "3")] {
            assert_eq!(of(&known.app_id, &known.merchant_id), Some(known));
        }
        assert_eq!(of("wx9", "1"), Some(identity("wx1", "1")), "another app of the merchant");
        assert_eq!(of("wx1", "9"), None, "another merchant");
        assert_eq!(clients.of(None).unwrap().identity, identity("wx1", "1"), "older orders");
        let repeated = clients.exactly(Some(&identity("wx9", "1")));
        let missing = repeated.err().unwrap();
        assert_eq!(missing.identity, Some(identity("wx9", "1")), "another app repeats no order");
    }

    #[test]
    fn m3_a_gateway_that_is_not_offered_any_more_still_has_its_orders() {
        let clients = Clients::new(PaymentMethod::Alipay, None, vec![gateway("1", "2088")]);
        assert!(clients.present().is_none());
        assert!(clients.of(Some(&identity("1", "2088"))).is_ok());
        assert!(clients.of(None).is_err(), "whose order it was is not known");
    }
}
