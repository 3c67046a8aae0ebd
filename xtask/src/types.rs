//! TypeScript's check of all scripts: `tsc --noEmit`, strict.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::paths::Paths;
use crate::setup;
use crate::step::{self, Failure};

/// Checks the scripts of the page by tsconfig.json, and those that Node.js runs by
/// tsconfig.node.json.
///
/// # Errors
/// A type is wrong, or a tool could not be installed.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let build = setup::for_build(paths)?;
    let test = setup::for_tests(paths)?;
    let bench = setup::for_bench(paths)?;
    let modules = [&build.node_modules, &test.node_modules, &bench.bench_modules];
    let config = paths.target.join("xtask").join("tsconfig.json");
    write_config(paths, &config, &modules.map(|path| path.as_path()))?;
    for project in [paths.root.join("tsconfig.json"), config] {
        let mut tsc = Command::new("node");
        tsc.arg(build.node_modules.join("typescript").join("bin").join("tsc"));
        tsc.arg("--noEmit").arg("--project").arg(&project).current_dir(&paths.root);
        step::run(&mut tsc, "install Node.js 20 or newer")?;
    }
    Ok(())
}

/// Writes a configuration that adds the folders of npm packages, which lie outside the checkout,
/// to tsconfig.node.json.
fn write_config(paths: &Paths, config: &Path, modules: &[&Path]) -> Result<(), Failure> {
    let folder = config.parent().unwrap_or(config);
    fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    let packages: Vec<String> = modules
        .iter()
        .flat_map(|folder| [folder.join("*"), folder.join("@types").join("*")])
        .map(|path| quoted(&path))
        .collect();
    let roots: Vec<String> = modules.iter().map(|folder| quoted(&folder.join("@types"))).collect();
    let text = format!(
        "{{\n  \"extends\": {},\n  \"compilerOptions\": {{\n    \"paths\": {{ \"*\": [{}] }},\n    \
         \"typeRoots\": [{}]\n  }}\n}}\n",
        quoted(&paths.root.join("tsconfig.node.json")),
        packages.join(", "),
        roots.join(", ")
    );
    fs::write(config, text).map_err(|error| Failure::file("write", config, &error))
}
