//! The wallet phone: a page that scans and pays, and its files.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use crate::page;
use crate::state::Shared;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/phone",
            get(async || file("text/html; charset=utf-8", include_str!("../assets/phone.html"))),
        )
        .route(
            "/phone.js",
            get(async || {
                file("text/javascript; charset=utf-8", include_str!("../assets/phone.js"))
            }),
        )
        .route(
            "/phone-settings.js",
            get(async || {
                let text = include_str!("../assets/phone-settings.js");
                file("text/javascript; charset=utf-8", text)
            }),
        )
        .route(
            "/phone.css",
            get(async || file("text/css; charset=utf-8", include_str!("../assets/phone.css"))),
        )
        .route(
            "/phone.svg",
            get(async || file("image/svg+xml", include_str!("../assets/phone.svg"))),
        )
        .route(
            "/cashier.css",
            get(async || file("text/css; charset=utf-8", include_str!("../assets/cashier.css"))),
        )
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_SECURITY_POLICY, page::policy(false, false)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
