use super::{SigningKey, VerifyingKey};
use crate::Secret;
use crate::published_test_vectors::{K_DOC_PUBLIC_KEY, WECHAT_PAY_SAMPLE_PUBLIC_KEY};
use crate::test_keys::{self, der_of, oneline};

#[test]
fn loads_a_private_key_in_every_shape() {
    let keys = test_keys::merchant();
    let escaped = keys.pkcs8_pem.replace('\n', "\\n");
    for text in [
        &keys.pkcs8_pem,
        &keys.pkcs1_pem,
        &oneline(&keys.pkcs8_pem),
        &oneline(&keys.pkcs1_pem),
        &escaped,
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
