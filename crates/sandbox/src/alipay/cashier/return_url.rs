//! The address that a paid cashier sends the browser to.

use crate::alipay::{content, notify};
use crate::book::{Cashier, OrderView, Product};
use crate::clock;
use crate::state::Shared;

/// `return_url` with the signed parameters of gateways.md B10: no `trade_status` among them.
pub(super) fn location(
    shared: &Shared,
    cashier: &Cashier,
    return_url: &str,
    order: &OrderView,
) -> String {
    let keys = &shared.keys.alipay;
    let method = match cashier.product {
        Product::Wap => "alipay.trade.wap.pay.return",
        _ => "alipay.trade.page.pay.return",
    };
    let mut pairs = vec![
        ("charset", "utf-8".to_owned()),
        ("out_trade_no", order.out_trade_no.clone()),
        ("method", method.to_owned()),
        ("total_amount", content::yuan(order.amount)),
        ("trade_no", order.transaction_id.clone().unwrap_or_default()),
        ("auth_app_id", keys.app_id.clone()),
        ("version", "1.0".to_owned()),
        ("app_id", keys.app_id.clone()),
        ("sign_type", "RSA2".to_owned()),
        ("seller_id", keys.seller_id.clone()),
        ("timestamp", clock::alipay(shared.clock.now())),
    ];
    notify::sign(shared, &mut pairs);
    let joint = if return_url.contains('?') { '&' } else { '?' };
    format!("{return_url}{joint}{}", notify::encode(&pairs))
}
