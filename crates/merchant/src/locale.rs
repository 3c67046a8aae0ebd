//! Selects a locale for a language tag, by the rules and the table of the widget.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Returns the locale of `known` for a language tag (RFC 4647, section 3.4): the whole tag, then
/// without its last subtags, each as a locale or an alias; then any locale of the same language.
/// `match` in `www/locale.js` does the same.
pub(crate) fn lookup<'a>(
    tag: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let tag = tag.replace('_', "-").to_ascii_lowercase();
    let mut range = tag.as_str();
    loop {
        let alias = TABLE.aliases.get(range).map(String::as_str);
        let found = known
            .clone()
            .find(|locale| locale.eq_ignore_ascii_case(range))
            .or_else(|| known.clone().find(|locale| Some(*locale) == alias));
        if found.is_some() {
            return found;
        }
        match range.rsplit_once('-') {
            Some((shorter, _)) => range = shorter,
            None => break,
        }
    }
    known.clone().find(|locale| {
        locale.split(['-', '_']).next().is_some_and(|language| language.eq_ignore_ascii_case(range))
    })
}

/// Returns the locale that a browser's `Accept-Language` prefers of those known; None if it accepts
/// none of them.
pub(crate) fn accepted<'a>(
    accept_language: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let mut best = (0_u16, None);
    for range in accept_language.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value))
        });
        let quality = quality.unwrap_or(1_000);
        if quality > best.0
            && let Some(locale) = lookup(tag, known.clone())
        {
            best = (quality, Some(locale));
        }
    }
    best.1
}

/// Parses `0.8` as 800; anything else than a quality is 0.
fn thousandths(quality: &str) -> u16 {
    let (whole, decimals) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    match (whole, decimals.parse::<u16>()) {
        ("1", _) => 1_000,
        ("0", Ok(value)) => value,
        _ => 0,
    }
}

#[derive(Default, Deserialize)]
struct Table {
    /// Locales by ranges of language tags, in lower case.
    aliases: BTreeMap<String, String>,
}

/// A test reads the file, so that the default is never used.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../www/negotiation.json")).unwrap_or_default()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Cases {
        tags: BTreeMap<String, String>,
        accept_language: BTreeMap<String, String>,
    }

    const KNOWN: [&str; 15] = [
        "en",
        "zh-Hans",
        "zh-Hant-TW",
        "zh-Hant-HK",
        "ja",
        "ko",
        "th",
        "vi",
        "ms",
        "id",
        "ru",
        "es",
        "fr",
        "pt-BR",
        "ar",
    ];

    fn cases() -> Cases {
        serde_json::from_str(include_str!("../../../tests/negotiation.json")).unwrap()
    }

    #[test]
    fn tags_lead_to_the_same_locales_as_in_the_widget() {
        for (tag, expected) in cases().tags {
            let found = lookup(&tag, KNOWN.into_iter());
            assert_eq!(found.unwrap_or_default(), expected, "{tag:?}");
        }
    }

    #[test]
    fn the_browsers_preference_is_followed() {
        for (header, expected) in cases().accept_language {
            let found = accepted(&header, KNOWN.into_iter());
            assert_eq!(found.unwrap_or("en"), expected, "{header:?}");
        }
    }

    #[test]
    fn a_locale_of_the_whole_tag_precedes_an_alias() {
        let known = ["zh-CN", "zh-Hans", "pt-BR", "pt-PT"];
        for (tag, expected) in [("zh-cn", "zh-CN"), ("zh", "zh-Hans"), ("pt-PT", "pt-PT")] {
            assert_eq!(lookup(tag, known.into_iter()), Some(expected), "{tag}");
        }
        // A build without the alias's locale.
        assert_eq!(lookup("zh-TW", ["en", "zh-CN"].into_iter()), Some("zh-CN"));
    }
}
