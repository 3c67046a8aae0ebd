//! `GET /v1/checkout/sessions`, `GET /v1/refunds`: the newest first, a page at a time.

use axum::Json;
use axum::extract::{RawQuery, State};
use contract::{List, Refund, SessionCreated};
use http::HeaderMap;

use crate::error::Error;
use crate::service::Shared;
use crate::web::auth;

/// What part of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    limit: u32,
    starting_after: Option<String>,
}

/// The merchant's sessions.
pub(super) async fn sessions(
    State(cashier): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<List<SessionCreated>>, Error> {
    auth::merchant(&cashier, &headers)?;
    let part = Part::parse(query.as_deref().unwrap_or_default())?;
    cashier.list_sessions(part.starting_after, part.limit).await.map(Json)
}

/// Its refunds.
pub(super) async fn refunds(
    State(cashier): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<List<Refund>>, Error> {
    auth::merchant(&cashier, &headers)?;
    let part = Part::parse(query.as_deref().unwrap_or_default())?;
    cashier.list_refunds(part.starting_after, part.limit).await.map(Json)
}

impl Part {
    fn parse(query: &str) -> Result<Self, Error> {
        let mut part = Self { limit: USUAL, starting_after: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                    part.limit = limit.ok_or_else(|| Error::Parameter {
                        name: "limit",
                        reason: format!("must be 1 to {MOST}"),
                    })?;
                }
                "starting_after" => part.starting_after = Some(value.into_owned()),
                // A misspelt cursor would bring the first page again and again.
                _ => {
                    return Err(Error::Malformed(
                        "the query may hold `limit` and `starting_after` only".to_owned(),
                    ));
                }
            }
        }
        Ok(part)
    }
}

const USUAL: u32 = 20;
const MOST: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_which_part() {
        let part =
            |limit, after: Option<&str>| Part { limit, starting_after: after.map(str::to_owned) };
        assert_eq!(Part::parse("").unwrap(), part(20, None));
        let both = Part::parse("limit=100&starting_after=cs_1").unwrap();
        assert_eq!(both, part(100, Some("cs_1")));
        for query in ["limit=0", "limit=101", "limit=x", "limit=", "after=cs_1", "limit=-1"] {
            assert!(Part::parse(query).is_err(), "{query}");
        }
    }
}
