//! Small drawings, all our own.

use contract::PaymentMethod;
use yew::prelude::*;

/// Returns the wallet's name in the styles.
pub(super) const fn kind_of(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Alipay => "alipay",
        PaymentMethod::WechatPay => "wechat-pay",
        PaymentMethod::Unknown => "",
    }
}

/// Draws the wallet's mark in its colour. The wallet's name is always beside it.
pub(super) fn mark(method: PaymentMethod) -> Html {
    let paths: &[(&'static str, &'static str)] = match method {
        // The strokes of 支, "to pay".
        PaymentMethod::Alipay => &[
            ("line", "M5.6 7.2h12.8M12 4.2v6.4M7.4 10.6h8.8c-1.2 3.8-4.6 6.8-9.8 8.2"),
            ("line", "M8.4 13.2c1.8 2.6 5 4.7 9.4 5.6"),
        ],
        // A speech bubble with a tick.
        PaymentMethod::WechatPay => &[
            (
                "solid",
                "M12 4.4c4.5 0 8 3 8 6.7s-3.5 6.7-8 6.7c-.9 0-1.8-.1-2.6-.4L5.9 19.2l.8-3.2C5 14.8 4 13 4 11.1c0-3.7 3.5-6.7 8-6.7z",
            ),
            ("cut", "M8.5 11.1l2.6 2.5 4.7-4.7"),
        ],
        PaymentMethod::Unknown => &[],
    };
    drawing("mark", kind_of(method), paths)
}

/// Draws the mark of the app that scans, which for WeChat Pay is another than the wallet's.
pub(super) fn app_mark(method: PaymentMethod) -> Html {
    if method != PaymentMethod::WechatPay {
        return mark(method);
    }
    // Two speech bubbles with eyes.
    let paths = [
        (
            "solid",
            "M9.6 4.2c3.5 0 6.4 2.4 6.4 5.4S13.1 15 9.6 15c-.8 0-1.5-.1-2.2-.3l-2.7 1.4.6-2.4c-1.3-1-2.1-2.4-2.1-4.1 0-3 2.9-5.4 6.4-5.4z",
        ),
        (
            "solid",
            "M15.8 10.3c2.8 0 5.1 1.9 5.1 4.3 0 1.3-.7 2.4-1.7 3.2l.5 1.9-2.2-1.1c-.5.1-1.1.2-1.7.2-2.8 0-5.1-1.9-5.1-4.2s2.3-4.3 5.1-4.3z",
        ),
        ("cut", "M7.5 8.4h.01M11.7 8.4h.01M14.2 13.7h.01M17.5 13.7h.01"),
    ];
    drawing("mark", kind_of(method), &paths)
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
        SignKind::Ok => ("ok", "M6.8 12.4l3.6 3.6 6.9-7.6"),
        SignKind::Bad => ("bad", "M12 6.5v7M12 16.8v.1"),
        SignKind::Time => ("time", "M12 6.5V12l3.5 2.2"),
        SignKind::Off => ("off", "M8 8l8 8M16 8l-8 8"),
        SignKind::Menu => ("menu", "M12 7h.01M15 7h.01M18 7h.01M6.5 18.5l8-8M9.5 10.5h5v5"),
    };
    drawing("sign", kind, &[("line", path)])
}

/// Draws paths, each with its class: a `line`, a `solid` area, or what is `cut` out of one.
fn drawing(part: &'static str, kind: &'static str, paths: &[(&'static str, &'static str)]) -> Html {
    html! {
        <svg {part} data-kind={kind} viewBox="0 0 24 24" aria-hidden="true">
            for (class, path) in paths.iter().copied() {
                <path {class} d={path} />
            }
        </svg>
    }
}
