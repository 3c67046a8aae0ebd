//! Seeded virtual shoppers, with the widget's real state machine, against the real backend process
//! and both gateways of the sandbox, with faults everywhere.
//!
//! At the end the books of shoppers, backend and gateways are compared to the fen. A seed repeats
//! every decision: the shoppers and their plans, their actions on each screen, the fault of each
//! call, the kills of the backend. It cannot repeat the interleaving of two real processes.

mod api;
mod away;
mod backend;
mod books;
mod bridge;
mod clock;
mod compare;
mod console;
mod crashes;
mod dice;
mod error;
mod gateways;
mod net;
mod network;
mod opened;
mod options;
mod order;
mod page;
mod phone;
mod plan;
mod pushes;
mod receiver;
mod report;
mod route;
mod run;
mod settle;
mod shop;
mod shopper;
mod storage;
mod stream;
mod wallet;
mod world;

pub use backend::{ROLE, serve};
pub use error::RunError;
pub use options::{Options, Store};
pub use run::run;
