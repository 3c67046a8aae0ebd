//! A run: shoppers, crashes, settling, comparison.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sandbox::{Running, Sandbox};
use tokio::task::JoinSet;

use crate::backend::Backend;
use crate::books;
use crate::compare;
use crate::crashes::{Crash, crashes};
use crate::dice::Digest;
use crate::error::RunError;
use crate::gateways;
use crate::network::{CallFault, Kind, MAX_FAULTS, StreamFault};
use crate::options::Options;
use crate::order::Served;
use crate::plan::Plan;
use crate::pushes::{self, Pushes};
use crate::receiver::{self, Receiver};
use crate::report;
use crate::settle::settle;
use crate::shop::Shop;
use crate::shopper::{Seen, Shopper};
use crate::world::World;

/// Runs, reports to `out`, and returns true if all books agree.
///
/// # Errors
/// [`RunError`] if the run itself failed.
pub async fn run(options: &Options, out: &mut (dyn Write + Send)) -> Result<bool, RunError> {
    let begun = Instant::now();
    let indexes: Vec<u32> = match options.only {
        Some(index) => vec![index],
        None => (0..options.checkouts).collect(),
    };
    let crashes = crashes(options);
    report::line(
        out,
        &format!(
            "seed {}, {} checkouts, plan {:016x}",
            options.seed,
            indexes.len(),
            digest(options, &crashes)
        ),
    );
    let folder = options.folder.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("opencashier-chaos-{}", std::process::id()))
    });
    let speed = u32::try_from(options.speed).unwrap_or(1);
    let sandbox = sandbox::Options { notify_speed: speed, ..sandbox::Options::default() };
    let sandbox = Sandbox::start(sandbox)
        .await
        .map_err(|error| RunError::new("the sandbox cannot be started", error))?;
    let receiver = Receiver::start(options.speed).await?;
    let (keys, gateways) = (&sandbox.keys, sandbox.base_url());
    let prepared = Backend::prepare(folder.clone(), options, keys, &gateways, &receiver.url);
    let mut backend = prepared.await?;
    let world = World::new(options, backend.address.clone(), gateways);
    let world = Arc::new(world);
    backend.start(&world.clock)?;
    gateways::set_chaos(&world).await?;

    let mut background = JoinSet::new();
    background.spawn(gateways::keep_clock(Arc::clone(&world)));
    let gateway_changes = background.spawn(gateways::change(Arc::clone(&world)));
    let receiving = background.spawn(Arc::clone(&receiver).change(Arc::clone(&world)));
    let mut shop = Shop::new(Arc::clone(&world), indexes);
    let crashed = shop.serve_all(options.at_once, &crashes, &mut backend, out).await?;
    let shopped = begun.elapsed();
    gateway_changes.abort();
    receiving.abort();
    receiver.recover();
    world.is_calm.store(true, Ordering::Relaxed);
    gateways::calm(&world).await?;
    let pushes = if backend.instances.len() > 1 {
        pushes::check(&world, &backend).await?
    } else {
        Pushes::default()
    };
    settle(&world, &mut backend).await?;
    let served = shop.served();
    let refused_as_paid = refused_as_paid(&served);
    let shoppers = served.into_iter().flat_map(|served| served.shoppers).collect();
    let seen = look(shoppers, options.at_once).await;
    let orders = books::orders(&world).await?;
    let ledger = books::ledger(&backend.database);
    let received = receiver.received();
    let books = compare::Books { ledger: &ledger, orders: &orders, received: &received };
    let mut comparison = compare::compare(&seen, &refused_as_paid, books);
    comparison.differences.extend(pushes.differences.iter().cloned());
    backend.kill()?;
    if options.only.is_some() {
        for line in seen.iter().flat_map(|seen| &seen.trace) {
            report::line(out, line);
        }
    }
    let agrees = comparison.differences.is_empty();
    report::print(
        out,
        &world,
        &comparison,
        &report::Times { shopped, all: begun.elapsed() },
        &report::Instances { crashed, pushes },
    );
    stop(sandbox).await;
    if agrees {
        // Files that cannot be removed do no harm.
        let _ = std::fs::remove_dir_all(&folder);
    } else {
        report::line(out, &format!("the backend's files are kept in {}", folder.display()));
    }
    Ok(agrees)
}

async fn look(shoppers: Vec<Shopper>, at_once: u32) -> Vec<Seen> {
    let mut seen = Vec::with_capacity(shoppers.len());
    let mut looking = JoinSet::new();
    for shopper in shoppers {
        if looking.len() >= at_once as usize
            && let Some(Ok(one)) = looking.join_next().await
        {
            seen.push(one);
        }
        looking.spawn(shopper.look());
    }
    while let Some(one) = looking.join_next().await {
        seen.extend(one);
    }
    seen.sort_by_key(|one: &Seen| one.index);
    seen
}

/// Returns the orders of which a session was refused because they were paid.
fn refused_as_paid(served: &[Served]) -> Vec<String> {
    let refused = served.iter().filter(|served| served.is_refused_as_paid);
    refused.map(|served| served.order_id.clone()).collect()
}

async fn stop(sandbox: Running) {
    // All answers have been read; an open connection is not waited for.
    let _ = tokio::time::timeout(Duration::from_secs(2), sandbox.stop()).await;
}

/// Returns a hash that is equal for two runs if everything drawn in them is equal.
fn digest(options: &Options, crashes: &[Crash]) -> u64 {
    use std::hash::Hash as _;
    let mut digest = Digest::default();
    crashes.hash(&mut digest);
    for ordinal in 0..1_000 {
        format!("{:?}", gateways::Stretch::drawn(options.seed, ordinal)).hash(&mut digest);
        format!("{:?}", receiver::Stretch::drawn(options.seed, ordinal)).hash(&mut digest);
    }
    let plans = (0..options.checkouts).flat_map(|index| {
        let plan = Plan::new(options.seed, index);
        let second = plan.second(options.seed).map(|(_, second)| second);
        [Some(plan), second]
    });
    for plan in plans.flatten() {
        plan.digest(&mut digest);
        let index = plan.index;
        for ordinal in 0..MAX_FAULTS {
            for kind in Kind::ALL {
                CallFault::drawn(options.seed, index, plan.fault_rates, kind, ordinal)
                    .hash(&mut digest);
            }
            StreamFault::drawn(options.seed, index, plan.fault_rates, ordinal).hash(&mut digest);
        }
    }
    digest.0
}
