//! Events that merchants are notified of, and their messages.

use http::HeaderMap;
use time::OffsetDateTime;

use crate::wallet::Wallet;
use crate::{clock, random};

/// An event, the same in all tries to notify of it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) wallet: Wallet,
    pub(crate) out_trade_no: String,
    pub(crate) about: About,
    pub(crate) notify_url: String,
    /// The gateway's name of the event: `id` at WeChat Pay, `notify_id` at Alipay.
    pub(crate) id: String,
}

/// Kinds of events.
#[derive(Debug, Clone)]
pub(crate) enum About {
    Payment,
    /// A buyer has opened an Alipay trade, which waits for the payment now.
    Opened,
    /// An Alipay trade was closed unpaid at this time.
    Closed(OffsetDateTime),
    /// A refund with this number has ended.
    Refund(String),
}

/// The request of one try; made freshly each time, because signatures carry the time.
pub(crate) struct Message {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A new `notify_id` of Alipay.
pub(crate) fn alipay_id(now: OffsetDateTime) -> String {
    format!("{}00222{}", clock::date_digits(now), random::digits(21))
}
