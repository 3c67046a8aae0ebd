//! The settings that must be equal at all instances, as hashes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Clash;
use super::settings;
use crate::config::{Config, Orders};
use crate::gateway::Gateways;
use crate::keys::{hash_text, key_name};

/// The settings that must be equal, as hashes of public values, or of values that a key derives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Fingerprint {
    /// A name of each signing key, derived by the key itself.
    signing_keys: BTreeSet<String>,
    /// The identities at the gateways that make new orders.
    ordering: BTreeSet<String>,
    /// The identities that are known: those, and the former ones.
    known: BTreeSet<String>,
    orders: String,
    /// The gateway's address of each identity that is known.
    gateways: BTreeMap<String, String>,
    /// The settings whose difference does no harm that a restart would not mend.
    settings: BTreeMap<String, String>,
}

impl Fingerprint {
    pub(crate) fn of(config: &Config, gateways: &Gateways) -> Self {
        let identities = |identities: Vec<String>| {
            identities.iter().map(|identity| hash_text(identity)).collect()
        };
        let signing_keys = config.server.signing_keys.iter();
        Self {
            signing_keys: signing_keys
                .map(|key| key_name("signing_key", key.expose().as_bytes()))
                .collect(),
            ordering: identities(gateways.ordering_identities()),
            known: identities(gateways.known_identities()),
            orders: match config.server.orders {
                Orders::OnePayment => "one_payment".to_owned(),
                Orders::Independent => "independent".to_owned(),
            },
            gateways: settings::gateway_addresses(config),
            settings: settings::hashes(config),
        }
    }

