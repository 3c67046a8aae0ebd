//! This instance among the others: it tells them that it is alive, and follows the clock that they
//! share.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::instance::{JoinError, follow_server};
use crate::service::Shared;

/// Works until the process stops.
pub(super) async fn run(backend: Shared) {
    let Some(instance) = &backend.instance else { return };
    let mut stop = backend.stop.clone();
    let mut tick = tokio::time::interval(BEAT_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut beats: u32 = 0;
    let mut has_warned = false;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            _ = tick.tick() => {}
        }
        if beats.is_multiple_of(BEATS_PER_MEASUREMENT) {
            match follow_server(&backend.db, &backend.clock).await {
                Ok(()) => has_warned = false,
                Err(error) if !has_warned => {
                    has_warned = true;
                    tracing::warn!(
                        "the database's clock could not be read; its last time is used until it can: {error}"
                    );
                }
                // Told when it began. The log of outages tells how long the database is away.
                Err(_) => {}
            }
        }
        beats = beats.wrapping_add(1);
        let waiting = backend.hub.waited_for(backend.clock.uptime()).len();
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        match instance.beat(&backend.db, &backend.clock, waiting).await {
            Ok(()) => {}
            Err(JoinError::Db(error)) if error.outage().is_some() => {}
            Err(JoinError::Db(error)) => tracing::warn!(
                "the other instances could not be told that this one is alive: {error}"
            ),
            Err(JoinError::Clash(clash)) => {
                tracing::error!(
                    alarm = true,
                    alarm.kind = "instances_differ",
                    instance.id = %clash.other,
                    setting = clash.setting,
                    "this instance was silent, others took it for dead, and it may not go on beside one that has joined since; it stops: {clash}"
                );
                break;
            }
        }
    }
}

const BEAT_INTERVAL: Duration = Duration::from_secs(5);
/// The clock is measured every minute.
const BEATS_PER_MEASUREMENT: u32 = 12;
