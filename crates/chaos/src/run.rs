//! A run: shoppers, kills, the settling, and the comparison.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, StatusCode};
use sandbox::{Running, Sandbox};
use serde_json::json;
use tokio::task::JoinSet;

use crate::backend::{Backend, SECRET_KEY};
use crate::books;
use crate::compare::{Comparison, compare};
use crate::dice::{Dice, Digest};
use crate::gateways;
use crate::plan::Plan;
use crate::report;
use crate::shopper::{Opened, Seen, Shopper};
use crate::weather::{AT_RISK, CallFault, Kind, StreamFault};
use crate::world::World;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What all decisions are thrown from.
    pub seed: u64,
    /// How many shoppers come.
    pub checkouts: u32,
    /// How many are in the shop at once.
    pub at_once: u32,
    /// How many milliseconds pass in one of ours.
    pub speed: u64,
    /// Only this shopper comes, with the same plan, and is traced.
    pub only: Option<u32>,
    /// Where the backend's files are; in the folder for temporary files where absent. Kept if
    /// anything differs.
    pub folder: Option<PathBuf>,
}

/// The run could not be carried out; says nothing about the books.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

impl Broken {
    pub(crate) fn new(what: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }

    pub(crate) const fn plain(sentence: String) -> Self {
        Self(sentence)
    }
}

/// One kill of the backend: when so many checkouts are over, and a moment later.
#[derive(Clone, Copy, Debug, Hash)]
struct Kill {
    after: u32,
    delay: Duration,
    down_ms: u64,
}

/// Runs, reports to `out`, and answers whether all books agree.
///
/// # Errors
/// [`Broken`] if the run itself failed.
pub async fn run(options: &Options, out: &mut (dyn Write + Send)) -> Result<bool, Broken> {
    let begun = Instant::now();
    let indexes: Vec<u32> = match options.only {
        Some(index) => vec![index],
        None => (0..options.checkouts).collect(),
    };
    let kills = kills(options);
    report::line(
        out,
        &format!(
            "seed {}, {} checkouts, plan {:016x}",
            options.seed,
            indexes.len(),
            digest(options, &kills)
        ),
    );
    let folder = options.folder.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("opencashier-chaos-{}", std::process::id()))
    });
    let speed = u32::try_from(options.speed).unwrap_or(1);
    let sandbox = sandbox::Options { notify_speed: speed, ..sandbox::Options::default() };
    let sandbox = Sandbox::start(sandbox)
        .await
        .map_err(|error| Broken::new("the sandbox cannot be started", error))?;
    let mut backend = Backend::prepare(folder.clone(), &sandbox.keys, &sandbox.base_url())?;
    let world = World::new(options.seed, options.speed, backend.address(), sandbox.base_url());
    let world = Arc::new(world);
    backend.start(&world.clock)?;
    gateways::set_chaos(&world).await?;

    let mut background = JoinSet::new();
    background.spawn(gateways::keep_clock(Arc::clone(&world)));
    let weather = background.spawn(gateways::change(Arc::clone(&world)));
    let mut shop = Shop::new(Arc::clone(&world), indexes);
    let killed = shop.serve_all(options.at_once, &kills, &mut backend, out).await?;
    let shopped = begun.elapsed();
    weather.abort();
    world.is_calm.store(true, Ordering::Relaxed);
    gateways::calm(&world).await?;
    settle(&world, &mut backend).await?;
    let seen = look(shop.shoppers(), options.at_once).await;
    let comparison = read_and_compare(&world, &backend, &seen).await?;
    backend.kill()?;
    if let (Some(_), [only]) = (options.only, seen.as_slice()) {
        for line in &only.trace {
            report::line(out, line);
        }
    }
    let agrees = comparison.differences.is_empty();
    report::print(
        out,
        &world,
        &comparison,
        &report::Times { killed, shopped, all: begun.elapsed() },
    );
    stop(sandbox).await;
    if agrees {
        // Files that stay behind do no harm.
        let _ = std::fs::remove_dir_all(&folder);
    } else {
        report::line(out, &format!("the backend's files are kept in {}", folder.display()));
    }
    Ok(agrees)
}