    pub(crate) fn to_text(&self) -> String {
        // Strings only: serialisation cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the text of another instance. What an older one has not written is empty.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Returns the difference that would do harm, if both ran: this instance is the one that
    /// starts.
    pub(super) fn clash(&self, other: &Self, id: &str) -> Option<Clash> {
        let clash = |setting, harm, advice| Clash { setting, other: id.to_owned(), harm, advice };
        if self.signing_keys.is_disjoint(&other.signing_keys) {
            return Some(clash(
                "server.signing_key",
                "neither would accept the hosted pages and sign-ins of the other",
                "configure the same key, or first the old one beside the new one, at all instances",
            ));
        }
        if self.orders != other.orders {
            return Some(clash(
                "server.orders",
                "an order could be paid twice",
                "configure the same, or stop all instances before the setting is changed",
            ));
        }
        if !self.ordering.is_subset(&other.known) || !other.ordering.is_subset(&self.known) {
            return Some(clash(
                "the merchant's identity at a gateway",
                "one could not query the payments of the other",
                "configure the same identities; add a new one to all instances as a `_former` section before one of them makes orders with it",
            ));
        }
        let is_elsewhere = |(identity, address): (&String, &String)| {
            other.gateways.get(identity).is_some_and(|other| other != address)
        };
        if self.gateways.iter().any(is_elsewhere) {
            return Some(clash(
                "the address of a gateway (base_url, gateway_url)",
                "one would query and refund at a gateway that does not know the orders of the other",
                "configure the same addresses",
            ));
        }
        None
    }

    /// Returns the settings that differ and do no harm. One that only one of them has written
    /// belongs to another version of the program.
    pub(super) fn differing(&self, other: &Self) -> Vec<String> {
        let keys = (self.signing_keys != other.signing_keys).then_some("server.signing_key");
        let known =
            (self.known != other.known).then_some("the merchant's identities at the gateways");
        let differs = |(name, value): &(&String, &String)| {
            other.settings.get(*name).is_some_and(|other| other != *value)
        };
        let settings = self.settings.iter().filter(differs).flat_map(|(name, _)| match &**name {
            settings::WEBHOOKS => self.differing_endpoints(other),
            name => vec![name.to_owned()],
        });
        keys.into_iter().chain(known).map(str::to_owned).chain(settings).collect()
    }

    /// Returns the endpoints that only one of them has, by name.
    fn differing_endpoints(&self, other: &Self) -> Vec<String> {
        let (here, there) = (self.endpoints(), other.endpoints());
        let only = |name: &str, place: &str| format!("webhooks ({name}: configured only {place})");
        let here_only = here.difference(&there).map(|name| only(name, "here"));
        let there_only = there.difference(&here).map(|name| only(name, "there"));
        let named: Vec<_> = here_only.chain(there_only).collect();
        if named.is_empty() { vec![settings::WEBHOOKS.to_owned()] } else { named }
    }

    fn endpoints(&self) -> BTreeSet<&str> {
        self.settings.keys().filter_map(|setting| settings::endpoint_of(setting)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(keys: &[&str], ordering: &[&str], known: &[&str]) -> Fingerprint {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Fingerprint {
            signing_keys: set(keys),
            ordering: set(ordering),
            known: set(known),
            ..Fingerprint::default()
        }
    }

    fn clash(one: &Fingerprint, other: &Fingerprint) -> Option<&'static str> {
        let both = [one.clash(other, "in_1"), other.clash(one, "in_2")];
        let [one, other] = both.map(|clash| clash.map(|clash| clash.setting));
        assert_eq!(one, other, "whoever starts second");
        one
    }

    #[test]
    fn a_key_may_be_changed_with_an_overlap_only() {
        let (old, both) = (fingerprint(&["old"], &[], &[]), fingerprint(&["new", "old"], &[], &[]));
        let new = fingerprint(&["new"], &[], &[]);
        assert_eq!(clash(&old, &both), None);
        assert_eq!(old.differing(&both), ["server.signing_key"]);
        assert_eq!(clash(&both, &new), None);
        assert_eq!(clash(&old, &new), Some("server.signing_key"));
    }

    #[test]
    fn an_identity_may_order_once_all_know_it() {
        let old = fingerprint(&["k"], &["a"], &["a"]);
        let prepared = fingerprint(&["k"], &["a"], &["a", "b"]);
        let new = fingerprint(&["k"], &["b"], &["a", "b"]);
        assert_eq!(clash(&old, &prepared), None);
        assert_eq!(clash(&prepared, &new), None);
        assert_eq!(clash(&old, &new), Some("the merchant's identity at a gateway"));
    }

    #[test]
    fn other_settings_are_compared_if_both_have_written_them() {
        let with = |settings: &[(&str, &str)]| Fingerprint {
            settings: settings.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
            ..Fingerprint::default()
        };
        let one = with(&[("server.public_url", "1"), ("webhooks", "1"), ("webhooks.url (a)", "1")]);
        let other =
            with(&[("server.public_url", "1"), ("webhooks", "2"), ("webhooks.url (b)", "1")]);
        let expected =
            ["webhooks (a: configured only here)", "webhooks (b: configured only there)"];
        assert_eq!(one.differing(&other), expected);
        let other_url = with(&[("webhooks", "1"), ("webhooks.url (a)", "2")]);
        assert_eq!(one.differing(&other_url), ["webhooks.url (a)"]);
        let without_names = with(&[("webhooks", "2")]);
        assert_eq!(with(&[("webhooks", "1")]).differing(&without_names), ["webhooks"]);
        assert!(
            one.differing(&Fingerprint::parse("{\"public_url\":\"of an older one\"}")).is_empty()
        );
    }

    #[test]
    fn orders_must_be_equal() {
        let one = fingerprint(&["k"], &[], &[]);
        let other = Fingerprint { orders: "independent".to_owned(), ..one.clone() };
        assert_eq!(clash(&one, &other), Some("server.orders"));
    }

    #[test]
    fn an_identity_has_one_gateway() {
        let at = |identity: &str, address: &str| Fingerprint {
            gateways: [(identity.to_owned(), address.to_owned())].into(),
            ..fingerprint(&["k"], &[], &[])
        };
        let setting = "the address of a gateway (base_url, gateway_url)";
        assert_eq!(clash(&at("a", "1"), &at("a", "2")), Some(setting));
        assert_eq!(clash(&at("a", "1"), &at("a", "1")), None);
        assert_eq!(clash(&at("a", "1"), &at("b", "2")), None);
        assert_eq!(clash(&at("a", "1"), &fingerprint(&["k"], &[], &[])), None, "an older version");
    }

    #[test]
    fn a_fingerprint_survives_its_text() {
        let one = fingerprint(&["k"], &["a"], &["a", "b"]);
        assert_eq!(Fingerprint::parse(&one.to_text()), one);
    }
}
