use proptest::prelude::*;
use time::macros::datetime;

use super::Certificate;
use crate::published_test_vectors::*;
use crate::test_certificates::{Wanted, certificate};
use crate::test_keys::{der_of, merchant, platform};

fn one(text: &str) -> Certificate {
    let mut all = Certificate::parse_all(text).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// F2.7, and the production roots that make the third of its serials.
#[test]
fn published_certificates_have_the_published_serials() {
    assert_eq!(one(ALIPAY_APP_CERT).alipay_sn().as_deref(), Some(ALIPAY_APP_CERT_SN));
    assert_eq!(one(ALIPAY_CERT).alipay_sn().as_deref(), Some(ALIPAY_CERT_SN));
    let roots = Certificate::parse_all(ALIPAY_ROOT_CERTS).unwrap();
    assert_eq!(roots.len(), 4);
    let sns: Vec<String> = roots
        .iter()
        .filter(|root| root.is_signed_by_rsa())
        .map(|root| root.alipay_sn().unwrap())
        .collect();
    assert_eq!(sns.join("_"), ALIPAY_ROOT_CERT_SN);
}

#[test]
fn alipays_real_chain_holds() {
    let roots = Certificate::parse_all(ALIPAY_ROOT_CERTS).unwrap();
    let class_1 = || vec![one(ALIPAY_CLASS_1_CERT)];
    assert!(one(ALIPAY_APP_CERT).chains_to_a_root(&class_1(), &roots));
    assert!(!one(ALIPAY_APP_CERT).chains_to_a_root(&[], &roots), "a link is missing");
    assert!(!one(ALIPAY_APP_CERT).chains_to_a_root(&class_1(), &class_1()[..0]), "no root");
    assert!(!one(ALIPAY_CERT).chains_to_a_root(&class_1(), &roots), "another class");
}

#[test]
fn dates_and_serials_are_read() {
    let app = one(ALIPAY_APP_CERT);
    assert_eq!(app.serial_hex(), "2020051862039D4090897BA4D51C2126");
    assert!(app.is_valid_at(datetime!(2020-05-18 05:28:47 UTC)));
    assert!(!app.is_valid_at(datetime!(2020-05-18 05:28:46 UTC)));
    assert!(app.is_valid_at(datetime!(2022-05-18 05:28:47 UTC)));
    assert!(!app.is_valid_at(datetime!(2022-05-18 05:28:48 UTC)));
}

#[test]
fn a_chain_needs_every_signature_and_no_weak_one() {
    let root =
        one(&certificate(&Wanted { subject: "Root", ..Wanted::default() }, merchant(), merchant()));
    let leaf = |wanted: &Wanted<'_>, issuer| one(&certificate(wanted, platform(), issuer));
    let roots = [root];
    assert!(leaf(&Wanted::default(), merchant()).chains_to_a_root(&[], &roots));
    assert!(!leaf(&Wanted::default(), platform()).chains_to_a_root(&[], &roots), "a forgery");
    let renamed = Wanted { issuer: "Other", ..Wanted::default() };
    assert!(!leaf(&renamed, merchant()).chains_to_a_root(&[], &roots), "another issuer");
    let weak = Wanted { algorithm: 0x05, ..Wanted::default() };
    assert!(!leaf(&weak, merchant()).chains_to_a_root(&[], &roots), "SHA-1");
    // A circle ends.
    let own = || leaf(&Wanted { issuer: "Subject", ..Wanted::default() }, platform());
    assert!(!own().chains_to_a_root(&[own()], &roots));
}

#[test]
fn what_is_no_certificate_is_refused() {
    for text in ["", "x", "-----BEGIN CERTIFICATE-----", K_DOC_PUBLIC_KEY] {
        assert!(Certificate::parse_all(text).is_none(), "{text}");
    }
    // Bare base64 is fine.
    assert!(Certificate::parse_all(&crate::test_keys::oneline(ALIPAY_APP_CERT)).is_some());
}

proptest! {
    #[test]
    fn no_certificate_panics(at in 0_usize..1200, with in any::<u8>()) {
        let mut der = der_of(ALIPAY_APP_CERT);
        let place = at % der.len();
        der[place] = with;
        if let Some(read) = Certificate::parse(&der) {
            let _sn = read.alipay_sn();
            let _vouched = read.chains_to_a_root(&[], std::slice::from_ref(&read));
        }
    }
}
