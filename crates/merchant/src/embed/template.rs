//! Templates: HTML with slots `${name}`.

use std::borrow::Cow;

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// HTML that is copied.
    Html(&'a str),
    /// The name of a slot.
    Slot(&'a str),
}

/// Fills all slots in one pass: a value that contains `${…}` stays as it is. `value` returns HTML.
pub(super) fn fill<'v>(template: &str, value: impl Fn(&str) -> Cow<'v, str>) -> String {
    let mut html = String::with_capacity(template.len() * 2);
    for part in parts(template) {
        match part {
            Part::Html(text) => html.push_str(text),
            Part::Slot(name) => html.push_str(&value(name)),
        }
    }
    html
}

/// Returns the parts of a template, in order. `${` without an end is HTML.
pub(super) fn parts(template: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = rest.strip_prefix("${").and_then(|text| text.split_once('}')) {
            rest = after;
            return Some(Part::Slot(name));
        }
        // Skips a `${` at the beginning, which has no end.
        let from = if rest.starts_with("${") { "${".len() } else { 0 };
        let end = rest.get(from..)?.find("${").map_or(rest.len(), |at| from + at);
        let (html, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(Part::Html(html))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_split_into_html_and_slots() {
        use Part::{Html, Slot};
        for (template, expected) in [
            ("", &[][..]),
            ("a", &[Html("a")]),
            ("${x}", &[Slot("x")]),
            ("a${x}${y}b", &[Html("a"), Slot("x"), Slot("y"), Html("b")]),
            ("$5 ${x", &[Html("$5 "), Html("${x")]),
            ("茶${x}茶", &[Html("茶"), Slot("x"), Html("茶")]),
        ] {
            assert_eq!(parts(template).collect::<Vec<_>>(), expected, "{template}");
        }
    }

    #[test]
    fn a_value_is_not_read_as_a_template() {
        let html = fill("<p>${a}</p><p>${b}</p>", |name| match name {
            "a" => "${b}".into(),
            _ => "x".into(),
        });
        assert_eq!(html, "<p>${b}</p><p>x</p>");
    }
}
