use contract::{Amount, PaymentMethod, PaymentStatus, Timestamp};
use gateways::TradeState;

use super::*;
use crate::rules::Product;

fn payment() -> PaymentRow {
    let start = Timestamp::from_unix_ms(0);
    PaymentRow {
        id: "pay_1".to_owned(),
        session_id: "cs_1".to_owned(),
        out_trade_no: "OC1".to_owned(),
        payment_method: PaymentMethod::WechatPay,
        product: Product::Native,
        amount: Amount::fen(12_800),
        identity: None,
        reference: None,
        order_expires_at: start,
        notify_url: String::new(),
        return_url: None,
        payer_client_ip: None,
        payer: None,
        status: PaymentStatus::RequiresAction,
        failure_code: None,
        action: None,
        action_expires_at: None,
        transaction_id: None,
        paid_at: None,
        is_settled: false,
        is_close_wanted: false,
        checks: 0,
        created_at: start,
    }
}

fn trade(state: TradeState) -> Trade {
    Trade {
        state,
        app_id: Some("wx1".to_owned()),
        merchant_id: Some("1900000001".to_owned()),
        out_trade_no: "OC1".to_owned(),
        transaction_id: Some("T1".to_owned()),
        amount: Fen::new(12_800),
        currency: Some("CNY".to_owned()),
        paid_at: None,
    }
}

fn us() -> Identity {
    Identity { app_id: "wx1".to_owned(), merchant_id: "1900000001".to_owned() }
}

fn check(trade: &Trade) -> Result<Update, Mismatch> {
    compare(&payment(), &us(), trade, Ending::Canceled)
}

#[test]
fn a_capture_needs_everything_to_match() {
    let paid = || trade(TradeState::Paid);
    assert!(
        matches!(check(&paid()), Ok(Update::Captured { transaction_id, .. }) if transaction_id == "T1")
    );
    let other = |text: &str| Some(text.to_owned());
    for (trade, mismatch) in [
        (Trade { app_id: other("wx2"), ..paid() }, Mismatch::App),
        (Trade { app_id: None, ..paid() }, Mismatch::App),
        (Trade { merchant_id: other("1"), ..paid() }, Mismatch::Merchant),
        (Trade { merchant_id: None, ..paid() }, Mismatch::Merchant),
        (Trade { out_trade_no: "OC2".to_owned(), ..paid() }, Mismatch::OrderNumber),
        (Trade { amount: Fen::new(12_801), ..paid() }, Mismatch::Amount),
        (Trade { amount: None, ..paid() }, Mismatch::Amount),
        (Trade { currency: other("USD"), ..paid() }, Mismatch::Currency),
        (Trade { transaction_id: None, ..paid() }, Mismatch::TransactionId),
    ] {
        assert_eq!(check(&trade), Err(mismatch), "{trade:?}");
    }
    assert!(check(&Trade { currency: None, ..paid() }).is_ok(), "absent means CNY");
}

#[test]
fn b6_a_partly_refunded_payment_is_proved_as_a_capture_is() {
    let given_back = || trade(TradeState::Refunded);
    let captured = check(&given_back());
    assert!(matches!(captured, Ok(Update::Captured { is_refunded: true, .. })), "{captured:?}");
    let no_number = Trade { transaction_id: None, ..given_back() };
    assert_eq!(check(&no_number), Err(Mismatch::TransactionId));
    assert_eq!(check(&Trade { amount: None, ..given_back() }), Err(Mismatch::Amount));
}

#[test]
fn b6_a_closed_trade_was_refunded_whole_if_it_was_paid_or_a_refund_of_it_is_stated() {
    let closed = || trade(TradeState::Closed);
    let paid = Trade { paid_at: Some(time::OffsetDateTime::UNIX_EPOCH), ..closed() };
    for refunded in [paid, with_refund(closed())] {
        let captured = check(&refunded);
        assert!(matches!(captured, Ok(Update::Captured { is_refunded: true, .. })), "{captured:?}");
    }
    for state in [TradeState::Paid, TradeState::NotCreated, TradeState::AwaitingPayer] {
        assert_eq!(with_refund(trade(state)), trade(state));
    }
}

#[test]
fn an_unpaid_statement_may_omit_fields_but_not_differ() {
    for (state, signal) in [
        (TradeState::NotCreated, Signal::Pending),
        (TradeState::AwaitingPayer, Signal::Pending),
        (TradeState::Closed, Signal::Closed(Ending::Canceled)),
        (TradeState::Unknown, Signal::Unclear),
    ] {
        let bare = Trade { amount: None, currency: None, transaction_id: None, ..trade(state) };
        assert_eq!(check(&bare), Ok(Update::Plain(signal)));
        let other = Trade { amount: Fen::new(1), ..bare };
        assert_eq!(check(&other), Err(Mismatch::Amount));
    }
    let missing =
        Trade { app_id: None, merchant_id: None, amount: None, ..trade(TradeState::NotCreated) };
    assert!(check(&missing).is_ok());
    // WeChat Pay's page of queries marks the application as optional (gateways.md A8).
    let nameless = Trade { app_id: None, ..trade(TradeState::AwaitingPayer) };
    assert_eq!(check(&nameless), Ok(Update::Plain(Signal::Pending)));
    let nobodys = Trade { merchant_id: None, ..trade(TradeState::AwaitingPayer) };
    assert_eq!(check(&nobodys), Err(Mismatch::Merchant));
}

#[test]
fn m3_a_payment_is_compared_with_the_identity_that_ordered_it() {
    let ordered = PaymentRow {
        identity: Some(Identity {
            app_id: "wx_former".to_owned(),
            merchant_id: "1900000001".to_owned(),
        }),
        ..payment()
    };
    let paid = |app: &str, merchant: &str| Trade {
        app_id: Some(app.to_owned()),
        merchant_id: Some(merchant.to_owned()),
        ..trade(TradeState::Paid)
    };
    let us = us();
    let compared = |trade: &Trade| compare(&ordered, &us, trade, Ending::Canceled);
    assert!(compared(&paid("wx_former", "1900000001")).is_ok(), "the application of then");
    assert!(compared(&paid(&us.app_id, "1900000001")).is_ok(), "ours of now, of the same merchant");
    assert_eq!(compared(&paid("wx_other", "1900000001")), Err(Mismatch::App));
    assert_eq!(compared(&paid("wx_former", "1900000002")), Err(Mismatch::Merchant));
    // A trade that another merchant of ours received names nothing of this one.
    let other = Identity { app_id: "wx_now".to_owned(), merchant_id: "1900000002".to_owned() };
    let compared = |trade: &Trade| compare(&ordered, &other, trade, Ending::Canceled);
    assert_eq!(compared(&paid("wx_now", "1900000001")), Err(Mismatch::App));
    assert_eq!(compared(&paid("wx_now", "1900000002")), Err(Mismatch::App));
}
