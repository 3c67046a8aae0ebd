//! The OpenAPI document, against the backend: its paths, its methods, its limits, its examples.

use std::collections::BTreeMap;

use contract::openapi::{Caller, OPERATIONS, OTHER_ROUTES, Operation, document};
use contract::{
    Event, List, OrderRecord, Problem, Reconciliation, Refund, Session, SessionCreated,
};
use http::Method;
use http_body_util::BodyExt as _;
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, ORIGIN, Opened, SECRET_KEY, call, payment_id, send, unique};

#[test]
fn the_document_has_the_paths_of_the_router() {
    let mut routes = merchant::route_paths();
    let mut documented: Vec<&str> = OPERATIONS.iter().map(|call| call.path).collect();
    documented.extend(OTHER_ROUTES);
    for paths in [&mut routes, &mut documented] {
        paths.sort_unstable();
        paths.dedup();
    }
    assert_eq!(
        routes, documented,
        "add the call to contract::openapi::OPERATIONS, or its path to OTHER_ROUTES"
    );
}

#[tokio::test]
async fn the_document_has_the_methods_of_each_path() {
    let bench = Bench::new().await;
    let mut methods: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in OPERATIONS {
        methods.entry(operation.path).or_default().push(operation.method.to_uppercase());
    }
    for (path, mut documented) in methods {
        let url = format!("{}{}", bench.shop.base, path.replace(['{', '}'], "x"));
        let answer = call(Method::DELETE, &url, &[], "").await;
        answer.problem(405, "method_not_allowed");
        // axum answers HEAD wherever it answers GET.
        let mut allowed: Vec<&str> =
            answer.header("allow").split(',').filter(|method| *method != "HEAD").collect();
        allowed.sort_unstable();
        documented.sort_unstable();
        assert_eq!(allowed, documented, "{path}");
    }
}

#[tokio::test]
async fn the_examples_of_requests_are_answered_as_documented() {
    // Nobody listens there, so that the events stay.
    let webhooks = "[webhooks]\nurl = \"http://127.0.0.1:1/\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n";
    let bench = Bench::with(DesktopFlow::Precreate, webhooks).await;
    let mut caller = Visit::new(&bench);
    caller.check("createSession").await;
    for id in ["getSession", "startPayment", "checkPayment", "refreshPayment", "streamSession"] {
        caller.check(id).await;
    }
    for id in ["cancelPayment", "listSessions", "expireSession", "getHealth", "getReadiness"] {
        caller.check(id).await;
    }
    let (opened, paid) = bench.shop.paid(&bench, "alipay").await;
    caller.payment_id = payment_id(&paid);
    caller.session = Some(opened);
    for id in ["createRefund", "getRefund", "listRefunds", "getSession", "getOrder"] {
        caller.check(id).await;
    }
    for id in ["listEvents", "resendEvent"] {
        caller.check(id).await;
    }
    let answer = caller.call(operation("getReconciliation")).await;
    answer.problem(404, "reconciliation_not_found");
    assert_eq!(
        caller.checked.len() + 1,
        OPERATIONS.len(),
        "call each operation of the document here: {:?}",
        caller.checked
    );
}

#[tokio::test]
async fn the_documented_limits_are_the_backends() {
    let bench = Bench::new().await;
    let schemas = document()["components"]["schemas"].take();
    let members = &schemas["CreateSession"]["properties"];
    let limit = |member: &str, limit: &str| members[member][limit].as_u64().unwrap();
    for member in ["order_id", "description"] {
        let max = usize::try_from(limit(member, "maxLength")).unwrap();
        // Characters and not bytes are counted.
        for (text, is_allowed) in
            [("茶".repeat(max), true), ("茶".repeat(max + 1), false), (String::new(), false)]
        {
            let answer = bench.shop.create(&unique("k"), json!({ member: text })).await;
            assert_eq!(answer.status == 201, is_allowed, "{member} {}", answer.text());
        }
    }
    let numbers = &schemas["OrderAmount"]["properties"]["value"];
    let range = |of: &Value| (of["minimum"].as_i64().unwrap(), of["maximum"].as_i64().unwrap());
    let cases = [
        (range(&members["expires_in_s"]), (|n| json!({ "expires_in_s": n })) as fn(i64) -> Value),
        (range(numbers), |n| json!({ "amount": { "value": n, "currency": "CNY" } })),
    ];
    for ((min, max), body) in cases {
        for (number, is_allowed) in [(min, true), (max, true), (min - 1, false), (max + 1, false)] {
            let answer = bench.shop.create(&unique("k"), body(number)).await;
            assert_eq!(answer.status == 201, is_allowed, "{number} {}", answer.text());
        }
    }
}

#[test]
fn the_examples_of_answers_and_events_are_read_by_the_contract() {
    for operation in OPERATIONS {
        let examples = operation.success_examples();
        assert_eq!(examples.len(), operation.success.schemas.len(), "{}", operation.id);
        for (schema, example) in examples {
            read(schema, &example);
        }
    }
    for (name, item) in document()["webhooks"].as_object().unwrap() {
        let body = &item["post"]["requestBody"]["content"]["application/json"];
        let schema = body["schema"]["allOf"][0]["$ref"].as_str().unwrap();
        read(schema.rsplit('/').next().unwrap(), &body["example"]);
        assert_eq!(body["example"]["type"], name.as_str());
    }
}

/// The calls of one test, on one session.
struct Visit<'a> {
    bench: &'a Bench,
    session: Option<Opened>,
    payment_id: String,
    refund_id: String,
    event_id: String,
    checked: Vec<&'static str>,
}

