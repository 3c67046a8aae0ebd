//! The rules by which answers of the backend are read, for every program that calls it.

use contract::Problem;

use crate::Fault;

/// The media type of an error answer of the merchant API.
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

impl Fault {
    /// An error answer. Only a problem document is the merchant API's own; `problem` is absent where
    /// something else answered. `retry_after` is the header, of which seconds are understood.
    #[must_use]
    pub fn answer(status: u16, retry_after: Option<&str>, problem: Option<Problem>) -> Self {
        let seconds: Option<u32> = retry_after.and_then(|text| text.parse().ok());
        problem
            .map_or_else(|| Self::status(status), Self::problem)
            .retry_after(seconds.map(|seconds| u64::from(seconds) * 1_000))
    }
}

/// True if a `Content-Type` is `media_type`, with any parameters.
#[must_use]
pub fn has_media_type(content_type: Option<&str>, media_type: &str) -> bool {
    let content_type = content_type.unwrap_or_default();
    let essence = content_type.split_once(';').map_or(content_type, |(first, _)| first);
    essence.trim_ascii().eq_ignore_ascii_case(media_type)
}
