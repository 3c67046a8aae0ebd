//! The QR code, drawn in the page, so that no image server receives its content.

use qrcodegen::{QrCode as Encoded, QrCodeEcc};
use yew::prelude::*;

use crate::texts::use_texts;

/// The empty border that scanners need, in modules.
const QUIET_ZONE: i32 = 4;

#[derive(PartialEq, Properties)]
pub(crate) struct QrCodeProps {
    /// The text that the wallet scans.
    pub(crate) data: AttrValue,
}

/// Draws the code as one path on white; it is encoded once. Forced dark modes of browsers darken a
/// background of CSS, and leave a drawn one white.
#[component]
pub(crate) fn QrCode(props: &QrCodeProps) -> Html {
    let texts = use_texts();
    let drawing = use_memo(props.data.clone(), |data| draw(data));
    match &*drawing {
        Some(Drawing { view_box, path }) => html! {
            <svg
                role="img"
                aria-label={texts.get("qr_label")}
                viewBox={view_box}
                shape-rendering="crispEdges"
            >
                <rect width="100%" height="100%" fill="#fff" />
                <path d={path} />
            </svg>
        },
        None => html! { <p class="qr-failed" role="alert">{ texts.get("qr_failed") }</p> },
    }
}

/// An encoded code as the attributes of its SVG.
struct Drawing {
    view_box: AttrValue,
    path: AttrValue,
}

/// Encodes at error level M or better. None if the text is too long for any code.
fn draw(data: &str) -> Option<Drawing> {
    let code = Encoded::encode_binary(data.as_bytes(), QrCodeEcc::Medium).ok()?;
    let mut path = String::with_capacity(4_096);
    for y in 0..code.size() {
        // One past the end is light and ends a run there.
        let mut run = 0;
        for x in 0..=code.size() {
            if code.get_module(x, y) {
                run += 1;
            } else if run > 0 {
                let (left, top) = (x - run + QUIET_ZONE, y + QUIET_ZONE);
                path.push_str(&format!("M{left} {top}h{run}v1h-{run}z"));
                run = 0;
            }
        }
    }
    let side = code.size() + 2 * QUIET_ZONE;
    Some(Drawing { view_box: format!("0 0 {side} {side}").into(), path: path.into() })
}

#[cfg(test)]
mod tests;
