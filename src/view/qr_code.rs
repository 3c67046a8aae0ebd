//! The QR code, drawn here: no image server learns what is paid.

use yew::prelude::*;

use super::element::{is, now, row, varying};
use super::phrases::push_number;

/// The empty border that scanners need, in modules.
const QUIET_ZONE: usize = 4;

/// The code as one path. White below it comes from the styles.
pub(super) fn qr_code(drawing: &Drawing, label: String) -> Html {
    let path = varying("path", &["d"], [now(drawing.path.clone())], Vec::new()).into();
    varying(
        "svg",
        &["role", "aria-label", "viewBox", "shape-rendering"],
        [is("img"), now(label), now(drawing.view_box.clone()), is("crispEdges")],
        row([path]),
    )
    .into()
}

/// A code, encoded once and drawn at each render.
pub(crate) struct Drawing {
    view_box: AttrValue,
    path: AttrValue,
}

/// Encodes at level M or better; none where the text is too long for any code.
pub(crate) fn draw(data: &str) -> Option<Drawing> {
    let code = qr::Code::encode(data.as_bytes())?;
    let size = code.size();
    let mut path = String::with_capacity(4_096);
    for y in 0..size {
        // One past the end, which is light, ends a run there.
        let mut run = 0;
        for x in 0..=size {
            if code.is_dark(x, y) {
                run += 1;
            } else if run > 0 {
                push_run(&mut path, x - run + QUIET_ZONE, y + QUIET_ZONE, run);
                run = 0;
            }
        }
    }
    let mut view_box = "0 0".to_owned();
    for _ in 0..2 {
        view_box.push(' ');
        push(&mut view_box, size + 2 * QUIET_ZONE);
    }
    Some(Drawing { view_box: view_box.into(), path: path.into() })
}

/// A run of dark modules in one row, as one rectangle.
fn push_run(path: &mut String, x: usize, y: usize, length: usize) {
    for (step, number) in [("M", x), (" ", y), ("h", length), ("v1h-", length)] {
        path.push_str(step);
        push(path, number);
    }
    path.push('z');
}

fn push(text: &mut String, number: usize) {
    push_number(text, number as u64, 1);
}

#[cfg(test)]
mod tests {
    use qrcodegen::{QrCode, QrCodeEcc};

    use super::*;

    #[test]
    fn the_drawing_is_the_code_inside_its_quiet_zone() {
        let data = "weixin://wxpay/bizpayurl?pr=AbCdEfGhz";
        let drawing = draw(data).unwrap();
        let code = QrCode::encode_binary(data.as_bytes(), QrCodeEcc::Medium).unwrap();
        let side = code.size() + 8;
        assert_eq!(drawing.view_box.as_str(), format!("0 0 {side} {side}"));

        // Paints the path's runs back into modules and compares every one.
        let mut dark = std::collections::HashSet::new();
        for run in drawing.path.split('M').skip(1) {
            let (position, rest) = run.split_once('h').unwrap();
            let (x, y) = position.split_once(' ').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            dark.extend((0..length.parse().unwrap()).map(|step: i32| (x + step, y)));
        }
        for y in 0..side {
            for x in 0..side {
                assert_eq!(dark.contains(&(x, y)), code.get_module(x - 4, y - 4), "{x} {y}");
            }
        }
    }

    #[test]
    fn the_longest_text_fits_and_a_longer_one_is_refused() {
        assert!(draw(&"x".repeat(2_331)).is_some());
        assert!(draw(&"x".repeat(2_332)).is_none());
    }
}
