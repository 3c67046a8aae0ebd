mod read;

use proptest::prelude::*;

use super::*;

#[test]
fn amount_text_is_exact_or_refused() {
    let cases: &[(&str, Result<i64, AmountError>)] = &[
        ("1", Ok(100)),
        ("1.0", Ok(100)),
        ("1.00", Ok(100)),
        ("0.01", Ok(1)),
        ("19.9", Ok(1990)),
        ("0.3", Ok(30)),
        ("9.8", Ok(980)),
        ("007.50", Ok(750)),
        ("92233720368547758.07", Ok(i64::MAX)),
        ("92233720368547758.08", Err(AmountError::TooLarge)),
        ("1.001", Err(AmountError::TooManyDecimals)),
        ("1e2", Err(AmountError::NotANumber)),
        ("-1", Err(AmountError::NotANumber)),
        ("+1", Err(AmountError::NotANumber)),
        (" 1", Err(AmountError::NotANumber)),
        ("1 ", Err(AmountError::NotANumber)),
        ("1,000", Err(AmountError::NotANumber)),
        ("１", Err(AmountError::NotANumber)),
        ("1.", Err(AmountError::NotANumber)),
        (".5", Err(AmountError::NotANumber)),
        (".", Err(AmountError::NotANumber)),
        ("", Err(AmountError::NotANumber)),
        ("1.2.3", Err(AmountError::TooManyDecimals)),
        ("NaN", Err(AmountError::NotANumber)),
    ];
    for (text, expected) in cases {
        let got = Amount::parse(text, Currency::CNY).map(|amount| amount.value);
        assert_eq!(&got, expected, "{text:?}");
    }
    let yen = Currency::parse("JPY").unwrap();
    assert_eq!(Amount::parse("500", yen).unwrap().to_text(), "500");
    assert_eq!(Amount::parse("5.0", yen), Err(AmountError::TooManyDecimals));
    let unknown = Currency::parse("ZZZ").unwrap();
    assert_eq!(Amount::parse("5", unknown), Err(AmountError::CurrencyUnknown));
}

#[test]
fn amount_text_of_extreme_values() {
    for (value, text) in [
        (0, "0.00"),
        (1, "0.01"),
        (10, "0.10"),
        (100, "1.00"),
        (12_800, "128.00"),
        (-5, "-0.05"),
        (i64::MIN, "-92233720368547758.08"),
    ] {
        assert_eq!(Amount::fen(value).to_text(), text);
    }
}

#[test]
fn timestamps_read_and_write_rfc_3339() {
    for (text, unix_ms) in [
        ("1970-01-01T00:00:00.000Z", 0),
        ("2000-02-29T12:00:00.5Z", 951_825_600_500),
        ("2018-06-08T10:34:56+08:00", 1_528_425_296_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-11-23T00:00:00.123456Z", 1_795_392_000_123),
    ] {
        let parsed = Timestamp::parse(text).unwrap();
        assert_eq!(parsed.unix_ms(), unix_ms, "{text}");
        assert_eq!(Timestamp::parse(&parsed.to_text()).unwrap(), parsed);
    }
    for text in [
        "",
        "2026-11-23",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Zx",
        "2026-01-01T00:00:00+8:00",
        "２026-01-01T00:00:00Z",
    ] {
        assert_eq!(Timestamp::parse(text), Err(TimestampError), "{text:?}");
    }
}

#[test]
fn unknown_values_and_fields_never_fail_a_parse() {
    let session: Session = serde_json::from_str(
        r#"{"id":"cs_1","status":"paused","revision":7,"amount":{"value":1,"currency":"CNY"},
            "description":"d","merchant_name":"m","payment_methods":["alipay","digital_yuan"],
            "payment":{"id":"pay_1","payment_method":"alipay","flow":"face","status":"on_hold",
              "next_action":{"type":"dance","tempo":120},"created_at":"2026-11-23T00:00:00Z"},
            "expires_at":"2026-11-23T00:30:00.000Z","server_time":"2026-11-23T00:00:00.000Z",
            "hosted_url":"https://shop.example/x","later":"field"}"#,
    )
    .unwrap();
    assert_eq!(session.status, SessionStatus::Unknown);
    assert_eq!(session.payment_methods, [PaymentMethod::Alipay, PaymentMethod::Unknown]);
    let payment = session.payment.unwrap();
    assert_eq!(payment.flow, Flow::Unknown);
    assert!(!payment.status.is_final());
    assert_eq!(payment.next_action.unwrap().kind, NextActionType::Unknown);
}

