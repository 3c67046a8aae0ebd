//! The OpenAPI document of the merchant API, and the types that the npm package makes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::Paths;
use crate::setup;
use crate::step::{self, Failure};

/// Writes the files, or compares them if `--check` is asked for.
///
/// # Errors
/// As [`check`], or a file cannot be written.
pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [] => write(paths),
        [option] if option == "--check" => check(paths),
        _ => Err(Failure::new("usage: cargo xtask openapi [--check]")),
    }
}

/// Writes `docs/openapi.json` from `crates/contract`, and `npm/server/api.d.ts` from that.
///
/// # Errors
/// The document cannot be made, or a file cannot be written.
fn write(paths: &Paths) -> Result<(), Failure> {
    for file in generate(paths)? {
        let Generated { committed, text } = file;
        fs::write(&committed, text).map_err(|error| Failure::file("write", &committed, &error))?;
        println!("openapi: wrote {}", committed.display());
    }
    Ok(())
}

/// Fails if a committed file differs from what the code says, or if Redocly finds a fault in the
/// document.
///
/// # Errors
/// Names the file, and the command that writes it.
pub(crate) fn check(paths: &Paths) -> Result<(), Failure> {
    for Generated { committed, text } in generate(paths)? {
        let found = fs::read_to_string(&committed)
            .map_err(|error| Failure::file("read", &committed, &error))?;
        if found != text {
            return Err(Failure::new(format!(
                "{} differs from crates/contract: run `cargo xtask openapi` and commit it",
                committed.display()
            )));
        }
    }
    let modules = setup::for_package(paths)?;
    let mut redocly = Command::new("node");
    redocly
        .arg(modules.join("@redocly").join("cli").join("bin").join("cli.js"))
        .args(["lint", "--max-problems", "20"])
        // A load balancer's check has no request that could be wrong.
        .args(["--skip-rule", "operation-4xx-response"])
        .arg(document(paths))
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    let said = step::output(&mut redocly, NODE)?;
    println!(
        "openapi: {} is as the code says, and Redocly finds no fault",
        document(paths).display()
    );
    if said.contains("Warning was generated") {
        return Err(Failure::new(format!("Redocly warns:\n{said}")));
    }
    Ok(())
}

/// A generated file, and its text by the present code.
struct Generated {
    committed: PathBuf,
    text: String,
}

fn generate(paths: &Paths) -> Result<[Generated; 2], Failure> {
    let mut program = paths.cargo("run");
    program.args(["--quiet", "--package", "contract", "--features", "openapi", "--bin", "openapi"]);
    let text = step::output(&mut program, "install Rust with rustup")?;

    let modules = setup::for_package(paths)?;
    let folder = paths.target.join("xtask").join("openapi");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("make", &folder, &error))?;
    let (source, types) = (folder.join("openapi.json"), folder.join("api.d.ts"));
    fs::write(&source, &text).map_err(|error| Failure::file("write", &source, &error))?;
    let mut typescript = Command::new("node");
    typescript
        .arg(modules.join("openapi-typescript").join("bin").join("cli.js"))
        .arg(&source)
        .args(["--root-types", "--root-types-no-schema-prefix", "--output"])
        .arg(&types)
        // It reads a configuration of Redocly from the present folder.
        .current_dir(&folder);
    step::output(&mut typescript, NODE)?;
    Ok([
        Generated { committed: document(paths), text },
        Generated {
            committed: paths.root.join("npm").join("server").join("api.d.ts"),
            text: read(&types)?,
        },
    ])
}

fn document(paths: &Paths) -> PathBuf {
    paths.root.join("docs").join("openapi.json")
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
}

const NODE: &str = "install Node.js 20 or newer";
