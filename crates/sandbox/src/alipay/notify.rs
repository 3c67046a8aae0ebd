//! Notifications of payments and refunds: one flat signed form (gateways.md B9, G2.11, G2.12).

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use super::{canonical, content, query, reply};
use crate::book::{Refund, Trade};
use crate::event::{About, Event, Message};
use crate::faults::Faults;
use crate::state::Shared;
use crate::{chaos, clock};

/// The message of one try, freshly signed; `None` if there is nothing to send.
pub(crate) fn message(
    shared: &Shared,
    event: &Event,
    faults: &Faults,
    bad_signature: bool,
) -> Option<Message> {
    let keys = &shared.keys.alipay;
    let mut pairs: Vec<(&'static str, String)> = {
        let book = shared.book();
        let trade = book.alipay.by_number(&event.out_trade_no)?;
        let opened = trade.opened()?;
        let refund = match &event.about {
            About::Payment | About::Opened | About::Closed(_) => None,
            About::Refund(number) => Some(trade.refunds.find(number)?),
        };
        let is_unpaid = matches!(event.about, About::Opened | About::Closed(_));
        let paid =
            content::yuan(trade.total.saturating_add(i64::from(faults.notification_wrong_amount)));
        let seller_id =
            if faults.alipay_other_seller { OTHER_SELLER } else { keys.seller_id.as_str() };
        let total = match paid.strip_suffix('0') {
            Some(short) if faults.alipay_short_amount => short.to_owned(),
            _ => paid.clone(),
        };
        let mut pairs = vec![
            ("gmt_create", clock::alipay(opened.at)),
            ("charset", "utf-8".into()),
            ("seller_email", "shop@example.com".into()),
            ("subject", trade.subject.clone()),
            ("body", trade.body.clone().unwrap_or_default()),
            ("passback_params", trade.passback_params.clone().unwrap_or_default()),
            query::buyer(keys, faults, opened, ("buyer_id", "buyer_open_id")),
            ("buyer_logon_id", query::BUYER_LOGON_ID.into()),
            ("invoice_amount", paid.clone()),
            ("notify_id", event.id.clone()),
            ("fund_bill_list", format!(r#"[{{"amount":"{paid}","fundChannel":"ALIPAYACCOUNT"}}]"#)),
            ("notify_type", "trade_status_sync".into()),
            ("trade_status", query::shown(faults, status_then(trade, refund, &event.about)).into()),
            ("receipt_amount", paid.clone()),
            ("buyer_pay_amount", paid.clone()),
            ("app_id", keys.app_id.clone()),
            ("seller_id", seller_id.to_owned()),
            ("gmt_payment", trade.paid_at().map(clock::alipay).unwrap_or_default()),
            ("notify_time", clock::alipay(shared.clock.now())),
            ("version", "1.0".into()),
            ("out_trade_no", trade.out_trade_no.clone()),
            ("total_amount", total),
            ("trade_no", opened.trade_no.clone()),
            ("auth_app_id", keys.app_id.clone()),
            ("point_amount", "0.00".into()),
            ("sign_type", "RSA2".into()),
        ];
        if let Some(refund) = refund {
            let at = refund.done_at?;
            pairs.push(("out_biz_no", refund.number.clone()));
            pairs.push(("refund_fee", content::yuan(refund.sum_by_then)));
            pairs.push(("send_back_fee", content::yuan(refund.amount)));
            pairs.push(("gmt_refund", clock::alipay_with_millis(at)));
            if refund.sum_by_then >= trade.total {
                pairs.push(("gmt_close", clock::alipay(at)));
            }
        }
        if let About::Closed(at) = event.about {
            pairs.push(("gmt_close", clock::alipay(at)));
        }
        if is_unpaid {
            // An unpaid trade's notification has no members of the payment (gateways.md D row 9).
            pairs.retain(|(name, _)| !OF_PAYMENTS.contains(name));
        }
        pairs
    };
    pairs.retain(|(_, value)| !value.is_empty());
    sign(shared, &mut pairs);
    if let Some((_, signature)) = pairs.last_mut().filter(|_| bad_signature) {
        *signature = chaos::spoiled(signature);
    }
    if faults.alipay_certificates {
        // These members are not signed.
        pairs.push(("alipay_cert_sn", reply::certificate_serial(shared, faults).to_owned()));
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
    );
    Some(Message { headers, body: encode(&pairs) })
}

/// The state after the event; later states belong to other events.
fn status_then(trade: &Trade, refund: Option<&Refund>, about: &About) -> &'static str {
    match refund {
        None if matches!(about, About::Opened) => "WAIT_BUYER_PAY",
        None if matches!(about, About::Closed(_)) => "TRADE_CLOSED",
        Some(refund) if refund.sum_by_then >= trade.total => "TRADE_CLOSED",
        _ => "TRADE_SUCCESS",
    }
}

/// Adds `sign` after the rules for notifications and returns: without `sign_type` (V1).
pub(crate) fn sign(shared: &Shared, pairs: &mut Vec<(&'static str, String)>) {
    let text = canonical::text(
        pairs.iter().map(|(name, value)| (*name, value.as_str())),
        canonical::NOTIFICATION,
    );
    pairs.push(("sign", reply::signature(shared, &text)));
}

/// The pairs as a form or query string.
pub(crate) fn encode(pairs: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Members that only a payment's notification has.
const OF_PAYMENTS: &[&str] = &[
    "gmt_payment",
    "fund_bill_list",
    "receipt_amount",
    "buyer_pay_amount",
    "invoice_amount",
    "point_amount",
];
/// A merchant that is not ours.
const OTHER_SELLER: &str = "2088000000000009";
