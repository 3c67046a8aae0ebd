//! WeChat Pay's notifications: an unsigned message is refused, a signed one is read correctly, and
//! a changed one is never accepted.

mod genuine;

use std::sync::OnceLock;

use gateways::NotificationError;
use gateways::wechat_pay::{Notification, RefundNotification};
use http::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;

use crate::input::Input;
use crate::keys::{KEY_ID, encrypt, keys};

pub(crate) const WORDS: &[&str] = &[
    "TRANSACTION.SUCCESS",
    "REFUND.SUCCESS",
    "AEAD_AES_256_GCM",
    "\"amount\":{\"total\":100,\"currency\":\"CNY\"}",
    "trade_state",
    "REFUND",
    "CLOSED",
    "WECHATPAY/SIGNTEST/",
    "WECHATPAY2-SHA256-RSA2048",
    "PUB_KEY_ID_",
    "1795392000",
    "null",
    KEY_ID,
];

/// The server's time at the signature.
const NOW: i64 = 1_795_392_000;
const NAMES: [&str; 5] = [
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Signature",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
];

/// A message as received; a header may occur twice.
#[derive(Clone)]
struct Message {
    headers: Vec<(usize, Vec<u8>)>,
    body: Vec<u8>,
    /// The server's time at the arrival.
    now: i64,
}

/// The results of both readers for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    payment: Result<Notification, NotificationError>,
    refund: Result<RefundNotification, NotificationError>,
}

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.below(4) {
        0 => unsigned(&mut input),
        1 => genuine::check(&mut input),
        _ => tampered(&mut input),
    }
}

impl Message {
    /// Returns a message that the platform has just signed.
    fn signed(body: Vec<u8>) -> Self {
        let (timestamp, nonce) = (NOW.to_string(), "593BEC0C930BF1AFEB40B4A08C8FB242");
        let mut text = format!("{timestamp}\n{nonce}\n").into_bytes();
        text.extend_from_slice(&body);
        text.push(b'\n');
        let values = [timestamp, nonce.to_owned(), keys().sign(&text), KEY_ID.to_owned()];
        let headers = values.into_iter().map(String::into_bytes).enumerate().collect();
        Self { headers, body, now: NOW }
    }

    fn read(&self) -> Read {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = NAMES.get(*name).copied().unwrap_or("X-Other");
            let name: HeaderName = name.parse().expect("a header's name");
            // A value that no HTTP server accepts is left out.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.append(name, value);
            }
        }
        let now = OffsetDateTime::from_unix_timestamp(self.now).expect("within the calendar");
        let client = &keys().wechat_pay;
        Read {
            payment: client.notification(&headers, &self.body, now),
            refund: client.refund_notification(&headers, &self.body, now),
        }
    }
}

impl Read {
    fn is_believed(&self) -> bool {
        self.payment.is_ok() || self.refund.is_ok()
    }
}

fn unsigned(input: &mut Input<'_>) {
    let mut headers = Vec::new();
    for name in 0..NAMES.len() {
        headers.push((name, input.bytes(200).to_vec()));
    }
    let message = Message { headers, body: input.rest().to_vec(), now: NOW };
    let read = message.read();
    assert!(!read.is_believed(), "believed without a signature: {read:?}");
}

/// Tests a genuine message whose bytes, headers or time were changed.
fn tampered(input: &mut Input<'_>) {
    let [first, second, third] = originals();
    let (original, expected) = input.pick(&[first, second, third]);
    let mut message = original.clone();
    while !input.is_empty() {
        change(&mut message, input);
    }
    let read = message.read();
    let skew_s = message.now.abs_diff(NOW);
    if read.is_believed() {
        assert_eq!(&read, expected, "believed although it was changed");
        assert!(skew_s < 300, "believed after {skew_s} s");
        assert_eq!(message.body, original.body, "believed with another body");
    }
    let is_untouched = message.headers == original.headers && message.body == original.body;
    if is_untouched && skew_s < 300 {
        assert!(read.is_believed(), "a genuine message was refused: {read:?}");
    }
}

fn change(message: &mut Message, input: &mut Input<'_>) {
    let part = input.below(8);
    let bytes = match part {
        7 => {
            message.now =
                NOW.saturating_add(i64::from(input.u16()) % 400 - 200 * i64::from(input.flag()));
            return;
        }
        6 => &mut message.body,
        // Header lines are added, removed and repeated.
        5 => {
            match input.below(3) {
                0 => message.headers.push((input.below(6), input.bytes(80).to_vec())),
                1 => message.headers.insert(0, (input.below(6), input.bytes(80).to_vec())),
                _ => {
                    let at = input.below(message.headers.len());
                    if at < message.headers.len() {
                        message.headers.remove(at);
                    }
                }
            }
            return;
        }
        header => match message.headers.get_mut(header) {
            Some((_, value)) => value,
            None => return,
        },
    };
    edit(bytes, input);
}

/// Changes a byte, a word, or the end of `bytes`.
pub(crate) fn edit(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    let at = usize::from(input.u16()) % (bytes.len() + 1);
    match input.below(6) {
        0 => {
            let flip = 1 << input.below(8);
            if let Some(slot) = bytes.get_mut(at) {
                *slot ^= flip;
            }
        }
        1 => {
            let fresh = input.byte();
            if let Some(slot) = bytes.get_mut(at) {
                *slot = fresh;
            }
        }
        2 => {
            bytes.splice(at..at, input.bytes(24).iter().copied());
        }
        3 => {
            let end = bytes.len().min(at + 1 + input.below(24));
            bytes.drain(at..end);
        }
        4 => {
            if let Some(slot) = bytes.get_mut(at) {
                *slot ^= 0x20;
            }
        }
        _ => bytes.truncate(at),
    }
}

/// Returns a genuine payment, a refund and another event, each with the expected result.
fn originals() -> &'static [(Message, Read); 3] {
    static ORIGINALS: OnceLock<[(Message, Read); 3]> = OnceLock::new();
    ORIGINALS.get_or_init(|| {
        [
            ("TRANSACTION.SUCCESS", genuine::PAYMENT),
            ("REFUND.SUCCESS", genuine::REFUND),
            ("MCHTRANSFER.BILL.FINISHED", "{}"),
        ]
        .map(|(event_type, plain)| {
            let message = Message::signed(body(event_type, plain.as_bytes(), "transaction"));
            let read = message.read();
            assert!(read.is_believed(), "a genuine {event_type} was refused: {read:?}");
            (message, read)
        })
    })
}

/// Returns a notification's JSON with `plain` encrypted for the merchant.
fn body(event_type: &str, plain: &[u8], associated_data: &str) -> Vec<u8> {
    let ciphertext = encrypt(plain, *b"fdasflkja484", associated_data);
    let resource = serde_json::json!({
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": ciphertext,
        "associated_data": associated_data,
        "nonce": "fdasflkja484",
        "original_type": "transaction",
    });
    let envelope = serde_json::json!({
        "id": "EV-1", "event_type": event_type, "resource_type": "encrypt-resource",
        "resource": resource,
    });
    envelope.to_string().into_bytes()
}
