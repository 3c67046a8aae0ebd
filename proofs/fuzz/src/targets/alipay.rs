//! Alipay's notifications and returns: an unsigned form is refused, a signed one is read correctly
//! in any encoding, and a changed one is never accepted.

mod form;

use std::sync::OnceLock;

use gateways::alipay::{Notification, Returned};
use gateways::{NotificationError, TradeState};

use self::form::{Form, Style};
use super::wechat_pay::edit;
use crate::input::Input;
use crate::keys::{APP_ID, SELLER_ID, keys};
use crate::reference::minor_units;

pub(crate) const WORDS: &[&str] = &[
    "%26",
    "%3D",
    "%2B",
    "&sign_type=RSA2",
    "&sign_type=RSA",
    "&charset=utf-8",
    "&charset=GBK",
    "&alipay_cert_sn=1",
    "&refund_fee=1.00",
    "&gmt_refund=2026-11-23+08:00:00",
    "&trade_status=TRADE_SUCCESS",
    "&total_amount=0.01",
    "&sign=",
    "TRADE_CLOSED",
    "%FF",
    "%",
    "+",
    "&&",
    "=",
];

/// The results of both readers for a form.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    notification: Result<Notification, NotificationError>,
    returned: Option<Result<Returned, NotificationError>>,
}

const PAID: &[(&str, &str)] = &[
    ("app_id", APP_ID),
    ("buyer_logon_id", "b**@example.com"),
    ("charset", "utf-8"),
    ("gmt_payment", "2026-11-22 20:00:00"),
    ("notify_id", "n1"),
    ("notify_type", "trade_status_sync"),
    ("out_trade_no", "ORDER_0001"),
    ("passback_params", ""),
    ("point_amount", "0.00"),
    ("seller_id", SELLER_ID),
    ("sign_type", "RSA2"),
    ("subject", "\"A\" & B=C + 50% 茶"),
    ("total_amount", "100.00"),
    ("trade_no", "42"),
    ("trade_status", "TRADE_SUCCESS"),
];

/// The members of [`PAID`] and [`REFUNDED`], and those that are not signed.
const NAMES: [&str; 14] = [
    "app_id",
    "gmt_payment",
    "gmt_refund",
    "notify_id",
    "out_trade_no",
    "passback_params",
    "refund_fee",
    "seller_id",
    "sign_type",
    "subject",
    "total_amount",
    "trade_no",
    "trade_status",
    "alipay_cert_sn",
];

/// The members that the client reads.
const READ: [&str; 13] = [
    "alipay_cert_sn",
    "app_id",
    "gmt_payment",
    "gmt_refund",
    "notify_id",
    "out_trade_no",
    "refund_fee",
    "seller_id",
    "sign",
    "sign_type",
    "total_amount",
    "trade_no",
    "trade_status",
];

/// The additional members of a partial refund.
const REFUNDED: &[(&str, &str)] =
    &[("gmt_refund", "2026-11-22 21:00:00.320"), ("refund_fee", "1.00")];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.below(4) {
        0 => {
            let read = read(input.rest());
            assert!(!read.is_believed(), "believed without a signature: {read:?}");
        }
        1 => genuine(&mut input),
        _ => tampered(&mut input),
    }
}

fn read(form: &[u8]) -> Read {
    let client = &keys().alipay;
    let query = core::str::from_utf8(form).ok();
    Read {
        notification: client.notification(form),
        returned: query.map(|query| client.verify_return(query)),
    }
}

impl Read {
    fn is_believed(&self) -> bool {
        self.notification.is_ok() || self.returned.as_ref().is_some_and(Result::is_ok)
    }
}

/// Tests a genuine form whose bytes were changed.
fn tampered(input: &mut Input<'_>) {
    let [paid, refunded] = originals();
    let original = input.pick(&[paid, refunded]);
    let mut form = original.clone();
    while !input.is_empty() {
        if input.one_in(4) {
            respell(&mut form, input);
        } else {
            edit(&mut form, input);
        }
    }
    let (expected, read) = (read(original), read(&form));
    if read.notification.is_ok() {
        assert_eq!(read.notification, expected.notification, "believed although it was changed");
    }
    if let Some(Ok(returned)) = read.returned {
        assert_eq!(Some(Ok(returned)), expected.returned, "believed although it was changed");
    }
}

