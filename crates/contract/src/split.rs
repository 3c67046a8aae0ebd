//! Splitting text without the searchers of the standard library.

/// What is before and behind the first `mark`; none where there is no mark.
///
/// As `str::split_once`, whose searchers are made for long texts, and weigh up to 2 kB in the Wasm.
#[must_use]
pub fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = text.as_bytes().windows(mark.len().max(1)).position(|part| part == mark.as_bytes())?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}
