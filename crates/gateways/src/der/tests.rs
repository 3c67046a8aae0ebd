use proptest::prelude::*;

use super::rsa_public_key;
use crate::published_test_vectors::K_DOC_PUBLIC_KEY;
use crate::test_certificates::element;
use crate::test_keys::der_of;

fn certificate_of(spki: &[u8]) -> Vec<u8> {
    let mut body = element(0xa0, &element(0x02, &[2]));
    body.extend(element(0x02, &[0x11, 0x22]));
    for _ in 0..4 {
        body.extend(element(0x30, &[]));
    }
    body.extend(spki);
    let mut outer = element(0x30, &body);
    outer.extend(element(0x30, &[]));
    outer.extend(element(0x03, &[0]));
    element(0x30, &outer)
}

#[test]
fn finds_the_same_key_in_every_wrapping() {
    let spki = der_of(K_DOC_PUBLIC_KEY);
    let found = rsa_public_key(&spki).unwrap();
    assert_eq!(found.modulus.len(), 256);
    assert_eq!(rsa_public_key(found.pkcs1).unwrap().modulus, found.modulus);
    assert_eq!(rsa_public_key(&certificate_of(&spki)).unwrap().modulus, found.modulus);
}

#[test]
fn refuses_what_is_not_strict_der() {
    let spki = der_of(K_DOC_PUBLIC_KEY);
    let trailing = [spki.as_slice(), &[0]].concat();
    assert!(rsa_public_key(&trailing).is_none());
    for end in 0..spki.len() {
        assert!(rsa_public_key(&spki[..end]).is_none(), "cut at {end}");
    }
    // Indefinite length, a length in too long a form, a negative modulus.
    for der in [&[0x30, 0x80, 0, 0][..], &[0x30, 0x81, 0x00], &[0x30, 6, 2, 1, 0x80, 2, 1, 3]] {
        assert!(rsa_public_key(der).is_none(), "{der:?}");
    }
}

proptest! {
    #[test]
    fn never_panics(der in proptest::collection::vec(any::<u8>(), 0..64), at in 0_usize..294, with in any::<u8>()) {
        let _nothing = rsa_public_key(&der);
        let mut damaged = der_of(K_DOC_PUBLIC_KEY);
        damaged[at] = with;
        let _key = rsa_public_key(&damaged);
    }
}
