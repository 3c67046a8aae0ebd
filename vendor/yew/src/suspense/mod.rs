//! This module provides suspense support.

#[cfg(feature = "suspense")]
mod component;
#[cfg(feature = "suspense")]
mod hooks;
#[cfg(feature = "suspense")]
mod suspension;
#[cfg(not(feature = "suspense"))]
#[path = "suspension_none.rs"]
mod suspension;

#[cfg(all(feature = "suspense", any(feature = "csr", feature = "ssr")))]
pub(crate) use component::BaseSuspense;
#[cfg(feature = "suspense")]
pub use component::{Suspense, SuspenseProps};
#[cfg(feature = "suspense")]
pub use hooks::*;
#[cfg(feature = "suspense")]
pub use suspension::SuspensionHandle;
pub use suspension::{Suspension, SuspensionResult};
