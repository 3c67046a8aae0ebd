//! The main html module which defines components.

mod component;
mod lifecycle;
mod properties;
mod scope;

pub use component::{Component, Context};
pub use properties::*;
pub use scope::Scope;

use crate::virtual_dom::VNode;

/// A type which expected as a result of `view` function implementation.
pub type Html = VNode;
