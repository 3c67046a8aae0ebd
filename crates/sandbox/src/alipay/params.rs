//! The parameters of one call: query string and form merged (gateways.md B2, G2.1).

use http::HeaderValue;

/// Names and decoded values; of a repeated name the first counts, so the query wins over the form.
#[derive(Debug)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    in_query: usize,
}

impl Params {
    pub(crate) fn merge(query: &str, form: &[u8]) -> Self {
        let mut params = Self { pairs: Vec::new(), in_query: 0 };
        params.add(query.as_bytes());
        params.in_query = params.pairs.len();
        params.add(form);
        params
    }

    /// The value, unless it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }

    /// True if the name is in the query string.
    pub(crate) fn is_in_query(&self, name: &str) -> bool {
        self.pairs.iter().take(self.in_query).any(|(known, _)| known == name)
    }

    /// True if a value of the form is more than ASCII.
    pub(crate) fn has_wide_form(&self) -> bool {
        self.pairs.iter().skip(self.in_query).any(|(_, value)| !value.is_ascii())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn add(&mut self, encoded: &[u8]) {
        for (name, value) in form_urlencoded::parse(encoded) {
            if !self.pairs.iter().any(|(known, _)| *known == name) {
                self.pairs.push((name.into_owned(), value.into_owned()));
            }
        }
    }
}

/// True if a body of this type is a form.
pub(crate) fn is_form(kind: Option<&HeaderValue>) -> bool {
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}
