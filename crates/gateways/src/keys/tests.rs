use proptest::prelude::*;

use super::{SigningKey, VerifyingKey, find_pkcs1, rsa_key};
use crate::Secret;
use crate::published_test_vectors::{ALIPAY_CERT, K_DOC_PUBLIC_KEY, WECHAT_PAY_SAMPLE_PUBLIC_KEY};
use crate::test_keys::{self, der_of, oneline};

#[test]
fn loads_a_private_key_in_every_shape() {
    let keys = test_keys::merchant();
    let escaped = keys.pkcs8_pem.replace('\n', "\\n");
    let indented = keys.pkcs8_pem.replace('\n', "\r\n  ");
    let in_one_line = keys.pkcs8_pem.replace('\n', " ");
    for text in [
        &keys.pkcs8_pem,
        &keys.pkcs1_pem,
        &oneline(&keys.pkcs8_pem),
        &oneline(&keys.pkcs1_pem),
        &escaped,
        &indented,
        &in_one_line,
    ] {
        let signing = SigningKey::load("key", &Secret::new(text.as_str())).unwrap();
        let verifying = VerifyingKey::load("key", &keys.public_pem).unwrap();
        assert!(verifying.verifies(b"message", &signing.sign(b"message").unwrap()));
        assert!(verifying.is_counterpart_of(&signing));
    }
}

#[test]
fn loads_a_public_key_in_every_shape() {
    let keys = test_keys::merchant();
    let signature = keys.sign(b"message");
    for text in [
        &keys.public_pem,
        &keys.public_pkcs1_pem,
        &oneline(&keys.public_pem),
        &oneline(&keys.public_pkcs1_pem),
    ] {
        let key = VerifyingKey::load("key", text).unwrap();
        assert!(key.verifies(b"message", &signature));
        assert!(!key.verifies(b"massage", &signature));
    }
}

#[test]
fn says_what_is_wrong_with_a_key() {
    let keys = test_keys::merchant();
    let problem = |text: &str| SigningKey::load("key", &Secret::new(text)).err().unwrap().problem;
    assert!(problem(&keys.public_pem).contains("private key here"));
    assert!(
        problem("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END").contains("decrypt it")
    );
    assert!(problem("not base64!").contains("neither PEM nor base64"));
    assert!(problem("").contains("neither PEM nor base64"));
    assert!(problem("AAAA").contains("RSA private key"));

    let problem = |text: &str| VerifyingKey::load("key", text).err().unwrap().problem;
    assert!(problem(&keys.pkcs8_pem).contains("public key here"));
    assert!(problem("AAAA").contains("not an RSA public key"));
    assert!(problem(&test_keys::short_public_pem()).contains("2048"));
}

#[test]
fn refuses_a_short_private_key() {
    assert!(SigningKey::load("key", &Secret::new(test_keys::short_private_pem())).is_err());
}

#[test]
fn a_signature_that_is_not_base64_is_only_wrong() {
    let key = VerifyingKey::load("key", K_DOC_PUBLIC_KEY).unwrap();
    for signature in ["", "=", "WECHATPAY/SIGNTEST/abc", "é", "AAAA", "A\0", &"A".repeat(344)] {
        assert!(!key.verifies(b"message", signature), "{signature}");
    }
}

#[test]
fn keys_of_others_are_no_counterpart() {
    let signing =
        SigningKey::load("key", &Secret::new(test_keys::merchant().pkcs8_pem.as_str())).unwrap();
    for text in [K_DOC_PUBLIC_KEY, WECHAT_PAY_SAMPLE_PUBLIC_KEY] {
        assert!(!der_of(text).is_empty());
        assert!(!VerifyingKey::load("key", text).unwrap().is_counterpart_of(&signing));
    }
}

#[test]
fn finds_the_same_key_in_every_wrapping() {
    let spki = der_of(K_DOC_PUBLIC_KEY);
    let pkcs1 = find_pkcs1(spki.clone()).unwrap();
    assert!(spki.ends_with(&pkcs1));
    assert_eq!(find_pkcs1(pkcs1.clone()), Some(pkcs1));
    assert!(VerifyingKey::load("key", ALIPAY_CERT).is_ok());
}

#[test]
fn refuses_what_is_not_strict_der() {
    let spki = der_of(K_DOC_PUBLIC_KEY);
    assert!(find_pkcs1([spki.as_slice(), &[0]].concat()).is_none());
    for end in 0..spki.len() {
        assert!(find_pkcs1(spki[..end].to_vec()).is_none(), "cut at {end}");
    }
    // Indefinite length, a length in too long a form, a negative modulus.
    for der in [&[0x30, 0x80, 0, 0][..], &[0x30, 0x81, 0x00], &[0x30, 6, 2, 1, 0x80, 2, 1, 3]] {
        assert!(find_pkcs1(der.to_vec()).is_none(), "{der:?}");
    }
}

proptest! {
    #[test]
    fn no_key_panics(der in proptest::collection::vec(any::<u8>(), 0..64), at in 0_usize..294, with in any::<u8>()) {
        let _nothing = find_pkcs1(der);
        let mut damaged = der_of(K_DOC_PUBLIC_KEY);
        damaged[at] = with;
        if let Some(key) = find_pkcs1(damaged) {
            let _size = rsa_key(&key).map(|key| key.key_size());
        }
    }
}
