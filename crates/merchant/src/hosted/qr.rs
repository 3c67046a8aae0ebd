//! QR codes as the path of an SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// A code with its four-module quiet zone.
pub(super) struct Code {
    /// The length of a side in modules.
    pub(super) side: i32,
    /// The dark modules.
    pub(super) path: String,
}

impl Code {
    /// Encodes the text; `None` if it does not fit into a QR code.
    pub(super) fn of(data: &str) -> Option<Self> {
        let code = QrCode::encode_text(data, QrCodeEcc::Medium).ok()?;
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
        Some(Self { side: code.size() + 2 * QUIET, path })
    }
}

const QUIET: i32 = 4;
