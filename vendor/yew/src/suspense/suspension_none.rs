//! What stands for a suspension where there is no suspense. (OpenCashier's patch, see PATCH.md.)

use std::convert::Infallible;

use thiserror::Error;

/// A Suspension: nobody can make one, so that the compiler drops what would follow.
#[derive(Error, Debug, Clone, PartialEq)]
#[error("suspend component rendering")]
pub struct Suspension {
    never: Infallible,
}

/// A Suspension Result.
pub type SuspensionResult<T> = std::result::Result<T, Suspension>;
