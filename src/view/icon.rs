//! Small drawings.

use contract::PaymentMethod;
use yew::prelude::*;

/// Draws the wallet's mark in its colour. The wallet's name is always beside it.
pub(super) fn mark(method: PaymentMethod) -> Html {
    let (kind, path) = match method {
        // The strokes of 支, "to pay".
        PaymentMethod::Alipay => (
            "alipay",
            "M6 8h12M12 5v6M7 11.5h9.5c-1 3-4 6.2-7 6.5-3 .3-3.6-3-.8-3.6 3-.6 6 1.4 9.8 3.6",
        ),
        // A speech bubble with a tick.
        PaymentMethod::WechatPay => (
            "wechat-pay",
            "M12 5c4.4 0 7.5 2.7 7.5 6.2S16.4 17.4 12 17.4c-.9 0-1.7-.1-2.5-.3L6.5 19l.6-3C5.5 14.9 4.5 13.2 4.5 11.2 4.5 7.7 7.6 5 12 5zM8.7 11l2.5 2.3 4.3-4.3",
        ),
        PaymentMethod::Unknown => ("", ""),
    };
    drawing("mark", kind, path)
}

/// The meaning of a [`sign`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignKind {
    Ok,
    Bad,
    Time,
    Off,
    /// Three dots and an arrow to them.
    Menu,
}

/// Draws a sign above a screen's heading.
pub(super) fn sign(kind: SignKind) -> Html {
    let (kind, path) = match kind {
        SignKind::Ok => ("ok", "M6.5 12.5l3.7 3.7 7.3-8"),
        SignKind::Bad => ("bad", "M12 6.5v7M12 16.8v.1"),
        SignKind::Time => ("time", "M12 6.5V12l3.5 2.2"),
        SignKind::Off => ("off", "M8 8l8 8M16 8l-8 8"),
        SignKind::Menu => ("menu", "M12 7h.01M15 7h.01M18 7h.01M6.5 18.5l8-8M9.5 10.5h5v5"),
    };
    drawing("sign", kind, path)
}

fn drawing(part: &'static str, kind: &'static str, path: &'static str) -> Html {
    html! {
        <svg {part} data-kind={kind} viewBox="0 0 24 24" aria-hidden="true">
            <path d={path} />
        </svg>
    }
}
