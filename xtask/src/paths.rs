//! The folders that the commands work in: the checkout, and the cache for tools and build output.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::Failure;

/// The folders that the commands work in.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// `~/.cache/opencashier`, or `OPENCASHIER_CACHE`.
    pub(crate) cache: PathBuf,
    /// Cargo's output.
    pub(crate) target: PathBuf,
}

impl Paths {
    /// Finds the folders and makes the cache.
    ///
    /// # Errors
    /// There is no home folder, or the cache cannot be made.
    pub(crate) fn find() -> Result<Self, Failure> {
        // Read at run time and not at compile time: checkouts may share a target folder.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
        let root = Path::new(&manifest)
            .parent()
            .ok_or_else(|| Failure::new("xtask is not in a checkout"))?
            .to_path_buf();
        let cache = match env::var_os("OPENCASHIER_CACHE") {
            Some(cache) => PathBuf::from(cache),
            None => home_cache()?,
        };
        fs::create_dir_all(&cache).map_err(|error| Failure::file("make", &cache, &error))?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| cache.join("target"), PathBuf::from);
        Ok(Self { root, cache, target })
    }

    /// The built widget, which a merchant copies to their server.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Installed tools.
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Intermediate files of the widget's build.
    pub(crate) fn widget(&self) -> PathBuf {
        self.target.join("xtask").join("widget")
    }

    /// A file in `xtask/`.
    pub(crate) fn xtask(&self, name: &str) -> PathBuf {
        self.root.join("xtask").join(name)
    }

    /// `cargo SUBCOMMAND --locked` in the checkout, with its output in the cache.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.cargo_unlocked(subcommand);
        command.arg("--locked");
        command
    }

    /// `cargo SUBCOMMAND` for the subcommands that resolve no dependencies, such as `fmt`.
    pub(crate) fn cargo_unlocked(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).arg(subcommand);
        command
    }
}

/// The first of the programs in `names` that is on the PATH.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|program| program.is_file())
}

/// The PATH with `first` in front.
pub(crate) fn path_with(first: &[&Path]) -> Result<OsString, Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().map(|folder| folder.to_path_buf()).chain(env::split_paths(&path));
    env::join_paths(folders)
        .map_err(|error| Failure::new(format!("a tool's folder cannot be put on PATH: {error}")))
}

/// The files below `folder`, in a fixed order.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|error| Failure::file("read", &folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Failure::file("read", &folder, &error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// True if the path ends in `.<extension>`.
pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension() == Some(OsStr::new(extension))
}

fn home_cache() -> Result<PathBuf, Failure> {
    let home = env::var_os("HOME").ok_or_else(|| {
        Failure::new("HOME is not set: set it, or OPENCASHIER_CACHE to a folder for tools")
    })?;
    Ok(Path::new(&home).join(".cache").join("opencashier"))
}