/// Writes a separator as data, or data as a separator, which a signature over unescaped text does
/// not detect.
fn respell(form: &mut Vec<u8>, input: &mut Input<'_>) {
    const PAIRS: [(&[u8], &[u8]); 4] =
        [(b"&", b"%26"), (b"=", b"%3D"), (b"%26", b"&"), (b"%3D", b"=")];
    let (from, to) = input.pick(&PAIRS);
    let wanted = input.below(40);
    let mut found = form.windows(from.len()).enumerate().filter(|(_, window)| *window == from);
    if let Some((at, _)) = found.nth(wanted) {
        form.splice(at..at + from.len(), to.iter().copied());
    }
}

fn originals() -> &'static [Vec<u8>; 2] {
    static ORIGINALS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    ORIGINALS.get_or_init(|| {
        [&[][..], REFUNDED].map(|added| {
            let form = Form::of(PAID.iter().chain(added)).signed(Style::PLAIN);
            assert!(read(&form).is_believed(), "a genuine form was refused");
            form
        })
    })
}

/// Tests a form that Alipay has signed, with any members and encoding.
fn genuine(input: &mut Input<'_>) {
    let style = Style::read(input);
    let mut form = Form::of(PAID.iter().chain(if input.flag() { REFUNDED } else { &[] }));
    while !input.is_empty() {
        let name = if input.one_in(8) {
            input.bytes(12).to_vec()
        } else {
            let name = input.pick(&NAMES);
            name.as_bytes().to_vec()
        };
        form.set(name, input.bytes(40).to_vec());
    }
    let read = read(&form.signed(style));
    let refused = read.notification.as_ref().err();
    if form.is_ambiguous(&READ)
        || form.text("sign_type").is_ok_and(|kind| kind.is_some_and(|kind| kind != "RSA2"))
    {
        return;
    }
    assert!(
        matches!(refused, None | Some(NotificationError::Malformed(_))),
        "a genuine form was refused: {refused:?}"
    );
    let expected = expected(&form);
    match (&read.notification, &expected) {
        (Ok(said), Ok(expected)) => expected.compare(said),
        (Err(_), Err(())) => {}
        (said, _) => panic!("read as {said:?}, expected {:?}", expected.is_ok()),
    }
    if let Some(Ok(returned)) = read.returned {
        assert_eq!(Ok(Some(returned.out_trade_no.as_str())), form.text("out_trade_no"));
        assert_eq!(Ok(Some(returned.trade_no.as_str())), form.text("trade_no"));
        let total = form.text("total_amount").ok().flatten().and_then(|text| minor_units(text, 2));
        assert_eq!(Some(returned.total.value()), total);
    }
}

/// The expected content of a notification.
struct Expected<'a> {
    required: [&'a str; 3],
    optional: [Option<&'a str>; 3],
    total: Option<i64>,
    is_refund_event: bool,
}

/// Returns the expected content; an error if the form must be refused.
fn expected(form: &Form) -> Result<Expected<'_>, ()> {
    let must = |name| form.text(name)?.ok_or(());
    form.text("alipay_cert_sn")?;
    form.text("sign_type")?;
    form.text("gmt_payment")?;
    let fee = amount(form.text("refund_fee")?)?;
    // The time of a refund counts only if there is no fee.
    let is_refund_event = fee.is_some_and(|fee| fee > 0) || form.text("gmt_refund")?.is_some();
    Ok(Expected {
        required: [must("notify_id")?, must("trade_status")?, must("out_trade_no")?],
        optional: [form.text("app_id")?, form.text("seller_id")?, form.text("trade_no")?],
        total: amount(form.text("total_amount")?)?,
        is_refund_event,
    })
}

fn amount(text: Option<&str>) -> Result<Option<i64>, ()> {
    let Some(text) = text else { return Ok(None) };
    let is_plain = !text.starts_with('0') || text == "0" || text.starts_with("0.");
    minor_units(text, 2).filter(|_| is_plain).map(Some).ok_or(())
}

impl Expected<'_> {
    fn compare(&self, said: &Notification) {
        let [notify_id, status, out_trade_no] = self.required;
        let trade = &said.trade;
        assert_eq!(said.notify_id, notify_id);
        assert_eq!(trade.out_trade_no, out_trade_no);
        let optional = [&trade.app_id, &trade.merchant_id, &trade.transaction_id];
        assert_eq!(optional.map(Option::as_deref), self.optional);
        assert_eq!(trade.amount.map(gateways::Fen::value), self.total);
        let is_paid = matches!(status, "TRADE_SUCCESS" | "TRADE_FINISHED");
        assert_eq!(trade.state == TradeState::Paid, is_paid, "{status}");
        assert_eq!(said.is_refund_event, self.is_refund_event);
    }
}
