//! Errors before the sandbox serves: of its address and its keys.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The reason for which the sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller asked for an address that other machines could reach.
    #[error(
        "{0} is not a loopback address: the sandbox has no access control, use 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// The address could not be bound.
    #[error("cannot listen on {addr}: {source}; is another sandbox running there?")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// The system's error.
        source: std::io::Error,
    },
    /// A key could not be made, written as PEM or read back.
    #[error("cannot make or read an RSA key: {0}")]
    Key(String),
    /// The folder with the keys could not be read or written.
    #[error("cannot use {path}: {source}; give --keys-dir a folder that you may write")]
    KeysDir {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file with the keys is not one that this sandbox wrote.
    #[error("{path} does not hold sandbox keys: {detail}; remove it to have new ones made")]
    KeysFile {
        /// The file.
        path: PathBuf,
        /// The problem with it.
        detail: String,
    },
}
