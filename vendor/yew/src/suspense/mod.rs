//! This module provides suspense support.

#[cfg(feature = "suspense")]
mod component;
#[cfg(feature = "suspense")]
mod hooks;
mod suspension;

#[cfg(all(feature = "suspense", any(feature = "csr", feature = "ssr")))]
pub(crate) use component::BaseSuspense;
#[cfg(feature = "suspense")]
pub use component::{Suspense, SuspenseProps};
#[cfg(feature = "suspense")]
pub use hooks::*;
pub use suspension::{Suspension, SuspensionHandle, SuspensionResult};