/// The shop: lets shoppers in, so many at once.
struct Shop {
    world: Arc<World>,
    indexes: Arc<Vec<u32>>,
    next: Arc<AtomicU32>,
    finished: Arc<AtomicU32>,
    gone: Arc<Mutex<Vec<Shopper>>>,
}

impl Shop {
    fn new(world: Arc<World>, indexes: Vec<u32>) -> Self {
        Self {
            world,
            indexes: Arc::new(indexes),
            next: Arc::default(),
            finished: Arc::default(),
            gone: Arc::default(),
        }
    }

    /// Serves all shoppers and kills the backend meanwhile; answers how often.
    async fn serve_all(
        &self,
        at_once: u32,
        kills: &[Kill],
        backend: &mut Backend,
        out: &mut (dyn Write + Send),
    ) -> Result<u32, Broken> {
        let mut places = JoinSet::new();
        for _ in 0..at_once {
            places.spawn(self.place());
        }
        let all = u32::try_from(self.indexes.len()).unwrap_or(u32::MAX);
        let mut kills = kills.iter().peekable();
        let (mut killed, mut told) = (0, Instant::now());
        loop {
            let finished = self.finished.load(Ordering::Relaxed);
            if finished >= all {
                break;
            }
            if told.elapsed() > TELL_EVERY {
                told = Instant::now();
                report::line(out, &format!("  {finished} of {all}, {killed} kills"));
            }
            if let Some(kill) = kills.next_if(|kill| kill.after <= finished) {
                tokio::time::sleep(kill.delay).await;
                backend.kill()?;
                self.world.clock.sleep(kill.down_ms).await;
                backend.start(&self.world.clock)?;
                killed += 1;
            }
            match tokio::time::timeout(POLL, places.join_next()).await {
                Ok(Some(Ok(Err(broken)))) => return Err(broken),
                Ok(Some(Err(error))) => return Err(Broken::new("a shopper broke off", error)),
                Ok(Some(Ok(Ok(()))) | None) => tokio::time::sleep(POLL).await,
                Err(_) => {}
            }
        }
        Ok(killed)
    }

