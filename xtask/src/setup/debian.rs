//! Browsers, a Chinese font, PostgreSQL, Python and PHP, from Debian's packages if they are missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::{Paths, on_path};
use crate::step::{self, Failure, Progress};

/// The browser that the tests drive.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Chromium.
    pub(crate) chromium: PathBuf,
    /// The program by which wasm-pack drives it.
    pub(crate) chromedriver: PathBuf,
}

/// Finds Chromium, its driver and a font with Chinese characters; installs what is missing.
///
/// # Errors
/// Names the package that is missing and cannot be installed here.
pub(super) fn browser(paths: &Paths) -> Result<Browser, Failure> {
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
        install(paths, &missing, by_hand)?;
    }
    let missing =
        |name: &str| Failure::new(format!("{name} is missing: install it and put it on PATH"));
    Ok(Browser {
        chromium: chromium().ok_or_else(|| missing("chromium"))?,
        chromedriver: chromedriver().ok_or_else(|| missing("chromedriver"))?,
    })
}

/// The engines that the tests drive besides Chromium.
#[derive(Debug)]
pub(crate) struct Engines {
    /// Firefox, which is driven without a program beside it.
    pub(crate) firefox: PathBuf,
    /// The program by which the tests drive `WebKitGTK`.
    pub(crate) webkit_driver: PathBuf,
    /// The browser of `WebKitGTK`.
    pub(crate) minibrowser: PathBuf,
    /// The display of a machine that has none: `MiniBrowser` has no mode without.
    pub(crate) xvfb: PathBuf,
}

/// Finds Firefox, `WebKitGTK` and a display; installs what is missing.
///
/// # Errors
/// Names the package that is missing and cannot be installed here.
pub(super) fn engines(paths: &Paths) -> Result<Engines, Failure> {
    let mut missing = Vec::new();
    if firefox().is_none() {
        missing.push("firefox-esr");
    }
    if webkit_driver().is_none() || minibrowser().is_none() {
        missing.push("webkit2gtk-driver");
    }
    if on_path(&["Xvfb"]).is_none() {
        missing.push("xvfb");
    }
    if !missing.is_empty() {
        let by_hand = "install Firefox 128 or newer, WebKitWebDriver with WebKitGTK's MiniBrowser, \
                       and Xvfb, and set OPENCASHIER_FIREFOX and OPENCASHIER_MINIBROWSER";
        install(paths, &missing, by_hand)?;
    }
    let missing =
        |name: &str| Failure::new(format!("{name} is missing: install it and put it on PATH"));
    Ok(Engines {
        firefox: firefox().ok_or_else(|| missing("firefox-esr"))?,
        webkit_driver: webkit_driver().ok_or_else(|| missing("WebKitWebDriver"))?,
        minibrowser: minibrowser().ok_or_else(|| {
            Failure::new(
                "MiniBrowser is missing: install WebKitGTK's and set OPENCASHIER_MINIBROWSER",
            )
        })?,
        xvfb: on_path(&["Xvfb"]).ok_or_else(|| missing("Xvfb"))?,
    })
}

fn firefox() -> Option<PathBuf> {
    let set = env::var_os("OPENCASHIER_FIREFOX").map(PathBuf::from);
    set.or_else(|| on_path(&["firefox-esr", "firefox"]))
}

fn webkit_driver() -> Option<PathBuf> {
    on_path(&["WebKitWebDriver"])
}

/// Finds `WebKitGTK`'s browser in the folder of Debian's libraries, for any processor.
fn minibrowser() -> Option<PathBuf> {
    if let Some(set) = env::var_os("OPENCASHIER_MINIBROWSER") {
        return Some(PathBuf::from(set));
    }
    let folders = Path::new("/usr/lib").read_dir().ok()?;
    let programs = folders.filter_map(Result::ok).flat_map(|folder| {
        ["webkit2gtk-4.1", "webkit2gtk-4.0"]
            .map(|name| folder.path().join(name).join("MiniBrowser"))
    });
    programs.filter(|program| program.is_file()).max()
}

