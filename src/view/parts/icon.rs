//! Small drawings, all our own.

use contract::PaymentMethod;
use yew::prelude::*;

/// Returns the wallet's name in the styles.
pub(crate) const fn style_name(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Alipay => "alipay",
        PaymentMethod::WechatPay => "wechat-pay",
        PaymentMethod::Unknown => "",
    }
}

/// The meaning of an [`Icon`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IconKind {
    /// The wallet. Its name is always beside it.
    Wallet(PaymentMethod),
    /// The app that scans, which for WeChat Pay is another than the wallet.
    App(PaymentMethod),
    Ok,
    Bad,
    Time,
    Off,
    /// Three dots and an arrow to them.
    Menu,
}

/// The paths of a drawing, each with its class: a `line`, a `solid` area, or what is `cut` out of one.
type Paths = &'static [(&'static str, &'static str)];

impl IconKind {
    const fn paths(self) -> Paths {
        match self {
            // The strokes of 支, "to pay".
            Self::Wallet(PaymentMethod::Alipay) | Self::App(PaymentMethod::Alipay) => &[
                ("line", "M5.6 7.2h12.8M12 4.2v6.4M7.4 10.6h8.8c-1.2 3.8-4.6 6.8-9.8 8.2"),
                ("line", "M8.4 13.2c1.8 2.6 5 4.7 9.4 5.6"),
            ],
            // A speech bubble with a tick.
            Self::Wallet(PaymentMethod::WechatPay) => &[
                (
                    "solid",
                    "M12 4.4c4.5 0 8 3 8 6.7s-3.5 6.7-8 6.7c-.9 0-1.8-.1-2.6-.4L5.9 19.2l.8-3.2C5 14.8 4 13 4 11.1c0-3.7 3.5-6.7 8-6.7z",
                ),
                ("cut", "M8.5 11.1l2.6 2.5 4.7-4.7"),
            ],
            // Two speech bubbles with eyes.
            Self::App(PaymentMethod::WechatPay) => &[
                (
                    "solid",
                    "M9.6 4.2c3.5 0 6.4 2.4 6.4 5.4S13.1 15 9.6 15c-.8 0-1.5-.1-2.2-.3l-2.7 1.4.6-2.4c-1.3-1-2.1-2.4-2.1-4.1 0-3 2.9-5.4 6.4-5.4z",
                ),
                (
                    "solid",
                    "M15.8 10.3c2.8 0 5.1 1.9 5.1 4.3 0 1.3-.7 2.4-1.7 3.2l.5 1.9-2.2-1.1c-.5.1-1.1.2-1.7.2-2.8 0-5.1-1.9-5.1-4.2s2.3-4.3 5.1-4.3z",
                ),
                ("cut", "M7.5 8.4h.01M11.7 8.4h.01M14.2 13.7h.01M17.5 13.7h.01"),
            ],
            Self::Wallet(PaymentMethod::Unknown) | Self::App(PaymentMethod::Unknown) => &[],
            Self::Ok => &[("line", "M6.8 12.4l3.6 3.6 6.9-7.6")],
            Self::Bad => &[("line", "M12 6.5v7M12 16.8v.1")],
            Self::Time => &[("line", "M12 6.5V12l3.5 2.2")],
            Self::Off => &[("line", "M8 8l8 8M16 8l-8 8")],
            Self::Menu => &[("line", "M12 7h.01M15 7h.01M18 7h.01M6.5 18.5l8-8M9.5 10.5h5v5")],
        }
    }

    /// The drawing's part and its name in the styles.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Wallet(method) | Self::App(method) => ("mark", style_name(method)),
            Self::Ok => ("sign", "ok"),
            Self::Bad => ("sign", "bad"),
            Self::Time => ("sign", "time"),
            Self::Off => ("sign", "off"),
            Self::Menu => ("sign", "menu"),
        }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct IconProps {
    pub(crate) kind: IconKind,
}

/// Draws a wallet's mark in its colour, or a sign above a screen's heading.
#[component]
pub(crate) fn Icon(props: &IconProps) -> Html {
    let (part, kind) = props.kind.names();
    html! {
        <svg {part} data-kind={kind} viewBox="0 0 24 24" aria-hidden="true">
            for (class, path) in props.kind.paths().iter().copied() {
                <path {class} d={path} />
            }
        </svg>
    }
}

/// Draws what turns while the shopper waits.
#[component]
pub(crate) fn Spinner() -> Html {
    html! { <span class="spinner" aria-hidden="true" /> }
}

#[derive(PartialEq, Properties)]
pub(crate) struct EmblemProps {
    pub(crate) method: PaymentMethod,
    #[prop_or_default]
    pub(crate) is_waiting: bool,
}

/// Draws the wallet's mark above a heading; inside a spinner if the shopper waits.
#[component]
pub(crate) fn Emblem(props: &EmblemProps) -> Html {
    html! {
        <div class="emblem">
            if props.is_waiting {
                <Spinner />
            }
            <Icon kind={IconKind::Wallet(props.method)} />
        </div>
    }
}
