//! The shopper's words: a table that the loader fetched for one language.

use contract::split_once;
use js_sys::Object;

use crate::host::member;

/// Texts by key. `{name}` in a text is a place for a value.
pub(crate) struct Texts(Object);

impl Texts {
    pub(crate) fn new(table: Object) -> Self {
        Self(table)
    }

    /// The text; empty where the table has none, which `www/options.js` prevents.
    pub(crate) fn get(&self, key: &str) -> String {
        member(&self.0, key).and_then(|text| text.as_string()).unwrap_or_default()
    }

    /// The text with its places filled.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(&self.get(key), values)
    }
}

/// Puts values into a template; a place that has no value stays as it is written.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = split_once(rest, "{") {
        text.push_str(before);
        let place = split_once(after, "}").and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        match place {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn every_language_has_the_same_texts_with_the_same_places() {
        let english = entries(include_str!("../www/locales/en.js"));
        let chinese = entries(include_str!("../www/locales/zh-CN.js"));
        assert!(english.len() > 60);
        assert_eq!(keys(&english), keys(&chinese));
        for ((key, english), (_, chinese)) in english.iter().zip(&chinese) {
            let known = places(english);
            assert!(places(chinese).iter().all(|place| known.contains(place)), "{key}");
        }
    }

    fn entries(module: &'static str) -> Vec<(&'static str, &'static str)> {
        module.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": \"")).collect()
    }

    fn keys(entries: &[(&'static str, &'static str)]) -> Vec<&'static str> {
        entries.iter().map(|(key, _)| *key).collect()
    }

    fn places(text: &str) -> Vec<&str> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn places_are_filled_once_and_unknown_ones_stay() {
        let values = [("amount", "¥1.00"), ("name", "{amount}")];
        for (template, expected) in [
            ("", ""),
            ("Pay {amount}", "Pay ¥1.00"),
            ("{amount}{amount}", "¥1.00¥1.00"),
            ("{name} {other} {", "{amount} {other} {"),
            ("a } b {amount", "a } b {amount"),
        ] {
            assert_eq!(fill(template, &values), expected, "{template:?}");
        }
    }
}
