//! The end of a run: advances the time without faults until no work is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::books;
use crate::error::RunError;
use crate::world::World;

/// Advances the time without faults, with a kill before each step, until no work is left.
pub(crate) async fn settle(world: &Arc<World>, backend: &mut Backend) -> Result<(), RunError> {
    for (jump, jump_ms) in JUMPS_MS.iter().enumerate() {
        let left = books::left(&backend.database, world.clock.now_ms());
        if jump >= MIN_JUMPS && left.outbox == 0 {
            break;
        }
        backend.kill()?;
        world.clock.jump(*jump_ms);
        // The gateways' clocks follow; a bill is not ready before.
        world.clock.sleep(CLOCKS_FOLLOW_MS).await;
        backend.start(&world.clock)?;
        let begun = Instant::now();
        let mut quiet = 0;
        // Work that has not settled by then shows as a difference of its session.
        while quiet < QUIET_LOOKS && begun.elapsed() < SETTLE_TIMEOUT {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let left = books::left(&backend.database, world.clock.now_ms());
            let is_quiet = left.is_nothing_now() && (jump < BILL_JUMP || left.bills == 0);
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
    }
    Ok(())
}

/// Ten minutes, an hour, then past the two hours for which an unclosed code is queried; past ten
/// o'clock of the next day in China, when the bills are compared; and further while a refund or an
/// event waits for its next try.
const JUMPS_MS: &[u64] = &[
    600_000,
    3_600_000,
    3_600_000,
    7_200_000,
    111_600_000,
    7_200_000,
    7_200_000,
    7_200_000,
    7_200_000,
    7_200_000,
];
const BILL_JUMP: usize = 4;
const MIN_JUMPS: usize = 5;
/// Number of checks in a row that must find no work.
const QUIET_LOOKS: u32 = 4;
const SETTLE_TIMEOUT: Duration = Duration::from_secs(180);
const CLOCKS_FOLLOW_MS: u64 = 1_500;
