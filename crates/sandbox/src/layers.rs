//! Layers around the gateway calls, which apply the fault switches and the seeded faults.

mod call;
mod chaos;
mod early;
mod switches;

pub(crate) use chaos::chaos;
pub(crate) use early::notify_first;
pub(crate) use switches::switches;
