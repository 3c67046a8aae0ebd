//! The drawings of the page: those of the widget, in its markup, which its style sheet colors.
//!
//! A test compares each with its source, `src/view/icon.rs`.

use askama::Template;
use contract::PaymentMethod;

/// A drawing of 24 by 24 units. Decoration: a text beside it has the same meaning.
#[derive(Debug, Template)]
#[template(path = "hosted/drawing.html")]
pub(super) struct Drawing {
    part: &'static str,
    /// The name in the styles.
    pub(super) kind: &'static str,
    /// The class and the path of each stroke or area.
    paths: &'static [(&'static str, &'static str)],
}

/// Returns a wallet's mark.
pub(super) fn mark(method: PaymentMethod) -> Option<&'static Drawing> {
    match method {
        PaymentMethod::Alipay => Some(&ALIPAY),
        PaymentMethod::WechatPay => Some(&WECHAT_PAY),
        PaymentMethod::Unknown => None,
    }
}

/// Returns the mark of the app that scans, which for WeChat Pay is another than the wallet's.
pub(super) fn app_mark(method: PaymentMethod) -> Option<&'static Drawing> {
    match method {
        PaymentMethod::WechatPay => Some(&WECHAT),
        _ => mark(method),
    }
}

static ALIPAY: Drawing = Drawing {
    part: "mark",
    kind: "alipay",
    paths: &[
        ("line", "M5.6 7.2h12.8M12 4.2v6.4M7.4 10.6h8.8c-1.2 3.8-4.6 6.8-9.8 8.2"),
        ("line", "M8.4 13.2c1.8 2.6 5 4.7 9.4 5.6"),
    ],
};
static WECHAT_PAY: Drawing = Drawing {
    part: "mark",
    kind: "wechat-pay",
    paths: &[
        (
            "solid",
            "M12 4.4c4.5 0 8 3 8 6.7s-3.5 6.7-8 6.7c-.9 0-1.8-.1-2.6-.4L5.9 19.2l.8-3.2C5 14.8 4 13 4 11.1c0-3.7 3.5-6.7 8-6.7z",
        ),
        ("cut", "M8.5 11.1l2.6 2.5 4.7-4.7"),
    ],
};
static WECHAT: Drawing = Drawing {
    part: "mark",
    kind: "wechat-pay",
    paths: &[
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
};

/// The sign of a success.
pub(super) static OK: Drawing = sign("ok", &[("line", "M6.8 12.4l3.6 3.6 6.9-7.6")]);
/// The sign of a time that is over.
pub(super) static TIME: Drawing = sign("time", &[("line", "M12 6.5V12l3.5 2.2")]);
/// The sign of something that was called off.
pub(super) static OFF: Drawing = sign("off", &[("line", "M8 8l8 8M16 8l-8 8")]);

const fn sign(kind: &'static str, paths: &'static [(&'static str, &'static str)]) -> Drawing {
    Drawing { part: "sign", kind, paths }
}

/// An arrow to the menu at the top right of an app's screen, with the menu's three dots. Decoration:
/// the text says the same.
pub(super) const ARROW_TO_MENU: &str = "<svg class=\"arrow\" viewBox=\"0 0 96 96\" aria-hidden=\"true\">\
    <path d=\"M10 88C44 84 70 62 80 20M80 20L62 34M80 20l9 21\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"4\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\
    <path d=\"M66 6h.01M78 6h.01M90 6h.01\" stroke=\"currentColor\" stroke-width=\"7\" stroke-linecap=\"round\"/></svg>";

#[cfg(test)]
mod tests {
    use super::*;

    const WIDGET: &str = include_str!("../../../../src/view/parts/icon.rs");

    /// Returns the widget's drawing whose source follows `start`.
    fn of_widget(kind: &str, start: &str) -> String {
        let (_, rest) = WIDGET.split_once(start).expect(start);
        let (source, _) = rest.split_once("],\n").expect(start);
        // Comments have no quotes: the texts are classes and paths in turns.
        let texts: Vec<&str> = source.split('"').skip(1).step_by(2).collect();
        let paths: Vec<String> = texts
            .chunks(2)
            .map(|pair| format!("<path class=\"{}\" d=\"{}\"/>", pair[0], pair[1]))
            .collect();
        format!(
            "<svg part=\"mark\" data-kind=\"{kind}\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{}</svg>",
            paths.concat()
        )
    }

    #[test]
    fn the_marks_are_those_of_the_widget() {
        for (method, name, kind, start) in [
            (PaymentMethod::Alipay, "Alipay", "alipay", "| Self::App(PaymentMethod::Alipay) => &["),
            (
                PaymentMethod::WechatPay,
                "WechatPay",
                "wechat-pay",
                "Self::Wallet(PaymentMethod::WechatPay) => &[",
            ),
        ] {
            let drawing = mark(method).unwrap().to_string();
            assert_eq!(drawing, of_widget(kind, start));
            let named = format!("PaymentMethod::{name} => \"{kind}\",");
            assert!(WIDGET.contains(&named), "{named}");
        }
        let app = app_mark(PaymentMethod::WechatPay).unwrap().to_string();
        assert_eq!(app, of_widget("wechat-pay", "Self::App(PaymentMethod::WechatPay) => &["));
        assert_eq!(app_mark(PaymentMethod::Alipay).unwrap().kind, "alipay");
        assert!(app_mark(PaymentMethod::Unknown).is_none());
    }

    #[test]
    fn the_signs_are_those_of_the_widget() {
        for (drawing, name) in [(&OK, "Ok"), (&TIME, "Time"), (&OFF, "Off")] {
            let start = format!("Self::{name} => &[(\"line\", ");
            let (_, rest) = WIDGET.split_once(&start).expect(&start);
            let path = rest.split('"').nth(1).unwrap();
            assert_eq!(drawing.paths, [("line", path)]);
            let named = format!("Self::{name} => (\"{}\", \"{}\"),", drawing.part, drawing.kind);
            assert!(WIDGET.contains(&named), "{named}");
        }
    }

    /// The widget's elements have no other attributes than the template's.
    #[test]
    fn the_markup_is_that_of_the_widget() {
        for markup in [
            "<svg {part} data-kind={kind} viewBox=\"0 0 24 24\" aria-hidden=\"true\">",
            "<path {class} d={path} />",
            "Self::Wallet(method) | Self::App(method) => (\"mark\", style_name(method)),",
        ] {
            assert!(WIDGET.contains(markup), "{markup}");
        }
        assert_eq!(WIDGET.matches("<svg").count() + WIDGET.matches("<path").count(), 2);
    }
}
