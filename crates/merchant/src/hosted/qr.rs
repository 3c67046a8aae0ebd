//! Renders a QR code as inline SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Renders the code on white with its four-module quiet zone. `label` must be escaped already.
/// `None` if the text does not fit into a QR code.
pub(super) fn svg(data: &str, label: &str) -> Option<String> {
    let code = QrCode::encode_text(data, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                let (left, top, width) = (start + QUIET, y + QUIET, x - start);
                // Writing to a String cannot fail.
                let _ = write!(path, "M{left} {top}h{width}v1h-{width}z");
            }
            x += 1;
        }
    }
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

const QUIET: i32 = 4;
