//! Runs the benches of `bench/`: the widget beside its peers, what grows, how soon it starts, and
//! what the backend bears.

use std::process::Command;

use crate::places::Places;
use crate::setup::{self, BenchTools};
use crate::step::{self, Failure};
use crate::{build, servers};

/// Builds what the bench measures and runs it with the rest of the arguments.
///
/// # Errors
/// There is no such bench, or it failed.
pub(crate) fn run(places: &Places, arguments: &[String]) -> Result<(), Failure> {
    let usage = || Failure::new(format!("name a bench\n\n{USAGE}"));
    let (name, rest) = arguments.split_first().ok_or_else(usage)?;
    let bench = BENCHES.iter().find(|bench| bench.name == name).ok_or_else(usage)?;
    let BenchTools { node_modules, bench_modules, browser } = setup::for_bench(places)?;
    if bench.needs_widget {
        build::run(places)?;
    }
    if bench.needs_servers {
        servers::build_release(places)?;
    }
    let mut out = places.cache.join("bench");
    if bench.name == "smoke" {
        // Its figures are worth nothing and must not take the place of others.
        out.push("smoke");
    }
    let mut node = Command::new("node");
    node.current_dir(&places.root)
        .arg(places.root.join("bench").join(bench.script))
        .args(rest)
        .env("OPENCASHIER_BIN_DIR", servers::release_bin_dir(places))
        .env("OPENCASHIER_NODE_MODULES", node_modules)
        .env("OPENCASHIER_BENCH_MODULES", bench_modules)
        .env("OPENCASHIER_CHROMIUM", browser.chromium)
        .env("OPENCASHIER_BENCH_OUT", out)
        .env("OPENCASHIER_E2E_OUT", places.cache.join("e2e"));
    step::run(&mut node, "install Node.js 20 or newer")
}

struct Bench {
    name: &'static str,
    script: &'static str,
    needs_widget: bool,
    needs_servers: bool,
}

const BENCHES: [Bench; 5] = [
    Bench { name: "peers", script: "peers.mjs", needs_widget: true, needs_servers: false },
    Bench { name: "growth", script: "growth.mjs", needs_widget: true, needs_servers: false },
    Bench { name: "start", script: "start.mjs", needs_widget: true, needs_servers: true },
    Bench { name: "backend", script: "backend.mjs", needs_widget: false, needs_servers: true },
    Bench { name: "smoke", script: "smoke.mjs", needs_widget: true, needs_servers: true },
];

const USAGE: &str = "\
cargo xtask bench <bench> [options] [--write docs/performance.md]

  peers    [--rounds N] [--limit MINUTES] [--conditions none,slow-4g,3g] [--peers A,B …] [--chain-rounds N]
  growth   [--mounts N] [--paid-mounts N] [--widgets 1,10,100] [--minutes N]
  start    [--rounds N] [--traces N] [--minutes N]
  backend  [--shoppers N] [--seconds N] [--connections N] [--notifications N] [--rate N] [--profile]
  smoke    a little of each, to see that they work";