fn chromium() -> Option<PathBuf> {
    let set = env::var_os("OPENCASHIER_CHROMIUM").map(PathBuf::from);
    set.or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome"]))
}

fn chromedriver() -> Option<PathBuf> {
    let set = env::var_os("OPENCASHIER_CHROMEDRIVER").map(PathBuf::from);
    set.or_else(|| on_path(&["chromedriver"]))
}

/// True if a font with Chinese characters is installed; without one they are drawn as boxes.
///
/// Where fontconfig is missing, Debian's path of the font decides.
fn has_chinese_font() -> bool {
    let listed = step::output(Command::new("fc-list").args([":lang=zh-cn", "file"]), "");
    match listed {
        Ok(fonts) => !fonts.trim().is_empty(),
        Err(_) => Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
    }
}

/// Finds PostgreSQL, for clusters that the tests make themselves; installs it if it is missing.
/// Returns the folder of its programs. Debian's own cluster is neither needed nor touched.
///
/// # Errors
/// The package cannot be installed here.
pub(super) fn postgres(paths: &Paths) -> Result<PathBuf, Failure> {
    if postgres_programs().is_none() {
        let by_hand = "install PostgreSQL 13 or newer with Debian's paths";
        install(paths, &["postgresql"], by_hand)?;
    }
    postgres_programs().ok_or_else(|| {
        Failure::new("initdb is missing: install PostgreSQL into /usr/lib/postgresql")
    })
}

/// Returns the folder of the newest version.
fn postgres_programs() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().ok()?;
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}

/// Finds Python 3; installs it, or its module `venv`, a package of its own on Debian, if missing.
///
/// # Errors
/// The packages cannot be installed here.
pub(super) fn python(paths: &Paths) -> Result<PathBuf, Failure> {
    if !has_venv() {
        let by_hand = "install Python 3.11 or newer with its module venv";
        install(paths, &["python3", "python3-venv"], by_hand)?;
    }
    on_path(&["python3"]).ok_or_else(|| Failure::new("python3 is missing: put it on PATH"))
}

/// Installs PHP if it is missing.
///
/// # Errors
/// The package cannot be installed here.
pub(super) fn php(paths: &Paths) -> Result<(), Failure> {
    if on_path(&["php"]).is_some() {
        return Ok(());
    }
    install(paths, &["php-cli"], "install PHP 8.1 or newer and put it on PATH")
}

fn has_venv() -> bool {
    let modules = ["-c", "import ensurepip, venv"];
    step::output(Command::new("python3").args(modules), "").is_ok()
}

fn install(paths: &Paths, packages: &[&str], by_hand: &str) -> Result<(), Failure> {
    let names = packages.join(" ");
    if on_path(&["apt-get"]).is_none() {
        return Err(Failure::new(format!("{names} missing and there is no apt-get: {by_hand}")));
    }
    let refused = |failure: Failure| {
        Failure::new(format!(
            "{names} missing, and apt-get could not install: {failure}\n\
             Install by hand as root: apt-get update && apt-get install {names}"
        ))
    };
    let log = paths.tools().join("apt-get.log");
    let remedy = "run this on Debian, or install by hand";
    let progress =
        Progress { step: "setup: updating Debian's list of packages", usual: "1 minute" };
    step::run_logged(apt_get().args(["update", "--quiet=2"]), progress, &log, remedy)
        .map_err(refused)?;
    let step = format!("setup: installing Debian's packages {names} with apt-get");
    let progress = Progress { step: &step, usual: "2 minutes" };
    let mut install = apt_get();
    install.args(["install", "--yes", "--no-install-recommends", "--quiet=2"]).args(packages);
    step::run_logged(&mut install, progress, &log, remedy).map_err(refused)
}

/// `apt-get` as root, by sudo if need be.
fn apt_get() -> Command {
    let is_root = step::output(Command::new("id").arg("-u"), "").is_ok_and(|id| id.trim() == "0");
    if is_root || on_path(&["sudo"]).is_none() {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    } else {
        let mut command = Command::new("sudo");
        command.args(["--non-interactive", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    }
}
