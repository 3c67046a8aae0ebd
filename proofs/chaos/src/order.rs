//! One order of the shop: its sessions and their shoppers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;

use crate::backend::SECRET_KEY;
use crate::error::RunError;
use crate::opened::Opened;
use crate::plan::Plan;
use crate::shopper::Shopper;
use crate::world::{Count, World};

/// The shoppers of an order's sessions.
pub(crate) struct Served {
    pub(crate) order_id: String,
    pub(crate) shoppers: Vec<Shopper>,
    /// True if a session was refused because the order was paid.
    pub(crate) is_refused_as_paid: bool,
}

/// Opens the sessions of an order and runs their shoppers, two of them concurrently.
pub(crate) async fn serve(world: &Arc<World>, plan: Plan) -> Result<Served, RunError> {
    let order_id = order_id(world.seed, plan.order);
    let second = plan.second(world.seed);
    let Some((second, second_plan)) = second else {
        let first = visit(world, plan).await?;
        let is_refused_as_paid = first.is_none();
        return Ok(Served { order_id, is_refused_as_paid, shoppers: Vec::from_iter(first) });
    };
    let later = async {
        world.clock.sleep(second.after_ms).await;
        visit(world, second_plan).await
    };
    let (first, later) = tokio::try_join!(visit(world, plan), later)?;
    let outcome = match (&first, &later) {
        (Some(first), Some(later)) if first.session_id() == later.session_id() => {
            "second sessions that were the first one"
        }
        (Some(_), Some(_)) => "second sessions beside or after the first one",
        _ => "second sessions refused, as the order was paid",
    };
    world.count(Count::Outcome, outcome);
    Ok(Served {
        order_id,
        is_refused_as_paid: first.is_none() || later.is_none(),
        shoppers: first.into_iter().chain(later).collect(),
    })
}

/// Opens a session and runs its shopper; `None` if the order is paid already.
async fn visit(world: &Arc<World>, plan: Plan) -> Result<Option<Shopper>, RunError> {
    let Some(opened) = open(world, &plan).await? else { return Ok(None) };
    let mut shopper = Shopper::new(world, plan, &opened);
    shopper.live().await;
    Ok(Some(shopper))
}

/// Opens a session as the merchant's own server does: repeats the request with the same key until
/// it has an answer. `None` if the order is paid.
async fn open(world: &World, plan: &Plan) -> Result<Option<Opened>, RunError> {
    let url = format!("{}/v1/checkout/sessions", world.merchant);
    let authorization = format!("Bearer {SECRET_KEY}");
    let key = format!("open-{}-{}", world.seed, plan.index);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let methods: Vec<&str> = plan.methods.iter().map(|it| it.method().as_str()).collect();
    let body = json!({
        "order_id": order_id(world.seed, plan.order),
        "amount": { "value": plan.amount_fen, "currency": "CNY" },
        "description": format!("龙井茶 for shopper {}", plan.index),
        "payment_methods": methods,
        "expires_in_s": plan.expires_in_s,
        "return_url": crate::page::RETURN_URL,
    });
    let body = Bytes::from(body.to_string());
    let begun = Instant::now();
    loop {
        let answer = world.net.call(Method::POST, &url, &headers, body.clone()).await;
        if let Ok(answer) = &answer {
            let created: Option<contract::SessionCreated> = serde_json::from_slice(&answer.body)
                .ok()
                .filter(|_| answer.status == StatusCode::CREATED);
            if let Some(created) = created {
                return Ok(Some(Opened {
                    ends_at_ms: created.session.expires_at.unix_ms().try_into().unwrap_or(0),
                    session_id: created.session.id,
                    secret: created.client_secret.unwrap_or_default(),
                }));
            }
            let problem: Option<contract::Problem> = serde_json::from_slice(&answer.body).ok();
            match problem {
                Some(problem) if problem.code == contract::code::ORDER_ALREADY_PAID => {
                    return Ok(None);
                }
                Some(problem) if problem.retryable => {}
                _ if answer.status.is_client_error() => {
                    return Err(RunError::new("a session is refused", answer.json()));
                }
                _ => {}
            }
        }
        if begun.elapsed() > OPEN_TIMEOUT {
            return Err(RunError::plain(format!("no session can be opened: {answer:?}")));
        }
        world.clock.sleep(RETRY_MS).await;
    }
}

/// Returns the merchant's number of the order.
fn order_id(seed: u64, order: u32) -> String {
    format!("order-{seed}-{order}")
}

/// As long as the backend may need to end the order's other session without an answer of its
/// gateway.
const OPEN_TIMEOUT: Duration = Duration::from_secs(180);
const RETRY_MS: u64 = 500;