#[test]
fn payment_method_options_round_trip() {
    let option = PaymentMethodOption {
        payment_method: PaymentMethod::WechatPay,
        flows: vec![Flow::QrCode, Flow::Jsapi],
    };
    let text = serde_json::to_string(&option).unwrap();
    assert_eq!(text, r#"{"payment_method":"wechat_pay","flows":["qr_code","jsapi"]}"#);
    let newer: PaymentMethodOption =
        serde_json::from_str(r#"{"payment_method":"alipay","flows":["face"],"later":1}"#).unwrap();
    assert_eq!(newer.flows, [Flow::Unknown]);
}

#[test]
fn problems_name_their_type() {
    let problem = Problem {
        kind: "urn:opencashier:problem:rate_limit_error".to_owned(),
        title: "t".to_owned(),
        status: 429,
        detail: "d".to_owned(),
        code: code::RATE_LIMITED.to_owned(),
        retryable: true,
        request_id: "req_1".to_owned(),
    };
    assert_eq!(problem.error_type(), ErrorType::RateLimit);
    let foreign = Problem { kind: "about:blank".to_owned(), ..problem };
    assert_eq!(foreign.error_type(), ErrorType::Unknown);
}

#[test]
fn client_secrets_are_checked_and_never_shown() {
    let secret = ClientSecret::parse("cs_ab12_secret_s3cr3t").unwrap();
    assert_eq!(secret.session_id(), "cs_ab12");
    assert_eq!(format!("{secret:?}"), "cs_ab12_secret_***");
    for text in [
        "",
        "cs_",
        "cs_ab12",
        "cs_ab12_secret_",
        "cs__secret_x/../y",
        "sk_live_secret_x",
        "cs_secret_x",
        "cs_ab_secret_x y",
    ] {
        assert!(ClientSecret::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn browser_calls_have_the_paths_of_the_merchant_api() {
    assert_eq!(BrowserCall::Read.path("cs_1"), "/v1/checkout/sessions/cs_1");
    assert_eq!(BrowserCall::Start.path("cs_1"), "/v1/checkout/sessions/cs_1/payments");
    assert_eq!(
        BrowserCall::Refresh("pay_1").path("cs_1"),
        "/v1/checkout/sessions/cs_1/payments/pay_1/refresh"
    );
    assert_eq!(BrowserCall::Events.path("cs_1"), "/v1/checkout/sessions/cs_1/events");
    assert_eq!(BrowserCall::Cancel("p").method(), "POST");
}

proptest! {
    #[test]
    fn amounts_round_trip_through_text(value in 0..=i64::MAX) {
        let amount = Amount::fen(value);
        prop_assert_eq!(Amount::parse(&amount.to_text(), Currency::CNY), Ok(amount));
    }

    #[test]
    fn any_text_parses_or_is_refused(text in "\\PC{0,30}") {
        let _ = Amount::parse(&text, Currency::CNY);
        let _ = Timestamp::parse(&text);
        let _ = ClientSecret::parse(&text);
        let _ = serde_json::from_str::<Session>(&text);
    }

    #[test]
    fn timestamps_round_trip_through_text(unix_ms in 0_i64..253_402_300_799_999) {
        let moment = Timestamp::from_unix_ms(unix_ms);
        prop_assert_eq!(Timestamp::parse(&moment.to_text()), Ok(moment));
    }
}

#[test]
fn webhook_bodies_read_back_and_name_their_type() {
    let text = r#"{"type":"checkout.session.completed","timestamp":"2026-11-23T00:00:00.000Z","data":{"id":"cs_1","order_id":"o","status":"complete","amount":{"value":1,"currency":"CNY"},"metadata":{},"payment":{"id":"pay_1","payment_method":"alipay","status":"succeeded","amount":{"value":1,"currency":"CNY"},"out_trade_no":"n","transaction_id":"t","paid_at":null,"failure_code":null}}}"#;
    let event: WebhookEvent<SessionEvent> = serde_json::from_str(text).unwrap();
    assert_eq!(event.kind, WebhookType::SessionCompleted);
    assert_eq!(serde_json::to_string(&event).unwrap(), text);
    let newer = r#"{"type":"later","timestamp":"2026-11-23T00:00:00Z","data":{"a":1},"more":2}"#;
    let event: WebhookEvent<serde_json::Value> = serde_json::from_str(newer).unwrap();
    assert_eq!(event.kind, WebhookType::Unknown);
}
