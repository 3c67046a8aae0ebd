//! Small marks, drawn by us.

use contract::PaymentMethod;
use yew::prelude::*;

use super::element::{is, row, varying};

/// The wallet's mark, in its colour. Its name always stands beside it.
pub(super) fn mark(method: PaymentMethod) -> Html {
    let (kind, path) = match method {
        // The strokes of 支, "to pay".
        PaymentMethod::Alipay => (
            "alipay",
            "M6 8h12M12 5v6M7 11.5h9.5c-1 3-4 6.2-7 6.5-3 .3-3.6-3-.8-3.6 3-.6 6 1.4 9.8 3.6",
        ),
        // A speech bubble that agrees.
        PaymentMethod::WechatPay => (
            "wechat-pay",
            "M12 5c4.4 0 7.5 2.7 7.5 6.2S16.4 17.4 12 17.4c-.9 0-1.7-.1-2.5-.3L6.5 19l.6-3C5.5 14.9 4.5 13.2 4.5 11.2 4.5 7.7 7.6 5 12 5zM8.7 11l2.5 2.3 4.3-4.3",
        ),
        PaymentMethod::Unknown => ("", ""),
    };
    svg("mark", kind, path)
}

/// A sign for how it ended: `ok`, `bad`, `time` or `off`; or `menu`, three dots
/// and an arrow to them.
pub(super) fn sign(kind: &'static str) -> Html {
    let path = match kind {
        "ok" => "M6.5 12.5l3.7 3.7 7.3-8",
        "time" => "M12 6.5V12l3.5 2.2",
        "off" => "M8 8l8 8M16 8l-8 8",
        "menu" => "M12 7h.01M15 7h.01M18 7h.01M6.5 18.5l8-8M9.5 10.5h5v5",
        _ => "M12 6.5v7M12 16.8v.1",
    };
    svg("sign", kind, path)
}

fn svg(shape: &'static str, kind: &'static str, path: &'static str) -> Html {
    let values = [is(shape), is(kind), is("0 0 24 24"), is("true")];
    let path = varying("path", &["d"], [is(path)], Vec::new()).into();
    varying("svg", &["part", "data-kind", "viewBox", "aria-hidden"], values, row([path])).into()
}
