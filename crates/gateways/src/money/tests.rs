use proptest::prelude::*;

use super::{Fen, MoneyError};

/// D13: 19.9 yuan are 1990 fen, never 1989.
#[test]
fn d13_float_money_reads_yuan_by_text() {
    for (text, fen) in [
        ("1", 100),
        ("1.0", 100),
        ("1.00", 100),
        ("0.01", 1),
        ("0.1", 10),
        ("19.9", 1990),
        ("0.30", 30),
        ("9.8", 980),
        ("100000000.00", 10_000_000_000),
        ("10000000000", 1_000_000_000_000),
    ] {
        assert_eq!(Fen::from_yuan(text).map(Fen::value), Ok(fen), "{text}");
    }
}

/// D13: no exponent, no third decimal, no sign, nothing that a float would write.
#[test]
fn d13_float_money_is_refused() {
    for text in [
        "", " ", " 1", "1 ", "-1", "+1", "1.", ".1", ".", "1.001", "1e2", "１", "1.２", "1,00",
        "01", "00.10", "1.+1", "1.-1", "0x1", "NaN",
    ] {
        assert_eq!(Fen::from_yuan(text), Err(MoneyError::NotYuan), "{text:?}");
    }
}

/// D14: fen go to WeChat Pay as they are, Alipay gets yuan; neither can be taken for the other.
#[test]
fn d14_fen_are_not_yuan() {
    let price = Fen::new(1280).unwrap();
    assert_eq!((price.value(), price.to_yuan().as_str()), (1280, "12.80"));
    assert_eq!(Fen::from_yuan("1280").map(Fen::value), Ok(128_000));
}

#[test]
fn amounts_that_no_gateway_moves_do_not_exist() {
    for text in [
        "10000000000.01",
        "92233720368547758.07",
        "92233720368547758.08",
        "99999999999999999999",
        "9223372036854775807.1",
    ] {
        assert_eq!(Fen::from_yuan(text), Err(MoneyError::TooLarge), "{text:?}");
    }
    assert_eq!(Fen::new(1_000_000_000_001), None);
    assert_eq!(Fen::new(i64::MAX), None);
    assert_eq!(Fen::new(1_000_000_000_000).map(Fen::value), Some(1_000_000_000_000));
}

#[test]
fn negative_amounts_do_not_exist() {
    assert_eq!(Fen::new(-1), None);
    assert_eq!(Fen::new(0).map(Fen::to_yuan).as_deref(), Some("0.00"));
}

proptest! {
    #[test]
    fn yuan_round_trips(fen in 0..=Fen::MAX) {
        let amount = Fen::new(fen).unwrap();
        prop_assert_eq!(Fen::from_yuan(&amount.to_yuan()), Ok(amount));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _amount = Fen::from_yuan(&text);
    }
}
