//! The style sheet and the script of the page.
//!
//! The style sheet begins with the widget's own, so that both have the same colors, type, buttons and
//! marks: there is one source, `www/theme.css` with `www/opencashier.css` and `www/screens.css`.
//! Only the layout of a whole page is added.

use std::sync::LazyLock;

/// The script of the page.
pub(crate) const SCRIPT: &str = include_str!("page.js");

/// Returns the style sheet of the page.
pub(crate) fn stylesheet() -> &'static str {
    &STYLESHEET
}

static STYLESHEET: LazyLock<String> = LazyLock::new(|| {
    let mut css = shortened(WIDGET);
    css.push_str(&dark_fallback(WIDGET));
    css.push_str(&shortened(PAGE));
    css
});

const WIDGET: &str = concat!(
    include_str!("../../../../www/theme.css"),
    include_str!("../../../../www/opencashier.css"),
    include_str!("../../../../www/screens.css"),
);
const PAGE: &str = include_str!("style.css");

/// Returns a style sheet without its comments and indentation.
fn shortened(css: &str) -> String {
    let mut short = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        short.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    short.push_str(rest);
    let lines = short.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Returns the dark colors for browsers without `light-dark()`, where the widget's script chooses the
/// theme.
fn dark_fallback(css: &str) -> String {
    let colors = css.split_once(NIGHT).and_then(|(_, rest)| rest.split_once('}'));
    let (colors, _) = colors.unwrap_or_default();
    format!(
        "@supports not (color:light-dark(#000,#fff)){{@media (prefers-color-scheme:dark){{\
         .oc[data-theme=auto]{{{}}}}}}}\n",
        shortened(colors)
    )
}

/// The start of the widget's dark theme.
const NIGHT: &str = ".oc[data-theme=\"night\"] {";

#[cfg(test)]
mod tests {
    use super::super::blocks::Alignment;
    use super::*;

    const TEMPLATES: [&str; 5] = [
        include_str!("../../templates/hosted/page.html"),
        include_str!("../../templates/hosted/label.html"),
        include_str!("../../templates/hosted/control.html"),
        include_str!("../../templates/hosted/countdown.html"),
        include_str!("../../templates/hosted/copy.html"),
    ];

    #[test]
    fn the_widgets_style_sheet_is_the_source_of_colors() {
        let css = stylesheet();
        assert!(css.contains("--primary: var(--oc-color-primary") && !css.contains("/*"));
        let (_, dark) = css.split_once("@supports not (color:light-dark").unwrap();
        let (dark, page) = dark.split_once("}}}").unwrap();
        for name in ["--primary:", "--background:", "--text:", "--muted:", "--edge:"] {
            assert!(dark.contains(name), "{name} in {dark}");
        }
        assert!(!page.contains("--primary:"), "the page has no colors of its own");
    }

    /// A class that the widget renames would leave the page without its style.
    #[test]
    fn every_class_of_the_page_has_a_rule() {
        let css = stylesheet();
        let mut seen = 0;
        for template in TEMPLATES {
            for classes in template.split("class=\"").skip(1) {
                let classes = classes.split(['"', '{']).next().unwrap();
                for class in
                    classes.split(' ').filter(|class| class.starts_with(char::is_alphabetic))
                {
                    assert!(css.contains(&format!(".{class}")), "{class}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "{seen} classes");
        for class in Alignment::Center.classes().split(' ') {
            assert!(css.contains(&format!(".{class} {{")), "{class}");
        }
    }

    #[test]
    fn comments_and_indentation_are_left_out() {
        assert_eq!(shortened("/* a */\n.b {\n  c: d; /* e\n f */\n}\n/* g"), ".b {\nc: d;\n}\n");
    }
}