    /// One place in the shop, taken by one shopper after the other.
    fn place(&self) -> impl Future<Output = Result<(), Broken>> + Send + 'static {
        let (world, indexes) = (Arc::clone(&self.world), Arc::clone(&self.indexes));
        let (next, finished) = (Arc::clone(&self.next), Arc::clone(&self.finished));
        let gone = Arc::clone(&self.gone);
        async move {
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let Some(index) = indexes.get(turn as usize) else { return Ok(()) };
                let plan = Plan::new(world.seed, *index);
                let opened = open(&world, &plan).await?;
                let mut shopper = Shopper::new(&world, plan, &opened);
                shopper.live().await;
                gone.lock().unwrap_or_else(PoisonError::into_inner).push(shopper);
                finished.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn shoppers(&mut self) -> Vec<Shopper> {
        std::mem::take(&mut *self.gone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens a session as the merchant's own server does: again with the same key until it is there.
async fn open(world: &World, plan: &Plan) -> Result<Opened, Broken> {
    let url = format!("{}/v1/checkout/sessions", world.merchant);
    let authorization = format!("Bearer {SECRET_KEY}");
    let key = format!("order-{}-{}", world.seed, plan.index);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let methods: Vec<&str> = plan.methods.iter().map(|it| it.method().as_str()).collect();
    let body = json!({
        "order_id": key,
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
                return Ok(Opened {
                    ends_at_ms: created.session.expires_at.unix_ms().try_into().unwrap_or(0),
                    session_id: created.session.id,
                    secret: created.client_secret.unwrap_or_default(),
                });
            }
            if answer.status.is_client_error() {
                return Err(Broken::new("a session is refused", answer.json()));
            }
        }
        if begun.elapsed() > OPEN_PATIENCE {
            return Err(Broken::plain(format!("no session can be opened: {answer:?}")));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Lets time pass without faults, with a kill at each jump, until nothing is left to do.
async fn settle(world: &Arc<World>, backend: &mut Backend) -> Result<(), Broken> {
    for (jump, jump_ms) in JUMPS_MS.iter().enumerate() {
        let left = books::left(&backend.database(), world.clock.now_ms())?;
        if jump >= LEAST_JUMPS && left.outbox == 0 {
            break;
        }
        backend.kill()?;
        world.clock.jump(*jump_ms);
        backend.start(&world.clock)?;
        let begun = Instant::now();
        let mut quiet = 0;
        // What has not settled by then is found by the comparison, shopper by shopper.
        while quiet < QUIET && begun.elapsed() < SETTLE_PATIENCE {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let left = books::left(&backend.database(), world.clock.now_ms())?;
            quiet = if left.is_nothing_now() { quiet + 1 } else { 0 };
        }
    }
    Ok(())
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

async fn read_and_compare(
    world: &World,
    backend: &Backend,
    seen: &[Seen],
) -> Result<Comparison, Broken> {
    let orders = books::orders(world).await?;
    let ledger = books::ledger(&backend.database())?;
    Ok(compare(seen, &ledger, &orders))
}

async fn stop(sandbox: Running) {
    // Its answers are all read; a connection that lingers is not worth waiting for.
    let _ = tokio::time::timeout(Duration::from_secs(2), sandbox.stop()).await;
}

/// When the backend is killed: in a long run after every fifty checkouts or so.
fn kills(options: &Options) -> Vec<Kill> {
    let mut dice = Dice::new(&[options.seed, KILLS]);
    let gap = u64::from(options.checkouts / 10).clamp(4, 50);
    let mut kills = Vec::new();
    let mut after = 0;
    loop {
        after += u32::try_from(dice.range(gap / 2, gap * 3 / 2)).unwrap_or(1);
        if after >= options.checkouts || options.only.is_some() {
            return kills;
        }
        let delay = Duration::from_millis(dice.range(0, 150));
        kills.push(Kill { after, delay, down_ms: dice.range(0, 8_000) });
    }
}

/// A number that two runs share if, and only if, everything thrown in them is the same.
fn digest(options: &Options, kills: &[Kill]) -> u64 {
    use std::hash::Hash as _;
    let mut digest = Digest::default();
    kills.hash(&mut digest);
    for ordinal in 0..1_000 {
        format!("{:?}", gateways::Stretch::thrown(options.seed, ordinal)).hash(&mut digest);
    }
    for index in 0..options.checkouts {
        let plan = Plan::new(options.seed, index);
        plan.digest(&mut digest);
        for ordinal in 0..AT_RISK {
            for kind in Kind::ALL {
                CallFault::thrown(options.seed, index, plan.weather, kind, ordinal)
                    .hash(&mut digest);
            }
            StreamFault::thrown(options.seed, index, plan.weather, ordinal).hash(&mut digest);
        }
    }
    digest.0
}

/// What the dice are named by.
const KILLS: u64 = 5;
const POLL: Duration = Duration::from_millis(20);
const TELL_EVERY: Duration = Duration::from_secs(15);
const OPEN_PATIENCE: Duration = Duration::from_secs(60);
/// Ten minutes, an hour, then past the two hours that a code which could not be closed is watched,
/// and on while a refund waits for its next try.
const JUMPS_MS: &[u64] =
    &[600_000, 3_600_000, 3_600_000, 7_200_000, 7_200_000, 7_200_000, 7_200_000, 7_200_000];
const LEAST_JUMPS: usize = 4;
/// So many looks in a row must find nothing to do.
const QUIET: u32 = 4;
const SETTLE_PATIENCE: Duration = Duration::from_secs(180);
