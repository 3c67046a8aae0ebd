//! The database in memory, with one file of tests for each table or subject.

mod apply;
mod background;
mod claims;
mod damage;
mod idempotency;
mod migrations;
mod outbox;
mod payments;
mod postgres;
mod reconciliations;
mod refunds;
mod rows;
mod sessions;
mod shared;
