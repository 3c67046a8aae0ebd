//! The requested page of a list: the newest first.

use contract::SessionStatus;

use crate::db::sessions::Filter;
use crate::error::Error;

/// The requested page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) limit: u32,
    pub(super) starting_after: Option<String>,
    pub(super) filter: Filter,
}

impl Page {
    /// Parses a query; an unknown name is refused.
    pub(super) fn parse(query: &str) -> Result<Self, Error> {
        let mut page =
            Self { limit: DEFAULT_LIMIT, starting_after: None, filter: Filter::default() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    page.limit = limit.ok_or_else(|| Error::Parameter {
                        name: "limit",
                        reason: format!("must be 1 to {MAX_LIMIT}"),
                    })?;
                }
                "starting_after" => page.starting_after = Some(value.into_owned()),
                "order_id" => page.filter.order_id = Some(value.into_owned()),
                "status" => {
                    let status = SessionStatus::parse(&value);
                    if status == SessionStatus::Unknown {
                        return Err(Error::Parameter {
                            name: "status",
                            reason: "must be open, complete, expired or canceled".to_owned(),
                        });
                    }
                    page.filter.status = Some(status);
                }
                // A misspelt cursor would return the first page again and again.
                _ => {
                    return Err(Error::Malformed(format!(
                        "the query may hold {PAGE}, and of sessions `order_id` and `status`"
                    )));
                }
            }
        }
        Ok(page)
    }
}

/// The names that every list understands.
pub(super) const PAGE: &str = "`limit` and `starting_after`";
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_the_page() {
        let page = |limit, after: Option<&str>| Page {
            limit,
            starting_after: after.map(str::to_owned),
            filter: Filter::default(),
        };
        assert_eq!(Page::parse("").unwrap(), page(20, None));
        let both = Page::parse("limit=100&starting_after=cs_1").unwrap();
        assert_eq!(both, page(100, Some("cs_1")));
        let filtered = Page::parse("order_id=a%26b&status=complete").unwrap().filter;
        let order_id = Some("a&b".to_owned());
        assert_eq!(filtered, Filter { order_id, status: Some(SessionStatus::Complete) });
        for query in
            ["limit=0", "limit=101", "limit=x", "limit=", "after=cs_1", "limit=-1", "status=paid"]
        {
            assert!(Page::parse(query).is_err(), "{query}");
        }
    }
}
