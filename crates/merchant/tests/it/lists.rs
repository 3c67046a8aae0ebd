//! The merchant's lists.

use contract::{List, Refund, SessionCreated};
use http::Method;
use serde_json::json;

use crate::bench::{Bench, payment_id, unique};

#[tokio::test]
async fn lists_come_in_pages_the_newest_first() {
    let bench = Bench::new().await;
    let mut opened = Vec::new();
    for _ in 0..3 {
        opened.push(bench.shop.open().await.id);
    }
    opened.reverse();
    let get = async |path: &str| bench.shop.merchant(Method::GET, path, "-", "").await;
    let page: List<SessionCreated> = get("/v1/checkout/sessions?limit=2").await.json();
    let ids: Vec<&str> = page.data.iter().map(|one| one.session.id.as_str()).collect();
    assert_eq!((ids, page.has_more), (opened[..2].iter().map(String::as_str).collect(), true));
    assert!(page.data.iter().all(|one| one.client_secret.is_none()));
    let rest = format!("/v1/checkout/sessions?limit=2&starting_after={}", opened[1]);
    let page: List<SessionCreated> = get(&rest).await.json();
    assert_eq!((page.data.len(), page.has_more), (1, false));
    assert_eq!(page.data[0].session.id, opened[2]);

    let (_, done) = bench.shop.paid(&bench, "alipay").await;
    let mut refunds = Vec::new();
    for _ in 0..2 {
        let amount = json!({ "value": 100, "currency": "CNY" });
        let body = json!({ "payment_id": payment_id(&done), "amount": amount });
        let refund: Refund = bench.shop.refund(&unique("r"), body).await.json();
        refunds.push(refund.id);
    }
    let page: List<Refund> = get("/v1/refunds?limit=1").await.json();
    assert_eq!((page.data[0].id.as_str(), page.has_more), (refunds[1].as_str(), true));
    let page: List<Refund> =
        get(&format!("/v1/refunds?starting_after={}", refunds[1])).await.json();
    assert_eq!((page.data[0].id.as_str(), page.has_more), (refunds[0].as_str(), false));
}

#[tokio::test]
async fn invalid_lists_are_refused_by_parameter() {
    let bench = Bench::new().await;
    let get = async |path: &str| bench.shop.merchant(Method::GET, path, "-", "").await;
    get("/v1/checkout/sessions?limit=0").await.problem(400, "parameter_invalid");
    get("/v1/refunds?limit=101").await.problem(400, "parameter_invalid");
    get("/v1/refunds?page=2").await.problem(400, "request_malformed");
    get("/v1/checkout/sessions?starting_after=cs_x").await.problem(404, "session_not_found");
    get("/v1/refunds?starting_after=re_x").await.problem(404, "refund_not_found");
    let session = bench.shop.open().await;
    let authorization = format!("Bearer {}", session.secret);
    for path in ["/v1/checkout/sessions", "/v1/refunds"] {
        let url = format!("{}{path}", bench.shop.base);
        let headers = [("authorization", authorization.as_str())];
        let answer = crate::bench::call(Method::GET, &url, &headers, "").await;
        answer.problem(401, "secret_key_invalid");
    }
}
