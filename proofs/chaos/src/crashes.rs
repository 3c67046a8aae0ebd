//! Crashes under load: of instances, of PostgreSQL, and of the connections between them.

use std::fmt;
use std::time::Duration;

use crate::backend::Backend;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::error::RunError;
use crate::options::{Options, Store};

/// One crash, some milliseconds after a number of finished checkouts.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Crash {
    pub(crate) after: u32,
    delay: Duration,
    down_ms: u64,
    part: Part,
}

/// The part that crashes.
#[derive(Clone, Debug, Hash)]
enum Part {
    /// The instances with `true` are killed, and started again later.
    Instances(Vec<bool>),
    /// PostgreSQL, which is started again later.
    Database,
    /// This many thousandths of the connections to PostgreSQL.
    Connections(u32),
}

/// The number of crashes that happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Crashes {
    kills: usize,
    restarts: u32,
    cuts: u32,
}

impl Crash {
    pub(crate) async fn happen(
        &self,
        clock: &Clock,
        backend: &mut Backend,
        crashes: &mut Crashes,
    ) -> Result<(), RunError> {
        tokio::time::sleep(self.delay).await;
        match &self.part {
            Part::Instances(some) => {
                backend.kill_some(some)?;
                clock.sleep(self.down_ms).await;
                backend.start_some(some, clock)?;
                crashes.kills += some.iter().filter(|is_killed| **is_killed).count();
            }
            Part::Database => {
                backend.stop_database();
                clock.sleep(self.down_ms).await;
                backend.start_database();
                crashes.restarts += 1;
            }
            Part::Connections(per_mille) => {
                backend.cut_connections(*per_mille);
                crashes.cuts += 1;
            }
        }
        Ok(())
    }
}

impl Part {
    fn drawn(dice: &mut Dice, options: &Options) -> Self {
        let choice = if options.store == Store::Postgres { dice.range(0, 9) } else { 0 };
        match choice {
            0..=5 => {
                // Mostly one, so that others serve its shoppers; sometimes all.
                let is_all = options.instances > 1 && dice.chance(150);
                let one = dice.range(0, u64::from(options.instances) - 1);
                let is_killed =
                    |number| is_all || number == one || (options.instances > 2 && dice.chance(200));
                Self::Instances((0..u64::from(options.instances)).map(is_killed).collect())
            }
            6..=7 => Self::Database,
            _ => Self::Connections(u32::try_from(dice.range(200, 1_000)).unwrap_or(1_000)),
        }
    }
}

impl fmt::Display for Crashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kills of an instance", self.kills)?;
        if self.restarts + self.cuts > 0 {
            let Self { restarts, cuts, .. } = self;
            write!(f, ", {restarts} restarts of PostgreSQL, {cuts} cuts of connections")?;
        }
        Ok(())
    }
}

/// Returns the crashes of a run: in a long one after about every fifty checkouts.
pub(crate) fn crashes(options: &Options) -> Vec<Crash> {
    let mut dice = Dice::new(&[options.seed, CRASHES]);
    let gap = u64::from(options.checkouts / 10).clamp(4, 50);
    let mut crashes = Vec::new();
    let mut after = 0;
    loop {
        after += u32::try_from(dice.range(gap / 2, gap * 3 / 2)).unwrap_or(1);
        if after >= options.checkouts || options.only.is_some() {
            return crashes;
        }
        let delay = Duration::from_millis(dice.range(0, 150));
        let mut down_ms = dice.range(0, 8_000);
        let mut parts = Dice::new(&[options.seed, PARTS, after.into()]);
        let part = Part::drawn(&mut parts, options);
        if matches!(&part, Part::Instances(some) if some.contains(&false)) && parts.chance(500) {
            // Long enough for the others to take over.
            down_ms = parts.range(30_000, LONG_MS);
        }
        crashes.push(Crash { after, delay, down_ms, part });
    }
}

/// Seed of these random numbers.
const CRASHES: u64 = 5;
/// Seed of the random numbers that choose the parts.
const PARTS: u64 = 11;
/// Longer than the lease of a claim.
const LONG_MS: u64 = 100_000;
