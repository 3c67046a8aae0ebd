use std::collections::HashSet;

use super::*;

#[test]
fn the_drawing_is_the_code_inside_its_quiet_zone() {
    let data = "weixin://wxpay/bizpayurl?pr=AbCdEfGhz";
    let drawing = draw(data).unwrap();
    let code = Encoded::encode_binary(data.as_bytes(), QrCodeEcc::Medium).unwrap();
    let side = code.size() + 8;
    assert_eq!(drawing.view_box, format!("0 0 {side} {side}"));

    // Paints the path's runs back into modules and compares every one.
    let mut dark = HashSet::new();
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
