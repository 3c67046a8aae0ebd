//! Refusals of the H5 page, in the wording of the real page.

use axum::response::Response;
use maud::html;

use crate::page::{self, Page};
use crate::wallet::CodeError;

/// Returns the page's text for an order that this user cannot pay.
pub(super) fn text_of(error: CodeError, agent: &str) -> &'static str {
    match error {
        CodeError::Paid => "该订单已支付",
        CodeError::Closed => "订单已关闭，请重新下单",
        CodeError::OtherUser => damaged(agent),
        _ => "支付请求已失效，请重新发起支付",
    }
}

/// The two systems have different wordings for a truncated address and for another account's.
pub(super) fn damaged(agent: &str) -> &'static str {
    if agent.contains("iPhone") || agent.contains("iPad") {
        "签名验证失败"
    } else {
        "系统繁忙"
    }
}

pub(super) fn refused(text: &str) -> Response {
    let main = html! {
        (page::mark("微信支付", "WeChat Pay sandbox"))
        h1 { (text) }
        p lang="en" {
            "WeChat Pay refuses this H5 address. Go back to the shop with your browser's Back button."
        }
    };
    Page::new("zh-CN", "微信支付", main).wechat().respond()
}
