//! Shared by the ordering methods: the order's terms, and storing them
//! (gateways.md B5.1, G2.9).

use time::{Duration, OffsetDateTime};

use super::content::{self, Content};
use super::params::Params;
use super::reply::Refusal;
use crate::book::{Book, Product, Refunds, Trade, TradeState};
use crate::state::Shared;
use crate::{clock, loopback};

/// The terms of an order, checked.
pub(crate) struct Terms {
    pub(crate) out_trade_no: String,
    product: Product,
    subject: String,
    body: Option<String>,
    passback_params: Option<String>,
    total: i64,
    notify_url: Option<String>,
    time_expire: Option<OffsetDateTime>,
    timeout: Option<OffsetDateTime>,
}

impl Terms {
    /// # Errors
    /// `ACQ.INVALID_PARAMETER` with the member's name.
    pub(crate) fn read(
        shared: &Shared,
        params: &Params,
        content: &Content,
        product: Product,
    ) -> Result<Self, Refusal> {
        let now = shared.clock.now();
        let out_trade_no =
            content.out_trade_no()?.ok_or_else(|| Refusal::parameter("out_trade_no"))?;
        let total = content::fen(content.required("total_amount", 16)?)
            .filter(|total| (1..=MAX_TOTAL).contains(total))
            .ok_or_else(|| Refusal::parameter("total_amount"))?;
        let subject = content.required("subject", 256)?;
        if subject.contains(['/', '=', '&']) {
            return Err(Refusal::parameter("subject"));
        }
        let product_code = content.text("product_code", 64)?;
        let fits = match product {
            Product::Precreate => {
                matches!(product_code, None | Some("FACE_TO_FACE_PAYMENT" | "QR_CODE_OFFLINE"))
            }
            Product::Page => product_code == Some("FAST_INSTANT_TRADE_PAY"),
            Product::Wap => product_code == Some("QUICK_WAP_WAY"),
            Product::Create => {
                matches!(product_code, None | Some("FACE_TO_FACE_PAYMENT" | "JSAPI_PAY"))
            }
        };
        if !fits {
            return Err(Refusal::parameter("product_code"));
        }
        let passback_params = content.text("passback_params", 512)?;
        if passback_params.is_some_and(|text| !is_percent_encoded(text)) {
            return Err(Refusal::parameter("passback_params"));
        }
        let time_expire = match content.text("time_expire", 19)? {
            Some(text) => {
                Some(clock::parse_alipay(text).ok_or_else(|| Refusal::parameter("time_expire"))?)
            }
            None => None,
        };
        let timeout = match content.text("timeout_express", 6)? {
            Some(text) => Some(
                content::relative(text, now)
                    .ok_or_else(|| Refusal::parameter("timeout_express"))?,
            ),
            None => None,
        };
        let notify_url = params.get("notify_url");
        if notify_url.is_some_and(|url| url.len() > 256 || loopback::parse(url).is_none()) {
            return Err(Refusal::parameter("notify_url（沙箱只接受本机http地址）"));
        }
        Ok(Self {
            out_trade_no: out_trade_no.to_owned(),
            product,
            subject: subject.to_owned(),
            body: content.text("body", 128)?.map(str::to_owned),
            passback_params: passback_params.map(str::to_owned),
            total,
            notify_url: notify_url.map(str::to_owned),
            time_expire,
            timeout,
        })
    }

    /// Stores the order, or finds it unpaid with the same terms; returns its expiry.
    pub(crate) fn submit(
        self,
        book: &mut Book,
        now: OffsetDateTime,
    ) -> Result<OffsetDateTime, Refusal> {
        book.alipay.settle(now);
        if book.alipay.is_full() {
            return Err(Refusal::limited());
        }
        let Some(trade) = book.alipay.by_number(&self.out_trade_no) else {
            let trade = self.into_trade(now)?;
            let end = trade.expires_at;
            book.alipay.add(trade);
            return Ok(end);
        };
        match trade.state {
            TradeState::Success(..) if !trade.is_refunded() => {
                return Err(Refusal::business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"));
            }
            TradeState::Success(..) | TradeState::Closed(_) | TradeState::Lapsed => {
                return Err(Refusal::business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"));
            }
            TradeState::Unopened | TradeState::Waiting(_) => {}
        }
        let same = trade.total == self.total
            && trade.subject == self.subject
            && trade.product == self.product;
        if !same {
            return Err(Refusal::business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"));
        }
        Ok(trade.expires_at)
    }

    fn into_trade(self, now: OffsetDateTime) -> Result<Trade, Refusal> {
        let default = match self.product {
            Product::Precreate => Duration::hours(3),
            Product::Page | Product::Wap | Product::Create => Duration::days(15),
        };
        if let Some(end) = self.time_expire {
            if end <= now {
                let text = "当前时间已经超过允许支付的时间";
                return Err(Refusal::business("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", text));
            }
            let latest = clock::after(now, Duration::minutes(content::MAX_MINUTES));
            if end > latest || end < clock::after(now, SHORTEST) {
                return Err(Refusal::parameter("time_expire"));
            }
        }
        Ok(Trade {
            expires_at: self.time_expire.or(self.timeout).unwrap_or(clock::after(now, default)),
            out_trade_no: self.out_trade_no,
            product: self.product,
            subject: self.subject,
            body: self.body,
            passback_params: self.passback_params,
            total: self.total,
            notify_url: self.notify_url,
            created_at: now,
            state: TradeState::Unopened,
            captures: 0,
            refunds: Refunds::default(),
            attempts: Vec::new(),
        })
    }
}

fn is_percent_encoded(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-_.~*+!()'".contains(&byte))
}

/// 100 million yuan in fen (gateways.md B5.1).
const MAX_TOTAL: i64 = 10_000_000_000;
/// A minute, less the second that the text format truncates.
const SHORTEST: Duration = Duration::seconds(59);
