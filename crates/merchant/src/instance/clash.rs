//! The reasons for which an instance may not run beside others.

use super::Fingerprint;
use crate::db::DbError;
use crate::db::instances::InstanceRow;

/// The reason for which an instance may not run beside another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} differs from that of the running instance {other}: {harm}; {advice}")]
pub struct Clash {
    /// The setting.
    pub setting: &'static str,
    /// The other instance's id.
    pub other: String,
    /// The harm that both together would do.
    pub harm: &'static str,
    /// The operator's next step.
    pub advice: &'static str,
}

/// The reason for which an instance could not join, or join again.
#[derive(Debug)]
pub(crate) enum JoinError {
    Db(DbError),
    Clash(Clash),
}

impl From<Clash> for JoinError {
    fn from(clash: Clash) -> Self {
        Self::Clash(clash)
    }
}

impl From<DbError> for JoinError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Returns the first difference from `others` that would do harm.
pub(super) fn first_clash(settings: &Fingerprint, others: &[InstanceRow]) -> Option<Clash> {
    others
        .iter()
        .find_map(|other| settings.clash(&Fingerprint::parse(&other.fingerprint), &other.id))
}
