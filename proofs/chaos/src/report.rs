//! The report of a run.

use std::io::Write;
use std::time::Duration;

use payments::Product;

use crate::compare::{Comparison, Flow};
use crate::crashes::Crashes;
use crate::pushes::Pushes;
use crate::world::{Count, World};

/// The duration of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) shopped: Duration,
    pub(crate) all: Duration,
}

/// The crashes of instances and database, and the pushes across instances.
#[derive(Debug)]
pub(crate) struct Instances {
    pub(crate) crashed: Crashes,
    pub(crate) pushes: Pushes,
}

pub(crate) fn line(out: &mut dyn Write, text: &str) {
    // A failed write of the report does not end the run.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

pub(crate) fn print(
    out: &mut dyn Write,
    world: &World,
    books: &Comparison,
    times: &Times,
    instances: &Instances,
) {
    let list = |count: Count| {
        let named = world.counted(count);
        let all: u64 = named.iter().map(|(_, number)| number).sum();
        let texts: Vec<String> =
            named.iter().map(|(name, number)| format!("{name} {number}")).collect();
        format!("{all} ({})", texts.join(", "))
    };
    line(out, &format!("requests: {}", list(Count::Call)));
    line(out, &format!("faults: {}", list(Count::Fault)));
    line(out, &format!("crashes under load: {}", instances.crashed));
    let Pushes { told, slowest, .. } = &instances.pushes;
    if *told > 0 {
        let ms = slowest.as_millis();
        line(out, &format!("pushes across instances: {told} told, the slowest {ms} ms later"));
    }
    line(out, &format!("shoppers: {}", list(Count::Outcome)));
    // Products without a payment are listed as well, so that an unused flow is noticed.
    let flows: Vec<String> = Product::ALL
        .iter()
        .map(|product| {
            let flow = books.flows.get(product.as_str()).copied().unwrap_or_default();
            let Flow { started, ordered, captured } = flow;
            format!(
                "{product} {started} ({ordered} ordered, {captured} captured)",
                product = product.as_str()
            )
        })
        .collect();
    line(out, &format!("checkouts by flow: {}", flows.join(", ")));
    line(
        out,
        &format!(
            "outcomes: paid {} ({} fen kept), expired {}, canceled {}; payments {}, of them failed {}; \
             refunded {} ({} fen), stranded at a gateway {}",
            books.paid,
            books.paid_fen,
            books.expired,
            books.canceled,
            books.payments,
            books.failed,
            books.refunds,
            books.refunded_fen,
            books.stranded,
        ),
    );
    line(
        out,
        &format!(
            "events received: {}; refunds made elsewhere: {}",
            books.events, books.made_elsewhere
        ),
    );
    line(
        out,
        &format!("time: {} s, of it shopping {} s", times.all.as_secs(), times.shopped.as_secs()),
    );
    for difference in books.differences.iter().take(MAX_SHOWN) {
        line(out, &format!("DIFFERENCE: {difference}"));
    }
    line(out, &format!("differences: {}", books.differences.len()));
}

/// Limit of the differences that are shown in full.
const MAX_SHOWN: usize = 20;
