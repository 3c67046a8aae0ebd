//! The browser, its fonts and Python, from Debian's packages where they are missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::places::on_path;
use crate::step::{self, Failure};

/// The browser that the tests drive.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Chromium.
    pub(crate) chromium: PathBuf,
    /// What lets wasm-pack drive it.
    pub(crate) chromedriver: PathBuf,
}

/// Finds Chromium, its driver and a font with Chinese characters; installs what is missing.
///
/// # Errors
/// Names the package that is missing and cannot be installed here.
pub(crate) fn browser() -> Result<Browser, Failure> {
    let mut missing = Vec::new();
    if chromium().is_none() {
        missing.push("chromium");
    }
    if chromedriver().is_none() {
        missing.push("chromium-driver");
    }
    if !has_chinese_font() {
        missing.push("fonts-noto-cjk");
    }
    if !missing.is_empty() {
        let by_hand = "install Chromium, ChromeDriver and a Chinese font by other means, and set \
                       OPENCASHIER_CHROMIUM and OPENCASHIER_CHROMEDRIVER";
        install(&missing, by_hand)?;
    }
    let gone =
        |name: &str| Failure::new(format!("{name} is missing: install it and put it on PATH"));
    Ok(Browser {
        chromium: chromium().ok_or_else(|| gone("chromium"))?,
        chromedriver: chromedriver().ok_or_else(|| gone("chromedriver"))?,
    })
}

fn chromium() -> Option<PathBuf> {
    let set = env::var_os("OPENCASHIER_CHROMIUM").map(PathBuf::from);
    set.or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome"]))
}

fn chromedriver() -> Option<PathBuf> {
    let set = env::var_os("OPENCASHIER_CHROMEDRIVER").map(PathBuf::from);
    set.or_else(|| on_path(&["chromedriver"]))
}

/// Without one, screenshots of zh-CN are boxes. Where fontconfig is missing, Debian's path tells.
fn has_chinese_font() -> bool {
    let listed = step::output(Command::new("fc-list").args([":lang=zh-cn", "file"]), "");
    match listed {
        Ok(fonts) => !fonts.trim().is_empty(),
        Err(_) => Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
    }
}

/// Finds Python 3; installs it, or its module `venv`, which Debian packs apart, where missing.
///
/// # Errors
/// The packages cannot be installed here.
pub(crate) fn python() -> Result<PathBuf, Failure> {
    if !has_venv() {
        install(&["python3", "python3-venv"], "install Python 3.11 or newer with its module venv")?;
    }
    on_path(&["python3"]).ok_or_else(|| Failure::new("python3 is missing: put it on PATH"))
}

fn has_venv() -> bool {
    let modules = ["-c", "import ensurepip, venv"];
    step::output(Command::new("python3").args(modules), "").is_ok()
}

fn install(packages: &[&str], by_hand: &str) -> Result<(), Failure> {
    let names = packages.join(" ");
    if on_path(&["apt-get"]).is_none() {
        return Err(Failure::new(format!("{names} missing and there is no apt-get: {by_hand}")));
    }
    println!("setup: installing Debian's packages {names} with apt-get");
    let refused = |failure: Failure| {
        Failure::new(format!(
            "{names} missing, and apt-get could not install: {failure}\n\
             Install by hand as root: apt-get update && apt-get install {names}"
        ))
    };
    apt_get(&["update", "--quiet=2"]).map_err(refused)?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends", "--quiet=2"];
    arguments.extend(packages);
    apt_get(&arguments).map_err(refused)
}

fn apt_get(arguments: &[&str]) -> Result<(), Failure> {
    let root = step::output(Command::new("id").arg("-u"), "").is_ok_and(|id| id.trim() == "0");
    let mut command = if root || on_path(&["sudo"]).is_none() {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    } else {
        let mut command = Command::new("sudo");
        command.args(["--non-interactive", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    };
    step::run(command.args(arguments), "run this on Debian, or install by hand")
}
