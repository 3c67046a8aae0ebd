//! Layers around the calls to the gateways, which let go wrong what the switches and chaos want.

mod call;
mod chaos;
mod early;
mod switches;

pub(crate) use chaos::chaos;
pub(crate) use early::notify_first;
pub(crate) use switches::switches;
