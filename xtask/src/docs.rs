//! Builds the documentation site with mdBook and checks every link.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::paths::{Paths, files_below};
use crate::step::{self, Failure};
use crate::{build, setup};

/// Builds the site, with the widget for its playground, and checks its links and those of all
/// documents of the repository.
///
/// # Errors
/// mdBook fails, or a link leads nowhere; the script prints which.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let tools = setup::for_docs(paths)?;
    build::run(paths)?;
    let site = paths.target.join("site");
    let mut mdbook = Command::new(tools.mdbook.join("mdbook"));
    mdbook.arg("build").arg(paths.root.join("docs")).arg("--dest-dir").arg(&site);
    step::run(&mut mdbook, "run `cargo xtask setup`")?;
    copy(&paths.dist(), &site.join("opencashier"))?;
    let mut check = Command::new("node");
    check.arg(paths.xtask("book-check.mjs")).arg(&site).current_dir(&paths.root);
    check.env("OPENCASHIER_BUILD_MODULES", &tools.node_modules);
    step::run(&mut check, "install Node.js 20 or newer")?;
    let folder = site.display();
    println!("docs: the site is in {folder}");
    println!(
        "docs: read it by `python3 -m http.server 8080 --bind 127.0.0.1 --directory {folder}`"
    );
    Ok(())
}

/// Copies a folder with all files below it.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    for file in files_below(from)? {
        let copy = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
        }
        fs::copy(&file, &copy).map_err(|error| Failure::file("write", &copy, &error))?;
    }
    Ok(())
}