impl<'a> Visit<'a> {
    fn new(bench: &'a Bench) -> Self {
        let none = String::new();
        Self {
            bench,
            session: None,
            payment_id: none.clone(),
            refund_id: none.clone(),
            event_id: none,
            checked: vec![],
        }
    }

    /// Makes a call with its example, and compares the answer with the document.
    async fn check(&mut self, id: &'static str) {
        let operation = operation(id);
        let callers: &[Caller] = match operation.caller {
            Caller::BrowserOrMerchant => &[Caller::Browser, Caller::Merchant],
            ref one => std::slice::from_ref(one),
        };
        for (caller, schema) in callers.iter().zip(operation.success.schemas) {
            let answer = self.call(Operation { caller: *caller, ..operation }).await;
            assert_eq!(answer.status, operation.success.status, "{id}: {}", answer.text());
            assert!(answer.header("content-type").starts_with(operation.success.content_type));
            let responses = &document()["paths"][operation.path][operation.method]["responses"];
            let documented = &responses[operation.success.status.to_string()]["headers"];
            for name in documented.as_object().unwrap().keys() {
                let is_cors = name.starts_with("Access-Control") || name == "Vary";
                assert_eq!(
                    answer.headers.contains_key(name),
                    !is_cors || operation.caller != Caller::Merchant,
                    "{id}: {name}"
                );
            }
            let value: Value =
                if *schema == "EventStream" { Value::String(answer.text()) } else { answer.json() };
            read(schema, &value);
            self.learn(&value, schema);
        }
        if !self.checked.contains(&id) {
            self.checked.push(id);
        }
    }

    fn learn(&mut self, answer: &Value, schema: &str) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(secret) = text(&answer["client_secret"]) {
            let session = &answer["session"];
            let (id, hosted_url) = (text(&session["id"]), text(&session["hosted_url"]));
            self.session =
                Some(Opened { id: id.unwrap(), secret, hosted_url: hosted_url.unwrap() });
        }
        if let Some(id) = text(&answer["payment"]["id"]) {
            self.payment_id = id;
        }
        if schema == "Refund" {
            self.refund_id = text(&answer["id"]).unwrap();
        }
        if schema == "EventList" {
            self.event_id = text(&answer["data"][0]["id"]).unwrap();
        }
    }

    async fn call(&self, operation: Operation) -> Answer {
        let session = self.session.clone();
        let (id, secret) = session.map(|one| (one.id, one.secret)).unwrap_or_default();
        let path = operation
            .path
            .replace("{session_id}", &id)
            .replace("{payment_id}", &self.payment_id)
            .replace("{refund_id}", &self.refund_id)
            .replace("{event_id}", &self.event_id)
            .replace("{order_id}", "order-1001")
            .replace("{date}", "2026-11-28");
        let authorization = match operation.caller {
            Caller::Browser => format!("Bearer {secret}"),
            _ => format!("Bearer {SECRET_KEY}"),
        };
        let key = unique("key");
        let mut headers = vec![("authorization", authorization.as_str()), ("origin", ORIGIN)];
        if operation.parameters.contains(&"Idempotency-Key") {
            headers.push(("idempotency-key", &key));
        }
        let mut body = operation.request_example();
        if let Some(body) = &mut body {
            headers.push(("content-type", "application/json"));
            if operation.id == "createRefund" {
                body["payment_id"] = self.payment_id.clone().into();
            }
        }
        let url = format!("{}{path}", self.bench.shop.base);
        let method = operation.method.to_uppercase().parse().unwrap();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let response = send(method, &url, &headers, body.into()).await;
        let (head, mut content) = response.into_parts();
        let body = if operation.success.content_type == "text/event-stream" {
            // The stream does not end while the session is open: its first events are enough.
            let mut text = Vec::new();
            while !text.windows(2).any(|pair| pair == b"}\n") {
                text.extend(content.frame().await.unwrap().unwrap().into_data().unwrap());
            }
            text.into()
        } else {
            content.collect().await.unwrap().to_bytes()
        };
        Answer { status: head.status, headers: head.headers, body }
    }
}

fn operation(id: &str) -> Operation {
    *OPERATIONS.iter().find(|operation| operation.id == id).unwrap()
}

/// Reads a value by the type of its schema, which must know every member of it.
#[track_caller]
fn read(schema: &str, value: &Value) {
    fn typed<T: serde::de::DeserializeOwned + serde::Serialize>(value: &Value) {
        let read: T = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(&serde_json::to_value(read).unwrap(), value);
    }
    match schema {
        "Session" => typed::<Session>(value),
        "SessionCreated" => typed::<SessionCreated>(value),
        "SessionCreatedList" => typed::<List<SessionCreated>>(value),
        "Refund" => typed::<Refund>(value),
        "RefundList" => typed::<List<Refund>>(value),
        "OrderRecord" => typed::<OrderRecord>(value),
        "Event" => typed::<Event>(value),
        "EventList" => typed::<List<Event>>(value),
        "Reconciliation" => typed::<Reconciliation>(value),
        "Problem" => typed::<Problem>(value),
        "WebhookSessionEvent" => typed::<contract::WebhookEvent<contract::SessionEvent>>(value),
        "WebhookPaymentEvent" => typed::<contract::WebhookEvent<contract::PaymentEvent>>(value),
        "WebhookRefundEvent" => typed::<contract::WebhookEvent<contract::RefundEvent>>(value),
        "EventStream" => {
            assert!(value.as_str().unwrap().contains("event: session.updated\n"));
        }
        "Health" => assert_eq!(value["status"], "ok"),
        other => panic!("no type is named for the schema {other}"),
    }
}
