//! Held against another encoder, module for module.

use proptest::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

use super::Code;
use super::codewords::Division;

fn same(data: &[u8]) -> Result<(), TestCaseError> {
    let ours = Code::encode(data).unwrap();
    let other = QrCode::encode_binary(data, QrCodeEcc::Medium).unwrap();
    prop_assert_eq!(ours.size(), other.size() as usize);
    for y in 0..ours.size() {
        for x in 0..ours.size() {
            let expected = other.get_module(x as i32, y as i32);
            prop_assert_eq!(ours.is_dark(x, y), expected, "{} {} of {:?}", x, y, data);
        }
    }
    Ok(())
}

/// Bytes that look random and are the same at each run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = length as u32 + 1;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

#[test]
fn every_length_of_a_gateways_code_is_as_the_other_encoder_draws_it() {
    for length in 0..=300 {
        same(&noise(length)).unwrap();
        same("x".repeat(length).as_bytes()).unwrap();
    }
}

#[test]
fn every_version_is_as_the_other_encoder_draws_it_at_both_of_its_ends() {
    let mut sizes = Vec::new();
    for version in 1..=40 {
        let most = Division::of(version, 0).unwrap().data - if version > 9 { 3 } else { 2 };
        same(&noise(most)).unwrap();
        sizes.push(Code::encode(&noise(most)).unwrap().size());
        if version < 40 {
            same(&noise(most + 1)).unwrap();
        }
    }
    assert_eq!(sizes, (1..=40).map(|version| version * 4 + 17).collect::<Vec<_>>());
}

#[test]
fn the_most_that_fits_is_2331_bytes() {
    assert_eq!(Code::encode(&noise(2_331)).unwrap().size(), 177);
    assert!(Code::encode(&noise(2_332)).is_none());
}

#[test]
fn all_around_is_light() {
    let code = Code::encode(b"weixin://wxpay/bizpayurl?pr=JyC91EIz1").unwrap();
    let size = code.size();
    assert!(code.is_dark(0, 0) && code.is_dark(size - 1, 0) && code.is_dark(0, size - 1));
    for at in 0..=size {
        assert!(!code.is_dark(size, at) && !code.is_dark(at, size));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn wechat_pays_addresses_are_as_the_other_encoder_draws_them(id in "[0-9A-Za-z]{7,11}") {
        same(format!("weixin://wxpay/bizpayurl?pr={id}").as_bytes())?;
    }

    #[test]
    fn alipays_addresses_are_as_the_other_encoder_draws_them(id in "ba[0-9a-z]{15,26}") {
        same(format!("https://qr.alipay.com/{id}").as_bytes())?;
    }

    #[test]
    fn any_bytes_are_as_the_other_encoder_draws_them(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        same(&data)?;
    }
}
